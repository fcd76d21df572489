package descent_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// away is the distance of x from the minimum.
func (v *vee) away(x []float64) float64 {
	square := 0.0
	for i := range x {
		square += (x[i] - v.z[i]) * (x[i] - v.z[i])
	}
	return math.Sqrt(square)
}

// lipschitz bounds the gradients within the radius of the minimum.
func (v *vee) lipschitz(radius float64) float64 {
	longest := 0.0
	for _, g := range v.g {
		longest = max(longest, (&vee{z: make([]float64, len(g))}).away(g))
	}
	return longest + radius
}

// Polyak's steps come nearer to the minimiser with every step, so that for D the first distance and L the longest
// gradient met, the best of k + 1 values is at most LD/√(k + 1).
func TestLawPolyak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, start := drawVee(t)
		d := f.away(start)
		for _, k := range []int{1, 5, 50, 500} {
			r := minimize(t, descent.Subgradient{Steps: descent.Polyak}, f, start, descent.Limits{Iterations: k})
			require.LessOrEqual(t, r.F, f.lipschitz(d)*d/math.Sqrt(float64(r.Iterations+1))+1e-12)
			require.LessOrEqual(t, f.away(r.X), d*(1+1e-12))
		}
	})
}

// For normalised steps t₀, …, t_k the best value is at most L(D² + Σt²)/(2Σt), and no iterate is farther than
// √(D² + Σt²) from the minimiser.
func TestLawDiminishing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, start := drawVee(t)
		step, power := rapid.Float64Range(.1, 2).Draw(t, "step"), rapid.Float64Range(.3, 1).Draw(t, "power")
		r := minimize(t, descent.Subgradient{Step: step, Power: power}, f, start, descent.Limits{Iterations: 300})
		if r.Status == descent.Stationary {
			require.LessOrEqual(t, r.F, 1e-2)
			return
		}
		sum, squares := 0.0, f.away(start)*f.away(start)
		for k := range r.Iterations {
			s := step / math.Pow(float64(k+1), power)
			sum += s
			squares += s * s
		}
		require.LessOrEqual(t, r.F, f.lipschitz(math.Sqrt(squares))*squares/(2*sum)+1e-12)
	})
}

// Where f grows like the distance from its minimisers, Polyak's steps converge linearly.
func TestPolyakIsLinearForSharpMinima(t *testing.T) {
	p := program(t, "abs(x) + 2*abs(y - 1) + abs(x + y - 1)")
	r := minimize(t, descent.Subgradient{Steps: descent.Polyak}, p, []float64{3, -4}, descent.Limits{})
	require.Equal(t, descent.Stationary, r.Status)
	require.InDelta(t, 0, r.F, 1e-12)
	require.Less(t, r.Calls, 300)
}

// A Minimum that is too high is found out by nobody, and the message says what happened.
func TestPolyakEndsAtItsMinimum(t *testing.T) {
	p := named("CB3")
	r := minimize(t, descent.Subgradient{Steps: descent.Polyak, Minimum: 3}, p, p.start, descent.Limits{})
	require.Equal(t, descent.Stalled, r.Status)
	require.LessOrEqual(t, r.F, 3.0)
	require.Contains(t, r.Message, "Minimum given")
}

// On the problems of fixed size the accuracy is that of the method, not that of gradient sampling.
func TestSubgradientApproaches(t *testing.T) {
	for _, p := range small {
		for _, steps := range []descent.StepRule{descent.Diminishing, descent.Polyak, descent.TargetLevel} {
			r := minimize(t, descent.Subgradient{Steps: steps, Minimum: p.minimum}, p, p.start, descent.Limits{Calls: 2000})
			require.InDelta(t, 0, (r.F-p.minimum)/(1+math.Abs(p.minimum)), .1, p.name)
		}
	}
}

func ExampleSubgradient() {
	r, err := descent.Subgradient{Steps: descent.Polyak, Minimum: 0}.Minimize(context.Background(), crease{}, []float64{3, -2}, descent.Limits{Calls: 1000})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", r.F)
	// Output:
	// 0.000
}
