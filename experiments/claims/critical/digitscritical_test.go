package critical

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
)

// With a bias the stuck point is Clarke critical.
func TestDigitsCriticalFailsForTheNetworkWithABias(t *testing.T) {
	failed := claimtest.Sabotaged(t, digitsCritical(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runDigitsCritical(ctx, c, net{hidden: 1, bias: true})
	}, claim.Setting{Name: "images", Value: "10"})
	require.Subset(t, failed, []string{"stuck-clarke", "stuck-proved"})
	require.NotContains(t, failed, "stuck-field")
	require.NotContains(t, failed, "stuck-weights")
}

// No unit of a random start is off for all images.
func TestRandomStartsAreAlive(t *testing.T) {
	p, err := newPairs(20)
	require.NoError(t, err)
	x, m := floats(p.x), net{hidden: 8, bias: true}
	for seed := range uint64(200) {
		start := m.start(1, rand.New(rand.NewPCG(seed, 1)))
		w, b := start["w"], start["b"]
		for j := range m.hidden {
			top := math.Inf(-1)
			for i := range p.n {
				top = max(top, w[j]*x[2*i]+w[m.hidden+j]*x[2*i+1]+b[j])
			}
			require.Positive(t, top)
		}
	}
}

// The half-plane sums against sums along random directions: no others occur, and
// the nearest point of their hull is that of the min-norm solver.
func TestHalfPlaneSumsAreAll(t *testing.T) {
	p, err := newPairs(20)
	require.NoError(t, err)
	sums := halfPlaneSums(p)
	x, y := floats(p.x), floats(p.y)
	rng := rand.New(rand.NewPCG(2, 2))
	for range 500 {
		dx, dy := rng.NormFloat64(), rng.NormFloat64()
		var sum [2]float64
		for i := range p.n {
			if dx*x[2*i]+dy*x[2*i+1] > 0 {
				sum[0] -= y[i] * x[2*i] / float64(p.n)
				sum[1] -= y[i] * x[2*i+1] / float64(p.n)
			}
		}
		nearest := math.Inf(1)
		for _, s := range sums {
			nearest = min(nearest, math.Hypot(s[0]-sum[0], s[1]-sum[1]))
		}
		require.Less(t, nearest, 1e-12)
	}
	var points []clarke.Vector
	for _, s := range sums {
		points = append(points, clarke.Floats(s[:]))
	}
	nearest, err := clarke.MinNorm(points)
	require.NoError(t, err)
	require.InDelta(t, nearest.Distance, sweepDistance(p), 1e-12)
}

func TestPairsAreCentredAndBalanced(t *testing.T) {
	p, err := newPairs(40)
	require.NoError(t, err)
	require.Len(t, p.x, 80)
	sums := [3]float64{}
	for i := range p.n {
		a, _ := p.x[2*i].Float64()
		b, _ := p.x[2*i+1].Float64()
		c, _ := p.y[i].Float64()
		sums[0], sums[1], sums[2] = sums[0]+a, sums[1]+b, sums[2]+c
	}
	require.InDelta(t, 0, sums[0], 1e-12)
	require.InDelta(t, 0, sums[1], 1e-12)
	require.Zero(t, sums[2])
}
