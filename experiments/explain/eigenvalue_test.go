package explain_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// The largest eigenvalue of a symmetric 2×2 matrix, row T41: with a root of squares it
// is refused, with its reason; with norm2 it has the set of the table, whose support
// function is the eigenvalue itself.
func TestLargestEigenvalue(t *testing.T) {
	rows := knownRows(t)
	row := rows[slices.IndexFunc(rows, func(k known.Function) bool { return k.ID == "T41" })]
	q := request(t, row)
	q.Expression = "(a + c)/2 + sqrt(((a - c)/2)^2 + b^2)"
	refused := analyze(t, q)
	require.Contains(t, refused.Refused, rootAtZero)
	require.Contains(t, refused.Refused, "norm2(v) is the spelling")
	require.Nil(t, refused.Clarke)
	require.Nil(t, refused.Conservative)

	rng := rand.New(rand.NewPCG(41, 1))
	for range 20 {
		q := request(t, row)
		for range 3 {
			q.Support = append(q.Support, big.NewRat(int64(rng.IntN(41)-20), 4))
		}
		r := analyze(t, q)
		require.True(t, r.Clarke.Exact, r.Clarke.Why)
		value := eigenvalue(t, row, q.Support)
		require.InDelta(t, value, r.Support.Clarke.Upper.Float[0], 1e-12)
		require.InDelta(t, value, r.Support.Clarke.Lower.Float[0], 1e-12)
		require.InDelta(t, value, r.Support.Conservative.Upper.Float[0], 1e-12)
	}
}

// eigenvalue runs the program at a matrix.
func eigenvalue(t *testing.T, row known.Function, at []*big.Rat) float64 {
	row.At = map[string]string{}
	for i, name := range []string{"a", "c", "b"} { // the order in which they appear
		row.At[name] = at[i].RatString()
	}
	r, err := explain.Analyze(t.Context(), request(t, row))
	require.NoError(t, err)
	return r.Value.Float[0]
}
