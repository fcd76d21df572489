package sgd_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd"
)

func upTo(m sgd.Marks, last int) (out []int) {
	for n := m.After(-1); n <= last; n = m.After(n) {
		out = append(out, n)
	}
	return out
}

func TestMarks(t *testing.T) {
	require.Equal(t, []int{0, 4, 8, 12}, upTo(sgd.Every(4), 15))
	require.Equal(t, []int{0, 1, 2, 3}, upTo(sgd.Every(0), 3))
	require.Equal(t, []int{0, 1, 2, 4, 8, 16, 32}, upTo(sgd.Geometric(2), 63))
	require.Equal(t, []int{0, 1, 2, 3, 5, 8, 12, 18}, upTo(sgd.Geometric(1.5), 20))
	require.Equal(t, []int{0, 1, 2, 3}, upTo(sgd.Geometric(1), 3))
	require.Empty(t, upTo(sgd.Never{}, 1000))
	require.Equal(t, math.MaxInt, sgd.Geometric(1e30).After(1))
}

// After is the next mark from anywhere, not from marks only: a run that goes on meets the
// same ones.
func TestLawMarksFromAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.OneOf(
			rapid.Map(rapid.IntRange(1, 20), func(k int) sgd.Marks { return sgd.Every(k) }),
			rapid.Map(rapid.Float64Range(1.01, 3), func(r float64) sgd.Marks { return sgd.Geometric(r) }),
		).Draw(t, "marks")
		marks := upTo(m, 300)
		n := rapid.IntRange(-1, marks[len(marks)-1]-1).Draw(t, "n")
		want := 0
		for _, want = range marks {
			if want > n {
				break
			}
		}
		require.Equal(t, want, m.After(n))
		if g, ok := m.(sgd.Geometric); ok && n > 0 {
			require.LessOrEqual(t, float64(want), math.Ceil(float64(g)*float64(n))+1, "marks are not farther apart than the ratio")
		}
	})
}
