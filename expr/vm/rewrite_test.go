package vm_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Layers with rows, relus and transposed weights run in fused ops, and their derivatives
// too, whatever the slots are, with the bits of a naive evaluator, faults included.
func TestLawFusedOpsChangeNothing(t *testing.T) {
	met, checks := map[string]bool{}, 0
	rapid.Check(t, func(t *rapid.T) {
		checks++
		f := layers(t)
		g, err := ad.Gradient(f)
		require.NoError(t, err)
		if half := rapid.IntRange(-1, 1).Draw(t, "twice the slot, or open"); half >= 0 {
			g, err = ad.Wire(g, ad.AtSlot(float64(half)/2))
			require.NoError(t, err)
		}
		if lanes := rapid.IntRange(0, 3).Draw(t, "lanes"); lanes > 0 {
			var shared []expr.Node
			for _, in := range g.In() {
				if rapid.Bool().Draw(t, "shared") {
					shared = append(shared, in)
				}
			}
			g, _, err = expr.Vmap(g, lanes, shared)
			require.NoError(t, err)
		}
		program, err := vm.CompileInBlocks(g, vm.Options{}, rapid.Int32Range(2, 512).Draw(t, "entries"))
		require.NoError(t, err)
		for _, name := range vm.Ops(program) {
			met[name] = true
		}
		requireNaive(t, optest.Program{Func: g, At: numbersFor(t, g)}, program)
	})
	for _, name := range []string{"matmul with row", "matvec with row", "gate of step"} {
		require.True(t, met[name] || checks < 50, name) // a few checks need not meet all
	}
}

// layers is the sum of the squares of what a random network gives for rows or one vector.
func layers(t *rapid.T) *expr.Func {
	g := expr.NewGraph()
	width := rapid.IntRange(1, 4).Draw(t, "width")
	dims := []int{width}
	if rows := rapid.IntRange(0, 3).Draw(t, "rows"); rows > 0 {
		dims = []int{rows, width}
	}
	in := []expr.Node{g.Input("x", dims...)}
	y := in[0]
	for k := range rapid.IntRange(1, 3).Draw(t, "layers") {
		next := rapid.IntRange(1, 4).Draw(t, "width")
		turned := len(dims) == 1 || rapid.Bool().Draw(t, "transposed weights")
		rows, cols := width, next
		if turned {
			rows, cols = cols, rows
		}
		w, b := g.Input(fmt.Sprint("w", k), rows, cols), g.Input(fmt.Sprint("b", k), next)
		if len(dims) == 2 && rapid.Bool().Draw(t, "a column") {
			b = g.Input(fmt.Sprint("c", k), dims[0], 1)
		}
		in = append(in, w, b)
		z := product(y, w, turned)
		switch rapid.IntRange(0, 4).Draw(t, "form of the layer") {
		case 0:
			y = expr.Add(b, z)
		case 1:
			y = expr.ReLU(z)
		case 2:
			y = expr.Add(expr.ReLU(expr.Add(z, b)), z)
		default:
			y = expr.ReLU(expr.Add(z, b))
		}
		width = next
	}
	f, err := g.Func(expr.In(in...), expr.Out(expr.Sum(expr.Mul(y, y))))
	require.NoError(t, err)
	return f
}

func product(y, w expr.Node, turned bool) expr.Node {
	switch {
	case y.Shape().Rank() == 1:
		return expr.MatMul(w, y)
	case turned:
		return expr.MatMul(y, expr.Transpose(w))
	}
	return expr.MatMul(y, w)
}

// numbersFor draws numbers that often tie with 0 and are seldom NaN.
func numbersFor(t *rapid.T, f *expr.Func) (at [][]float64) {
	number := rapid.Map(rapid.IntRange(-5, 40), func(k int) float64 {
		switch {
		case k == 40:
			return math.NaN()
		case k > 5:
			return float64(k-20) / 8
		}
		return []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1)}[max(k, 0)%5]
	})
	for _, n := range append(f.In(), f.Slots()...) {
		size := n.Shape().Size()
		at = append(at, rapid.SliceOfN(number, size, size).Draw(t, "numbers"))
	}
	return at
}

// A layer takes its rows and its relu along, its derivative gates by the step, and no matrix is transposed.
func TestFusedOpsOfANetwork(t *testing.T) {
	g := expr.NewGraph()
	x, v, w, b := g.Input("x", 8, 5), g.Param("v", 6, 5), g.Param("w", 6), g.Param("b", 6)
	y := expr.ReLU(expr.Add(expr.MatMul(x, expr.Transpose(v)), b))
	f, err := g.Func(expr.In(x, v, w, b), expr.Out(expr.Sum(expr.MatMul(y, w))))
	require.NoError(t, err)
	d, err := ad.Gradient(f)
	require.NoError(t, err)
	d, err = ad.Wire(d, ad.AtKink(0))
	require.NoError(t, err)
	p, err := vm.Compile(d, vm.Options{})
	require.NoError(t, err)
	names := vm.Ops(p)
	require.NotContains(t, names, "transpose")
	require.NotContains(t, names, "step")
	require.NotContains(t, names, "relu")
	require.Contains(t, names, "matmul with row")
	require.Contains(t, names, "gate of step")
}

// A gate by 1 is what it gates, unless that may be −0, which a gate turns into 0: here what rounds to it in float32.
func TestGatesByOneKeepZeros(t *testing.T) {
	step, ok := expr.Lookup("step")
	require.True(t, ok)
	for _, c := range []struct{ slot, a, b float64 }{{0, 1, 0}, {0.5, -1, 1}, {0, 1, -1e-60}, {0, -1, math.Copysign(0, -1)}, {math.Copysign(0, -1), 1, 0}, {-1e-60, 1, 0}} {
		g := expr.NewGraph()
		z := g.Input("z", 3)
		s := step.Apply(nil, z, g.Const(c.slot))
		one := g.Const(1)
		f, err := g.Func(expr.In(z), expr.Out(expr.Gate(s, one), expr.Gate(expr.AffineOf(s, c.a, c.b), one)))
		require.NoError(t, err)
		for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
			p, err := vm.Compile(f, vm.Options{Precision: precision})
			require.NoError(t, err)
			ws := p.NewWorkspace()
			copy(ws.In(0), []float64{-1, 0, 1})
			require.NoError(t, ws.Run())
			for i := range 2 {
				for _, y := range ws.Out(i) {
					require.False(t, y == 0 && math.Signbit(y), "%v, %v, output %d", c, precision, i)
				}
			}
		}
	}
}

// A gate that 1 opens is what it gates, in every bit.
func TestGateOpenedByOne(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.Stack(expr.Gate(g.Const(1), x), x)))
	require.NoError(t, err)
	for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
		p, err := vm.Compile(f, vm.Options{Precision: precision})
		require.NoError(t, err)
		require.NotContains(t, vm.Ops(p), "gate")
		w := p.NewWorkspace()
		copy(w.In(0), []float64{math.Copysign(0, -1), math.Inf(-1), math.NaN()})
		require.NoError(t, w.Run())
		require.True(t, math.Signbit(w.Out(0)[0]))
		require.Equal(t, math.Inf(-1), w.Out(0)[2])
		require.True(t, math.IsNaN(w.Out(0)[4]))
	}
}

// An output has a place of its own, also if it has the bits of an input: that may be written before the output is read.
func TestOutputsAreNotInputs(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 2)
	y := expr.Gate(g.Const(1), x)
	f, err := g.Func(expr.In(x), expr.Out(y, expr.Reshape(y, 2, 1), expr.Reshape(expr.Gate(g.Const(1), expr.Reshape(x, 1, 2)), 2)))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	w := p.NewWorkspace()
	copy(w.In(0), []float64{1, 2})
	require.NoError(t, w.Run())
	copy(w.In(0), []float64{5, 6})
	for i := range 3 {
		require.Equal(t, []float64{1, 2}, w.Out(i), i)
	}
}

// The weights of both operands of a maximum, s and 1 − s, add up to a constant where they have the same bits for all that a
// step can be, and then the step runs only as long as a NaN switch would be missed without it.
func TestWeightsOfAStepAddUp(t *testing.T) {
	step, _ := expr.Lookup("step")
	numbers := []float64{1, -1, 0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 0x1p60, 0.1, math.NaN()}
	for _, c := range []struct {
		slot         float64
		gated        bool
		steps, gates int // that run
	}{
		{0.5, true, 0, 1},
		{0.3, true, 0, 1},
		{0.3, false, 1, 0}, // finds the NaN
		{1e17, true, 1, 1}, // 1 − s rounds
	} {
		for _, minus := range []bool{false, true} {
			for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
				g := expr.NewGraph()
				n := len(numbers)
				z, x := g.Input("z", n), g.Input("x", n)
				s := step.Apply(nil, z, g.Const(c.slot))
				w := expr.Add(s, expr.AffineOf(s, -1, 1))
				out := []expr.Node{expr.Add(x, w)}
				if minus {
					out[0] = expr.Sub(x, w)
				}
				if c.gated {
					out = append(out, expr.Gate(expr.AffineOf(s, 2, -1), x))
				}
				f, err := g.Func(expr.In(z, x), expr.Out(out...))
				require.NoError(t, err)
				p, err := vm.Compile(f, vm.Options{Precision: precision})
				require.NoError(t, err)
				count := map[string]int{}
				for _, name := range vm.Ops(p) {
					count[name]++
				}
				require.Equal(t, c.steps, count["step"], "%+v", c)
				require.Equal(t, c.gates, count["gate of step"], "%+v", c)
				for _, last := range []float64{0, math.NaN()} { // as a switch
					switches := append(append([]float64{}, numbers[1:len(numbers)-1]...), -3, last)
					if precision == vm.Float64 {
						requireNaive(t, optest.Program{Func: f, At: [][]float64{switches, numbers}}, p)
						continue
					}
					ws := p.NewWorkspace()
					copy(ws.In(0), switches)
					copy(ws.In(1), numbers)
					require.Equal(t, last != last, ws.Run() != nil)
					for i, v := range numbers {
						weight := float32(1)
						if switches[i] == 0 {
							s := float32(c.slot)
							weight = s + (1 - s)
						}
						if minus {
							weight = -weight
						}
						require.Equal(t, optest.Bits([]float64{float64(float32(v) + weight)}), optest.Bits(ws.Out(0)[i:i+1]), "%v", v)
					}
				}
			}
		}
	}
}

// 0·s + c is c only if s is finite, and has the bits of c in float32 only if c is one.
func TestConstantsOfAStepStay(t *testing.T) {
	step, _ := expr.Lookup("step")
	for _, c := range []struct {
		precision vm.Precision
		c, slot   float64
		open      bool
		want      float64
	}{
		{vm.Float64, 1, math.Inf(1), true, math.NaN()},
		{vm.Float64, 1, 0.5, true, 4},
		{vm.Float64, 1, 0.5, false, 4},
		{vm.Float32, 0x1p-23 + 0x1p-48, 0.5, false, 3}, // 3 + c rounds up, 3 + 2⁻²³ to even
	} {
		const n = 3
		g := expr.NewGraph()
		z, x, in := g.Input("z", n), g.Input("x", n), g.Input("slot")
		slot := in
		if !c.open {
			slot = g.Const(c.slot)
		}
		s := step.Apply(nil, z, slot)
		f, err := g.Func(expr.In(z, x, in), expr.Out(expr.Add(x, expr.AffineOf(s, 0, c.c)), expr.Gate(s, x)))
		require.NoError(t, err)
		p, err := vm.Compile(f, vm.Options{Precision: c.precision})
		require.NoError(t, err)
		ws := p.NewWorkspace()
		for i := range n {
			ws.In(1)[i] = 3
		}
		ws.In(2)[0] = c.slot
		require.NoError(t, ws.Run())
		require.Equal(t, optest.Bits([]float64{c.want}), optest.Bits(ws.Out(0)[:1]), "%+v", c)
	}
}
