package dataset_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/dataset"
)

func TestTables(t *testing.T) {
	for name, c := range map[string]struct {
		load   func() (*dataset.Set, error)
		d      int
		counts []int
		first  []float64
		means  []float64 // of the first two features, as the sources publish them
	}{
		"breast cancer": {dataset.BreastCancer, 30, []int{212, 357}, []float64{17.99, 10.38}, []float64{14.127, 19.290}},
		"iris":          {dataset.Iris, 4, []int{50, 50, 50}, []float64{5.1, 3.5}, []float64{5.843, 3.057}},
		"wine":          {dataset.Wine, 13, []int{59, 71, 48}, []float64{14.23, 1.71}, []float64{13.001, 2.336}},
	} {
		s, err := c.load()
		require.NoError(t, err, name)
		require.Equal(t, c.d, s.D, name)
		require.Equal(t, c.counts, s.Counts(), name)
		require.Len(t, s.X, s.N*s.D)
		require.Equal(t, c.first, s.Row(0)[:2])
		for j, want := range c.means {
			sum := 0.0
			for i := range s.N {
				sum += s.Row(i)[j]
			}
			require.InDelta(t, want, sum/float64(s.N), 1e-3, name)
		}
	}
}

func TestParseTableErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "line 1: it must say rows, features and the names of classes",
		"1,2\n":                      "line 1: it must say rows, features and the names of classes",
		"x,2,a\n":                    `line 1: "x" is no integer`,
		"1,-2,a\n":                   "line 1: -2 is not in 0 to 32767",
		"2,1,a\n1,0\n":               "line 3: the text ends after 1 rows; it says 2",
		"0,1,a\n":                    "line 2: the text ends after 0 rows; it says 0 and must have at least one",
		"1,1,a\n1,0\n1,0\n":          "line 4: the text ends after 2 rows; it says 1",
		"1,2,a\n1,0\n":               "line 2: there are 2 numbers; there must be 2 features and a class",
		"1,1,a\nNaN,0\n":             `line 2, column 1: "NaN" is no finite number`,
		"1,1,a\n1e999,0\n":           `line 2, column 1: "1e999" is no finite number`,
		"1,1,a\n1,1\n":               "line 2, column 2: 1 is not in 0 to 0",
		"1,9999999999999999999,a\n1": `line 1: "9999999999999999999" is no integer`,
	} {
		_, err := dataset.ParseTable([]byte(text))
		var e *dataset.ParseError
		require.ErrorAs(t, err, &e, text)
		require.ErrorContains(t, err, want)
	}
}

// After standardising, features have mean 0 and variance 1, or are 0 if they do not vary,
// and sets that are held back have moved along with the others.
func TestLawStandardise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(n int) *dataset.Set {
			s := &dataset.Set{N: n, D: 3, Classes: 1, Labels: make([]int, n)}
			for range n {
				s.X = append(s.X, float64(rapid.IntRange(-8000, 8000).Draw(t, "a"))/8, float64(rapid.IntRange(0, 1).Draw(t, "b")), 7)
			}
			return s
		}
		s, held := draw(rapid.IntRange(1, 20).Draw(t, "n")), draw(2)
		old := []float64{s.X[0], held.X[0], held.X[3]}
		s.Standardise(held)
		for j := range s.D {
			mean, square := 0.0, 0.0
			for i := range s.N {
				mean += s.Row(i)[j] / float64(s.N)
				square += s.Row(i)[j] * s.Row(i)[j] / float64(s.N)
			}
			require.InDelta(t, 0, mean, 1e-6)
			if square != 0 {
				require.InDelta(t, 1, square, 1e-6)
			} else {
				require.Zero(t, held.X[j])
			}
		}
		require.Zero(t, s.X[2])
		require.Zero(t, held.X[2])
		if slope := (held.X[0] - held.X[3]) / (old[1] - old[2]); old[1] != old[2] && s.X[0] != 0 {
			require.InDelta(t, s.X[0]-held.X[0], slope*(old[0]-old[1]), 1e-6*(1+math.Abs(slope*(old[0]-old[1]))))
		}
	})
}
