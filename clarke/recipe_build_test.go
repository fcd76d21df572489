package clarke_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// build makes the graph of a recipe; each step is spelled in one of the ways that
// its op can be written. No generator means the plain one.
func (r *recipe) build(t require.TestingT, rng *rand.Rand) *expr.Func {
	g := expr.NewGraph()
	in := make([]expr.Node, len(r.x))
	for i := range in {
		in[i] = g.Input(fmt.Sprintf("x%d", i))
	}
	out := r.outputs(g, in, rng)
	f, err := g.Func(expr.In(in...), expr.Out(out...))
	require.NoError(t, err)
	return f
}

// outputs applies a recipe to nodes.
func (r *recipe) outputs(g *expr.Graph, in []expr.Node, rng *rand.Rand) (out []expr.Node) {
	v := append([]expr.Node{}, in...)
	for i := range r.steps {
		s := &r.steps[i]
		u := make([]expr.Node, len(s.args))
		for j, a := range s.args {
			if u[j] = v[a.node]; a.shift.Sign() != 0 {
				u[j] = expr.Add(u[j], g.Rat(a.shift))
			}
		}
		ways := s.spellings(g, u)
		way := 0
		if rng != nil {
			way = rng.IntN(len(ways))
		}
		v = append(v, ways[way]())
	}
	for _, terms := range r.out {
		y := g.Const(0)
		for _, t := range terms {
			y = expr.Add(y, scale(t.c, v[t.node]))
		}
		out = append(out, y)
	}
	return out
}

func scale(c *big.Rat, n expr.Node) expr.Node { return expr.ScaleNumber(expr.Rational(c), n) }

// point returns the recipe's point for programs of scalar inputs.
func (r *recipe) point() clarke.Point { return pointOf(r.x) }

func pointOf(x []*big.Rat) (p clarke.Point) {
	for _, v := range x {
		p = append(p, clarke.Rational([]*big.Rat{v}))
	}
	return p
}

// spellings lists programs of one function, the op itself first. Their
// conservative fields differ, their subdifferentials must not.
func (s *step) spellings(g *expr.Graph, u []expr.Node) []func() expr.Node {
	zero, v := g.Const(0), func() expr.Node { return expr.Stack(u...) }
	weights := func(w []*big.Rat) expr.Node {
		var c []expr.Number
		for _, x := range w {
			c = append(c, expr.Rational(x))
		}
		return g.Numbers(c, len(w))
	}
	switch x := u[0]; s.op {
	case "linear":
		return []func() expr.Node{
			func() expr.Node { return expr.Add(scale(s.w[0], u[0]), scale(s.w[1], u[1])) },
			func() expr.Node { return expr.Dot(weights(s.w), v()) },
		}
	case "product":
		return []func() expr.Node{
			func() expr.Node { return expr.Mul(u[0], u[1]) },
			func() expr.Node { return expr.Prod(v()) },
		}
	case "relu":
		return []func() expr.Node{
			func() expr.Node { return expr.ReLU(x) },
			func() expr.Node { return expr.Max(x, zero) },
			func() expr.Node { return expr.Neg(expr.Min(expr.Neg(x), zero)) },
			func() expr.Node { return expr.Scale(0.5, expr.Add(x, expr.Abs(x))) },
			func() expr.Node { return expr.Add(x, expr.ReLU(expr.Neg(x))) },
			func() expr.Node { return expr.Hinge(expr.Shift(expr.Neg(x), 1)) },
			func() expr.Node { return expr.Max(zero, x, zero) },
			func() expr.Node { return expr.ReLU(expr.ReLU(x)) },
		}
	case "abs":
		return []func() expr.Node{
			func() expr.Node { return expr.Abs(x) },
			func() expr.Node { return expr.Max(x, expr.Neg(x)) },
			func() expr.Node { return expr.Add(expr.ReLU(x), expr.ReLU(expr.Neg(x))) },
			func() expr.Node { return expr.Sub(expr.Scale(2, expr.ReLU(x)), x) },
			func() expr.Node { return expr.Scale(2, expr.Pinball(x, 0.5)) },
			func() expr.Node { return expr.NormInf(expr.Stack(x)) },
			func() expr.Node { return expr.Norm1(expr.Stack(x)) },
			func() expr.Node { return expr.TopKSum(expr.Stack(x, expr.Neg(x)), 1) },
			func() expr.Node { return expr.Abs(expr.Abs(x)) },
		}
	case "leakyrelu":
		return []func() expr.Node{
			func() expr.Node { return expr.LeakyReLU(x, 0.25) },
			func() expr.Node { return expr.Max(x, expr.Scale(0.25, x)) },
			func() expr.Node { return expr.Add(expr.Scale(0.25, x), expr.Scale(0.75, expr.ReLU(x))) },
		}
	case "pinball":
		return []func() expr.Node{
			func() expr.Node { return expr.Pinball(x, 0.25) },
			func() expr.Node { return expr.Max(expr.Scale(0.25, x), expr.Scale(-0.75, x)) },
			func() expr.Node { return expr.Sub(expr.ReLU(x), expr.Scale(0.75, x)) },
		}
	case "clamp":
		return []func() expr.Node{
			func() expr.Node { return expr.Clamp(u[0], u[1], u[2]) },
			func() expr.Node { return expr.Min(expr.Max(u[0], u[1]), u[2]) },
			func() expr.Node { return expr.Neg(expr.Max(expr.Neg(expr.Max(u[1], u[0])), expr.Neg(u[2]))) },
		}
	case "max":
		return append(extremes(u, 1),
			func() expr.Node { return expr.Quantile(v(), 1) },
			func() expr.Node { return expr.TopKSum(v(), 1) },
			func() expr.Node { return expr.Index(expr.Sort(v()), len(u)-1) },
			func() expr.Node { return expr.Index(expr.TopK(v(), 1), 0) })
	case "min":
		return append(extremes(u, -1),
			func() expr.Node { return expr.Quantile(v(), 0) },
			func() expr.Node { return expr.Neg(expr.TopKSum(expr.Neg(v()), 1)) },
			func() expr.Node { return expr.Index(expr.Sort(v()), 0) })
	case "topksum":
		return []func() expr.Node{
			func() expr.Node { return expr.TopKSum(v(), s.k) },
			func() expr.Node { return expr.Sum(expr.TopK(v(), s.k)) },
			func() expr.Node { return expr.Sum(expr.Slice(expr.Sort(v()), len(u)-s.k, len(u))) },
			func() expr.Node { return expr.Add(expr.Sum(v()), expr.TopKSum(expr.Neg(v()), len(u)-s.k)) },
		}
	case "median":
		return medians(u, v)
	case "sorted":
		return []func() expr.Node{
			func() expr.Node { return expr.Dot(weights(s.w), expr.Sort(v())) },
			func() expr.Node { return expr.Dot(weights(s.w), expr.GroupSort(v(), len(u))) },
			func() expr.Node { return expr.Dot(weights(reversed(s.w)), expr.TopK(v(), len(u))) },
			func() expr.Node { return expr.Dot(weights(s.w), expr.Stack(network(u)...)) },
			func() expr.Node { return staircase(s.w, v()) },
		}
	case "groupsort":
		return []func() expr.Node{
			func() expr.Node { return expr.Dot(weights(s.w), expr.GroupSort(v(), 2)) },
			func() expr.Node {
				return expr.Dot(weights(s.w), expr.Stack(append(network(u[:2]), network(u[2:])...)...))
			},
		}
	case "norm1":
		return []func() expr.Node{
			func() expr.Node { return expr.Norm1(v()) },
			func() expr.Node { return expr.Sum(expr.Abs(v())) },
		}
	case "norminf":
		return []func() expr.Node{
			func() expr.Node { return expr.NormInf(v()) },
			func() expr.Node { return expr.Max(expr.Abs(v())) },
			func() expr.Node { return expr.Max(expr.Concat(v(), expr.Neg(v()))) },
		}
	}
	panic(s.op)
}

func reversed(w []*big.Rat) (out []*big.Rat) {
	for i := range w {
		out = append(out, w[len(w)-1-i])
	}
	return out
}

// extremes spells max (sign 1) and min (sign −1).
func extremes(u []expr.Node, sign int) []func() expr.Node {
	extreme, other := expr.Max, expr.Min
	if sign < 0 {
		extreme, other = expr.Min, expr.Max
	}
	fold := func(u []expr.Node, two func(a, b expr.Node) expr.Node) func() expr.Node {
		return func() expr.Node {
			y := u[0]
			for _, x := range u[1:] {
				y = two(y, x)
			}
			return y
		}
	}
	return []func() expr.Node{
		func() expr.Node { return extreme(u...) },
		func() expr.Node { return extreme(expr.Stack(u...)) },
		fold(u, func(a, b expr.Node) expr.Node { return extreme(a, b) }),
		fold(u, func(a, b expr.Node) expr.Node { return extreme(b, a) }),
		fold(u, func(a, b expr.Node) expr.Node { return expr.Neg(other(expr.Neg(a), expr.Neg(b))) }),
		fold(u, func(a, b expr.Node) expr.Node {
			return expr.Add(a, expr.Scale(float64(sign), expr.ReLU(expr.Scale(float64(sign), expr.Sub(b, a)))))
		}),
		fold(u, func(a, b expr.Node) expr.Node {
			return expr.Scale(0.5, expr.Add(expr.Add(a, b), expr.Scale(float64(sign), expr.Abs(expr.Sub(a, b)))))
		}),
	}
}

func medians(u []expr.Node, v func() expr.Node) []func() expr.Node {
	ways := []func() expr.Node{
		func() expr.Node { return expr.Median(v()) },
		func() expr.Node { return expr.Quantile(v(), 0.5) },
		func() expr.Node {
			y := expr.Sort(v())
			return expr.Scale(0.5, expr.Add(expr.Index(y, (len(u)-1)/2), expr.Index(y, len(u)/2)))
		},
	}
	if len(u) == 3 {
		x, y, z := u[0], u[1], u[2]
		ways = append(ways,
			func() expr.Node { return expr.Max(expr.Min(x, y), expr.Min(expr.Max(x, y), z)) },
			func() expr.Node { return expr.Sub(expr.Sum(v()), expr.Add(expr.Max(x, y, z), expr.Min(x, y, z))) },
			func() expr.Node { return expr.Sub(expr.TopKSum(v(), 2), expr.Max(v())) })
	}
	return ways
}

// network sorts by comparisons of neighbours.
func network(u []expr.Node) []expr.Node {
	v := append([]expr.Node{}, u...)
	for end := len(v) - 1; end > 0; end-- {
		for i := range end {
			v[i], v[i+1] = expr.Min(v[i], v[i+1]), expr.Max(v[i], v[i+1])
		}
	}
	return v
}

// staircase writes Σ wᵢ·x₍ᵢ₎ with sums of the largest entries.
func staircase(w []*big.Rat, v expr.Node) expr.Node {
	y := scale(w[0], expr.Sum(v))
	for k := 1; k < len(w); k++ {
		y = expr.Add(y, scale(minus(w[k], w[k-1]), expr.TopKSum(v, len(w)-k)))
	}
	return y
}

// The graphs of a recipe compute what the recipe does.
func TestSpellingsAgree(t *testing.T) {
	gen := recipes(ingredients{ops: curvedOps, outputs: 2})
	for seed := range 300 {
		r := gen.Example(seed)
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		x := make([]*big.Rat, len(r.x))
		for i := range x {
			x[i] = sum(r.x[i], big.NewRat(rng.Int64N(21)-10, 8))
		}
		for range 3 {
			f := r.build(t, rng)
			var got []*big.Rat
			for _, row := range runExactly(t, f, pointOf(x).Exact()) {
				got = append(got, row...)
			}
			require.Equal(t, texts([]clarke.Vector{clarke.Rational(r.values(x))}), texts([]clarke.Vector{clarke.Rational(got)}))
		}
	}
}
