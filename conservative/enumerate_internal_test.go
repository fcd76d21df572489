package conservative

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
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
		tangled += requireRemembered(t, d, !p.Rounds(t))
	})
	RequireSeen(t, tangled)
}

// The same for programs whose kinks are tangled.
func TestRememberedStates(t *testing.T) {
	for _, text := range []string{
		"relu(relu(x - y/3) - 0.5*abs(x - y/3))",
		"relu(relu(x) - 0.5*abs(x)) - abs(relu(x) - 0.5*abs(x) + y)",
		"abs(abs(x - y) - abs(x + y)) - abs(abs(x) + y)",
		"median([relu(x) - y, abs(x), max(x, y)])",
	} {
		f, err := parse.Parse(text)
		require.NoError(t, err)
		d, err := At(context.Background(), f, clarke.RationalPoint(zeroRats(1), zeroRats(1)), Options{MaxSlots: 1, MaxParts: 1})
		require.NoError(t, err)
		require.Positive(t, requireRemembered(t, d, false), text)
	}
}

// requireRemembered compares the walks of all tangles, in float64 only if nothing rounds,
// and counts those that were not too long.
func requireRemembered(t require.TestingT, d *Field, alsoFloat bool) (tangled int) {
	for i := range d.exact.tangles {
		list := d.exact.tangles[i].list
		plain, remembering := walked(t, d.exact, list, false), walked(t, d.exact, list, true)
		if plain == nil {
			continue
		}
		tangled++
		require.LessOrEqual(t, len(remembering), len(plain))
		want, got := extremeOf(t, plain), extremeOf(t, remembering)
		require.True(t, slices.EqualFunc(want, got, equal), "%v, not %v", got, want)
		if alsoFloat {
			require.Len(t, extremeOf(t, walked(t, d.float, list, true)), len(want))
		}
	}
	return tangled
}

// walked returns what a walk emits, nil if it is too long.
func walked[T any](t require.TestingT, p *parts[T], list []int, remember bool) []clarke.Vector {
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

func extremeOf(t require.TestingT, points []clarke.Vector) []clarke.Vector {
	vertices, _, err := clarke.ExtremePoints(points)
	require.NoError(t, err)
	return vertices
}

// Numbers that tell states apart are counted, over all groups together, and end the
// enumeration after at most one state too many.
func TestNumbersOfStatesAreCounted(t *testing.T) {
	s := "x - y/3"
	for range 4 {
		s = "relu(" + s + " - 0.5*abs(" + s + "))"
	}
	f, err := parse.Parse(s)
	require.NoError(t, err)
	d, err := At(context.Background(), f, clarke.RationalPoint(zeroRats(1), zeroRats(1)), Options{MaxSlots: 1, MaxParts: 1})
	require.NoError(t, err)
	require.NotEmpty(t, d.float.tangles)
	list := d.float.tangles[0].list
	require.Greater(t, len(list), longWalk)
	for _, most := range []int{0, 100, 10_000} {
		work := most
		_, err := d.float.enumerate(context.Background(), list, 1<<16, &work)
		var budget *budgetError
		require.ErrorAs(t, err, &budget)
		state := d.float.m * (len(d.float.back) + d.float.n)
		require.GreaterOrEqual(t, work, -state)
	}
	work := walkWork
	_, err = d.float.enumerate(context.Background(), list, 1<<16, &work)
	require.NoError(t, err)
	require.Less(t, work, walkWork)
}
