package descent_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// The program computes x; its backpropagation at 0 is 0.
func TestInexactLeaveArtificialCriticalPoints(t *testing.T) {
	p := program(t, "relu(x) - relu(-x)")
	eachInexact(t, func(t *testing.T, m descent.Method) {
		for _, start := range []float64{0, 1} {
			r := minimize(t, m, p, []float64{start}, descent.Limits{Calls: 3000})
			require.NotEqual(t, descent.Stationary, r.Status)
			require.Less(t, r.F, start-.5)
		}
	})
}

func TestInexactOnKinks(t *testing.T) {
	eachInexact(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, program(t, "abs(x)"), []float64{0}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.Zero(t, r.F)
		r = minimize(t, m, program(t, "abs(x) + 2*abs(x - y) + (y - 1)^2"), []float64{0, 0}, descent.Limits{Calls: 10_000})
		require.InDelta(t, .75, r.F, .2)
	})
}

// x − log x has no value for x ≤ 0. An oracle may have no gradient at the start.
func TestInexactWithoutValuesOrGradients(t *testing.T) {
	barrier := one(func(x float64) (float64, float64) { return x - math.Log(x), 1 - 1/x })
	hole := one(func(x float64) (float64, float64) {
		if x == 3 {
			return 9, nan
		}
		return x * x, 2 * x
	})
	eachInexact(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, barrier, []float64{3}, descent.Limits{Calls: 10_000})
		require.InDelta(t, 1, r.F, .05)
		r = minimize(t, m, hole, []float64{3}, descent.Limits{Calls: 10_000})
		require.Less(t, r.F, .05)
	})
}

// Lanes change no bit, and neither does a second run.
func TestInexactRunsRepeat(t *testing.T) {
	p := program(t, "max(x^2 + y^4, (2-x)^2 + (2-y)^2, 2*exp(y-x))")
	eachInexact(t, func(t *testing.T, m descent.Method) {
		limits := descent.Limits{Calls: 2000}
		lanes, err := m.Minimize(context.Background(), p, []float64{1, -.1}, limits)
		require.NoError(t, err)
		again, err := m.Minimize(context.Background(), p, []float64{1, -.1}, limits)
		require.NoError(t, err)
		require.Equal(t, lanes, again)
		require.Equal(t, lanes, minimizeAlong(t, m, p, []float64{1, -.1}, limits))
	})
}
