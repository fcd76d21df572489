package kernel

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// PathVariable is the environment variable that forces a path, by its name. Set it before the program starts.
const PathVariable = "TAMEGRAD_SIMD"

// path is a set of instructions that the kernels on slices may use.
type path struct {
	name string
	f64  Vectors[float64]
	f32  Vectors[float32]
	l64  linear[float64]
	l32  linear[float32]
}

// paths are those of this processor, the fastest last. The first is Go.
var paths = append([]path{{"go", reference[float64](), reference[float32](), referenceLinear[float64](), referenceLinear[float32]()}}, assembly()...)

var chosen, errPath = choose(os.Getenv(PathVariable))

// choose returns the path of that name, the fastest for "" and where there is none.
func choose(name string) (*path, error) {
	fastest := &paths[len(paths)-1]
	if name == "" {
		return fastest, nil
	}
	var names []string
	for i := range paths {
		if names = append(names, paths[i].name); paths[i].name == name {
			return &paths[i], nil
		}
	}
	return fastest, fmt.Errorf("kernel: %s=%q: this processor has %s; unset it to take the last", PathVariable, name, strings.Join(names, ", "))
}

// Path returns the name of the path that kernels on slices take: "go", "avx2" (with FMA and BMI2) or "avx512" (F, DQ,
// VL and BW). It is the fastest that the processor has, unless the environment variable TAMEGRAD_SIMD names another
// one; the error says that there is none of that name. With the build tag purego there is only "go".
func Path() (string, error) { return chosen.name, errPath }

// Paths returns the names of the paths of this processor.
func Paths() []string {
	var names []string
	for p := range slices.Values(paths) {
		names = append(names, p.name)
	}
	return names
}

// Of returns the kernels for T along the path in use.
func Of[T Real]() Vectors[T] { return *of[T](chosen) }

func of[T Real](p *path) *Vectors[T] {
	if v, ok := any(&p.f64).(*Vectors[T]); ok {
		return v
	}
	return any(&p.f32).(*Vectors[T])
}
