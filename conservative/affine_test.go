package conservative

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// Whenever the graph or the values at corners say that g is affine in all slots,
// g of a midpoint of two assignments is the midpoint of the two values.
func TestLawAffineIsSound(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
	proved, refuted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			t.Skip("nothing to differentiate")
		}
		d, err := At(context.Background(), p.Func, clarke.RationalPoint(p.Rats()...), Options{MaxSlots: 8})
		require.NoError(t, err)
		if d.Refused != "" || len(d.Kinks) < 2 {
			t.Skip("there is nothing to decide")
		}
		if !d.Affine && d.at.degree() > 1 {
			refuted++
			return
		}
		proved++
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		requireAffine(t, d.at, d.at.random(rng), d.at.random(rng))
	})
	require.Positive(t, proved)
	require.Positive(t, refuted)
}

func requireAffine(t *rapid.T, p *at, a, b assignment) {
	mid := make(assignment, len(a))
	for i := range a {
		mid[i] = choice{make([]int, len(a[i].weights)), 2 * a[i].over * b[i].over}
		for j := range mid[i].weights {
			mid[i].weights[j] = a[i].weights[j]*b[i].over + b[i].weights[j]*a[i].over
		}
	}
	v, err := p.evaluate(context.Background(), listed(a, b, mid))
	require.NoError(t, err)
	for j := range v[0].Exact {
		sum := new(big.Rat).Add(v[0].Exact[j], v[1].Exact[j])
		require.Zero(t, sum.Cmp(new(big.Rat).Add(v[2].Exact[j], v[2].Exact[j])), "coordinate %d", j)
	}
}

// Lanes and single runs give the same elements.
func TestEvaluateInLanes(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 7)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.ReLU(expr.Abs(x)))))
	require.NoError(t, err)
	d, err := At(context.Background(), f, clarke.FloatPoint(make([]float64, 7)), Options{})
	require.NoError(t, err)
	c := d.at.corners()
	all, err := d.at.evaluate(context.Background(), plan{1 << 14, c.at})
	require.NoError(t, err)
	for i := 0; i < len(all); i += 997 {
		one, err := d.at.evaluate(context.Background(), listed(c.at(i)))
		require.NoError(t, err)
		require.Equal(t, one[0], all[i])
	}
	require.Greater(t, d.at.degree(), 1)
}
