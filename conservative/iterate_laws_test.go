package conservative_test

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
)

// For the scalar lasso at its kink, any step γ and any slots s₀, s₁, …, the
// piggyback iterates are J₊ = s((1 − γ)J + γ) and stay in [0, 1], which is the limit
// set (row T47 of the table).
func TestLawLassoSchedules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gamma := big.NewRat(rapid.Int64Range(1, 15).Draw(t, "gamma"), 16)
		rest := new(big.Rat).Sub(big.NewRat(1, 1), gamma)
		g := expr.NewGraph()
		x, b := g.Input("x"), g.Input("b")
		f, err := g.Func(expr.In(x, b), expr.Out(expr.SoftThreshold(expr.Add(expr.Scale(float(rest), x), expr.Scale(float(gamma), b)), float(gamma))))
		require.NoError(t, err)
		it, err := conservative.NewIteration(f, []expr.Node{x}, conservative.Options{})
		require.NoError(t, err)
		at := clarke.RationalPoint(zeros(1), []*big.Rat{big.NewRat(1, 1)})
		var s []*big.Rat
		for range 12 {
			n := rapid.Int64Range(1, 7).Draw(t, "denominator")
			s = append(s, big.NewRat(rapid.Int64Range(0, n).Draw(t, "slot"), n))
		}
		want := new(big.Rat)
		for k, i := range iterates(t, it, at, 12, steps(s...)) {
			require.Zero(t, want.Cmp(i.Jacobian.Exact[0]), "step %d", k)
			require.GreaterOrEqual(t, want.Sign(), 0)
			require.LessOrEqual(t, want.Cmp(big.NewRat(1, 1)), 0)
			if k < 12 {
				want.Add(want.Mul(want, rest), gamma)
				want.Mul(want, s[k])
			}
		}
		l, err := it.Limit(context.Background(), at, conservative.LimitOptions{})
		require.NoError(t, err)
		require.True(t, l.Exact && l.Convex)
		require.Equal(t, [][]string{{"0"}, {"1"}}, texts(l.Vertices))
	})
}

// contracting is the iteration y₊ = relu(Wy + x) of a drawn network, by the same
// relu, at its fixed point.
func contracting(t *rapid.T) (network, *conservative.Iteration, clarke.Point) {
	n := drawNetwork(t)
	f, err := n.f.Graph().Func(expr.In(n.f.In()...), expr.Out(n.f.Out()[0].Args()[1]))
	require.NoError(t, err)
	it, err := conservative.NewIteration(f, []expr.Node{n.unknown}, conservative.Options{})
	require.NoError(t, err)
	return n, it, clarke.RationalPoint(n.x, n.y)
}

// Implicit elements, and images A·X + B of what the inner bound has, belong to the
// limit set's hull; random schedules approach it at the rate of the contraction.
func TestLawLimitSets(t *testing.T) {
	ctx := context.Background()
	exact, open := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n, it, at := contracting(t)
		l, err := it.Limit(ctx, at, conservative.LimitOptions{Steps: 6})
		require.NoError(t, err)
		if l.Exact {
			exact++
		} else {
			open++
		}
		for _, v := range l.Vertices {
			require.LessOrEqual(t, distance(v.Float, l.Centre.Float), l.Radius)
		}
		for _, s := range n.choices() {
			requireInLimit(t, l, clarke.Rational(n.element(s)), clarke.Yes)
			for _, v := range l.Vertices {
				image := multiplied(n.w, v.Exact) // diag(s)(W·X + I)
				for i := range image {
					if i/2 == i%2 {
						image[i].Add(image[i], big.NewRat(1, 1))
					}
					image[i].Mul(image[i], big.NewRat(s[i/2], 1))
				}
				in, err := l.HullContains(clarke.Rational(image))
				require.NoError(t, err)
				require.NotEqual(t, clarke.No, in)
				if l.Exact {
					require.Equal(t, clarke.Yes, in)
				}
			}
		}
		seed := rapid.Uint64().Draw(t, "seed")
		first := 0.0
		for k, i := range iterates(t, it, at, 20, conservative.Drawn(rand.New(rand.NewPCG(seed, 1)))) {
			m, err := convex.Contains(clarke.Point(l.Vertices).Floats(), i.Jacobian.Float, 0)
			require.NoError(t, err)
			if k == 0 {
				first = m.Distance + l.Gap
			}
			// Frobenius' norm is at most twice the others here, and they at most it times √2.
			require.LessOrEqual(t, m.Distance, 2*math.Sqrt2*first*math.Pow(l.Contraction.Rho, float64(k))+l.Gap+1e-12)
		}
	})
	conservative.RequireSeen(t, exact)
	conservative.RequireSeen(t, open)
}

func requireInLimit(t *rapid.T, l *conservative.LimitSet, v clarke.Vector, want clarke.Verdict) {
	in, err := l.HullContains(v)
	require.NoError(t, err)
	require.Equal(t, want, in)
}

// A wiring gives the same elements to both ways: the piggyback Jacobian with a
// constant wiring tends to the implicit element of that wiring.
func TestLawConstantWirings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, it, at := contracting(t)
		s := solveFor(t, n.f, n.unknown, n.x, n.y)
		w := ad.Random(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		if rapid.Bool().Draw(t, "inside") {
			w = ad.AtSlot(rapid.Float64Range(0, 1).Draw(t, "slot"))
		}
		want, err := s.Element(w)
		require.NoError(t, err)
		last := iterates(t, it, toFloat(at), 400, conservative.Wired(w))[400]
		require.InDeltaSlice(t, want.Float, last.Jacobian.Float, 1e-9)
	})
}
