package dataset_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/dataset"
)

func TestDigits(t *testing.T) {
	s, err := dataset.Digits()
	require.NoError(t, err)
	require.Equal(t, [3]int{1797, 64, 10}, [3]int{s.N, s.D, s.Classes})
	require.Len(t, s.X, 1797*64)
	require.Equal(t, []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, s.Counts()) // UCI, optdigits.names
	top := 0.0
	for _, v := range s.X {
		require.True(t, v >= 0 && v <= 1 && v*16 == math.Trunc(v*16))
		top = max(top, v)
	}
	require.Equal(t, 1.0, top)
	require.Equal(t, []float64{0, 0, 5. / 16, 13. / 16}, s.Row(0)[:4])
	require.Equal(t, []int{0, 1, 2}, s.Labels[:3])
	require.Equal(t, "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a", s.SHA256)
	require.Equal(t, []float64{0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, s.OneHot()[10:20])
}

func TestParse(t *testing.T) {
	f := dataset.Format{Features: 2, Max: 4, Classes: 3}
	for _, text := range []string{"0,4,2\n1,2,0\n", "0,4,2\n1,2,0"} {
		s, err := f.Parse([]byte(text))
		require.NoError(t, err)
		require.Equal(t, []float64{0, 1, 0.25, 0.5}, s.X)
		require.Equal(t, []int{2, 0}, s.Labels)
		require.Equal(t, 2, s.N)
		require.Len(t, s.SHA256, 64)
	}
}

func TestParseErrors(t *testing.T) {
	f := dataset.Format{Features: 2, Max: 4, Classes: 3, Rows: 2}
	for text, want := range map[string]string{
		"":                           "line 1: the text ends after 0 rows; it must have 2",
		"0,4,2\n":                    "line 2: the text ends after 1 rows; it must have 2",
		"0,4,2\n0,4,2\n0,4,2\n":      "line 4: the text ends after 3 rows; it must have 2",
		"0,4,2\n\n0,4,2\n":           "line 2: the line is empty",
		"0,4,2\n0,4\n":               "line 2: there are 2 numbers; there must be 2 features and a class",
		"0,4,2,1\n":                  "line 1: there are 4 numbers",
		"0,4,2\n0,5,2\n":             "line 2, column 2: 5 is not in 0 to 4",
		"0,4,3\n":                    "line 1, column 3: 3 is not in 0 to 2",
		"-1,4,1\n":                   "line 1, column 1: -1 is not in 0 to 4",
		"0, 4,1\n":                   `line 1, column 2: " 4" is no integer`,
		"0,04,1\n":                   `line 1, column 2: "04" is no integer`,
		"0,+4,1\n":                   `line 1, column 2: "+4" is no integer`,
		"0,1.5,1\n":                  `line 1, column 2: "1.5" is no integer`,
		"0,,1\n":                     `line 1, column 2: "" is no integer`,
		"0,4,1\r\n":                  `line 1, column 3: "1\r" is no integer`,
		"-0,4,1\n":                   `line 1, column 1: "-0" is no integer`,
		"\"0\",4,1\n":                `line 1, column 1`,
		"0,99999999999999999999,1\n": `line 1, column 2: "99999999999999999999" is no integer`,
	} {
		_, err := f.Parse([]byte(text))
		var e *dataset.ParseError
		require.ErrorAs(t, err, &e, "%q", text)
		require.ErrorContains(t, err, want, "%q", text)
	}
}

// Whatever the text is, parsing ends with a set of the right sizes or an error.
func TestLawParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([0-4,\n]|1,2,0\n)*`).Draw(t, "text")
		s, err := dataset.Format{Features: 2, Max: 4, Classes: 3}.Parse([]byte(text))
		if err != nil {
			return
		}
		require.Len(t, s.X, s.N*s.D)
		require.Len(t, s.Labels, s.N)
		require.Equal(t, s.N, strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1)
	})
}

// Both parts together are the set, shares hold class by class, and seeds decide.
func TestLawSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, share, seed := rapid.IntRange(1, 60).Draw(t, "n"), rapid.Float64Range(0, 1).Draw(t, "share"), rapid.Uint64().Draw(t, "seed")
		s := &dataset.Set{N: n, D: 1, Classes: 3, SHA256: "sum"}
		for i := range n {
			s.X = append(s.X, float64(i))
			s.Labels = append(s.Labels, rapid.IntRange(0, 2).Draw(t, "label"))
		}
		train, held, err := s.Split(share, rand.NewPCG(seed, 0))
		require.NoError(t, err)
		again, _, err := s.Split(share, rand.NewPCG(seed, 0))
		require.NoError(t, err)
		require.Equal(t, train, again)
		require.ElementsMatch(t, s.X, append(append([]float64{}, train.X...), held.X...))
		for k, count := range s.Counts() {
			require.Equal(t, int(math.Round(share*float64(count))), held.Counts()[k])
		}
		for _, part := range []*dataset.Set{train, held} {
			require.Equal(t, [2]int{1, 3}, [2]int{part.D, part.Classes})
			require.Equal(t, "sum", part.SHA256)
			for i, x := range part.X {
				require.Equal(t, s.Labels[int(x)], part.Labels[i])
				require.True(t, i == 0 || part.X[i-1] < x, "rows keep their order")
			}
		}
	})
}

func TestSplitErrors(t *testing.T) {
	for _, share := range []float64{-0.1, 1.1, math.NaN()} {
		_, _, err := (&dataset.Set{}).Split(share, rand.NewPCG(1, 1))
		require.ErrorContains(t, err, "the share held back")
	}
}

func ExampleDigits() {
	digits, err := dataset.Digits()
	if err != nil {
		fmt.Println(err)
		return
	}
	train, held, err := digits.Split(0.2, rand.NewPCG(1, 2))
	fmt.Println(train.N, held.N, held.Counts(), err)
	// Output: 1438 359 [36 36 35 37 36 36 36 36 35 36] <nil>
}
