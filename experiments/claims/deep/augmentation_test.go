package deep

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
)

// Sets of maps that are no groups, and averages over a part of a group, are seen.
func TestAugmentationSeesWrongGroups(t *testing.T) {
	part := func(s symmetry) symmetry { return symmetry{s.name, s.d, s.elements[:2]} }
	whole := func(s symmetry) symmetry { return s }
	spoiled := func(groups []symmetry, averaged func(symmetry) symmetry) []string {
		return claimtest.Sabotaged(t, augmentation(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runAugmentation(ctx, c, groups, averaged)
		})
	}
	shifts := symmetries(4)[1:2]
	require.Empty(t, spoiled(shifts, whole))
	require.Equal(t, []string{"shifts-averaged", "shifts-squares", "shifts-logistic", "images-drawn"}, spoiled(shifts, part))
	require.Subset(t, spoiled([]symmetry{part(shifts[0])}, whole), []string{"shifts-invariant", "shifts-averaged", "shifts-squares"})
	one := symmetry{"one", 7, shifts[0].elements[:1]}
	require.Equal(t, []string{"one-plain"}, spoiled([]symmetry{shifts[0], one}, whole), "the group of one element")
}

// The groups have the right numbers of elements, and act as groups of orthogonal maps.
func TestSymmetries(t *testing.T) {
	for i, s := range symmetries(3) {
		require.Len(t, s.elements, []int{8, 7, 12}[i])
		x := zeros(s.d)
		for j := range x {
			x[j].SetInt64(int64(j*j + 1))
		}
		mean := s.mean(x)
		require.Zero(t, s.changed(mean))
		require.Zero(t, differing(mean, s.mean(mean)), "P² = P")
		for _, g := range s.elements {
			seen := make([]bool, s.d)
			for j, to := range g.to {
				require.False(t, seen[to])
				require.Equal(t, 1, g.sign[j]*g.sign[j])
				seen[to] = true
			}
		}
	}
}

// The invariant solution by regression on the means over orbits, without programs: for shifts
// the one invariant feature is the sum s of entries, with the coefficient Σ sy / Σ s².
func TestInvariantSolutionByHand(t *testing.T) {
	c := &claim.Context{Claim: "augmentation-averages", Values: claim.Values{"rows": 20}, Seed: 5}
	a := newAugmented(c, symmetries(4)[1], symmetries(4)[1])
	got, err := a.solutions()
	require.NoError(t, err)
	above, below := new(big.Rat), new(big.Rat)
	for i, y := range a.plain.y {
		sum := new(big.Rat)
		for _, x := range a.plain.x[i*7 : (i+1)*7] {
			sum.Add(sum, x)
		}
		above.Add(above, new(big.Rat).Mul(sum, y))
		below.Add(below, new(big.Rat).Mul(sum, sum))
	}
	want := above.Quo(above, below)
	for _, w := range got.augmented {
		require.Equal(t, want.RatString(), w.RatString())
	}
}

// Too few rows have many solutions, and the error says what to do.
func TestAugmentationNeedsRows(t *testing.T) {
	c := augmentation()
	values, err := c.Resolve(claim.Quick, []claim.Setting{{Name: "side", Value: "5"}})
	require.NoError(t, err)
	_, err = c.Run(t.Context(), &claim.Context{Claim: c.Name, Values: values, Seed: 1, Workers: 1})
	require.ErrorIs(t, err, errSingular)
}
