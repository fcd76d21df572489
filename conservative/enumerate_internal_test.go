package conservative

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// A walk that remembers states finds the extreme points of one that does not, in both
// arithmetics, and looks at no more states.
func TestLawRememberedStates(t *testing.T) {
	programs := optest.Programs(optest.Config{Ops: []string{"relu", "abs", "add", "sub", "max", "sort", "median", "affine"}, Steps: 12})
	tangled := 0
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			t.Skip("nothing to differentiate")
		}
		d, err := At(context.Background(), p.Func, clarke.RationalPoint(p.Rats()...), Options{MaxSlots: 1, MaxParts: 1})
		require.NoError(t, err)
		if d.exact == nil {
			t.Skip("not rational")
		}
		for i := range d.exact.tangles {
			list := d.exact.tangles[i].list
			plain, remembering := walked(t, d.exact, list, false), walked(t, d.exact, list, true)
			if plain == nil {
				continue // too long
			}
			tangled++
			require.LessOrEqual(t, len(remembering), len(plain))
			want, got := extremeOf(t, plain), extremeOf(t, remembering)
			require.True(t, slices.EqualFunc(want, got, equal), "%v, not %v", got, want)
			if !p.Rounds(t) {
				require.Len(t, extremeOf(t, walked(t, d.float, list, true)), len(want))
			}
		}
	})
	require.NotZero(t, tangled)
}

// walked returns what a walk emits, nil if it is too long.
func walked[T any](t *rapid.T, p *parts[T], list []int, remember bool) []clarke.Vector {
	work := 1 << 20
	w, err := p.newWalk(context.Background(), list, 1<<10, &work)
	if err != nil {
		return nil
	}
	if w.seen = nil; remember {
		w.seen = make([]map[string]bool, len(list))
	}
	if err := w.descend(len(list) - 1); err != nil {
		require.False(t, remember && work < 0)
		return nil
	}
	for o := range w.m { // all is as it was before
		for _, v := range append(w.arrived[o], w.sums[o]...) {
			require.Zero(t, w.sign(v))
		}
	}
	return w.out
}

func extremeOf(t *rapid.T, points []clarke.Vector) []clarke.Vector {
	vertices, _, err := clarke.ExtremePoints(points)
	require.NoError(t, err)
	return vertices
}
