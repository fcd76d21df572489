package critical

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

func TestAvoidanceFailsWithoutAKink(t *testing.T) {
	failed := claimtest.Sabotaged(t, avoidance(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runAvoidance(ctx, c, "x", "relu(-x)^2/2")
	})
	// What is left of the hits are those in the last step.
	require.Subset(t, failed, []string{"float16", "float32", "float64", "bfloat16-whole-range", "limit"})
}

// Rounding against big.Float, which rounds to nearest even as well.
func TestLawRoundingIsToNearestEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := arithmetic{"any", rapid.IntRange(2, 53).Draw(t, "bits")}
		x := rapid.Float64Range(-1e6, 1e6).Filter(func(x float64) bool { return math.Abs(x) > 1e-6 }).Draw(t, "x")
		if rapid.Bool().Draw(t, "tie") { // one bit more than fits
			x = arithmetic{"", min(a.bits+1, 53)}.round(x)
		}
		want, _ := new(big.Float).SetPrec(uint(a.bits)).SetMode(big.ToNearestEven).SetFloat64(x).Float64()
		require.Equal(t, want, a.round(x))
	})
}

// The emulation against native float32: the same draws hit the same number of
// times, and so do runs by hand.
func TestEmulatedArithmeticIsNative(t *testing.T) {
	f, err := parse.Parse(identityText)
	require.NoError(t, err)
	f, err = stepProgram(f, ad.AtKink(0))
	require.NoError(t, err)
	const n, steps, power = lanesAtOnce, 12, 0.75
	s := ensemble{float32s, "", n, nearHits}
	var counts []int
	for _, p := range []vm.Precision{vm.Float32, vm.Float64} {
		program, err := vm.Compile(f, vm.Options{Lanes: lanesAtOnce, Precision: p})
		require.NoError(t, err)
		k, err := s.chunk(program, rand.New(rand.NewPCG(1, 2)), n, steps, power)
		require.NoError(t, err)
		counts = append(counts, k)
	}
	rng, byHand := rand.New(rand.NewPCG(1, 2)), 0
	for range n {
		rates := s.rates(0.5+rng.Float64()/2, unitRates(steps, power))
		x := float32(nearHits(s.arithmetic, rng, rates))
		for _, r := range rates {
			if x != 0 {
				x -= float32(r)
			}
		}
		if x == 0 {
			byHand++
		}
	}
	require.Positive(t, byHand)
	require.Equal(t, []int{byHand, byHand}, counts)
}

// Half a unit in the last place of the start and of every iterate, added up for the
// longest run and the largest steps, is less than half a window.
func TestRoundingStaysInTheWindow(t *testing.T) {
	unit := unitRates(maxRunSteps, minPower)
	for c := 0.5; c < 1; c += 1. / 512 {
		for hit := range unit { // the step at which 0 is met
			left, err := 0.0, 0.0
			for k := hit; k >= 0; k-- {
				left += float64(c * unit[k]) // the iterate before step k
				reach := left + windowWidth*float16.spacing()
				err += math.Exp2(math.Floor(math.Log2(reach))) / 2
			}
			require.Less(t, err, windowWidth/2.)
		}
	}
}

// The mean unit in the last place by simulation.
func TestHitProbabilityIsTheMeanUlp(t *testing.T) {
	const steps, power, n = 9, 0.8, 20000
	rng, sum := rand.New(rand.NewPCG(3, 4)), 0.0
	for range n {
		for _, r := range float32s.rates(0.5+rng.Float64()/2, unitRates(steps, power)) {
			sum += float64(math.Nextafter32(float32(r), 9) - float32(r))
		}
	}
	require.InEpsilon(t, sum/n/startRange(steps, power), float32s.hitProbability(steps, power), 0.02)
}
