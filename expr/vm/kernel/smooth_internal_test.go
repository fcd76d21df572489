package kernel

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// borders are where a function, or a kernel, takes another path.
var borders = append([]float64{5, 13, 21, 23, 36, 37, 88.7, 104, 700, 707, 709, 710, 746, 0x1p-30, 0x1p-26, 0x1p-7, 0x1p54, 0x1p-126, 0x1p-149, math.Inf(1)}, breakpoints...)

// around returns numbers of both signs at each border and up to n places beside it, in float64 and in float32.
func around(borders []float64, n int) (out []float64) {
	for _, b := range borders {
		for _, b := range []float64{b, -b} {
			x, y := math.Float64bits(b), math.Float32bits(float32(b))
			for i := -n; i <= n; i++ {
				out = append(out, math.Float64frombits(x+uint64(i)), float64(math.Float32frombits(y+uint32(i))))
			}
		}
	}
	return out
}

// agrees reports whether a kernel gives what the function of its name gives, rounded, in whole vectors and in what is left.
func agrees[T Real](kernel func(dst, x []T), f func(float64) float64, at float64) (got, want T, ok bool) {
	var x, dst [group + group/2 + 1]T
	for i := range x {
		x[i] = T(at)
	}
	kernel(dst[:], x[:])
	want = T(f(float64(x[0])))
	for _, got := range dst {
		if !same(float64(got), float64(want)) {
			return got, want, false
		}
	}
	return want, want, true
}

// Beside every border, at all special numbers and at random ones, the kernels have the bits of the functions of their
// names. The entries of a slice are equal, so that none takes its neighbours along to the Go function.
func TestSmoothKernels(t *testing.T) {
	if len(paths) == 1 {
		t.Skip("this processor has no path in assembly")
	}
	r := rand.New(rand.NewPCG(7, 8))
	args := append(append(around(borders, 40), special...), edges...)
	for range 10 * *points {
		// Next to multiples of π/2 the short reduction is not good enough.
		args = append(args, draw(r, math.Inf(-1), math.Inf(1)), float64(r.IntN(1<<20))*(math.Pi/2))
	}
	for _, p := range paths[1:] {
		for _, fn := range functions {
			f64, f32 := named(p.f64, fn.name), named(p.f32, fn.name)
			t.Run(p.name+"/"+fn.name, func(t *testing.T) {
				for _, x := range args {
					got, want, ok := agrees(f64, fn.f, x)
					require.True(t, ok, "%s(%v) = %v, not %v", fn.name, x, got, want)
					got32, want32, ok := agrees(f32, fn.f, x)
					require.True(t, ok, "%s(%v) in float32 = %v, not %v", fn.name, float32(x), got32, want32)
				}
			})
		}
	}
}

// named returns the kernel of a function of one argument.
func named[T Real](v Vectors[T], name string) func(dst, x []T) {
	return reflect.ValueOf(v).FieldByName(name).Interface().(func(dst, x []T))
}

// Kernels beside loops over their functions, on arguments around 1.
func BenchmarkSmoothKernels(b *testing.B) {
	for _, p := range paths {
		for _, fn := range functions {
			x := arguments(fn.lo, fn.hi)[:1000]
			x32 := make([]float32, len(x))
			for i, v := range x {
				x32[i] = float32(v)
			}
			b.Run(fn.name+"/"+p.name+"/float64", func(b *testing.B) { benchmarkKernel(b, named(p.f64, fn.name), x) })
			b.Run(fn.name+"/"+p.name+"/float32", func(b *testing.B) { benchmarkKernel(b, named(p.f32, fn.name), x32) })
		}
	}
}

func benchmarkKernel[T Real](b *testing.B, f func(dst, x []T), x []T) {
	dst := make([]T, len(x))
	for b.Loop() {
		f(dst, x)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/entry")
}
