package clarke_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

func requireSameSet(t require.TestingT, want, got [][]*big.Rat) {
	require.Equal(t, textsOf(distinct(want)), textsOf(got))
}

// All spellings of a function have its one subdifferential.
func TestLawSpellingsHaveOneSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.OneOf(families...).Draw(t, "recipe")
		_, want := exactly(t, r.build(t, nil), r.point())
		_, got := exactly(t, r.build(t, seeded(t)), r.point())
		requireSameSet(t, want, got)
	})
}

// pair draws two recipes at one point.
func pair(t *rapid.T) (f, g *recipe) {
	f = recipes(ingredients{steps: 4}).Draw(t, "f")
	return f, recipes(ingredients{steps: 4, at: f.x}).Draw(t, "g")
}

// joined makes a program of two recipes, which have no kink in common. Inputs are
// those of f, and those of g besides if they are not shared.
func joined(t require.TestingT, f, g *recipe, rng *rand.Rand, shared bool, combine func(y, z expr.Node) expr.Node) *expr.Func {
	graph := expr.NewGraph()
	var in []expr.Node
	for range f.x {
		in = append(in, graph.Input(string(rune('a'+len(in)))))
	}
	first, second := in, in
	if !shared {
		for range g.x {
			in = append(in, graph.Input(string(rune('a'+len(in)))))
		}
		second = in[len(first):]
	}
	y, z := f.outputs(graph, first, rng)[0], g.outputs(graph, second, rng)[0]
	p, err := graph.Func(expr.In(in...), expr.Out(combine(y, z)))
	require.NoError(t, err)
	return p
}

// combinations returns a·u + b·v for all points u of one set and v of another.
func combinations(a *big.Rat, us [][]*big.Rat, b *big.Rat, vs [][]*big.Rat) (out [][]*big.Rat) {
	for _, u := range us {
		for _, v := range vs {
			out = append(out, along(along(zeroes(len(u)), a, u), b, v))
		}
	}
	return out
}

var oneRat = big.NewRat(1, 1)

// ∂(f + g) ⊂ ∂f + ∂g and ∂(fg) ⊂ g∂f + f∂g (Clarke, "Optimization and Nonsmooth
// Analysis", propositions 2.3.3 and 2.3.13).
func TestLawSumsAndProducts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, g := pair(t)
		rng := seeded(t)
		_, df := exactly(t, f.build(t, rng), f.point())
		_, dg := exactly(t, g.build(t, rng), g.point())
		_, sum := exactly(t, joined(t, f, g, rng, true, expr.Add), f.point())
		requireInHull(t, combinations(oneRat, df, oneRat, dg), sum...)
		product := at(t, joined(t, f, g, rng, true, expr.Mul), f.point())
		require.True(t, product.Exact, product.Why) // the switches are straight
		requireInHull(t, combinations(g.values(g.x)[0], df, f.values(f.x)[0], dg), exacts(product)...)
	})
}

// Of programs of different variables these are equalities, and the set of a pair
// is the product.
func TestLawProductsOfSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := recipes(ingredients{inputs: 2, steps: 3})
		f, g := small.Draw(t, "f"), small.Draw(t, "g")
		rng := seeded(t)
		_, df := exactly(t, f.build(t, rng), f.point())
		_, dg := exactly(t, g.build(t, rng), g.point())
		x := append(f.point(), g.point()...)
		_, both := exactly(t, joined(t, f, g, rng, false, expr.Sub), x)
		var want [][]*big.Rat
		for _, u := range df {
			for _, v := range dg {
				want = append(want, append(append([]*big.Rat{}, u...), along(zeroes(len(v)), big.NewRat(-1, 1), v)...))
			}
		}
		requireSameSet(t, want, both)
	})
}

// ∂(f∘A)(y) = Aᵀ∂f(Ay + b) for an invertible matrix A, ∂(cf) = c∂f and
// ∂(h∘f) = h′(f)∂f for a smooth h.
func TestLawAffineSubstitution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.OneOf(families[:4]...).Draw(t, "recipe")
		rng := seeded(t)
		_, want := exactly(t, r.build(t, rng), r.point())
		n := len(r.x)
		a, y := invertible(rng, n), randomInts(rng, n, 3)
		c := big.NewRat(rng.Int64N(9)-4, 2)
		graph := expr.NewGraph()
		var in, x []expr.Node
		for i := range n {
			in = append(in, graph.Input(string(rune('a'+i))))
		}
		for i := range n {
			u := graph.Rat(minus(r.x[i], dot(a[i], y)))
			for j := range n {
				u = expr.Add(u, scale(a[i][j], in[j]))
			}
			x = append(x, u)
		}
		out := r.outputs(graph, x, rng)[0]
		f, err := graph.Func(expr.In(in...), expr.Out(expr.Add(scale(c, expr.Mul(out, out)), out)))
		require.NoError(t, err)
		s := at(t, f, pointOf(y))
		require.True(t, s.Exact, s.Why)
		// c·f² + f has the derivative (2cf + 1)·f′.
		factor := sum(times(times(big.NewRat(2, 1), c), r.values(r.x)[0]), oneRat)
		for i, v := range want {
			want[i] = zeroes(n)
			for k := range n {
				want[i] = along(want[i], times(factor, v[k]), a[k])
			}
		}
		requireSameSet(t, want, exacts(s))
	})
}

// invertible draws a matrix of small integers: a product of triangular ones.
func invertible(rng *rand.Rand, n int) [][]*big.Rat {
	lower, upper := make([][]*big.Rat, n), make([][]*big.Rat, n)
	for i := range n {
		lower[i], upper[i] = randomInts(rng, n, 2), randomInts(rng, n, 2)
		for j := range n {
			switch {
			case j == i:
				lower[i][j].SetInt64(1 - 2*rng.Int64N(2))
				upper[i][j].SetInt64(1 + rng.Int64N(2))
			case j > i:
				lower[i][j].SetInt64(0)
			default:
				upper[i][j].SetInt64(0)
			}
		}
	}
	out := make([][]*big.Rat, n)
	for i := range n {
		out[i] = zeroes(n)
		for k := range n {
			out[i] = along(out[i], lower[i][k], upper[k])
		}
	}
	return out
}

// A kink whose row vanishes on a cell loses no cell: chains of functions of one
// number have the hull of their two slopes, which values tell.
func TestLawChainsOfKinks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &drawing{t: t, c: ingredients{}, r: &recipe{x: zeroes(2)}}
		node := d.add(step{op: "linear", args: []arg{d.centred(0), d.centred(1)}, w: d.coefficients(2)})
		form := d.r.steps[0].w
		for range 1 + d.below(7, "length") {
			s := step{op: oneOf(d, []string{"relu", "relu", "abs", "leakyrelu", "pinball", "linear"}, "op"), args: []arg{d.centred(node)}}
			switch s.op {
			case "linear": // a turn
				s.args = append(s.args, arg{node, new(big.Rat)})
				s.w = []*big.Rat{big.NewRat(-1, 1), new(big.Rat)}
			case "leakyrelu", "pinball":
				s.w = []*big.Rat{big.NewRat(1, 4)}
			}
			node = d.add(s)
		}
		d.r.out = [][]term{{{oneRat, node}}}
		_, got := exactly(t, d.r.build(t, seeded(t)), d.r.point())
		var want [][]*big.Rat
		for _, sign := range []int64{1, -1} {
			v := along(zeroes(2), big.NewRat(sign, 1), form) // the form has slope ‖form‖² along itself
			slope := d.r.function().slope(d.r.x, near, v)[0]
			want = append(want, along(zeroes(2), slope.Quo(slope, times(big.NewRat(sign, 1), dot(form, form))), form))
		}
		requireSameSet(t, want, got)
	})
}
