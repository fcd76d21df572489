package vm_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// A code is what Eval of its op computes, and a NaN switch is a fault of the same node, for
// all pairs of numbers at which they could differ.
func TestCodesAreEval(t *testing.T) {
	edges := []float64{
		0, math.Copysign(0, -1), 1, -1, 0.5, -3, 1.0 / 3, math.NaN(), math.Inf(1), math.Inf(-1),
		math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -0x1p-1022,
	}
	coded := 0
	for _, op := range expr.Ops() {
		if op.Code == simd.NoCode {
			continue
		}
		coded++
		g := expr.NewGraph()
		in := []expr.Node{g.Input("x"), g.Input("y")}
		var at expr.Attr
		for range op.Attrs.Min {
			at = append(at, expr.Num(-1.0/3))
		}
		f, err := g.Func(expr.In(in...), expr.Out(op.Apply(at, in[:op.MinArgs]...)))
		require.NoError(t, err)
		p, err := vm.Compile(f, vm.Options{})
		require.NoError(t, err)
		for _, x := range edges {
			for _, y := range edges {
				want, fault := optest.Floats(f, []float64{x}, []float64{y})
				out := []float64{0}
				err := p.Run([][]float64{out}, []float64{x}, []float64{y})
				require.Equal(t, optest.Bits(want[f.Out()[0]]), optest.Bits(out), "%s of %v and %v", op.Name, x, y)
				if require.Equal(t, fault.Set, err != nil, "%s of %v", op.Name, x); fault.Set {
					var e *vm.NaNError
					require.ErrorAs(t, err, &e)
					require.Equal(t, fault.Node, e.Node.ID())
				}
			}
		}
	}
	require.Equal(t, int(simd.CodeMin), coded)
}

// So are the codes of fused ops, which derivatives of scalars run.
func TestCodesOfFusedOps(t *testing.T) {
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Input("y")
	z := expr.Abs(expr.Mul(expr.Max(x, y), expr.ReLU(expr.Sub(y, expr.Scale(2, x)))))
	f, err := g.Func(expr.In(x, y), expr.Out(expr.Add(z, expr.Scale(3, expr.Mul(x, y)))))
	require.NoError(t, err)
	d, err := ad.Gradient(f)
	require.NoError(t, err)
	p, err := vm.Compile(d, vm.Options{})
	require.NoError(t, err)
	require.Contains(t, vm.Codes(p), simd.CodeGateAbove)
	require.Contains(t, vm.Codes(p), simd.CodeGateBelow)
	require.Contains(t, vm.Codes(p), simd.CodeGateSign)
	require.Contains(t, vm.Codes(p), simd.CodeGateAdd)
	edges := []float64{0, math.Copysign(0, -1), 1, -1, -3, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	for _, x := range edges {
		for _, y := range edges {
			for k := range 27 {
				slot := func(i int) []float64 { return []float64{float64(i%3) / 2} }
				requireNaive(t, optest.Program{Func: d, At: [][]float64{{x}, {y}, slot(k), slot(k / 3), slot(k / 9)}}, p)
			}
		}
	}
}
