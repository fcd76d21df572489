package subgradient

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
)

func testRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// rationals reads vectors of integers.
func rationals(vectors ...[]int64) []clarke.Vector {
	out := make([]clarke.Vector, len(vectors))
	for i, v := range vectors {
		r := make([]*big.Rat, len(v))
		for j, x := range v {
			r[j] = big.NewRat(x, 1)
		}
		out[i] = clarke.Rational(r)
	}
	return out
}

func TestViolationSeesWrongSets(t *testing.T) {
	p, err := at("abs(x)", "0")
	require.NoError(t, err)
	tooLarge, err := worstInside(testRand(), p, rationals([]int64{-4}, []int64{-2}), 20)
	require.NoError(t, err)
	require.Positive(t, tooLarge.Sign(), "slopes outside of [−1, 1] do not support |x|")
	rng, missed := testRand(), 0
	for range 20 {
		share, err := shareOutside(rng, p, rationals([]int64{0}, []int64{1}))
		require.NoError(t, err)
		if share.RatString() != "1" {
			missed++
		}
	}
	require.Positive(t, missed, "half of the set is missing")
}

func TestViolationSeesFunctionsThatAreNotConvex(t *testing.T) {
	p, err := at("min(x, 2*x)", "0")
	require.NoError(t, err)
	s, err := p.clarke(t.Context())
	require.NoError(t, err)
	worst, err := worstInside(testRand(), p, s.Vertices, 20)
	require.NoError(t, err)
	require.Positive(t, worst.Sign())
}
