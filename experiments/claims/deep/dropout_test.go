package deep

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// Masks that are not scaled, and masks that are drawn with another probability, are seen.
func TestDropoutSeesWrongMasks(t *testing.T) {
	half := claim.Setting{Name: "keep", Value: "0.5"}
	bernoulli := func(keep float64) sgd.Distribution { return sgd.Bernoulli{Keep: keep} }
	spoiled := func(scale func(*big.Rat) *big.Rat, masks func(float64) sgd.Distribution) []string {
		return claimtest.Sabotaged(t, dropout(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runDropout(ctx, c, scale, masks)
		}, half)
	}
	require.Empty(t, spoiled(kept, bernoulli))
	unscaled := func(*big.Rat) *big.Rat { return big.NewRat(1, 1) }
	require.Equal(t, []string{"penalty-0.5", "loss-0.5", "gradient-0.5", "layer-0.5"}, spoiled(unscaled, bernoulli))
	other := func(keep float64) sgd.Distribution { return sgd.Bernoulli{Keep: keep / 2} }
	require.Equal(t, []string{"iterates"}, spoiled(kept, other))
}

// The formula and its gradient, written by hand for one column and two rows.
func TestDropoutByHand(t *testing.T) {
	p, err := newDropoutPrograms(2, 1)
	require.NoError(t, err)
	rat := big.NewRat
	q := &regression{
		rows: 2, columns: 1, x: []*big.Rat{rat(2, 1), rat(-1, 1)}, y: []*big.Rat{rat(1, 1), rat(3, 1)}, w: []*big.Rat{rat(1, 2)},
		plain: rat(49, 4), weights: []*big.Rat{rat(5, 1)}, // 0² + (7/2)²
	}
	mean, err := p.meanOverMasks(q, rat(1, 3), rat(3, 1))
	require.NoError(t, err)
	// 2/3·(1 + 9) + 1/3·((1 − 3)² + (3 + 3/2)²), and 49/4 + 2·5/4
	require.Equal(t, "59/4", mean.loss.RatString())
	require.Equal(t, "2", q.penaltyOf(mean.loss).RatString())
	// −2·Σ xᵢyᵢ + 2w·5·3 = 2 + 15
	require.Equal(t, "17", mean.gradient[0].RatString())
}

// The mean iterate of the penalised descent is that over all sequences of masks, in rationals.
func TestMeanIterateByEnumeration(t *testing.T) {
	const columns, steps = 2, 3
	q := newRegression(1, columns, rand.New(rand.NewPCG(3, 4)))
	p, rate := big.NewRat(3, 4), big.NewRat(1, 16)
	programs, err := newDropoutPrograms(1, columns)
	require.NoError(t, err)
	mean := zeros(columns)
	var walk func(probability *big.Rat, w []*big.Rat, left int) error
	walk = func(probability *big.Rat, w []*big.Rat, left int) error {
		if left == 0 {
			addScaled(mean, probability, w)
			return nil
		}
		return eachMask(columns, p, kept(p), func(chance *big.Rat, mask []*big.Rat) error {
			out, err := programs.layer.Run(w, q.x, q.y, mask)
			if err != nil {
				return err
			}
			next := zeros(columns)
			addScaled(next, big.NewRat(1, 1), w)
			addScaled(next, new(big.Rat).Neg(rate), out[1])
			return walk(new(big.Rat).Mul(probability, chance), next, left-1)
		})
	}
	require.NoError(t, walk(big.NewRat(1, 1), zeros(columns), steps))
	got, err := penalisedIterate(t.Context(), q, 1./3, 1./16, steps)
	require.NoError(t, err)
	require.InDeltaSlice(t, floats(mean), got, 1e-12)
}
