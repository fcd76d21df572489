package conservative

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// However the vertices were found, they are the extreme points of the gradients
// that the program itself gives for all products of extreme choices.
func TestLawVerticesAreExtreme(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			t.Skip("nothing to differentiate")
		}
		d, err := At(context.Background(), p.Func, clarke.RationalPoint(p.Rats()...), Options{MaxSlots: 8})
		require.NoError(t, err)
		all := newGradientProgram(t, p.Func, p.Rats()).corners(t, 256)
		if all == nil || d.Refused != "" {
			t.Skip("too many choices")
		}
		require.True(t, d.Complete, d.Why)
		want, _, err := clarke.ExtremePoints(all)
		require.NoError(t, err)
		require.Len(t, d.Vertices, len(want))
		for i := range want {
			require.Zero(t, compare(want[i], d.Vertices[i]))
		}
	})
}

func TestHullInChunks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	points := make([]clarke.Vector, 3*chunk+7)
	for i := range points {
		points[i] = clarke.Floats([]float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()})
	}
	index, err := hullOf(context.Background(), points)
	require.NoError(t, err)
	_, want, err := clarke.ExtremePoints(points)
	require.NoError(t, err)
	require.Equal(t, want, index)
	stopped, stop := context.WithCancel(context.Background())
	stop()
	_, err = hullOf(stopped, points)
	require.ErrorIs(t, err, context.Canceled)
}

// Points of a parabola are all extreme, and from some number on they are not followed.
func TestGivingUp(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	points := make([]clarke.Vector, 3*chunk)
	for i := range points {
		x := float64(i - len(points)/2)
		points[i] = clarke.Floats([]float64{x, float64(x * x)})
	}
	_, err := hullOf(context.Background(), points[:chunk])
	require.NoError(t, err)
	_, err = hullOf(context.Background(), points)
	require.ErrorAs(t, err, new(*tooMany))
	require.ErrorContains(t, err, "not followed")
}

// Five tied entries of a sort make a permutohedron of 120 vertices: where there is no
// budget for them, the support function still answers what it can.
func TestPermutohedronWithoutVertices(t *testing.T) {
	f, err := parse.Parse("dot(sort(v), [1, 2, 3, 5, 8])", parse.Shapes(map[string][]int{"v": {5}}))
	require.NoError(t, err)
	d, err := At(context.Background(), f, clarke.FloatPoint(make([]float64, 5)), Options{MaxSlots: 5})
	require.NoError(t, err)
	require.False(t, d.Complete)
	require.Nil(t, d.Vertices)
	require.Contains(t, d.Why, "budget")
	in, err := d.HullContains(clarke.Floats([]float64{8, 5, 3, 2, 1}))
	require.NoError(t, err)
	require.Equal(t, clarke.Yes, in)
}
