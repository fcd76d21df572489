package vm_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Long programs of scalars give in many lanes, which run several at once on the tape, what they give lane by lane.
func TestLawWideTape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := scalars(t)
		d, err := ad.Gradient(f)
		require.NoError(t, err)
		if rapid.Bool().Draw(t, "wired") {
			d, err = ad.Wire(d, ad.AtSlot(0.5))
			require.NoError(t, err)
		}
		lanes := rapid.IntRange(32, 50).Draw(t, "lanes")
		for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
			many, err := vm.CompileOnTape(d, vm.Options{Lanes: lanes, Precision: precision})
			require.NoError(t, err)
			require.NotEmpty(t, vm.Codes(many))
			one, err := vm.Compile(d, vm.Options{Precision: precision})
			require.NoError(t, err)
			all, single := many.NewWorkspace(), one.NewWorkspace()
			for i := range all.Inputs() {
				for lane := range lanes {
					all.In(i)[lane] = number.Draw(t, "number")
				}
			}
			fault := all.Run()
			first := lanes
			for lane := range lanes {
				for i := range all.Inputs() {
					single.In(i)[0] = all.In(i)[lane]
				}
				if single.Run() != nil {
					first = min(first, lane)
				}
				for i := range d.Out() {
					require.Equal(t, optest.Bits(single.Out(i)), optest.Bits(all.Out(i)[lane:lane+1]), "output %d of lane %d", i, lane)
				}
			}
			require.Equal(t, first < lanes, fault != nil)
		}
	})
}

// number draws from tame numbers, and sometimes at an edge.
var number = rapid.Map(rapid.IntRange(-4, 200), func(k int) float64 {
	if k < 0 {
		return []float64{math.NaN(), math.Inf(1), math.Copysign(0, -1), math.Inf(-1)}[-1-k]
	}
	return float64(k-100) / 64
})

// scalars is a program of many operations on a few scalars.
func scalars(t *rapid.T) *expr.Func {
	g := expr.NewGraph()
	in := []expr.Node{g.Input("x"), g.Input("y"), g.Input("z")}
	nodes := in
	pick := func() expr.Node {
		return nodes[max(0, len(nodes)-1-rapid.IntRange(0, 6).Draw(t, "operand"))]
	}
	for range rapid.IntRange(1, 40).Draw(t, "operations") {
		a, b := pick(), pick()
		switch rapid.IntRange(0, 12).Draw(t, "op") {
		case 0:
			a = expr.Add(a, b)
		case 1:
			a = expr.Sub(a, b)
		case 2:
			a = expr.Tanh(expr.Mul(a, b)) // stays small
		case 3:
			a = expr.Div(a, expr.Shift(expr.Abs(b), 0.5))
		case 4:
			a = expr.Max(a, b)
		case 5:
			a = expr.Min(a, b)
		case 6:
			a = expr.ReLU(a)
		case 7:
			a = expr.Abs(a)
		case 8:
			a = expr.AffineOf(a, -0.75, 0.125)
		case 9:
			a = expr.Neg(a)
		case 10:
			a = expr.Sin(a)
		case 11:
			a = expr.Clamp(a, expr.Neg(expr.Abs(b)), expr.Abs(b))
		default:
			a = expr.LeakyReLU(a, 0.25)
		}
		nodes = append(nodes, a)
	}
	out := nodes[len(nodes)-1]
	for _, n := range nodes {
		out = expr.Add(out, n)
	}
	f, err := g.Func(expr.In(in...), expr.Out(out))
	require.NoError(t, err)
	return f
}

// Compile takes the tape for many lanes of a long program with much to remember.
func TestLongProgramsRunOnTheTape(t *testing.T) {
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Input("y")
	z := x
	for range 2000 {
		z = expr.Tanh(expr.Sub(expr.Mul(z, y), expr.Abs(z)))
	}
	f, err := g.Func(expr.In(x, y), expr.Out(z))
	require.NoError(t, err)
	open, err := ad.Gradient(f)
	require.NoError(t, err)
	d, err := ad.Wire(open, ad.AtKink(0))
	require.NoError(t, err)
	for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
		p, err := vm.Compile(d, vm.Options{Lanes: 100, Precision: precision})
		require.NoError(t, err)
		require.Greater(t, len(vm.Codes(p)), 2000)
	}
}
