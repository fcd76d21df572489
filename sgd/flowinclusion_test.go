package sgd_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/sgd"
)

func kinds(r *sgd.Trajectory) (out []sgd.FlowEventKind) {
	for _, e := range r.Events {
		out = append(out, e.Kind)
	}
	return out
}

// |x| reaches 0 at t = |x₀| and stays.
func TestFlowOfAbs(t *testing.T) {
	for _, x0 := range []float64{2, -.75, 0} {
		r := solve(t, program(t, "abs(x)"), sgd.GradientFlow{}, 3, x0)
		require.Equal(t, sgd.ReachedCritical, r.Status)
		require.InDelta(t, math.Abs(x0), r.End, 1e-12)
		require.Equal(t, clarke.Yes, r.Critical.ContainsZero)
		follows(t, r, 3, 1e-11, func(t float64) []float64 {
			return []float64{math.Copysign(max(math.Abs(x0)-t, 0), x0)}
		})
	}
}

func TestFlowOfASeparableNorm(t *testing.T) {
	r := solve(t, program(t, "abs(x) + 2*abs(y)"), sgd.GradientFlow{}, 5, 1, -3)
	require.Equal(t, sgd.ReachedCritical, r.Status)
	follows(t, r, 5, 1e-11, func(t float64) []float64 { return []float64{max(1-t, 0), -max(3-2*t, 0)} })
	require.Equal(t, []sgd.FlowEventKind{sgd.Sliding}, kinds(r))
	require.InDeltaSlice(t, []float64{0, 2}, r.Events[0].After, 1e-12)
	require.InDeltaSlice(t, []float64{-1, 2}, r.Events[0].Before, 1e-12)
}

// ½x² + |y|: x decays, y reaches 0 at t = |y₀|.
func TestFlowOfAMixedFunction(t *testing.T) {
	r := solve(t, program(t, "x^2/2 + abs(y)"), sgd.GradientFlow{}, 4, 2, -1.5)
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	follows(t, r, 4, 1e-8, func(t float64) []float64 { return []float64{2 * math.Exp(-t), -max(1.5-t, 0)} })
}

// max(x, y) + ½(x² + y²) from (2, 1): ẋ = −1 − x, ẏ = −y until 3e^(−t) − 1 = e^(−t), t = log 2. There x = y = ½, and on the
// diagonal ẋ = −½ − x with weights ½, for ever.
func TestFlowOfAMaximumSlides(t *testing.T) {
	r := solve(t, program(t, "max(x, y) + (x^2 + y^2)/2"), sgd.GradientFlow{}, 5, 2, 1)
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	follows(t, r, 5, 1e-8, func(t float64) []float64 {
		if t < math.Ln2 {
			return []float64{3*math.Exp(-t) - 1, math.Exp(-t)}
		}
		v := math.Exp(math.Ln2-t) - .5
		return []float64{v, v}
	})
	require.Equal(t, []sgd.FlowEventKind{sgd.Sliding}, kinds(r))
	require.InDelta(t, math.Ln2, r.Events[0].Time, 1e-9)
	x := r.At(4)
	require.InDelta(t, x[0], x[1], 1e-15) // projected
}

// f = |x| + ½(x − y)² + y from (0, 0) slides along x = 0 with ẏ = −1 − y: the gradient in x is τ − y and its weight is
// full where y = −1 only. With 2y in place of y, ẏ = −2 − y reaches −1 at t = log 2, where x leaves 0 to the left: then
// ẋ = 1 − (x − y), ẏ = −2 + (x − y), so x + y falls at the rate 1, and x − y = w with ẇ = 3 − 2w, w = 1 at t = log 2.
func TestFlowLeavesAManifold(t *testing.T) {
	r := solve(t, program(t, "abs(x) + (x - y)^2/2 + 2*y"), sgd.GradientFlow{}, 3, 0, 0)
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	require.Equal(t, []sgd.FlowEventKind{sgd.Leaving}, kinds(r))
	require.InDelta(t, math.Ln2, r.Events[0].Time, 1e-8)
	follows(t, r, 3, 1e-7, func(t float64) []float64 {
		if t < math.Ln2 {
			return []float64{0, 2*math.Exp(-t) - 2}
		}
		u := t - math.Ln2
		w, sum := 1.5-.5*math.Exp(-2*u), -1-u
		return []float64{(sum + w) / 2, (sum - w) / 2}
	})
}

// relu(x) − relu(−x) is x: its kinks are in the program, not in the function.
func TestFlowOfNoKink(t *testing.T) {
	r := solve(t, program(t, "relu(x) - relu(-x)"), sgd.GradientFlow{}, 3, 1)
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	require.Empty(t, r.Events)
	follows(t, r, 3, 1e-11, func(t float64) []float64 { return []float64{1 - t} })
}

// min(x, 2x) has a concave kink, which is crossed: ẋ = −1 before, −2 after.
func TestFlowCrosses(t *testing.T) {
	r := solve(t, program(t, "min(x, 2*x)"), sgd.GradientFlow{}, 3, 1)
	require.Equal(t, []sgd.FlowEventKind{sgd.Crossing}, kinds(r))
	follows(t, r, 3, 1e-11, func(t float64) []float64 { return []float64{min(1-t, 2-2*t)} })
}

// A switch that has no slope where it is 0: |x³| − x³ + 2x is 2x − 2x³ for x < 0, where ẋ = 6x² − 2.
func TestFlowCrossesAFlatSwitch(t *testing.T) {
	r := solve(t, program(t, "abs(x^3) - x^3 + 2*x"), sgd.GradientFlow{}, 2, 1)
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	follows(t, r, 2, 1e-7, func(t float64) []float64 {
		if t < .5 {
			return []float64{1 - 2*t}
		}
		return []float64{-math.Tanh(2*math.Sqrt(3)*(t-.5)) / math.Sqrt(3)}
	})
}

// max(|x|, 2|y|): from (3, ½) it falls along x until |x| = 2y, and then slides along x = 2y with velocity the projection of
// −(1, 0) to (2, 1)/√5, which is −(4, 2)/5, to 0.
func TestFlowSlidesIntoACorner(t *testing.T) {
	r := solve(t, program(t, "max(abs(x), 2*abs(y))"), sgd.GradientFlow{}, 5, 3, .5)
	require.Equal(t, sgd.ReachedCritical, r.Status)
	require.InDelta(t, 2+5./4, r.End, 1e-9)
	follows(t, r, 5, 1e-9, func(t float64) []float64 {
		if t < 2 {
			return []float64{3 - t, .5}
		}
		x := max(1-.8*(t-2), 0)
		return []float64{x, x / 2}
	})
}

// ½‖Ax − b‖² + λ‖x‖₁ with diagonal A: each coordinate is known.
func TestFlowOfALasso(t *testing.T) {
	// ½(x − 3)² + |x| from −1: ẋ = 4 − x reaches 0 at log(5/4), then ẋ = 2 − x.
	// ½(2y − 1)² + 3|y| from 2: ẏ = −1 − 4y until 0 at log(9)/4, and stays, as |2·(−1)| < 3.
	r := solve(t, program(t, "(x - 3)^2/2 + abs(x) + (2*y - 1)^2/2 + 3*abs(y)"), sgd.GradientFlow{}, 4, -1, 2)
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	crossed := math.Log(5. / 4)
	follows(t, r, 4, 1e-8, func(t float64) []float64 {
		x := 4 - 5*math.Exp(-t)
		if t > crossed {
			x = 2 - 2*math.Exp(crossed-t)
		}
		return []float64{x, max(2.25*math.Exp(-4*t)-.25, 0)}
	})
	require.Equal(t, []sgd.FlowEventKind{sgd.Crossing, sgd.Sliding}, kinds(r))
}

// On the unit circle, which attracts, x + 10|x² + y² − 1| moves along it: with x = cos φ, φ̇ = sin φ.
func TestFlowStaysOnACurve(t *testing.T) {
	r := solve(t, program(t, "x + 10*abs(x^2 + y^2 - 1)"), sgd.GradientFlow{}, 5, math.Cos(.3), math.Sin(.3))
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	follows(t, r, 5, 1e-7, func(t float64) []float64 {
		phi := 2 * math.Atan(math.Exp(t)*math.Tan(.15))
		return []float64{math.Cos(phi), math.Sin(phi)}
	})
	for i := range 50 {
		x := r.At(float64(i) / 10)
		require.InDelta(t, 1, math.Hypot(x[0], x[1]), 1e-9)
	}
}

// A ridge is left to the side that descends most; −|x| alone is critical at 0.
func TestFlowFromARidge(t *testing.T) {
	r := solve(t, program(t, "y - abs(x)"), sgd.GradientFlow{}, 1, 0, 0) // inputs y, x
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	x := r.At(1)
	require.InDelta(t, -1, x[0], 1e-12)
	require.InDelta(t, 1, math.Abs(x[1]), 1e-12)
	require.Equal(t, sgd.ReachedCritical, solve(t, program(t, "-abs(x)"), sgd.GradientFlow{}, 1, 0).Status)
}

// Switches that repeat each other, and a sort: the largest of three entries is pulled down until all are one.
func TestFlowOfDependentSwitches(t *testing.T) {
	r := solve(t, program(t, "abs(x) + abs(2*x) + y"), sgd.GradientFlow{}, 1, 1.5, 0)
	follows(t, r, 1, 1e-10, func(t float64) []float64 { return []float64{max(1.5-3*t, 0), -t} })
	r = solve(t, program(t, "max(max(x, y), z) + 0*abs(x)"), sgd.GradientFlow{}, 6, 3, 2, 1)
	follows(t, r, 6, 1e-9, func(t float64) []float64 { // one falls at 1, two at ½, three at ⅓
		switch {
		case t < 1:
			return []float64{3 - t, 2, 1}
		case t < 3:
			return []float64{2 - (t-1)/2, 2 - (t-1)/2, 1}
		}
		v := 1 - (t-3)/3
		return []float64{v, v, v}
	})
}

// Where f is not locally Lipschitz the inclusion means nothing: √|x| at 0.
func TestFlowEndsWhereNotLipschitz(t *testing.T) {
	r := solve(t, program(t, "sqrt(abs(x))"), sgd.GradientFlow{}, 1, 0)
	require.Equal(t, sgd.NotLipschitz, r.Status)
	require.Contains(t, r.Reason, "sqrt")
}

// Limits end a solution with what is known by then.
func TestFlowLimits(t *testing.T) {
	for _, limit := range []struct {
		o    sgd.FlowOptions
		x0   []float64
		want sgd.FlowStatus
		end  float64
	}{
		{sgd.FlowOptions{Events: 1}, []float64{1, 2, 0}, sgd.TooManyEvents, 2},
		{sgd.FlowOptions{Pieces: 2}, []float64{0, 0, 0}, sgd.Undecided, 0},
		{sgd.FlowOptions{Pieces: 2}, []float64{1, 2, 0}, sgd.Undecided, 2}, // where y reaches 0 and x is there
		{sgd.FlowOptions{Pieces: 4}, []float64{1, 2, 0}, sgd.ReachedHorizon, 3},
	} {
		flow, err := sgd.NewFlow(program(t, "abs(x) + abs(y) + 3*z"), sgd.GradientFlow{}, limit.o)
		require.NoError(t, err)
		r, err := flow.Solve(context.Background(), limit.x0, 3)
		require.NoError(t, err)
		require.Equal(t, limit.want, r.Status, "%s", r.Reason)
		require.InDelta(t, limit.end, r.End, 1e-9)
		follows(t, r, limit.end, 1e-9, func(t float64) []float64 {
			return []float64{max(limit.x0[0]-t, 0), max(limit.x0[1]-t, 0), -3 * t}
		})
	}
}

// The domain of a root that is not active ends at x = −¼, which is reached at t = ¼.
func TestFlowLeavesItsDomain(t *testing.T) {
	r := solve(t, program(t, "max(sqrt(x + 0.25), 3) + x"), sgd.GradientFlow{}, 1, 0)
	require.Equal(t, sgd.Blocked, r.Status, "%s", r.Reason)
	require.InDelta(t, .25, r.End, 1e-12)
	follows(t, r, .25, 1e-11, func(t float64) []float64 { return []float64{-t} })
}
