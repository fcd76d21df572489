package descent_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// methods are those that promise accuracy.
var methods = map[string]descent.Method{
	"bfgs":              descent.BFGS{},
	"limited memory":    descent.BFGS{Memory: 5},
	"gradient sampling": descent.GradientSampling{},
	"auto":              descent.Auto{},
}

// inexact are the others: these have fixed radii or slow steps.
var inexact = map[string]descent.Method{
	"diminishing":  descent.Subgradient{},
	"polyak":       descent.Subgradient{Steps: descent.Polyak, Minimum: -100},
	"target level": descent.Subgradient{Steps: descent.TargetLevel},
	"ingd":         descent.INGD{Radius: .01, Tolerance: .01},
	"bundle":       descent.Bundle{},
	"goldstein":    descent.Goldstein{Radius: .01, Tolerance: .01},
}

// each tests the methods that promise accuracy, eachInexact the others, and every all of them.
func each(t *testing.T, test func(t *testing.T, m descent.Method)) { of(t, methods, test) }

func eachInexact(t *testing.T, test func(t *testing.T, m descent.Method)) { of(t, inexact, test) }

func every(t *testing.T, test func(t *testing.T, m descent.Method)) {
	each(t, test)
	eachInexact(t, test)
}

func of(t *testing.T, methods map[string]descent.Method, test func(t *testing.T, m descent.Method)) {
	for name, m := range methods {
		t.Run(name, func(t *testing.T) { test(t, m) })
	}
}

// one is an oracle in one variable.
func one(f func(x float64) (value, slope float64)) function {
	return function{1, func(x, g []float64) (value float64, err error) {
		value, g[0] = f(x[0])
		return value, nil
	}}
}

// Programs that compute x, whose backpropagation at 0 is 0: nobody takes 0 for a stationary point, whether the run
// starts or arrives there.
func TestArtificialCriticalPointsAreNotStationary(t *testing.T) {
	each(t, func(t *testing.T, m descent.Method) {
		for _, text := range []string{"relu(x) - relu(-x)", "relu(x) - relu(-x) + 2*relu(-relu(x))"} {
			for _, start := range []float64{0, 1} {
				r := minimize(t, m, program(t, text), []float64{start}, descent.Limits{Calls: 2000})
				require.NotEqual(t, descent.Stationary, r.Status)
				require.Less(t, r.F, -50.0)
			}
		}
		far := program(t, "relu(x - 1099511627776) - relu(1099511627776 - x)")
		r := minimize(t, m, far, []float64{1 << 40}, descent.Limits{Calls: 2000})
		require.NotEqual(t, descent.Stationary, r.Status)
		require.Less(t, r.F, -50.0)
	})
}

func TestStartsOnKinks(t *testing.T) {
	each(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, program(t, "abs(x)"), []float64{0}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.Zero(t, r.F)
		for _, start := range [][]float64{{0, 3}, {2, 2}, {0, 0}} {
			r := minimize(t, m, program(t, "abs(x) + 2*abs(x - y) + (y - 1)^2"), start, descent.Limits{})
			require.Equal(t, descent.Stationary, r.Status)
			require.InDelta(t, .75, r.F, 1e-6) // at x = y = ½
		}
	})
}

func TestConstants(t *testing.T) {
	every(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, one(func(float64) (float64, float64) { return 7, 0 }), []float64{3}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.Equal(t, []float64{3}, r.X)
		require.Zero(t, r.Certificate.Distance)
		require.Less(t, r.Calls, 100)
	})
}

// x − log x has no value for x ≤ 0, where the first steps from 3 may lead.
func TestUndefinedRegions(t *testing.T) {
	barrier := one(func(x float64) (float64, float64) { return x - math.Log(x), 1 - 1/x })
	cliff := one(func(x float64) (float64, float64) { return math.Sqrt(x), .5 / math.Sqrt(x) })
	each(t, func(t *testing.T, m descent.Method) {
		for _, start := range []float64{3, 1e-3, 100} {
			r := minimize(t, m, barrier, []float64{start}, descent.Limits{})
			require.Equal(t, descent.Stationary, r.Status)
			require.InDelta(t, 1, r.F, 1e-6)
		}
		// √x falls up to the end of its domain, and its slope does not vanish there.
		r := minimize(t, m, cliff, []float64{1}, descent.Limits{})
		require.NotEqual(t, descent.Stationary, r.Status)
		require.Less(t, r.F, .1)
	})
}

func TestUnbounded(t *testing.T) {
	square := one(func(x float64) (float64, float64) { return -x * x * x * x, -4 * x * x * x })
	pole := one(func(x float64) (float64, float64) {
		if x <= 0 {
			return math.Inf(-1), nan
		}
		return math.Log(x), 1 / x
	})
	unbounded := func(t *testing.T, m descent.Method, f descent.Oracle, below float64) {
		r := minimize(t, m, f, []float64{1}, descent.Limits{Below: below})
		require.Equal(t, descent.Unbounded, r.Status)
		if below == 0 {
			below = -1e30
		}
		require.LessOrEqual(t, r.F, below)
	}
	every(t, func(t *testing.T, m descent.Method) {
		unbounded(t, m, pole, 0)
		unbounded(t, m, program(t, "x"), .9)
	})
	each(t, func(t *testing.T, m descent.Method) {
		unbounded(t, m, square, 0)
		unbounded(t, m, program(t, "x"), -100)
	})
}

func TestOraclesWithoutGradients(t *testing.T) {
	never := one(func(x float64) (float64, float64) { return x * x, nan })
	atStart := function{2, func(x, g []float64) (float64, error) {
		g[0], g[1] = sgn(x[0]), 2*x[1]
		if x[0] == 0 {
			g[0] = nan
		}
		return math.Abs(x[0]) + x[1]*x[1], nil
	}}
	every(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, never, []float64{1}, descent.Limits{})
		require.Equal(t, descent.Stalled, r.Status)
		require.Contains(t, r.Message, "no finite gradient")
	})
	each(t, func(t *testing.T, m descent.Method) {
		r := minimize(t, m, atStart, []float64{0, 1}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.InDelta(t, 0, r.F, 1e-6)
	})
}

// Numbers near the ends of the range of float64, and an oracle of noise, end with some status.
func TestHostileOraclesEnd(t *testing.T) {
	state := uint64(1)
	noise := one(func(float64) (float64, float64) {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>40) / (1 << 24), float64(state>>20&1023) - 511
	})
	every(t, func(t *testing.T, m descent.Method) {
		for _, size := range []float64{1e-300, 1e-100, 1e100, 1e300} {
			minimize(t, m, one(func(x float64) (float64, float64) { return size * math.Abs(x-1), size * sgn(x-1) }), []float64{3}, descent.Limits{Calls: 5000})
			minimize(t, m, one(func(x float64) (float64, float64) { return math.Abs(x - 1), sgn(x - 1) }), []float64{size}, descent.Limits{Calls: 5000})
		}
		_, err := m.Minimize(context.Background(), noise, []float64{1}, descent.Limits{Calls: 5000})
		require.NoError(t, err)
	})
}

func TestLimits(t *testing.T) {
	p := named("Rosen-Suzuki")
	every(t, func(t *testing.T, m descent.Method) {
		for calls := 1; calls < 40; calls++ {
			r := minimize(t, m, p, p.start, descent.Limits{Calls: calls})
			require.Equal(t, descent.OutOfCalls, r.Status)
		}
		for iterations := 1; iterations < 10; iterations++ {
			r := minimize(t, m, p, p.start, descent.Limits{Iterations: iterations})
			require.Equal(t, descent.OutOfCalls, r.Status)
			require.Equal(t, iterations, r.Iterations)
		}
	})
}

func TestInterruptions(t *testing.T) {
	p := named("MAXQUAD")
	every(t, func(t *testing.T, m descent.Method) {
		for _, after := range []int{0, 1, 7, 100} {
			ctx, cancel := context.WithCancel(context.Background())
			calls := 0
			f := function{10, func(x, g []float64) (float64, error) {
				if calls++; calls == after {
					cancel()
				}
				return p.Evaluate(x, g)
			}}
			if after == 0 {
				cancel()
			}
			r, err := m.Minimize(ctx, f, p.start, descent.Limits{})
			cancel()
			require.NoError(t, err)
			require.Equal(t, descent.Interrupted, r.Status)
			require.LessOrEqual(t, calls, after)
			require.Equal(t, calls, r.Calls)
		}
	})
}

func TestOracleErrorsEndRuns(t *testing.T) {
	broken := errors.New("broken")
	p := named("MAXQUAD")
	every(t, func(t *testing.T, m descent.Method) {
		for _, after := range []int{1, 2, 10, 40} {
			calls := 0
			_, err := m.Minimize(context.Background(), function{10, func(x, g []float64) (float64, error) {
				if calls++; calls == after {
					return 0, broken
				}
				return p.Evaluate(x, g)
			}}, p.start, descent.Limits{})
			require.ErrorIs(t, err, broken)
			require.Equal(t, after, calls)
		}
	})
}

func TestInputErrors(t *testing.T) {
	infinite := one(func(float64) (float64, float64) { return math.Inf(1), 0 })
	p := named("CB2")
	every(t, func(t *testing.T, m descent.Method) {
		refused(t, m, p, []float64{1}, descent.Limits{})
		refused(t, m, p, []float64{1, nan}, descent.Limits{})
		refused(t, m, p, []float64{math.Inf(1), 0}, descent.Limits{})
		refused(t, m, p, []float64{1, 1}, descent.Limits{Calls: -1})
		refused(t, m, infinite, []float64{1}, descent.Limits{})
	})
	refused(t, descent.BFGS{}, function{n: 20_000}, make([]float64, 20_000), descent.Limits{})
	for _, m := range []descent.Method{
		descent.BFGS{Memory: -1},
		descent.BFGS{Tolerance: nan},
		descent.BFGS{Radius: -1},
		descent.BFGS{Recent: -1},
		descent.GradientSampling{Samples: -1},
		descent.GradientSampling{Radius: math.Inf(1)},
		descent.GradientSampling{StartRadius: nan},
		descent.GradientSampling{Reduction: 1},
		descent.GradientSampling{Backtracking: 1},
		descent.GradientSampling{Decrease: 1},
		descent.BFGS{Tolerance: math.Inf(1)},
		descent.Auto{Beside: -1},
		descent.Subgradient{Step: -1},
		descent.Subgradient{Power: 1.5},
		descent.Subgradient{Tolerance: nan},
		descent.Subgradient{Recent: -1},
		descent.Subgradient{Steps: 3},
		descent.Subgradient{Minimum: nan},
		descent.INGD{Radius: -1},
		descent.INGD{Lipschitz: nan},
		descent.Bundle{Decrease: 1},
		descent.Bundle{Cuts: 4},
		descent.Bundle{Error: nan},
		descent.Goldstein{Tolerance: math.Inf(1)},
	} {
		refused(t, m, p, p.start, descent.Limits{})
	}
}

func refused(t *testing.T, m descent.Method, f descent.Oracle, start []float64, l descent.Limits) {
	_, err := m.Minimize(context.Background(), f, start, l)
	var input *descent.InputError
	require.ErrorAs(t, err, &input)
	require.NotEmpty(t, input.Place)
}
