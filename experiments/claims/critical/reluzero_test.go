package critical

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/expr"
)

// Biases from half of the interval meet products with half of the unit in the last place.
func TestReLUAtZeroFailsForSmallerBiases(t *testing.T) {
	failed := claimtest.Sabotaged(t, reluAtZero(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runReLUAtZero(ctx, c, 0.5, expr.ReLU)
	})
	require.Subset(t, failed, []string{"bfloat16", "float16", "float16-minibatch", "float32", "float64"})
}

// A unit that is differentiable at 0 asks for no choice.
func TestReLUAtZeroFailsForSmoothUnits(t *testing.T) {
	failed := claimtest.Sabotaged(t, reluAtZero(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runReLUAtZero(ctx, c, 1, func(z expr.Node) expr.Node { r := expr.ReLU(z); return expr.Mul(r, r) })
	})
	require.Equal(t, []string{"gradients-met-float32", "descents-met-float32", "gradients-met-float64", "descents-met-float64"}, failed)
}

// The probability of a zero from the density of the product itself, by inversion of its characteristic function
// ∏ sin(Bxt)/(Bxt), instead of the normal one.
func TestZeroProbabilityByInversion(t *testing.T) {
	set, err := dataset.Digits()
	require.NoError(t, err)
	l := newZeroLayer(set, 1)
	for _, i := range []int{0, 1, 2, 500, 1000} {
		row := set.Row(i)
		density := func(s float64) float64 {
			const dt, until = 0.02, 60.0 // the characteristic function is below 1e−20 from there on
			sum := 0.5 * dt
			for t := dt; t < until; t += dt {
				phi := 1.0
				for _, x := range row {
					if a := l.bound * x * t; a > 0 {
						phi *= math.Sin(a) / a
					}
				}
				sum += phi * math.Cos(t*s) * dt
			}
			return sum / math.Pi
		}
		mean := 0.0 // of ulp(s) where |s| < B
		for lo := l.bound / 1024; lo < l.bound; lo *= 2 {
			const steps = 8
			for k := range steps {
				mean += 2 * density(lo+lo*(float64(k)+0.5)/steps) * lo / steps * lo * float16.spacing()
			}
		}
		require.InEpsilon(t, mean/(2*l.bound), l.rowProbability(zeroKinds[1], l.sigma(row)), 0.02)
	}
}

// What is counted in windows is what the executor rounds to 0: its pre-activation is the rounded sum of product and bias.
func TestPreActivationsAreRoundedSums(t *testing.T) {
	set, err := dataset.Digits()
	require.NoError(t, err)
	l := newZeroLayer(set, 1)
	for _, p := range nativeFormats {
		programs, err := l.compile(p)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(1, 2))
		s, err := l.start(programs, rng)
		require.NoError(t, err)
		b := s.sum.In(2)
		for u := range b {
			b[u] = p.round(uniform(rng, -l.bound, l.bound))
		}
		require.NoError(t, s.sum.Run())
		for i, z := range s.sum.Out(0) {
			require.Equal(t, p.round(s.s[i]+b[i%l.units]), z)
		}
	}
}

// The mean unit in the last place by its definition.
func TestUlpIsTheSpacing(t *testing.T) {
	for _, x := range []float64{0.07, -0.07, 0.0625, 3} {
		require.Equal(t, float64(math.Nextafter32(float32(math.Abs(x)), 9)-float32(math.Abs(x))), float32s.ulp(x))
		require.Equal(t, math.Nextafter(math.Abs(x), 9)-math.Abs(x), float64s.ulp(x))
	}
}
