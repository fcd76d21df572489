package claim_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

func TestSeedDependsOnNamesAndValuesOnly(t *testing.T) {
	axis := rapid.Custom(func(t *rapid.T) claim.Axis {
		return claim.Axis{Name: rapid.StringN(0, 3, -1).Draw(t, "name"), Value: rapid.StringN(0, 3, -1).Draw(t, "value")}
	})
	rapid.Check(t, func(t *rapid.T) {
		axes := rapid.SliceOfN(axis, 0, 4).Draw(t, "axes")
		shuffled := rapid.Permutation(axes).Draw(t, "shuffled")
		require.Equal(t, claim.Seed(axes...), claim.Seed(shuffled...))
		more := append(slices.Clone(axes), axis.Draw(t, "more"))
		require.NotEqual(t, claim.Seed(axes...), claim.Seed(more...))
	})
	require.NotEqual(t, claim.Seed(claim.At("ab", "c")), claim.Seed(claim.At("a", "bc")))
}

// Golden: a changed derivation would silently change every result.
func TestStreamIsPinned(t *testing.T) {
	c := &claim.Context{Claim: "passing", Seed: 1}
	require.Equal(t, c.Rand(claim.At("trial", 3)).Uint64(), c.Rand(claim.At("trial", 3)).Uint64())
	require.NotEqual(t, c.Rand(claim.At("trial", 3)).Uint64(), c.Rand(claim.At("trial", 4)).Uint64())
	require.Equal(t, pinned, c.Source(claim.At("trial", 3)).Uint64())
}

func TestEachGivesTheSameForAnyWorkers(t *testing.T) {
	draw := func(workers int) []uint64 {
		c := &claim.Context{Claim: "passing", Workers: workers}
		out := make([]uint64, 100)
		require.NoError(t, c.Each(context.Background(), len(out), func(_ context.Context, i int) error {
			out[i] = c.Rand(claim.At("trial", i)).Uint64()
			return nil
		}))
		return out
	}
	require.Equal(t, draw(0), draw(1))
	require.Equal(t, draw(1), draw(7))
}

func TestEachStops(t *testing.T) {
	c := &claim.Context{Workers: 4}
	wrong := errors.New("wrong")
	var calls atomic.Int64
	err := c.Each(context.Background(), 1e6, func(ctx context.Context, i int) error {
		calls.Add(1)
		if i == 5 {
			return wrong
		}
		return ctx.Err()
	})
	require.ErrorIs(t, err, wrong)
	require.Less(t, calls.Load(), int64(1e6))

	err = c.Each(context.Background(), 10, func(_ context.Context, i int) error { panic("boom") })
	var panicked *claim.PanicError
	require.ErrorAs(t, err, &panicked)
	require.EqualError(t, err, "it panicked: boom")

	ctx, stop := context.WithCancel(context.Background())
	stop()
	require.ErrorIs(t, c.Each(ctx, 10, func(context.Context, int) error { return nil }), context.Canceled)
	require.NoError(t, c.Each(context.Background(), 0, nil))
}

func TestContextWithoutOutputDiscards(t *testing.T) {
	c := &claim.Context{Claim: "x", Values: claim.Values{"n": 3, "s": 0.5, "b": true, "t": "a", "is": []int{1}, "fs": []float64{2}}}
	require.NoError(t, c.Trace("record"))
	require.NoError(t, c.Figure("name", nil))
	require.Equal(t, 3, c.Int("n"))
	require.Equal(t, 0.5, c.Float("s"))
	require.True(t, c.Bool("b"))
	require.Equal(t, "a", c.Text("t"))
	require.Equal(t, []int{1}, c.Ints("is"))
	require.Equal(t, []float64{2}, c.Floats("fs"))
	require.PanicsWithValue(t, `claim "x" reads "m" as int, but declares no such parameter`, func() { c.Int("m") })
}

const pinned = uint64(0x53bcb74b1e70b2fb)
