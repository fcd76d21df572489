package sgd_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd"
)

func drawSampling(t *rapid.T) sgd.Sampling {
	n := rapid.IntRange(1, 60).Draw(t, "n")
	return sgd.Sampling{
		Rows: n, Batch: rapid.IntRange(1, n).Draw(t, "b"),
		Order:    sgd.Order(rapid.IntRange(0, 3).Draw(t, "order")),
		DropLast: rapid.Bool().Draw(t, "drop"),
	}
}

// passes draws whole passes, as lists of minibatches.
func passes(t require.TestingT, c sgd.Sampling, seed uint64, count int) [][][]int {
	s, err := sgd.NewSampler(c, rand.NewPCG(seed, 0))
	require.NoError(t, err)
	out := make([][][]int, count)
	for i := range out {
		for range s.PassSteps() {
			out[i] = append(out[i], slices.Clone(s.Next()))
		}
	}
	return out
}

func TestLawSampler(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, seed := drawSampling(t), rapid.Uint64().Draw(t, "seed")
		got := passes(t, c, seed, 3)
		require.Equal(t, got, passes(t, c, seed, 3), "a function of the seed")
		s, err := sgd.NewSampler(c, rand.NewPCG(seed, 0))
		require.NoError(t, err)
		for _, pass := range got {
			total := 0
			for i, batch := range pass {
				total += len(batch)
				require.Contains(t, s.Sizes(), len(batch))
				require.True(t, len(batch) == c.Batch || i == len(pass)-1, "only the last one is smaller")
			}
			if c.DropLast {
				require.Equal(t, c.Rows/c.Batch*c.Batch, total)
			} else {
				require.Equal(t, c.Rows, total, "an epoch is n component gradients")
				require.Len(t, pass, (c.Rows+c.Batch-1)/c.Batch)
			}
			requireOrder(t, c, slices.Concat(pass...))
		}
		if c.Order == sgd.ShuffledOnce || c.Order == sgd.Incremental {
			require.Equal(t, got[0], got[1])
			require.Equal(t, got[0], got[2])
		}
	})
}

// requireOrder checks the rows of one pass.
func requireOrder(t require.TestingT, c sgd.Sampling, rows []int) {
	for _, r := range rows {
		require.True(t, 0 <= r && r < c.Rows)
	}
	if c.Order == sgd.Incremental {
		require.True(t, slices.IsSorted(rows))
	}
	if c.Order == sgd.WithReplacement {
		return
	}
	slices.Sort(rows)
	require.Equal(t, len(rows), len(slices.Compact(rows)), "each row at most once a pass")
}

// Without replacement every order of three rows has the same probability, and
// with replacement every row has, in each position.
func TestSamplerUniform(t *testing.T) {
	const trials = 60000
	count := map[string]int{}
	s, err := sgd.NewSampler(sgd.Sampling{Rows: 3, Batch: 3}, rand.NewChaCha8([32]byte{1}))
	require.NoError(t, err)
	for range trials {
		count[fmt.Sprint(s.Next())]++
	}
	require.Len(t, count, 6)
	w, err := sgd.NewSampler(sgd.Sampling{Rows: 2, Batch: 2, Order: sgd.WithReplacement}, rand.NewPCG(2, 2))
	require.NoError(t, err)
	for range trials {
		count["replaced "+fmt.Sprint(w.Next())]++
	}
	require.Len(t, count, 10)
	for what, n := range count {
		p := 1.0 / 6
		if len(what) > 8 {
			p = 0.25
		}
		require.InDelta(t, p, float64(n)/trials, 5*math.Sqrt(p*(1-p)/trials), what)
	}
}

func TestReshuffledPassesDiffer(t *testing.T) {
	c := sgd.Sampling{Rows: 40, Batch: 7}
	got := passes(t, c, 1, 2)
	require.NotEqual(t, got[0], got[1])
	require.NotEqual(t, got[0], passes(t, c, 2, 1)[0])
}

func TestSamplerAllocates(t *testing.T) {
	for order := range sgd.WithReplacement + 1 {
		s, err := sgd.NewSampler(sgd.Sampling{Rows: 10, Batch: 3, Order: order}, rand.NewPCG(1, 1))
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(100, func() { s.Next() }), order)
	}
}

func TestSamplingErrors(t *testing.T) {
	src := rand.NewPCG(1, 1)
	for _, c := range []sgd.Sampling{{}, {Rows: 3}, {Rows: 3, Batch: 4}, {Rows: -1, Batch: 1}, {Rows: 3, Batch: 1, Order: 4}, {Rows: 3, Batch: 1, Order: -1}} {
		_, err := sgd.NewSampler(c, src)
		var e *sgd.SamplingError
		require.ErrorAs(t, err, &e, "%+v", c)
		require.Equal(t, c, e.Sampling)
		require.NotEmpty(t, err.Error())
	}
	_, err := sgd.NewSampler(sgd.Sampling{Rows: 3, Batch: 1}, nil)
	require.ErrorContains(t, err, "needs a source")
	_, err = sgd.NewSampler(sgd.Sampling{Rows: 3, Batch: 1, Order: sgd.Incremental}, nil)
	require.NoError(t, err)
}

func ExampleSampler() {
	s, err := sgd.NewSampler(sgd.Sampling{Rows: 5, Batch: 2, Order: sgd.Incremental}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range s.PassSteps() + 1 {
		fmt.Print(s.Next(), " ")
	}
	// Output: [0 1] [2 3] [4] [0 1]
}
