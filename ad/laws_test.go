package ad_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// kinds are the families of programs that most laws are about.
var kinds = map[string]optest.Config{
	"affine":     {Class: expr.PiecewiseAffine},
	"polynomial": {Class: expr.PiecewisePolynomial},
	"vector":     {Class: expr.PiecewisePolynomial, Vector: true},
	"any":        {},
	"jumps":      {Jumps: true, Vector: true},
}

// each runs a law on random programs of the named families.
func each(t *testing.T, names []string, law func(t *rapid.T, p optest.Program)) {
	for _, name := range names {
		programs := optest.Programs(kinds[name])
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) { law(t, programs.Draw(t, "program")) }))
	}
}

// Forward and backward mode are adjoint for one wiring of the slots they share.
func TestLawAdjoint(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector", "any", "jumps"}, optest.CheckAdjoint)
}

func TestLawLinear(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector", "any", "jumps"}, optest.CheckLinear)
}

// wirings are rules that choose the same whenever they are asked.
func wirings(f *expr.Func) map[string]ad.Wiring {
	return map[string]ad.Wiring{
		"AtSlot(0)": ad.AtSlot(0), "AtSlot(1/2)": ad.AtSlot(0.5), "AtSlot(1)": ad.AtSlot(1),
		"AtKink(0)": ad.AtKink(0), "AtKink(1)": ad.AtKink(1),
		"Along": ad.Along(ad.Coordinates(f)...),
	}
}

// Let g be the gradient of f, open. Wiring g, differentiating the result
// forward and wiring the slots that come up again, by the same rule, is
// differentiating g forward and wiring all slots at once.
func TestLawWiringCommutesWithForward(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		open, err := ad.Forward(g)
		require.NoError(t, err)
		at := optest.AllToRats(optest.Join(p.At, optest.PointsFor(t, p.Func.Wrt(), "d")))
		for name, w := range wirings(p.Func) {
			once, err := ad.Wire(open, w)
			require.NoError(t, err)
			first, err := ad.Wire(g, w)
			require.NoError(t, err)
			second, err := ad.Forward(first)
			require.NoError(t, err)
			twice, err := ad.Wire(second, w)
			require.NoError(t, err)
			want, got := optest.Exact(t, once, at...), optest.Exact(t, twice, at...)
			require.Equal(t, optest.Strings(want), optest.Strings(got), "%s", name)
		}
	})
}

// Slots are shared: a wiring gives the same Jacobian in both modes.
func TestLawWiringIsOneForBothModes(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector"}, func(t *rapid.T, p optest.Program) {
		forward, err := ad.Forward(p.Func)
		require.NoError(t, err)
		backward, err := ad.Backward(p.Func)
		require.NoError(t, err)
		u, v := optest.PointsFor(t, p.Func.Wrt(), "u"), optest.PointsFor(t, p.Func.Out(), "v")
		outs := len(p.Func.Out())
		for name, w := range wirings(p.Func) {
			forward, err := ad.Wire(forward, w)
			require.NoError(t, err)
			backward, err := ad.Wire(backward, w)
			require.NoError(t, err)
			ju := optest.Exact(t, forward, optest.AllToRats(optest.Join(p.At, u))...)[outs:]
			jv := optest.Exact(t, backward, optest.AllToRats(optest.Join(p.At, v))...)[outs:]
			left, right := optest.DotRats(optest.AllToRats(v), ju), optest.DotRats(jv, optest.AllToRats(u))
			require.Equal(t, left.RatString(), right.RatString(), "%s", name)
		}
	})
}

func TestLawLanes(t *testing.T) {
	each(t, []string{"affine", "polynomial", "any"}, func(t *rapid.T, p optest.Program) {
		open, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		wired, err := ad.Wire(open, ad.AtSlot(0.5))
		require.NoError(t, err)
		along, err := ad.ElementAlong(p.Func)
		require.NoError(t, err)
		d := optest.PointsFor(t, p.Func.Wrt(), "d")
		optest.CheckLanes(t, p.Func, p.At)
		optest.CheckLanes(t, open, optest.Join(p.At, optest.Choices{}.Of(t, open)))
		optest.CheckLanes(t, wired, p.At)
		optest.CheckLanes(t, along, optest.Join(p.At, d))
	})
}

// Floats and rationals agree where no float operation rounds.
func TestLawExactEqualsFloat(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		open, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		along, err := ad.ElementAlong(p.Func)
		require.NoError(t, err)
		optest.CheckExact(t, p.Func, p.At)
		optest.CheckExact(t, open, optest.Join(p.At, optest.Choices{}.Of(t, open)))
		optest.CheckExact(t, along, optest.Join(p.At, optest.PointsFor(t, p.Func.Wrt(), "d")))
	})
}
