// Package workload defines what the verb bench measures, once for everything in Go: the programs, as expressions, and the
// inputs, as streams that every peer draws alike. The scripts of peers in other languages draw the same
// numbers, so that what they compute can be compared.
package workload

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Names of workloads: the prefixes; a number of variables, a shape or a precision follows.
const (
	W2, W3, W3b, W4, W5 = "w2/", "w3", "w3b", "w4", "w5/"
	Sort, Pairs         = "w6/sort/", "w6/pairs/"
	TapePoint           = "tape/point"
	TapeLanes           = "tape/lanes"
)

// Precisions, as names of workloads have them.
const (
	F32 = "f32"
	F64 = "f64"
)

// must returns a program of this package, which has no mistakes: its tests build all of them.
func must(f *expr.Func, err error) *expr.Func {
	if err != nil {
		panic(fmt.Sprintf("workload: %v", err))
	}
	return f
}
