package layer

import (
	"context"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// compareSets holds both sets against the Minkowski sum, at random points with
// ties and at a constant one.
func compareSets(ctx context.Context, c *claim.Context, label string, p pool, weights []int64, equal bool) ([]claim.Check, error) {
	f, err := p.weighted(weights)
	if err != nil {
		return nil, err
	}
	both, err := newSets(f)
	if err != nil {
		return nil, err
	}
	rng := c.Rand(claim.At("points", label))
	n := c.Int("trials")
	sum, same := 0, 0
	for range n {
		x := levels(p.inputs(), rng)
		set, field, err := both.at(ctx, x)
		if err != nil {
			return nil, err
		}
		want, err := p.minkowski(x, weights)
		if err != nil {
			return nil, err
		}
		if field.Complete && sameVertices(field.Vertices, want) {
			sum++
		}
		if set.Exact && sameVertices(set.Vertices, want) {
			same++
		}
	}
	share := func(k int) claim.Measurement { return claim.Measured(float64(k) / float64(n)) }
	checks := []claim.Check{{Label: label + "-field", Predicted: claim.Exact(1), Measured: share(sum), Sentence: "The hull of the conservative field is the Minkowski sum of the weighted simplices over tied entries."}}
	if equal {
		checks = append(checks, claim.Check{Label: label + "-clarke", Predicted: claim.Exact(1), Measured: share(same), Sentence: "So is the Clarke subdifferential, for disjoint windows and for positive weights."})
	}
	return checks, nil
}

// minkowski lists the extreme points of Σ cⱼ conv{eᵢ : i tied in window j}: all
// sums of one point for each window, reduced by a convex hull.
func (p pool) minkowski(x []*big.Rat, weights []int64) ([][]float64, error) {
	sums := [][]int64{make([]int64, len(x))}
	for j, w := range weights {
		entries := x[j*p.stride : j*p.stride+p.window]
		top := slices.MaxFunc(entries, (*big.Rat).Cmp)
		var next [][]int64
		for i, v := range entries {
			if v.Cmp(top) != 0 {
				continue
			}
			for _, s := range sums {
				t := slices.Clone(s)
				t[j*p.stride+i] += w
				next = append(next, t)
			}
		}
		slices.SortFunc(next, slices.Compare)
		sums = slices.CompactFunc(next, slices.Equal)
	}
	points := make([]clarke.Vector, len(sums))
	for k, s := range sums {
		r := make([]*big.Rat, len(s))
		for i, v := range s {
			r[i] = big.NewRat(v, 1)
		}
		points[k] = clarke.RationalPoint(r)[0]
	}
	extreme, _, err := clarke.ExtremePoints(points)
	out := make([][]float64, len(extreme))
	for i, v := range extreme {
		out[i] = v.Float
	}
	return out, err
}
