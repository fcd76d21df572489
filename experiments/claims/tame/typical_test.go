package tame

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// The construction by hand at depth 1, and its measures at others.
func TestBuild(t *testing.T) {
	one := build(1)
	require.Len(t, one.breaks, 4)
	require.Equal(t, "3/8", one.breaks[1].RatString())
	require.Equal(t, "5/8", one.breaks[2].RatString())
	for m := 1; m <= 4; m++ {
		total, up := new(big.Rat), new(big.Rat)
		most := new(big.Rat)
		for i, l := range build(m).lengths() {
			total.Add(total, l)
			if i%2 == 0 {
				up.Add(up, l)
			} else {
				up.Sub(up, l)
			}
			if l.Cmp(most) > 0 {
				most = l
			}
		}
		require.Equal(t, "1", total.RatString())
		require.Zero(t, up.Cmp(riseAt(m)))
		require.Zero(t, most.Cmp(longest(m)))
	}
}

// The share of windows by a grid of windows, without the formula.
func TestBothSlopesByCounting(t *testing.T) {
	c := build(2)
	h := big.NewRat(1, 8)
	const n = 7000
	both := 0
	for i := range n {
		x := new(big.Rat).Mul(big.NewRat(int64(2*i+1), 2*n), big.NewRat(7, 8))
		to := new(big.Rat).Add(x, h)
		for _, b := range c.breaks[1 : len(c.breaks)-1] {
			if b.Cmp(x) > 0 && b.Cmp(to) < 0 {
				both++
				break
			}
		}
	}
	require.InDelta(t, float64(both)/n, c.bothSlopes(h), 2e-3)
}

// Slopes of a wrong program fail the chain rule, and equal intervals the gap.
func TestWrongConstructionFails(t *testing.T) {
	var thirds cantor
	for i := range int64(10) {
		thirds.breaks = append(thirds.breaks, big.NewRat(i, 9))
	}
	f, err := newLipschitz(thirds)
	require.NoError(t, err)
	slopes, err := f.slopes(t.Context())
	require.NoError(t, err)
	chain, err := f.chainChecks(slopes, riseAt(2))
	require.NoError(t, err)
	minima, err := f.minimaChecks(t.Context(), slopes, longest(2), 3)
	require.NoError(t, err)
	rows, err := claim.Rows(typicalLipschitz(), nil, claim.Outcome{Checks: append(chain, minima...)})
	require.NoError(t, err)
	require.Equal(t, claim.Fail, rows[0].Verdict)
	require.Equal(t, claim.Pass, rows[1].Verdict) // it is a function, after all
	require.Equal(t, claim.Fail, rows[2].Verdict)
	slopes[0] = big.NewRat(-1, 1)
	chain, err = f.chainChecks(slopes, riseAt(2))
	require.NoError(t, err)
	require.NotZero(t, chain[1].Measured.Value)
}
