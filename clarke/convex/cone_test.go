package convex

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever is pushed and popped, a cone answers as the list of its rows does, and
// proves it in rationals.
func TestLawConeDecidesAsTheListDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 5).Draw(t, "dimension")
		entry := rapid.IntRange(-3, 3)
		c, err := NewCone(dim)
		require.NoError(t, err)
		var rows [][]float64
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "move") == 0 {
				c.Pop()
				rows = rows[:max(0, len(rows)-1)]
			} else {
				row := make([]float64, dim)
				for j, v := range rapid.SliceOfN(entry, dim, dim).Draw(t, "row") {
					row[j] = float64(v)
				}
				require.NoError(t, c.Push(row))
				rows = append(rows[:len(rows):len(rows)], row)
			}
			require.Equal(t, len(rows), c.Len())
			a := c.Direction()
			if len(rows) == 0 {
				require.NotNil(t, a.Direction)
				continue
			}
			requireAlternative(t, rows, a)
			exact := rationals(rows)
			e, err := ExactDirection(exact)
			require.NoError(t, err)
			require.Equal(t, e.Direction != nil, a.Direction != nil)
			if a.Direction == nil {
				weights, ok := ExactRefutation(exact, a.Support)
				require.True(t, ok)
				sum := exactCombination(exact, a.Support, weights)
				require.Zero(t, exactDot(sum, sum).Sign())
			}
		}
	})
}

// enumerate counts the cells of an arrangement: depth first over the signs of its
// rows, with two Gordan problems a row.
func enumerate(c *Cone, rows [][]float64, negative []float64) (problems int) {
	if len(rows) == 0 {
		return 0
	}
	for _, sign := range []float64{1, -1} {
		scaleTo(negative, sign, rows[0])
		_ = c.Push(negative)
		problems++
		if c.Direction().Direction != nil {
			problems += enumerate(c, rows[1:], negative)
		}
		c.Pop()
	}
	return problems
}

func BenchmarkCone(b *testing.B) {
	for _, size := range []struct {
		name   string
		m, dim int
	}{{"20x5", 20, 5}, {"14x10", 14, 10}} {
		b.Run(size.name, func(b *testing.B) {
			rows := gaussian(rand.New(rand.NewPCG(2, 2)), size.m, size.dim, unitScale)
			c, _ := NewCone(size.dim)
			negative := make([]float64, size.dim)
			problems := enumerate(c, rows, negative)
			b.ReportAllocs()
			for b.Loop() {
				enumerate(c, rows, negative)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*problems), "ns/problem")
			b.ReportMetric(float64(problems), "problems")
		})
	}
}
