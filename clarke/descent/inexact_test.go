package descent_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// inexact are the methods that promise less accuracy than those of methods: these have fixed radii or slow steps.
var inexact = map[string]descent.Method{
	"diminishing":  descent.Subgradient{},
	"polyak":       descent.Subgradient{Steps: descent.Polyak, Minimum: -100},
	"target level": descent.Subgradient{Steps: descent.TargetLevel},
	"ingd":         descent.INGD{Radius: .01, Tolerance: .01},
	"bundle":       descent.Bundle{},
	"goldstein":    descent.Goldstein{Radius: .01, Tolerance: .01},
}

func eachInexact(t *testing.T, test func(t *testing.T, m descent.Method)) {
	for name, m := range inexact {
		t.Run(name, func(t *testing.T) { test(t, m) })
	}
}

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

func TestInexactOnKinksAndConstants(t *testing.T) {
	constant := one(func(float64) (float64, float64) { return 7, 0 })
	eachInexact(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, program(t, "abs(x)"), []float64{0}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.Zero(t, r.F)
		r = minimize(t, m, program(t, "abs(x) + 2*abs(x - y) + (y - 1)^2"), []float64{0, 0}, descent.Limits{Calls: 10_000})
		require.InDelta(t, .75, r.F, .2)
		r = minimize(t, m, constant, []float64{3}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.Equal(t, []float64{3}, r.X)
		require.Less(t, r.Calls, 100)
	})
}

// x − log x has no value for x ≤ 0. An oracle may have no gradient at all, or none at the start.
func TestInexactWithoutValuesOrGradients(t *testing.T) {
	barrier := one(func(x float64) (float64, float64) { return x - math.Log(x), 1 - 1/x })
	never := one(func(x float64) (float64, float64) { return x * x, nan })
	hole := one(func(x float64) (float64, float64) {
		if x == 3 {
			return 9, nan
		}
		return x * x, 2 * x
	})
	eachInexact(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, barrier, []float64{3}, descent.Limits{Calls: 10_000})
		require.InDelta(t, 1, r.F, .05)
		r = minimize(t, m, never, []float64{1}, descent.Limits{})
		require.Equal(t, descent.Stalled, r.Status)
		require.Contains(t, r.Message, "no finite gradient")
		r = minimize(t, m, hole, []float64{3}, descent.Limits{Calls: 10_000})
		require.Less(t, r.F, .05)
	})
}

func TestInexactUnboundedAndHostile(t *testing.T) {
	pole := one(func(x float64) (float64, float64) {
		if x <= 0 {
			return math.Inf(-1), nan
		}
		return math.Log(x), 1 / x
	})
	eachInexact(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, pole, []float64{1}, descent.Limits{})
		require.Equal(t, descent.Unbounded, r.Status)
		r = minimize(t, m, program(t, "x"), []float64{1}, descent.Limits{Below: .9})
		require.Equal(t, descent.Unbounded, r.Status)
		for _, size := range []float64{1e-300, 1e-100, 1e100, 1e300} {
			minimize(t, m, one(func(x float64) (float64, float64) { return size * math.Abs(x-1), size * sgn(x-1) }), []float64{3}, descent.Limits{Calls: 3000})
			minimize(t, m, one(func(x float64) (float64, float64) { return math.Abs(x - 1), sgn(x - 1) }), []float64{size}, descent.Limits{Calls: 3000})
		}
		state := uint64(1)
		_, err := m.Minimize(context.Background(), one(func(float64) (float64, float64) {
			state = state*6364136223846793005 + 1442695040888963407
			return float64(state>>40) / (1 << 24), float64(state>>20&1023) - 511
		}), []float64{1}, descent.Limits{Calls: 3000})
		require.NoError(t, err)
	})
}

func TestInexactLimitsAndErrors(t *testing.T) {
	p, broken := named("Rosen-Suzuki"), errors.New("broken")
	eachInexact(t, func(t *testing.T, m descent.Method) {
		for n := 1; n < 40; n++ {
			r := minimize(t, m, p, p.start, descent.Limits{Calls: n})
			require.Equal(t, descent.OutOfCalls, r.Status)
		}
		for n := 1; n < 10; n++ {
			r := minimize(t, m, p, p.start, descent.Limits{Iterations: n})
			require.Equal(t, descent.OutOfCalls, r.Status)
			require.Equal(t, n, r.Iterations)
		}
		for _, after := range []int{1, 7, 40} {
			ctx, cancel := context.WithCancel(context.Background())
			calls := 0
			at := func(event func() error) function {
				calls = 0
				return function{4, func(x, g []float64) (float64, error) {
					if calls++; calls == after {
						if err := event(); err != nil {
							return 0, err
						}
					}
					return p.Evaluate(x, g)
				}}
			}
			_, err := m.Minimize(ctx, at(func() error { return broken }), p.start, descent.Limits{})
			require.ErrorIs(t, err, broken)
			r, err := m.Minimize(ctx, at(func() error { cancel(); return nil }), p.start, descent.Limits{})
			require.NoError(t, err)
			require.Equal(t, descent.Interrupted, r.Status)
			require.Equal(t, after, r.Calls)
		}
		refused(t, m, p, []float64{1}, descent.Limits{})
		refused(t, m, p, []float64{1, nan, 0, 0}, descent.Limits{})
	})
	for _, m := range []descent.Method{
		descent.Subgradient{Step: -1},
		descent.Subgradient{Power: 1.5},
		descent.Subgradient{Tolerance: nan},
		descent.Subgradient{Recent: -1},
		descent.Subgradient{Steps: 3},
		descent.Subgradient{Minimum: nan},
		descent.INGD{Radius: -1},
		descent.Bundle{Decrease: 1},
		descent.Bundle{Cuts: 4},
		descent.Bundle{Error: nan},
		descent.INGD{Lipschitz: nan},
		descent.Goldstein{Tolerance: math.Inf(1)},
	} {
		refused(t, m, p, p.start, descent.Limits{})
	}
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
