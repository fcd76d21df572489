package clarke_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// The rows of the limiting Jacobians span the subdifferentials of the outputs:
// limits along points where all outputs are differentiable suffice.
func TestLawRowsOfJacobians(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := families[len(families)-1].Draw(t, "recipe")
		rng := seeded(t)
		_, jacobians := exactly(t, r.build(t, rng), r.point())
		for i, terms := range r.out {
			one := &recipe{x: r.x, steps: r.steps, out: [][]term{terms}}
			_, want := exactly(t, one.build(t, rng), r.point())
			n := len(r.x)
			var rows [][]*big.Rat
			for _, j := range jacobians {
				rows = append(rows, j[i*n:][:n])
			}
			requireExtreme(t, want, distinct(rows))
		}
	})
}

// vectorProgram applies an op to a vector of n entries.
func vectorProgram(t require.TestingT, n int, op func(x expr.Node) expr.Node) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", n)
	f, err := g.Func(expr.In(x), expr.Out(op(x)))
	require.NoError(t, err)
	return f
}

// matrices lists rows of 0 and 1: entry p of the output is entry from[p] of x.
func matrices(n int, lists [][]int) (out [][]*big.Rat) {
	for _, from := range lists {
		var m []*big.Rat
		for _, i := range from {
			m = append(m, unit(n, i)...)
		}
		out = append(out, m)
	}
	return out
}

// sortings returns the orders of 0, …, n−1 that sort the entries of x.
func sortings(x []*big.Rat) (lists [][]int) {
	for order := range arrangements(len(x)) {
		sorted := true
		for p := range len(x) - 1 {
			sorted = sorted && x[order[p]].Cmp(x[order[p+1]]) <= 0
		}
		if sorted {
			lists = append(lists, order)
		}
	}
	return lists
}

// The Jacobians of sorting are the permutation matrices that sort, a face of
// Birkhoff's polytope; those of its parts are products and restrictions.
func TestLawJacobiansOfSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := make([]*big.Rat, 4)
		for i := range x {
			x[i] = big.NewRat(rapid.Int64Range(0, 2).Draw(t, "x"), 3)
		}
		check := func(op func(x expr.Node) expr.Node, lists [][]int) {
			_, got := exactly(t, vectorProgram(t, 4, op), clarke.RationalPoint(x))
			requireSameSet(t, matrices(4, lists), got)
		}
		all := sortings(x)
		check(expr.Sort, all)
		check(func(x expr.Node) expr.Node { return expr.GroupSort(x, 4) }, all)
		var pairs [][]int
		for _, a := range sortings(x[:2]) {
			for _, b := range sortings(x[2:]) {
				pairs = append(pairs, []int{a[0], a[1], 2 + b[0], 2 + b[1]})
			}
		}
		check(func(x expr.Node) expr.Node { return expr.GroupSort(x, 2) }, pairs)
		var top [][]int
		for _, a := range all {
			top = append(top, []int{a[3], a[2]})
		}
		check(func(x expr.Node) expr.Node { return expr.TopK(x, 2) }, top)
	})
}

// Proximal maps: the Jacobians of soft thresholding and of the projection onto a
// box are diagonal, 0 or 1 where an entry is at its threshold, and the residual
// x − prox(x), that of the dual ball, has the complements.
func TestLawJacobiansOfProximalMaps(t *testing.T) {
	soft := func(x expr.Node) expr.Node { return expr.SoftThreshold(x, 1) }
	box := func(x expr.Node) expr.Node {
		n := x.Shape().Size()
		one := expr.BroadcastTo(x.Graph().Const(1), n)
		return expr.Clamp(x, expr.Neg(one), one)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := make([]*big.Rat, 4)
		for i := range x {
			x[i] = big.NewRat(rapid.Int64Range(-4, 4).Draw(t, "x"), 2)
		}
		inside, outside := [][]*big.Rat{nil}, [][]*big.Rat{nil}
		extend := func(list [][]*big.Rat, i int, diagonal []int64) (out [][]*big.Rat) {
			for _, m := range list {
				for _, v := range diagonal {
					out = append(out, append(m[:len(m):len(m)], along(zeroes(4), big.NewRat(v, 1), unit(4, i))...))
				}
			}
			return out
		}
		for i, v := range x {
			in, out := []int64{1}, []int64{0}
			switch new(big.Rat).Abs(v).Cmp(oneRat) {
			case 0:
				in, out = []int64{0, 1}, []int64{0, 1}
			case 1:
				in, out = out, in
			}
			inside, outside = extend(inside, i, in), extend(outside, i, out)
		}
		for _, c := range []struct {
			op   func(x expr.Node) expr.Node
			want [][]*big.Rat
		}{
			{soft, outside},
			{box, inside},
			{func(x expr.Node) expr.Node { return expr.Sub(x, soft(x)) }, inside},
			{func(x expr.Node) expr.Node { return expr.Sub(x, box(x)) }, outside},
		} {
			_, got := exactly(t, vectorProgram(t, 4, c.op), clarke.RationalPoint(x))
			requireSameSet(t, c.want, got)
		}
	})
}

// Only inputs to differentiate count: the set is that of the program with the
// data as constants, though data multiply switches.
func TestLawDataAreConstants(t *testing.T) {
	programs := recipes(ingredients{ops: curvedOps, dyadic: true})
	rapid.Check(t, func(t *rapid.T) {
		r := programs.Draw(t, "recipe")
		rng := seeded(t)
		free := 1 + rng.IntN(len(r.x)) // inputs before it are differentiated
		seed := rng.Uint64()
		spelling := func() *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }
		want := at(t, r.parted(t, spelling(), free, true), pointOf(r.x[:free]))
		got := at(t, r.parted(t, spelling(), free, false), r.point())
		require.Equal(t, answers(want), answers(got))
	})
}

// answers prints all but reasons, which name nodes.
func answers(s *clarke.Subdifferential) string {
	directions := make([]clarke.Vector, len(s.Certificates))
	for i, c := range s.Certificates {
		directions[i] = c.Direction
	}
	return fmt.Sprintln(
		s.Arithmetic, s.Outputs, s.Exact, s.Qualified, s.Round, s.Complete, s.Cells, s.ContainsZero, s.Minimality,
		texts(s.Vertices), texts(directions), texts([]clarke.Vector{s.MinNorm, s.Descent}))
}

// parted builds a program whose last inputs are data, or constants. Parameters
// before them are differentiated.
func (r *recipe) parted(t require.TestingT, rng *rand.Rand, free int, constant bool) *expr.Func {
	g := expr.NewGraph()
	var in, all []expr.Node
	for i, x := range r.x {
		n := g.Rat(x)
		switch name := fmt.Sprintf("x%d", i); {
		case i < free:
			n = g.Param(name)
			in = append(in, n)
		case !constant:
			n = g.Data(name)
			in = append(in, n)
		}
		all = append(all, n)
	}
	f, err := g.Func(expr.In(in...), expr.Out(r.outputs(g, all, rng)...))
	require.NoError(t, err)
	return f
}
