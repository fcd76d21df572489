package sgd_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd"
)

// program reads a scalar program, whose inputs are in the order in which they first appear.
func program(t require.TestingT, text string) *expr.Func {
	f, err := parse.Parse(text)
	require.NoError(t, err)
	return f
}

func solve(t require.TestingT, f *expr.Func, s sgd.System, horizon float64, x0 ...float64) *sgd.Trajectory {
	flow, err := sgd.NewFlow(f, s, sgd.FlowOptions{})
	require.NoError(t, err)
	r, err := flow.Solve(context.Background(), x0, horizon)
	require.NoError(t, err)
	return r
}

// follows says that a trajectory is a known one at many times.
func follows(t *testing.T, r *sgd.Trajectory, horizon, tolerance float64, want func(t float64) []float64) {
	t.Helper()
	for i := range 201 {
		at := horizon * float64(i) / 200
		require.InDeltaSlice(t, want(at), r.At(at), tolerance, "t = %v", at)
	}
}

func bowl(t require.TestingT) *expr.Func { return program(t, "0.5*x^2 + 2*y^2") }

func TestGradientFlowOfAQuadratic(t *testing.T) {
	r := solve(t, bowl(t), sgd.GradientFlow{}, 3, 1, -2)
	require.Equal(t, sgd.ReachedHorizon, r.Status)
	follows(t, r, 3, 1e-8, func(t float64) []float64 { return []float64{math.Exp(-t), -2 * math.Exp(-4*t)} })
}

// ẍ + δẋ + λx = 0 from rest, underdamped for both λ.
func TestHeavyBallFlowIsADampedSpring(t *testing.T) {
	spring := func(lambda, x0, delta, t float64) float64 {
		omega := math.Sqrt(lambda - delta*delta/4)
		return x0 * math.Exp(-delta*t/2) * (math.Cos(omega*t) + delta/(2*omega)*math.Sin(omega*t))
	}
	r := solve(t, bowl(t), sgd.HeavyBallFlow{Friction: .5}, 6, 1, -2)
	follows(t, r, 6, 1e-7, func(t float64) []float64 { return []float64{spring(1, 1, .5, t), spring(4, -2, .5, t)} })
}

// Su, Boyd and Candès: x(t) = 2x₀J₁(t√λ)/(t√λ) for f = ½λx².
func TestNesterovFlowIsABesselFunction(t *testing.T) {
	bessel := func(lambda, x0, t float64) float64 {
		if t == 0 {
			return x0
		}
		u := t * math.Sqrt(lambda)
		return 2 * x0 * math.J1(u) / u
	}
	r := solve(t, bowl(t), sgd.NesterovFlow{}, 10, 1, -2)
	follows(t, r, 10, 1e-7, func(t float64) []float64 { return []float64{bessel(1, 1, t), bessel(4, -2, t)} })
}

// θ″ + (α + βλ)θ′ + λθ = 0 with θ′(0) = −βλθ(0).
func TestINNAFlowIsADampedSpring(t *testing.T) {
	const alpha, beta = .5, .1
	spring := func(lambda, x0, t float64) float64 {
		decay := (alpha + beta*lambda) / 2
		omega := math.Sqrt(lambda - decay*decay)
		return x0 * math.Exp(-decay*t) * (math.Cos(omega*t) + (decay-beta*lambda)/omega*math.Sin(omega*t))
	}
	r := solve(t, bowl(t), sgd.INNAFlow{Alpha: alpha, Beta: beta}, 4, 1, -2)
	follows(t, r, 4, 1e-7, func(t float64) []float64 { return []float64{spring(1, 1, t), spring(4, -2, t)} })
}

// The velocity of dense output is the derivative: −x for ½x².
func TestVelocityOfATrajectory(t *testing.T) {
	r := solve(t, bowl(t), sgd.GradientFlow{}, 2, 1, -2)
	for i := range 200 {
		at := float64(i) / 100
		require.InDeltaSlice(t, []float64{-math.Exp(-at), 8 * math.Exp(-4*at)}, r.Velocity(at), 1e-5)
	}
	require.Equal(t, []float64{0, 0}, r.Velocity(2))
	require.Equal(t, r.At(2), r.At(9))
	require.Equal(t, []float64{1, -2}, r.At(-1))
}

// Tighter tolerances give smaller errors.
func TestFlowTolerances(t *testing.T) {
	last := math.Inf(1)
	for _, tolerance := range []float64{1e-4, 1e-6, 1e-8, 1e-10} {
		flow, err := sgd.NewFlow(bowl(t), sgd.NesterovFlow{}, sgd.FlowOptions{Relative: tolerance, Absolute: tolerance / 100})
		require.NoError(t, err)
		r, err := flow.Solve(context.Background(), []float64{1, 0}, 5)
		require.NoError(t, err)
		gap := math.Abs(r.At(5)[0] - 2*math.J1(5)/5)
		require.Less(t, gap, 100*tolerance)
		require.Less(t, gap, last)
		last = gap
	}
}

func TestFlowsThatEndEarly(t *testing.T) {
	quartic := program(t, "-x^4/4")
	r := solve(t, quartic, sgd.GradientFlow{}, 2, 1) // ẋ = x³: x(t) = 1/√(1 − 2t)
	require.Equal(t, sgd.Blocked, r.Status)
	require.InDelta(t, .5, r.End, 1e-6)
	follows(t, r, .49, 1e-5, func(t float64) []float64 { return []float64{1 / math.Sqrt(1-2*t)} })

	flow, err := sgd.NewFlow(bowl(t), sgd.GradientFlow{}, sgd.FlowOptions{Steps: 3})
	require.NoError(t, err)
	r, err = flow.Solve(context.Background(), []float64{1, 1}, 1e3)
	require.NoError(t, err)
	require.Equal(t, sgd.TooManySteps, r.Status)
	require.Equal(t, 3, r.Steps)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err = flow.Solve(ctx, []float64{1, 1}, 1)
	require.NoError(t, err)
	require.Equal(t, sgd.Cancelled, r.Status)
	require.Equal(t, []float64{1, 1}, r.At(1))
}

func TestFlowStopsWithItsContext(t *testing.T) {
	flow, err := sgd.NewFlow(bowl(t), sgd.HeavyBallFlow{}, sgd.FlowOptions{Steps: 1 << 40})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	r, err := flow.Solve(ctx, []float64{1, 1}, 1e12)
	require.NoError(t, err)
	require.Equal(t, sgd.Cancelled, r.Status)
	require.Less(t, time.Since(begin), time.Second)
	require.Positive(t, r.End)
}

func TestFlowMistakes(t *testing.T) {
	smooth := bowl(t)
	kink := program(t, "abs(x)")
	norm := program(t, "norm2([x, y])")
	for _, mistake := range []struct {
		f    *expr.Func
		s    sgd.System
		o    sgd.FlowOptions
		want string
	}{
		{smooth, nil, sgd.FlowOptions{}, "give one such as GradientFlow"},
		{smooth, sgd.HeavyBallFlow{Friction: -1}, sgd.FlowOptions{}, "Friction"},
		{smooth, sgd.INNAFlow{}, sgd.FlowOptions{}, "Beta"},
		{smooth, sgd.GradientFlow{}, sgd.FlowOptions{Relative: math.NaN()}, "NaN"},
		{smooth, sgd.GradientFlow{}, sgd.FlowOptions{Steps: -1}, "-1"},
		{kink, sgd.NesterovFlow{}, sgd.FlowOptions{}, "abs"},
		{program(t, "x + sign(x - 1)"), sgd.GradientFlow{}, sgd.FlowOptions{}, "jump"},
		{program(t, "x < 0 ? 1 : x"), sgd.GradientFlow{}, sgd.FlowOptions{}, "jump"},
		{norm, sgd.GradientFlow{}, sgd.FlowOptions{}, "norms"},
	} {
		_, err := sgd.NewFlow(mistake.f, mistake.s, mistake.o)
		require.ErrorContains(t, err, mistake.want)
	}
	flow, err := sgd.NewFlow(smooth, sgd.GradientFlow{}, sgd.FlowOptions{})
	require.NoError(t, err)
	for _, bad := range []struct {
		x0      []float64
		horizon float64
	}{{[]float64{1}, 1}, {[]float64{1, math.Inf(1)}, 1}, {[]float64{1, 1}, 0}, {[]float64{1, 1}, math.NaN()}} {
		_, err := flow.Solve(context.Background(), bad.x0, bad.horizon)
		var config *sgd.ConfigError
		require.True(t, errors.As(err, &config), "%v", bad)
	}
	_, err = sgd.CompareLimit(context.Background(), smooth, sgd.GradientFlow{}, ad.AtSlot(0), []float64{1, 1}, 1, []float64{0}, sgd.FlowOptions{})
	require.ErrorContains(t, err, "step size 0")
	_, err = sgd.CompareLimit(context.Background(), smooth, sgd.GradientFlow{}, ad.AtSlot(0), []float64{1, 1}, 5000, []float64{2}, sgd.FlowOptions{})
	require.ErrorContains(t, err, "take smaller steps")
}
