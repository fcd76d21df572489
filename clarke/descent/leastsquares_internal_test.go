package descent

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A solution of least squares is one because the residual is orthogonal to all columns, of the rows scaled to
// length 1; the rank is that of the factors; and variables beyond the rank are 0.
func TestLawLeastSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 7).Draw(t, "rows"), rapid.IntRange(1, 7).Draw(t, "columns")
		k := rapid.IntRange(0, min(m, n)).Draw(t, "rank")
		// A = L·R with L = (I; *) and R = (I, *) up to permutations has the rank k.
		entry := rapid.Map(rapid.IntRange(-3, 3), func(i int) float64 { return float64(i) })
		left, right := unitRows(t, m, k, entry), unitRows(t, n, k, entry)
		a, b := make([][]float64, m), make([]float64, m)
		for i := range a {
			a[i] = make([]float64, n)
			for j := range a[i] {
				a[i][j] = dot(left[i], right[j])
			}
			b[i] = entry.Draw(t, "b")
		}
		scaled, original := make([][]float64, m), slices.Clone(b)
		for i, row := range a {
			scaled[i] = slices.Clone(row)
			if norm := math.Sqrt(dot(row, row)); norm > 0 {
				scale(scaled[i], 1/norm, row)
				original[i] /= norm
			}
		}
		v, rank := leastSquares(context.Background(), a, b, n)
		require.Equal(t, k, rank)
		residual := make([]float64, m)
		for i, row := range scaled {
			residual[i] = dot(row, v) - original[i]
		}
		for j := range n {
			require.InDelta(t, 0, dot(column(scaled, j), residual), 1e-9*(1+math.Sqrt(dot(v, v))))
		}
		require.GreaterOrEqual(t, zeros(v), n-k)
	})
}

// unitRows are rows of k entries, the first k of them unit vectors, in some order.
func unitRows(t *rapid.T, rows, k int, entry *rapid.Generator[float64]) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, k)
		for j := range k {
			if i < k {
				out[i][j] = 0
				if i == j {
					out[i][j] = 1
				}
				continue
			}
			out[i][j] = entry.Draw(t, "entry")
		}
	}
	return rapid.Permutation(out).Draw(t, "order")
}

func zeros(v []float64) (count int) {
	for _, x := range v {
		if x == 0 {
			count++
		}
	}
	return count
}
