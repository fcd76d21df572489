package kernel

import "unsafe"

// linear are the kernels of sums, products and sorting of one precision.
type linear[T Real] struct {
	sumRows    func(dst, x []T, n int)
	dotRows    func(dst, x, y []T, n int)
	sumOn      func(acc, x []T)
	sumColumns func(dst, x []T, n, stride int)

	lanes int // entries of a vector

	// Blocks of products, for panels of B of at most one, two and several vectors; nil in Go.
	narrow, square, wide tile[T]
	// Products of a matrix with 1, 2 and 4 vectors, rows of X, whose results are rows of Y: of so many rows, a multiple
	// of side, and at least side columns.
	uprightOne, uprightTwo, uprightFour func(rows, k int, a *T, rowA int, x *T, rowX int, y *T, rowY int)
	pack, packBand                      func(dst, src *T, rowS, rows int)
	transpose                           func(dst *T, rowD int, src *T, rowS int, rows, columns int)

	// Rows of two entries, as many as fill vectors, at least one; nil in Go.
	sortPairs, orderPairs func(dst, x *T, vectors int) (isNaN bool)
	permutePairs          func(dst, order, x *T, vectors int) (wrong bool)
	// The loops of tapes of wide values and of those of one entry; nil in Go.
	tape, tapeOfOne tapeLoop[T]
	// How many entries of a row come before each in its order, as integers of the size of T; nil in Go.
	ranks func(rank *int, x *T, n int) (isNaN bool)
}

func referenceLinear[T Real]() linear[T] {
	return linear[T]{sumRows: sumRows[T], dotRows: dotRows[T], sumOn: sumOn[T], sumColumns: sumColumns[T]}
}

// linearOf returns the kernels for T along a path.
func linearOf[T Real](p *path) *linear[T] {
	if l, ok := any(&p.l64).(*linear[T]); ok {
		return l
	}
	return any(&p.l32).(*linear[T])
}

// A sum has one meaning on every path: its terms are dealt in turn to interleaved accumulators, 8 in float64
// and 16 in float32, which begin at 0, and of these the second half is added to the first until one is left.
// A dot product is the same with fused multiply-adds.

// SumRows sets each entry of dst to the sum of a row of x; the rows have n entries and follow each other.
func SumRows[T Real](dst, x []T, n int) { linearOf[T](chosen).sumRows(dst, x[:len(dst)*n], n) }

// DotRows sets each entry of dst to the sum of the products of a row of x with that of y; the rows have n
// entries and follow each other.
func DotRows[T Real](dst, x, y []T, n int) {
	linearOf[T](chosen).dotRows(dst, x[:len(dst)*n], y[:len(dst)*n], n)
}

// SumOn goes on with the sum of a row: it adds the next entries of the row to the accumulators, [Accumulators] of them,
// which were 0 in the beginning and are combined in the end. All entries come in multiples of their number but the last.
func SumOn[T Real](acc, x []T) {
	linearOf[T](chosen).sumOn(acc[:Accumulators[T]()], x)
}

// SumColumns sets each entry of dst to the sum of a column of the n rows of x, which begin stride ≥ len(dst)
// entries apart.
func SumColumns[T Real](dst, x []T, n, stride int) {
	if n > 0 {
		x = x[:(n-1)*stride+len(dst)][min(stride, 0):]
	}
	linearOf[T](chosen).sumColumns(dst, x, n, stride)
}

// accumulators has room for the accumulators of either precision.
type accumulators[T Real] [16]T

// Accumulators returns the number of interleaved accumulators of a reduction: 8 for float64, 16 for float32.
func Accumulators[T Real]() int { return 64 / int(unsafe.Sizeof(T(0))) }

// Combine adds the accumulators of a reduction, a power of two of them, which it overwrites: the second half to
// the first until one is left.
func Combine[T Real](a []T) T {
	for len(a) > 1 {
		half := len(a) / 2
		for i, v := range a[half:] {
			a[i] += v
		}
		a = a[:half]
	}
	return a[0]
}

func sumRows[T Real](dst, x []T, n int) {
	w := Accumulators[T]()
	for i := range dst {
		var a accumulators[T]
		sumOn(a[:w], x[i*n:(i+1)*n])
		dst[i] = Combine(a[:w])
	}
}

func sumOn[T Real](acc, x []T) {
	for ; len(x) >= len(acc); x = x[len(acc):] {
		for j, v := range x[:len(acc)] {
			acc[j] += v
		}
	}
	for j, v := range x {
		acc[j] += v
	}
}

func dotRows[T Real](dst, x, y []T, n int) {
	w := Accumulators[T]()
	for i := range dst {
		var a accumulators[T]
		u, v := x[i*n:(i+1)*n], y[i*n:(i+1)*n]
		for ; len(u) > w; u, v = u[w:], v[w:] {
			fmaEach(a[:w], u[:w], v[:w])
		}
		fmaEach(a[:len(u)], u, v)
		dst[i] = Combine(a[:w])
	}
}

func sumColumns[T Real](dst, x []T, n, stride int) {
	const block = 8 // columns at a time, which one line of the cache holds
	w := Accumulators[T]()
	for ; len(dst) > 0; dst, x = dst[min(block, len(dst)):], x[min(block, len(x)):] {
		var a [block]accumulators[T]
		columns := min(block, len(dst))
		for p := range n {
			for j, v := range x[p*stride : p*stride+columns] {
				a[j][p&(w-1)] += v
			}
		}
		for j := range columns {
			dst[j] = Combine(a[j][:w])
		}
	}
}
