package sgd_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd"
)

func compare(t *testing.T, text string, s sgd.System, horizon float64, steps []float64, x0 ...float64) *sgd.Comparison {
	c, err := sgd.CompareLimit(context.Background(), program(t, text), s, ad.AtKink(0), x0, horizon, steps, sgd.FlowOptions{})
	require.NoError(t, err)
	return c
}

var halving = []float64{1. / 64, 1. / 128, 1. / 256, 1. / 512, 1. / 1024}

// For ½λx² the iterates of gradient descent are (1 − αλ)ᵏx₀ and the flow is exp(−λt)x₀, so the gap is known; it is of
// order 1.
func TestGradientDescentFollowsItsFlow(t *testing.T) {
	c := compare(t, "2*x^2", sgd.GradientFlow{}, 2, halving, 1)
	for i, step := range c.Steps {
		want := 0.0
		for k := 0; float64(k)*step <= 2; k++ {
			want = max(want, math.Abs(math.Pow(1-4*step, float64(k))-math.Exp(-4*step*float64(k))))
		}
		require.InDelta(t, want, c.Gaps[i], 1e-8)
	}
	require.InDelta(t, 1, c.Order, .05)
}

// The theory bounds the gap by O(√α) for the heavy ball and for Nesterov's method, by O(γ) for INNA. On a quadratic none
// is better.
func TestInertialMethodsFollowTheirEquations(t *testing.T) {
	for _, s := range []sgd.System{sgd.HeavyBallFlow{Friction: 1}, sgd.NesterovFlow{}} {
		c := compare(t, "0.5*x^2 + 2*y^2", s, 5, []float64{1e-2, 1e-3, 1e-4, 1e-5, 1e-6}, 1, -1)
		require.InDelta(t, .5, c.Order, .05, "%T: %v", s, c.Gaps)
		for i, gap := range c.Gaps {
			require.Less(t, gap, 5*math.Sqrt(c.Steps[i]))
		}
	}
	c := compare(t, "0.5*x^2 + 2*y^2", sgd.INNAFlow{Alpha: .5, Beta: .1}, 3, halving, 1, -1)
	require.InDelta(t, 1, c.Order, .05, "%v", c.Gaps)
}

// Oracle for the points of Nesterov's method: the recursion of Su, Boyd and Candès written out.
func TestNesterovIsItsRecursion(t *testing.T) {
	slope := func(_ int, x float64) float64 { return 3*x - 1 }
	const s = .1
	y, old := 2., 2.
	for k, got := range run(t, sgd.Nesterov{}, 2, 20, slope, sgd.Constant(s)) {
		x := y - s*slope(0, y)
		y = x + float64(k)/float64(k+3)*(x-old)
		old = x
		require.InDelta(t, y, got, 1e-14)
	}
}

// The subgradient method oscillates around the kink within α, and follows the inclusion with order 1.
func TestSubgradientMethodFollowsTheInclusion(t *testing.T) {
	c := compare(t, "abs(x) + y^2/2", sgd.GradientFlow{}, 3, []float64{.03, .01, .003, .001, .0003}, 1.0123, 2)
	require.Equal(t, sgd.ReachedHorizon, c.Limit.Status)
	for i, gap := range c.Gaps {
		require.LessOrEqual(t, gap, 2*c.Steps[i])
	}
	require.InDelta(t, 1, c.Order, .15)
	// Sliding: the method zigzags across the diagonal.
	c = compare(t, "max(x, y) + (x^2 + y^2)/2", sgd.GradientFlow{}, 3, []float64{.03, .01, .003, .001, .0003}, 2, 1)
	require.InDelta(t, 1, c.Order, .25)
}

func ExampleFlow() {
	f, err := parse.Parse("abs(x) + y^2/2")
	if err != nil {
		panic(err)
	}
	flow, err := sgd.NewFlow(f, sgd.GradientFlow{}, sgd.FlowOptions{})
	if err != nil {
		panic(err)
	}
	r, err := flow.Solve(context.Background(), []float64{1, 2}, 3)
	if err != nil {
		panic(err)
	}
	for _, t := range []float64{0, .5, 1, 2, 3} {
		x := r.At(t)
		fmt.Printf("t = %.1f: x = %.6f, y = %.6f\n", t, x[0], x[1])
	}
	for _, e := range r.Events {
		fmt.Printf("%s on %v at t = %.6f\n", e.Kind, e.Manifold, e.Time)
	}
	fmt.Println(r.Status)
	// Output:
	// t = 0.0: x = 1.000000, y = 2.000000
	// t = 0.5: x = 0.500000, y = 1.213061
	// t = 1.0: x = 0.000000, y = 0.735759
	// t = 2.0: x = 0.000000, y = 0.270671
	// t = 3.0: x = 0.000000, y = 0.099574
	// sliding on [abs#1.s] at t = 1.000000
	// reached the horizon
}

func ExampleCompareLimit() {
	f, err := parse.Parse("2*x^2")
	if err != nil {
		panic(err)
	}
	c, err := sgd.CompareLimit(context.Background(), f, sgd.GradientFlow{}, ad.AtKink(0), []float64{1}, 2, []float64{.01, .005, .0025}, sgd.FlowOptions{})
	if err != nil {
		panic(err)
	}
	for i, step := range c.Steps {
		fmt.Printf("step %g: gap %.5f\n", step, c.Gaps[i])
	}
	fmt.Printf("order %.2f\n", c.Order)
	// Output:
	// step 0.01: gap 0.00748
	// step 0.005: gap 0.00371
	// step 0.0025: gap 0.00185
	// order 1.01
}
