package critical

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// The copies against the recursion written out, with the same noise.
func TestCopiesFollowTheRecursion(t *testing.T) {
	c := &claim.Context{Claim: "copies", Seed: 5}
	const n, steps, sigma, gamma = 3, 50, 0.7, 0.125
	axis := claim.At("test", 1)
	xi := make([]float64, steps*n)
	random.Normals(xi, sigma, c.Rand(claim.At("stream", "noise"), axis))
	want := []float64{0.5, -1, 2}
	p := copies{
		count: n, size: 1, noise: sigma, rates: sgd.Constant(gamma), steps: steps, start: want,
		sum: func(theta expr.Node) expr.Node { return expr.Sum(expr.Abs(theta)) },
	}
	seen := 0
	_, err := p.run(context.Background(), c, axis, func(step int, theta []float64) {
		next := make([]float64, n)
		for i, x := range want {
			next[i] = x - float64(gamma*(math.Copysign(1, x)+xi[(step-1)*n+i]))
		}
		require.InDeltaSlice(t, next, theta, 1e-12)
		want, seen = next, seen+1
	})
	require.NoError(t, err)
	require.Equal(t, steps, seen)
}

// For u₊ = u − sign(u) − ξ with ξ = ±2 the invariant law is that of a random walk:
// E|u| = (1 + 4)/2, whatever the noise is like.
func TestBalanceOfSecondMomentsForTwoPointNoise(t *testing.T) {
	const states = 400 // u + ½ in units of 1, around 0; the law decays geometrically
	p := make([]float64, 2*states)
	for i := range p {
		p[i] = 1 / float64(len(p))
	}
	for range 4000 {
		next := make([]float64, len(p))
		for i, mass := range p {
			drift := -1
			if i < states {
				drift = 1
			}
			for _, jump := range []int{-2, 2} {
				next[min(max(i+drift+jump, 0), len(p)-1)] += mass / 2
			}
		}
		p = next
	}
	mean := 0.0
	for i, mass := range p {
		mean += mass * math.Abs(float64(i-states)+0.5)
	}
	require.InDelta(t, sharpAndSmooth()[0].mean(1, 2), mean, 1e-6)
}

func TestConstantStepFailsForAnotherSlopeAtTheKink(t *testing.T) {
	wrong := sharpAndSmooth()
	wrong[0].sum = func(theta expr.Node) expr.Node { return expr.Sum(expr.Huber(theta, 1)) }
	failed := claimtest.Sabotaged(t, constantStep(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runConstant(ctx, c, wrong)
	})
	require.Contains(t, failed, "abs-slope")
	require.Contains(t, failed, "abs-mean-5")
	require.NotContains(t, failed, "square-slope")
}

func TestConstantStepRefusesOneStepSize(t *testing.T) {
	c := constantStep()
	values, err := c.Resolve(claim.Quick, []claim.Setting{{Name: "steps", Value: "0.25,0.25"}})
	require.NoError(t, err)
	_, err = c.Run(context.Background(), &claim.Context{Claim: c.Name, Values: values})
	require.ErrorContains(t, err, "at least two different")
}

// The squared loss has the same critical points, but no sharp minimum.
func TestTameSGDFailsForASmoothMinimum(t *testing.T) {
	failed := claimtest.Sabotaged(t, tameSGD(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runTame(ctx, c, func(theta expr.Node) expr.Node {
			z := expr.Shift(expr.SumLast(expr.Mul(theta, theta)), -1)
			return expr.Scale(0.5, expr.Sum(expr.Mul(z, z)))
		})
	})
	require.Contains(t, failed, "distance-slope-1")
	require.Contains(t, failed, "distance-2")
	require.NotContains(t, failed, "circle-critical")
}

func TestTameSGDForOtherSettings(t *testing.T) {
	set := func(name, value string) claim.Setting { return claim.Setting{Name: name, Value: value} }
	claimtest.RequireKept(t, claimtest.Execute(t, tameSGD(), set("powers", "0.55,1"), set("noise", "1"), set("factor", "0.2")).Rows)
}
