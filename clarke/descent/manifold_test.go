package descent_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke/descent"
	problems "github.com/tamegrad/tamegrad/experiments/problem"
)

// auto runs Auto on a program and checks its certificate.
func auto(t *testing.T, m descent.Auto, p problems.Problem, f *descent.Program, l descent.Limits) *descent.Result {
	r, err := m.Minimize(context.Background(), f, p.Start, l)
	require.NoError(t, err)
	value, err := f.Evaluate(r.X, nil)
	require.NoError(t, err)
	require.Equal(t, value, r.F)
	if len(r.Certificate.Points) > 0 {
		require.NoError(t, r.Certificate.Check(f, r.X, 1e-9))
	}
	return r
}

// The first function of Nesterov has its only stationary point at (1, …, 1), at the end of a curve
// (x, T₂(x), T₄(x), …) of Chebyshev polynomials in n − 1 kinks, which is about 2ⁿ⁺¹ long. Gradients alone come to its end up to
// n = 3, with the kinks of the program it takes some 2ⁿ steps.
func TestAutoFollowsTheValleyOfNesterov(t *testing.T) {
	most := 8
	if testing.Short() {
		most = 5
	}
	for n := 2; n <= most; n++ {
		p, f := load(t, "ncr1", n)
		for seed := range uint64(2) {
			r := auto(t, descent.Auto{Seed: seed}, p, f, descent.Limits{})
			t.Logf("n = %d: %d calls, %d steps, f = %.1e", n, r.Calls, r.Iterations, r.F)
			require.Equal(t, descent.Stationary, r.Status)
			require.InDelta(t, 0, r.F, 1e-12)
			require.LessOrEqual(t, r.Calls, 100_000)
		}
	}
}

// The second one has 2ⁿ⁻¹ stationary points on its curve and others off it, and one minimum.
func TestAutoLeavesStationaryPointsOfNesterov(t *testing.T) {
	for n := 2; n <= 5; n++ {
		p, f := load(t, "ncr2", n)
		for seed := range uint64(5) {
			r := auto(t, descent.Auto{Seed: seed}, p, f, descent.Limits{})
			require.InDelta(t, 0, r.F, 1e-12, "n = %d, seed %d", n, seed)
		}
	}
}

// All problems with at most 50 variables, from the standard start, without f*.
func TestAutoSolvesPrograms(t *testing.T) {
	for _, p := range problems.All() {
		n := p.N
		if testing.Short() && p.Scalable() {
			n = min(n, 10)
		}
		p, f := load(t, p.Name, n)
		r := auto(t, descent.Auto{}, p, f, descent.Limits{})
		off := math.Abs(r.F-p.Minimum) / (1 + math.Abs(p.Minimum))
		t.Logf("%-13s n = %2d: %5d calls, %.1e off, certificate %.1e within %.1e", p.Name, p.N, r.Calls, off, r.Certificate.Distance, r.Certificate.Radius)
		require.LessOrEqual(t, off, 1e-6, p.Name)
		require.Equal(t, descent.Stationary, r.Status)
	}
}

// A valley that leads from one set of kinks to another: f = 10|y − max(x² − 1, 0)| + |z − |x|| + (x − 2)² has its minimum
// at x = z = 2, y = 3, and the way there from x = −2 crosses the kinks at −1, 0 and 1. Its inputs are y, x and z.
func TestAutoChangesManifolds(t *testing.T) {
	f := program(t, "10*abs(y - relu(x^2 - 1)) + abs(z - abs(x)) + (x - 2)^2")
	r, err := descent.Auto{}.Minimize(context.Background(), f, []float64{3, -2, 2}, descent.Limits{})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{3, 2, 2}, r.X, 1e-7)
	require.Equal(t, descent.Stationary, r.Status)
	require.LessOrEqual(t, r.Certificate.Radius, 1e-7)
}

// Whatever the limits, a run keeps to them and has a status.
func TestManifoldKeepsToLimits(t *testing.T) {
	p, f := load(t, "ncr1", 5)
	for calls := 1; calls < 30_000; calls = calls*3/2 + 1 {
		r := auto(t, descent.Auto{}, p, f, descent.Limits{Calls: calls})
		require.LessOrEqual(t, r.Calls, calls)
		require.LessOrEqual(t, r.F, p.StartValue)
		require.NotEmpty(t, r.Message)
	}
	for iterations := 1; iterations < 5000; iterations *= 4 {
		r := auto(t, descent.Auto{}, p, f, descent.Limits{Iterations: iterations})
		require.LessOrEqual(t, r.Iterations, iterations)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := descent.Auto{}.Minimize(ctx, f, p.Start, descent.Limits{})
	require.NoError(t, err)
	require.Equal(t, descent.Interrupted, r.Status)
}

// Programs whose derivatives are undefined somewhere, that fall without bound, or have nothing to do.
func TestAutoOnHostilePrograms(t *testing.T) {
	for _, c := range []struct {
		text   string
		start  []float64
		status descent.Status
		f      float64
	}{
		{"abs(x)^1.5 + abs(y)", []float64{0, 0}, descent.Stationary, 0},
		{"0*x + 3", []float64{1}, descent.Stationary, 3},
		{"max(x, -1) + x", []float64{1}, descent.Unbounded, math.Inf(-1)},
		{"relu(x) - relu(-x)", []float64{0}, descent.Unbounded, math.Inf(-1)}, // backpropagation at 0 gives 0
		{"relu(x) - relu(-x) + 2*relu(-relu(x))", []float64{1}, descent.Unbounded, math.Inf(-1)},
		{"-sqrt(x)", []float64{1e12}, descent.Unbounded, math.Inf(-1)}, // whose slope there is below the tolerance
		{"-abs(x) + relu(abs(x) - 1)", []float64{0}, descent.Stationary, -1},
		{"x - log(x) + abs(x - 1)", []float64{3}, descent.Stationary, 1},
		{"norm2([x, y]) + abs(x - y)", []float64{1, 2}, descent.Stationary, 0},
		{"sort([x, y, -x])[0] + x^2 + y^2", []float64{0, 0}, descent.Stationary, -.25},
	} {
		f := program(t, c.text)
		r, err := descent.Auto{}.Minimize(context.Background(), f, c.start, descent.Limits{Calls: 20_000})
		require.NoError(t, err, c.text)
		require.Equal(t, c.status, r.Status, c.text)
		if c.status == descent.Unbounded {
			require.LessOrEqual(t, r.F, -1e30, c.text)
		} else {
			require.InDelta(t, c.f, r.F, 1e-6, c.text)
		}
	}
}

// From a corner that is stationary and no minimum, a polish leaves for the minimum: Nesterov's function at (1/2, 0, −1), and
// max(min(x, −y), y − x) + (x² + y²)/2 at 0, where 0 ∈ ∂f and f falls along (−1, −2) (Khan and Barton 6.2).
func TestPolishLeavesStationaryCorners(t *testing.T) {
	for _, c := range []struct {
		text    string
		x       []float64
		minimum float64
	}{
		{"abs(x - 1)/4 + abs(y - 2*abs(x) + 1) + abs(z - 2*abs(y) + 1)", []float64{.5, 0, -1}, 0},
		{"max(min(x, -y), y - x) + (x^2 + y^2)/2", []float64{0, 0}, -.1},
	} {
		f := program(t, c.text)
		value, err := f.Evaluate(c.x, nil)
		require.NoError(t, err)
		r := refine(t, f, &descent.Result{X: c.x, F: value})
		require.True(t, r.Identified, "%s: %s", c.text, r.Reason)
		require.InDelta(t, c.minimum, r.Result.F, 1e-12, c.text)
	}
}

// A polished method has the last digits, keeps to its limits, and is the method where nothing can be polished.
func TestPolished(t *testing.T) {
	m := descent.Polished{Method: descent.GradientSampling{}}
	p, f := load(t, "maxquad", 0)
	for _, l := range []descent.Limits{{}, {Calls: 3}, {Calls: 2000}, {Calls: 8000}} {
		r, err := m.Minimize(context.Background(), f, p.Start, l)
		require.NoError(t, err)
		require.Equal(t, "polished gradient-sampling", r.Method)
		if l.Calls == 0 {
			require.InDelta(t, p.Minimum, r.F, 1e-12*(1+math.Abs(p.Minimum)))
			continue
		}
		require.LessOrEqual(t, r.Calls, l.Calls)
	}
	byHand := minimize(t, m, named("MAXQUAD"), p.Start, descent.Limits{})
	bare := minimize(t, descent.GradientSampling{}, named("MAXQUAD"), p.Start, descent.Limits{})
	require.Equal(t, bare.X, byHand.X)
	require.Equal(t, "polished auto", descent.Polished{}.Name())
}

// A program that is not one of the oracle is refused.
func TestStructuredMustFit(t *testing.T) {
	for _, m := range []descent.Method{descent.Auto{}, descent.Polished{Method: descent.BFGS{}}} {
		_, err := m.Minimize(context.Background(), liar{program(t, "x^2 + y^2")}, []float64{1}, descent.Limits{})
		var input *descent.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, "Structured", input.Place)
	}
}

// liar is x² with the program of another function.
type liar struct{ *descent.Program }

func (liar) Dim() int { return 1 }

func (liar) Evaluate(x, g []float64) (float64, error) {
	if g != nil {
		g[0] = 2 * x[0]
	}
	return x[0] * x[0], nil
}

func (l liar) EvaluateAll(_ context.Context, points [][]float64, values []float64, gradients [][]float64) (err error) {
	for i, x := range points {
		values[i], err = l.Evaluate(x, gradients[i])
	}
	return err
}

// What Stationary promises holds far from 0 as well, where the points of a certificate are farther from X.
func TestLawAutoOfProgramsIsWithinTolerances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.Float64Range(1, 10).Draw(t, "z") * math.Pow(10, float64(rapid.IntRange(0, 12).Draw(t, "magnitude")))
		f := program(t, fmt.Sprintf("abs(x - %v) + max(y - x, 2*x - 2*y) + relu(y - %v)^2", z, z))
		r, err := descent.Auto{}.Minimize(context.Background(), f, []float64{z + 1, z - 2}, descent.Limits{Calls: 5000})
		require.NoError(t, err)
		if r.Status != descent.Stationary {
			return
		}
		size := math.Sqrt(dot(r.X, r.X))
		require.LessOrEqual(t, r.Certificate.Distance, 1e-6)
		require.LessOrEqual(t, r.Certificate.Radius, max(1e-4, 0x1p-46*size)*(1+1e-9)+0x1p-52*size)
		require.LessOrEqual(t, r.F, 1e-3+1e-14*size)
	})
}

// A polish finds the way as well: BFGS ends far from the minimum of Nesterov's first function, stalled or not.
func TestPolishFollowsTheValley(t *testing.T) {
	p, f := load(t, "ncr1", 4)
	from, err := descent.BFGS{}.Minimize(context.Background(), f, p.Start, descent.Limits{})
	require.NoError(t, err)
	require.Greater(t, from.F, 1e-6)
	r := refine(t, f, from)
	exact(t, p, r)
	require.Len(t, r.Active, 3)
	for i, x := range r.Result.X {
		require.InDelta(t, 1, x, 1e-12, fmt.Sprint(i))
	}
}
