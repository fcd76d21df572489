package convex

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
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

func BenchmarkExactRefutation(b *testing.B) {
	rng := rand.New(rand.NewPCG(2, 5))
	for _, form := range []struct {
		name string
		unit float64
	}{{"53 bits", 0}, {"8 bits", 1. / 64}} {
		rows := gaussian(rng, 40, 5, unitScale)
		if form.unit > 0 {
			coarse(rows, form.unit)
		}
		exact := rationals(rows)
		a, _ := Direction(rows)
		b.Run(form.name, func(b *testing.B) {
			for b.Loop() {
				if _, ok := ExactRefutation(exact, a.Support); !ok {
					b.Fatal("no refutation")
				}
			}
		})
	}
}

// After thousands of searches a cone still answers as one that starts afresh.
func TestConeDoesNotDrift(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 5))
	const dim = 8
	c, err := NewCone(dim)
	require.NoError(t, err)
	var rows [][]float64
	for step := range 20_000 {
		if len(rows) > 0 && rng.IntN(5) < 2 || len(rows) == 40 {
			c.Pop()
			rows = rows[:len(rows)-1]
		} else {
			row := gaussian(rng, 1, dim, unitScale)[0]
			// Half of the rows agree with the direction so far, or all cones would be empty.
			if d := c.Direction().Direction; d != nil && floats.Dot(row, d) < 0 && rng.IntN(8) > 0 {
				floats.Scale(-1, row)
			}
			require.NoError(t, c.Push(row))
			rows = append(rows, row)
		}
		a := c.Direction()
		if step%20 > 0 || len(rows) == 0 {
			continue
		}
		want, err := Direction(rows)
		require.NoError(t, err)
		require.Equal(t, want.Direction != nil, a.Direction != nil)
		require.InDelta(t, want.Margin, a.Margin, 1e-13)
		require.InDelta(t, 0, a.Residual, 1e-13)
	}
}

func TestConeEdges(t *testing.T) {
	_, err := NewCone(0)
	require.ErrorIs(t, err, ErrSize)
	c, err := NewCone(2)
	require.NoError(t, err)
	require.ErrorIs(t, c.Push([]float64{1}), ErrDimension)
	require.ErrorIs(t, c.Push([]float64{1, math.NaN()}), ErrNotFinite)
	c.Pop()
	require.Zero(t, c.Len())
	require.Equal(t, Alternative{Direction: []float64{1, 0}, Margin: 1}, c.Direction())

	require.NoError(t, c.Push([]float64{1e-320, 0}))
	require.NoError(t, c.Push([]float64{0, 1e300}))
	require.InDelta(t, math.Sqrt(.5), c.Direction().Margin, 1e-14)
	require.NoError(t, c.Push([]float64{0, 0}))
	require.NoError(t, c.Push([]float64{1, 1}))
	require.Equal(t, Alternative{Support: []int{2}, Weights: []float64{1}}, c.Direction())
	c.Pop()
	require.Nil(t, c.Direction().Direction)
	c.Pop()
	require.NotNil(t, c.Direction().Direction)
	c.Reset()
	require.Zero(t, c.Len())
	require.NoError(t, c.Push([]float64{-3, 0}))
	require.Equal(t, []float64{-1, 0}, c.Direction().Direction)
}

// A support that proves nothing is refused, whatever is wrong with it.
func TestExactRefutationRefuses(t *testing.T) {
	rows := [][]*big.Rat{ratVector(1, 0), ratVector(-1, 0), ratVector(2, 0), ratVector(0, 1), ratVector(0, 0), ratVector(-1, -1)}
	weights, ok := ExactRefutation(rows, []int{1, 2})
	require.True(t, ok)
	require.NoError(t, CheckRefutation(rows, []int{1, 2}, weights))
	weights, ok = ExactRefutation(rows, []int{4})
	require.True(t, ok)
	require.NoError(t, CheckRefutation(rows, []int{4}, weights))
	for name, support := range map[string][]int{
		"not 0":              {0, 3},
		"one side":           {0, 2},
		"negative weights":   {0, 2, 3, 5},
		"affinely dependent": {0, 1, 2},
		"twice":              {0, 0, 1},
		"out of range":       {0, 6},
		"before the list":    {-1, 0},
		"none":               {},
	} {
		_, ok := ExactRefutation(rows, support)
		require.False(t, ok, name)
	}
	_, ok = ExactRefutation([][]*big.Rat{{nil}}, []int{0})
	require.False(t, ok)
	_, ok = ExactRefutation([][]*big.Rat{ratVector(1), ratVector(1, 2)}, []int{0, 1})
	require.False(t, ok)
}

// Steady state allocates nothing.
func TestConeAllocations(t *testing.T) {
	rows := gaussian(rand.New(rand.NewPCG(2, 2)), 10, 4, unitScale)
	c, err := NewCone(4)
	require.NoError(t, err)
	negative := make([]float64, 4)
	enumerate(c, rows, negative)
	require.Zero(t, testing.AllocsPerRun(3, func() { enumerate(c, rows, negative) }))
}

// The number of cells of a generic central arrangement is 2·Σ_{i<n} C(m−1, i)
// (L. Schläfli, 1852).
func TestConeCountsCells(t *testing.T) {
	for _, size := range [][2]int{{3, 2}, {6, 3}, {10, 4}, {12, 5}} {
		m, dim := size[0], size[1]
		rows := gaussian(rand.New(rand.NewPCG(4, 2)), m, dim, unitScale)
		c, err := NewCone(dim)
		require.NoError(t, err)
		want, binomial := 0, 1
		for i := range dim {
			want += 2 * binomial
			binomial = binomial * (m - 1 - i) / (i + 1)
		}
		require.Equal(t, want, countCells(c, rows))
	}
}

func countCells(c *Cone, rows [][]float64) (cells int) {
	if len(rows) == 0 {
		return 1
	}
	for _, sign := range []float64{1, -1} {
		_ = c.Push(floats.ScaleTo(make([]float64, len(rows[0])), sign, rows[0]))
		if c.Direction().Direction != nil {
			cells += countCells(c, rows[1:])
		}
		c.Pop()
	}
	return cells
}
