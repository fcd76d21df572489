package conservative

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// Bounds that a region has from the one around it, and those that are kept, are those
// that are computed for it alone, to the last bit.
func TestLawPartsOfRegions(t *testing.T) {
	ops := []string{"relu", "abs", "add", "sub", "max", "sort", "median", "affine"}
	programs := map[bool]*rapid.Generator[optest.Program]{
		false: optest.Programs(optest.Config{Ops: ops, Steps: 10}),
		true:  optest.Programs(optest.Config{Ops: ops, Steps: 8, Vector: true}),
	}
	tangled := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 20 { // of which one is tangled, mostly
			_, d := rational(t, programs[rapid.Bool().Draw(t, "vector")], Options{MaxSlots: 1, MaxParts: 1})
			if d.exact == nil || len(d.exact.tangles) == 0 {
				continue
			}
			tangled++
			requireSameBounds(t, d.exact)
			requireSameBounds(t, d.float)
			return
		}
	})
	RequireSeen(t, tangled)
}

// requireSameBounds splits a tangle a few times.
func requireSameBounds[T any](t *rapid.T, p *parts[T]) {
	if len(p.tangles) == 0 { // in the other arithmetic only
		return
	}
	seen := p.tangles[0].seen
	free := slices.DeleteFunc(slices.Clone(seen.list), func(b int) bool { return !p.shape.free[b] })
	r := seen.whole(context.Background())
	for range rapid.IntRange(1, 4).Draw(t, "splits") {
		if len(free) == 0 {
			return
		}
		i := rapid.IntRange(0, len(free)-1).Draw(t, "block")
		b := free[i]
		free = slices.Delete(free, i, i+1)
		at := region[T]{slices.Clone(r.held), slices.Clone(r.signs)}
		if p.pieces(b, 64) <= 64 && rapid.Bool().Draw(t, "held") {
			at.held[b] = rapid.SampledFrom(p.vertices(b)).Draw(t, "slot")
		} else {
			at.signs[b] = rapid.SampledFrom([]int8{-1, 1}).Draw(t, "sign")
		}
		whole := r
		r = seen.part(whole, at, b)
		alone := p.relax(context.Background(), seen.list, at)
		requireEqualBounds(t, alone, r)
		requireEqualBounds(t, alone, seen.part(whole, at, b))
		require.Equal(t, alone.empty, r.empty)
		if r.empty {
			return
		}
	}
}

func requireEqualBounds[T any](t require.TestingT, want, got *relaxation[T]) {
	for o := range want.bounds {
		for _, b := range want.list {
			for i := want.blocks[b].from; i < want.blocks[b].to; i++ {
				require.Zero(t, want.compare(want.bounds[o][i].lo, got.bounds[o][i].lo))
				require.Zero(t, want.compare(want.bounds[o][i].hi, got.bounds[o][i].hi))
			}
		}
	}
}

// Bounds that were found as the context ended are wide, and not kept.
func TestWideBoundsAreNotKept(t *testing.T) {
	f, err := parse.Parse("abs(abs(x - y) - abs(x + y)) - abs(abs(x) + y)")
	require.NoError(t, err)
	d, err := At(context.Background(), f, clarke.FloatPoint([]float64{0}, []float64{0}), Options{})
	require.NoError(t, err)
	require.NotEmpty(t, d.float.tangles)
	whole := d.float.wholeRegion()
	seen := &regions[float64]{system: d.float.system, list: d.float.tangles[0].list, all: whole}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	wide := seen.whole(stopped)
	require.Empty(t, seen.kept.of)
	tight := seen.whole(context.Background())
	require.Len(t, seen.kept.of, 1)
	require.NotEqual(t, wide.bounds, tight.bounds)
}

// Searches that share the bounds of regions answer as one after the other.
func TestSearchesAtOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	f := layered(rng, 3, 6, 6)
	for _, x := range []clarke.Point{clarke.FloatPoint(make([]float64, 3)), clarke.RationalPoint(zeroRats(3))} {
		field := func() *Field {
			d, err := At(context.Background(), f, x, Options{MaxSlots: 1, MaxParts: 1})
			require.NoError(t, err)
			return d
		}
		alone, shared := field(), field()
		const searches = 8
		var group sync.WaitGroup
		var want, got [searches]SupportValue
		var errs [searches]error
		for i := range searches {
			w := clarke.Rational(rationalOf([]float64{float64(i - 4), 1, float64(3 - i)}))
			var err error
			want[i], err = alone.Support(context.Background(), w, 64)
			require.NoError(t, err)
			group.Go(func() { got[i], errs[i] = shared.Support(context.Background(), w, 64) })
		}
		group.Wait()
		require.Equal(t, [searches]error{}, errs)
		require.Equal(t, want, got)
	}
}

func TestKeptTablesAreBounded(t *testing.T) {
	var k kept[int]
	for i := range 10 {
		k.put(strconv.Itoa(i), i, keptNumbers/4)
		v, known := k.get(strconv.Itoa(i))
		require.True(t, known)
		require.Equal(t, i, v)
		require.LessOrEqual(t, len(k.of), 4)
	}
	_, known := k.get("0")
	require.False(t, known)
}

// The calls of the oracle in one search share an allowance of regions. When it is spent
// they look at a few each, and their bounds hold.
func TestCallsShareAnAllowance(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	f := layered(rng, 3, 8, 8)
	x := clarke.FloatPoint(make([]float64, 3))
	ctx := context.Background()
	all, err := At(ctx, f, x, Options{MaxSlots: 1})
	require.NoError(t, err)
	few, err := At(ctx, f, x, Options{MaxSlots: 1, MaxParts: 1})
	require.NoError(t, err)
	require.False(t, all.Complete || few.Complete)
	require.LessOrEqual(t, few.DistanceLower, all.Distance)
	require.GreaterOrEqual(t, few.Distance, all.DistanceLower)

	left := few.allowance()
	set := few.set(ctx, left)
	spent := 0
	for range 64 {
		w := []float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}
		before := int(*left)
		a := set.answer(w)
		spent += a.regions
		require.Equal(t, before-a.regions, int(*left))
		if before <= 0 {
			require.LessOrEqual(t, a.regions, leastRegions*len(few.float.tangles))
		}
		again := set.answer(w)
		require.Equal(t, a.slots, again.slots)
		require.Equal(t, before-a.regions, int(*left), "an answer that is kept costs nothing")
		h, err := all.Support(ctx, clarke.Floats(w), 0)
		require.NoError(t, err)
		slack := 1e-9 * (1 + all.float.size())
		require.LessOrEqual(t, a.lower, h.Upper.Float[0]+slack)
		require.GreaterOrEqual(t, a.upper, h.Lower.Float[0]-slack)
	}
	require.Greater(t, spent, regionsPerPart)
	require.Negative(t, int(*left))
}
