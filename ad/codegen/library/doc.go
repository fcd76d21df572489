// Package library holds the loops that code written by package codegen is made of: each is copied into the
// output, under another name, when a program needs it. Together with the elementary functions of expr/vm/kernel
// they are all that the output calls, so they import nothing but math and that package.
//
// Each gives the bits of the executor, expr/vm: sums and dot products run in eight interleaved accumulators that
// are combined pairwise, products of matrices are chains of fused multiply-adds in the order of the summed index,
// and nothing else is fused. A NaN among the keys of a selector, which is an error there, is passed on or ignored
// here. Tensors are flat and row-major; indices are held as float64.
package library

import "embed"

// Source holds the files of this package.
//
//go:embed pointwise.go reduce.go products.go scan.go order.go rank.go direction.go permute.go rows.go points.go snap.go
var Source embed.FS
