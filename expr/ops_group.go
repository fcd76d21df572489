package expr

import (
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

var (
	opGroupSort = new(Op)
	_           = define(opGroupSort, Op{
		// Anil, Lucas and Grosse, "Sorting out Lipschitz function approximation",
		// ICML 2019.
		Name: "groupsort", Doc: "each group of k consecutive entries of the last axis in ascending order; k divides its extent",
		MinArgs: 1, MaxArgs: 1, Attrs: countAttr,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			if _, err := vector(in, at); err != nil {
				return in[0], err
			}
			if k, n := at.Int(0), in[0].Dim(-1); k < 1 || n%k != 0 {
				return in[0], fmt.Errorf("k is %d; it must divide the %d entries of the last axis", k, n)
			}
			return in[0], nil
		},
		Class: PiecewiseAffine, Range: firstRange,
		Work: rowWork,
		Eval: groupSortOr(groupSort(floats)), Eval32: groupSortOr(groupSort(floats32)), Exact: groupSort(rats),
		JVP: func(r *Rule, dx []Node) Node {
			if !dx[0].Valid() {
				return dx[0]
			}
			return permuted(r, Permute, r.Attr().Int(0), dx[0])
		},
		VJP: func(r *Rule, ct Node) []Node {
			return []Node{permuted(r, Unpermute, r.Attr().Int(0), ct)}
		},
		Sample: func(r *rand.Rand) Example {
			k, groups := 1+r.IntN(3), 1+r.IntN(2)
			dims := [][]int{{k * groups}, {2, k * groups}}[r.IntN(2)]
			return sampleShaped(Ints(k), smallInt, dims)(r)
		},
	})
)

// groupSortOr sorts along the kernel; groups with a NaN are for general.
func groupSortOr[T Real](general func(*Call[T])) func(*Call[T]) {
	return func(c *Call[T]) {
		if !kernel.SortRows(c.Out, c.In[0], c.Attr.Int(0), c.Work) {
			general(c)
		}
	}
}

func groupSort[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		k := c.Attr.Int(0)
		for lo := 0; lo < len(c.Out); lo += k {
			x, y := c.In[0][lo:lo+k], c.Out[lo:lo+k]
			if bad := firstNaN(&a, x); bad >= 0 {
				clearTo(y, x[bad])
				continue
			}
			for i, at := range order(c.Work, &a, c.In, lo, k, 1) {
				y[i] = x[at]
			}
		}
	}
}

// permuted applies, to every n entries of v in a row, the permutation that sorts
// the same entries of the operand, or its adjoint.
func permuted(r *Rule, by func(p, v Node) Node, n int, v Node) Node {
	s := v.Shape()
	key := sortedRows(r.In(0), n)
	if key == r.In(0) {
		return by(r.Permutation("p", key), v)
	}
	return asShape(by(r.Permutation("p", key), inRows(v, n)), s)
}

// sortedRows gives the entries of x a shape with rows of n entries that a
// Permutation can sort: its slot has one axis more.
func sortedRows(x Node, n int) Node {
	if s := x.Shape(); s.Dim(-1) == n && s.Rank() < MaxRank {
		return x
	}
	return inRows(x, n)
}
