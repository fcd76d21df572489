package ad_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// The chain rule holds along segments, above all along those inside the strata
// of kinks, for any choice of the slots.
func TestLawChainRuleAlongCurves(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector", "any"}, optest.CheckCurve)
}

// Gradients beside a point are among those of the point.
func TestLawGradientsNearbyAreInside(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector"}, optest.CheckNearby)
}

// Programs change their piece only where a switch crosses zero.
func TestLawPieces(t *testing.T) {
	each(t, []string{"affine"}, optest.CheckPieces)
}

// What the ops of a program certify to be continuous is.
func TestLawContinuity(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector", "any", "jumps"}, optest.CheckContinuous)
}

// Presets and uniform wirings choose within the slots' sets.
func TestLawWiringsAreInside(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector", "any"}, optest.CheckSelections)
}

// Values do not depend on the mode, whatever the numbers are.
func TestLawModes(t *testing.T) {
	number := rapid.SampledFrom(optest.Extremes())
	each(t, []string{"affine", "any", "jumps"}, func(t *rapid.T, p optest.Program) {
		for _, x := range p.At {
			for i := range x {
				if rapid.Bool().Draw(t, "extreme") {
					x[i] = number.Draw(t, "number")
				}
			}
		}
		optest.CheckModes(t, p)
	})
}

// A branch that is not taken may be anything: infinite, or not even a number.
// Around a program it changes neither value nor gradient.
func TestLawUntakenBranchesLeakNothing(t *testing.T) {
	each(t, []string{"affine", "polynomial", "any"}, func(t *rapid.T, p optest.Program) {
		y := p.Func.Out()[0]
		x := p.Func.In()[0]
		large := expr.Exp(expr.Shift(expr.Sum(expr.Mul(x, x)), 1000)) // +Inf
		none := expr.Log(expr.Shift(expr.Scale(0, expr.Sum(x)), -1))  // NaN
		one := y.Graph().Const(1)
		wrappings := map[string]expr.Node{
			"min":        expr.Min(y, large),
			"max":        expr.Max(expr.Neg(large), y),
			"amax":       expr.Max(expr.Neg(large), y, expr.Neg(large)),
			"clamp":      expr.Clamp(y, expr.Neg(large), large),
			"median":     expr.Median(expr.Stack(expr.Neg(large), y, large)),
			"sort":       expr.Index(expr.Sort(expr.Stack(large, y, expr.Neg(large))), 1),
			"where, NaN": expr.Where(one, expr.Greater, y, none),
			"where, Inf": expr.Where(one, expr.Less, large, y),
			"gate":       expr.Add(y, expr.Gate(y.Graph().Const(0), none)),
		}
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(wrappings))).Draw(t, "wrapping")
		f, err := y.Graph().Func(expr.In(p.Func.In()...), expr.Out(wrappings[name]))
		require.NoError(t, err)
		a, b := selectionAt(t, p.Func, p.At), selectionAt(t, f, p.At)
		for i := range a {
			for j, v := range a[i] {
				require.True(t, v == b[i][j] || math.IsNaN(v) && math.IsNaN(b[i][j]), "%v and %v", a, b)
			}
		}
	})
}

// selectionAt returns value and gradient, slots at 1/2.
func selectionAt(t require.TestingT, f *expr.Func, at [][]float64) [][]float64 {
	open, err := ad.Gradient(f)
	require.NoError(t, err)
	g, err := ad.Wire(open, ad.AtSlot(0.5))
	require.NoError(t, err)
	return optest.Float(t, g, at...)
}
