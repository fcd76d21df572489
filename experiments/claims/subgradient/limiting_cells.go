package subgradient

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// sampleSizes are the N for which the probability of hitting all cells is
// measured, as far as checks go; the figure has more.
var sampleSizes = []int{4, 6, 8, 12, 16, 24}

// cellChecks measures how often N points hit all four cells of max(|x|, |y|).
func cellChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	p, err := at("max(abs(x), abs(y))", "0", "0")
	if err != nil {
		return nil, err
	}
	sampler, err := clarke.NewSampler(p.f, ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	found := make([]bool, len(sampleSizes)*c.Int("trials"))
	err = c.Each(ctx, len(found), func(ctx context.Context, i int) error {
		o := clarke.SampleOptions{Radius: 1, Count: sampleSizes[i%len(sampleSizes)], Seed: c.Source(claim.At("trial", i)).Uint64()}
		s, err := sampler.Around(ctx, p.point(), o)
		if err != nil {
			return err
		}
		hull, err := s.Hull()
		found[i] = len(hull) == 4
		return err
	})
	if err != nil {
		return nil, err
	}
	var checks []claim.Check
	var n, share, lower, upper, predicted []float64
	for j, size := range sampleSizes {
		k := 0
		for i := j; i < len(found); i += len(sampleSizes) {
			if found[i] {
				k++
			}
		}
		m := claim.Proportion(k, c.Int("trials"), claim.Alpha/float64(len(sampleSizes)))
		want := allSectors(size)
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("all-cells-%d", size), At: map[string]any{"N": size},
			Predicted: claim.Covered(want, shareWidth), Measured: m,
		})
		n, share, predicted = append(n, float64(size)), append(share, m.Value), append(predicted, want)
		lower, upper = append(lower, m.Lower), append(upper, m.Upper)
	}
	return checks, c.Figure("cells", figure.Figure{
		Title:   "When sampling has seen all of ∂f(0)",
		Caption: "Share of samples of N gradients of max(|x|, |y|) near 0 whose hull is all of ∂f(0), that is, which hit all four cells, with intervals at level 1 − 10⁻⁴ for all points together.",
		X:       figure.Axis{Label: "gradients sampled N", Unit: "1"},
		Y:       figure.Axis{Label: "share of samples", Unit: "1"},
		Series: []figure.Series{
			{Name: "measured", Style: figure.Measured, X: n, Y: share, Lower: lower, Upper: upper, Color: 1},
			{Name: "inclusion and exclusion", Style: figure.Predicted, X: n, Y: predicted, Color: 1},
		},
	})
}

// shareWidth is more than the width of the interval of a share of 1000 trials,
// 2·4.6·√(1/4/1000).
const shareWidth = 0.16

// allSectors is the probability that n uniform points hit all of four equal
// sectors.
func allSectors(n int) float64 {
	sum := 0.0
	for j, ways := range []float64{1, -4, 6, -4, 1} {
		power := ways
		for range n {
			power *= 1 - float64(j)/4
		}
		sum += power
	}
	return sum
}

// rational makes vectors of rational numbers.
func rational(points [][]*big.Rat) []clarke.Vector {
	out := make([]clarke.Vector, len(points))
	for i, p := range points {
		out[i] = clarke.Rational(p)
	}
	return out
}
