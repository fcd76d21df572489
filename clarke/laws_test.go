package clarke_test

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
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// An element of a random piecewise affine program is the gradient just beside x
// in its direction, where no draw makes a difference any more.
func TestLawElementIsNearbyGradient(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewiseAffine})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			t.Skip("nothing to differentiate")
		}
		e, err := clarke.NewElement(p.Func)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		g, d, err := e.At(clarke.RationalPoint(p.Rats()...), rng)
		require.NoError(t, err)
		beside := optest.Moved(p.Func, p.Rats(), optest.TwoTo(-80), cut(p.Func, d))
		for range 2 {
			h, _, err := e.At(clarke.RationalPoint(beside...), rng)
			require.NoError(t, err)
			require.Equal(t, texts([]clarke.Vector{g}), texts([]clarke.Vector{h}))
		}
	})
}

// cut splits a flat direction over the inputs that are differentiated.
func cut(f *expr.Func, d clarke.Vector) (out [][]*big.Rat) {
	rest := d.Exact
	for _, n := range f.Wrt() {
		out, rest = append(out, rest[:n.Shape().Size()]), rest[n.Shape().Size():]
	}
	return out
}

func TestSamplesLieWhereTheyShould(t *testing.T) {
	f, err := parse.Parse("x^2 + abs(y)")
	require.NoError(t, err)
	s, err := clarke.NewSampler(f, ad.AtKink(0))
	require.NoError(t, err)
	x := clarke.FloatPoint([]float64{1}, []float64{2})
	around := func(o clarke.SampleOptions) *clarke.Sample {
		near, err := s.Around(context.Background(), x, o)
		require.NoError(t, err)
		return near
	}
	distance := func(p []float64) float64 { return math.Hypot(p[0]-1, p[1]-2) }
	ball := around(clarke.SampleOptions{Radius: 0.5, Count: 1000, Seed: 3, Centre: true})
	require.Len(t, ball.Points, 1001)
	require.Equal(t, []float64{1, 2}, ball.Points[0])
	require.Equal(t, 3.0, ball.Values[0])
	require.Equal(t, []float64{2, 1}, ball.Gradients[0])
	inside := 0
	for i, p := range ball.Points {
		require.LessOrEqual(t, distance(p), 0.5+1e-12)
		require.InDelta(t, 2*p[0], ball.Gradients[i][0], 1e-12)
		if distance(p) < 0.25 {
			inside++
		}
	}
	require.InDelta(t, 250, inside, 70, "a quarter of the area has half the radius")
	for _, p := range around(clarke.SampleOptions{Radius: 0.5, Count: 50, Spread: clarke.Sphere}).Points {
		require.InDelta(t, 0.5, distance(p), 1e-12)
	}
	square := 0.0
	for _, p := range around(clarke.SampleOptions{Radius: 0.5, Count: 4000, Spread: clarke.Gaussian}).Points {
		square += distance(p) * distance(p) / 4000
	}
	require.InDelta(t, 2*0.25, square, 0.05)
	again := around(clarke.SampleOptions{Radius: 0.5, Count: 1000, Seed: 3, Centre: true})
	require.Equal(t, ball, again)
	require.NotEqual(t, ball.Points[1], around(clarke.SampleOptions{Radius: 0.5, Count: 1, Seed: 4}).Points[0])
}

func TestMistakes(t *testing.T) {
	ctx := context.Background()
	f, err := parse.Parse("abs(x)")
	require.NoError(t, err)
	zero := clarke.FloatPoint([]float64{0})
	s, err := clarke.NewSampler(f, ad.AtKink(0))
	require.NoError(t, err)
	for _, o := range []clarke.SampleOptions{{Count: 0}, {Count: 1, Radius: -1}, {Count: 1, Radius: math.Inf(1)}, {Count: 1, Spread: 9}} {
		_, err := s.Around(ctx, zero, o)
		require.ErrorAs(t, err, new(*clarke.InputError))
	}
	_, err = clarke.At(ctx, f, clarke.FloatPoint([]float64{math.Inf(1)}), clarke.Options{})
	require.ErrorAs(t, err, new(*clarke.InputError))
	_, err = clarke.At(ctx, f, nil, clarke.Options{})
	require.ErrorAs(t, err, new(*clarke.InputError))
	e, err := clarke.NewElement(f)
	require.NoError(t, err)
	_, err = e.Along(zero, clarke.Floats([]float64{1, 2}))
	require.ErrorAs(t, err, new(*clarke.InputError))
	g, err := e.Along(zero, clarke.Floats([]float64{-2}))
	require.NoError(t, err)
	require.Equal(t, []float64{-1}, g.Float)
	stopped, stop := context.WithCancel(ctx)
	stop()
	found, err := clarke.At(stopped, f, zero, clarke.Options{})
	require.NoError(t, err)
	require.False(t, found.Exact)
	require.Contains(t, found.Why, "context canceled")
	_, err = s.Around(stopped, zero, clarke.SampleOptions{Count: 1})
	require.ErrorIs(t, err, context.Canceled)
}
