package vm_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// derivatives returns programs of every make from a scalar program, and where
// to run them.
func derivatives(t *rapid.T, p optest.Program) []optest.Program {
	open, err := ad.Gradient(p.Func)
	require.NoError(t, err)
	even, err := ad.Wire(open, ad.AtSlot(0.5))
	require.NoError(t, err)
	along, err := ad.ElementAlong(p.Func)
	require.NoError(t, err)
	second, err := ad.Forward(even)
	require.NoError(t, err)
	d := optest.PointsFor(t, p.Func.Wrt(), "d")
	slots := optest.Choices{}
	return []optest.Program{
		p,
		{Func: open, At: optest.Join(p.At, slots.Of(t, open))},
		{Func: even, At: p.At},
		{Func: along, At: optest.Join(p.At, d)},
		{Func: second, At: optest.Join(p.At, d, slots.Of(t, second))},
	}
}

// The plan of the memory, writing over operands, sharing of equal values and
// folding of constants change no bit: a naive evaluator computes the same.
func TestLawPlanningChangesNothing(t *testing.T) {
	programs := optest.Programs(optest.Config{Jumps: true, Steps: 15})
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range derivatives(t, programs.Draw(t, "program")) {
			program, err := vm.Compile(p.Func, vm.Options{})
			require.NoError(t, err)
			requireNaive(t, p, program)
		}
	})
}

// Nor does it to run elementwise operations in groups, block by block, whatever the
// length of a block: here it is a few entries.
func TestLawBlocksChangeNothing(t *testing.T) {
	programs := optest.Programs(optest.Config{Jumps: true, Steps: 15})
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.Int32Range(2, 4).Draw(t, "entries")
		for _, p := range derivatives(t, programs.Draw(t, "program")) {
			program, err := vm.CompileInBlocks(p.Func, vm.Options{}, entries)
			require.NoError(t, err)
			requireNaive(t, p, program)
		}
	})
}

// requireNaive holds a program against a naive evaluator, faults included.
func requireNaive(t require.TestingT, p optest.Program, program *vm.Program) {
	value, fault := optest.Floats(p.Func, p.At...)
	ws := program.NewWorkspace()
	for range 2 { // the second run finds the first one's numbers in memory
		for i, x := range p.At {
			copy(ws.In(i), x)
		}
		err := ws.Run()
		require.Equal(t, fault.Set, err != nil, "%v", err)
		if err != nil {
			var isNaN *vm.NaNError
			var other *vm.FaultError
			switch {
			case errors.As(err, &isNaN):
				require.Equal(t, []int{fault.Node, fault.Entry}, []int{isNaN.Node.ID(), isNaN.Entry})
			case errors.As(err, &other):
				require.Equal(t, []int{fault.Node, fault.Entry}, []int{other.Node.ID(), other.Entry})
			}
		}
		for i, n := range p.Func.Out() {
			require.Equal(t, optest.Bits(value[n]), optest.Bits(ws.Out(i)), "output %d, %v", i, n)
		}
	}
}

// A run leaves inputs as they are.
func TestLawInputsStay(t *testing.T) {
	programs := optest.Programs(optest.Config{Jumps: true})
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range derivatives(t, programs.Draw(t, "program")) {
			program, err := vm.Compile(p.Func, vm.Options{})
			require.NoError(t, err)
			ws := program.NewWorkspace()
			for i, x := range p.At {
				copy(ws.In(i), x)
			}
			_ = ws.Run() // a NaN switch is not the question here
			for i, x := range p.At {
				require.Equal(t, x, ws.In(i))
			}
		}
	})
}

// Outputs may be inputs, constants, views and the same node again; inputs may
// be unused.
func TestLawOddOutputs(t *testing.T) {
	programs := optest.Programs(optest.Config{Jumps: true, Vector: true})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		g := p.Func.Graph()
		idle := g.Input("idle", 2)
		out := append(p.Func.Out(), p.Func.In()...)
		for _, n := range p.Func.Out() {
			out = append(out, n, expr.Reshape(n, n.Shape().Size()), expr.Add(n, n))
		}
		out = append(out, g.Const(3), g.Tensor([]float64{1, 2}, 2), idle)
		f, err := g.Func(expr.In(p.Func.In()...), expr.In(idle), expr.Out(out...))
		require.NoError(t, err)
		in := append(p.At, []float64{5, 6})
		value, _ := optest.Floats(f, in...)
		program, err := vm.Compile(f, vm.Options{})
		require.NoError(t, err)
		ws := program.NewWorkspace()
		for i, x := range in {
			copy(ws.In(i), x)
		}
		_ = ws.Run() // whatever a selector made of a NaN is in the value, too
		for i, n := range out {
			require.Equal(t, optest.Bits(value[n]), optest.Bits(ws.Out(i)), "output %d, %v", i, n)
		}
		optest.CheckLanes(t, f, in)
	})
}

func TestLawConcurrentRunsAgree(t *testing.T) {
	programs := optest.Programs(optest.Config{Jumps: true, Steps: 15})
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range derivatives(t, programs.Draw(t, "program")) {
			program, err := vm.Compile(p.Func, vm.Options{})
			require.NoError(t, err)
			value, _ := optest.Floats(p.Func, p.At...)
			const workers = 4
			got := make(chan [][]float64, workers)
			for range workers {
				go func() {
					out := make([][]float64, len(p.Func.Out()))
					for i, n := range p.Func.Out() {
						out[i] = make([]float64, n.Shape().Size())
					}
					_ = program.Run(out, p.At...) // compared below
					got <- out
				}()
			}
			for range workers {
				for i, y := range <-got {
					require.Equal(t, optest.Bits(value[p.Func.Out()[i]]), optest.Bits(y))
				}
			}
		}
	})
}

// A sum has one meaning: along an axis, whatever its stride, after a transpose
// and in lanes it is rounded the same.
func TestLawSumsRoundAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 40).Draw(t, "m"), rapid.IntRange(1, 5).Draw(t, "n")
		g := expr.NewGraph()
		x := g.Input("x", m, n)
		sum, ok := expr.Lookup("sum")
		require.True(t, ok)
		columns := sum.Apply(expr.Ints(2, 1, n), x)
		rows := expr.SumLast(expr.Transpose(x))
		dots := expr.Dot(expr.BroadcastTo(g.Const(1), n, m), expr.Transpose(x))
		f, err := g.Func(expr.In(x), expr.Out(columns, rows, dots))
		require.NoError(t, err)
		at := optest.Rough(t, m*n, "x")
		y := optest.Float(t, f, at)
		require.Equal(t, optest.Bits(y[0]), optest.Bits(y[1]))
		require.Equal(t, optest.Bits(y[0]), optest.Bits(y[2]))
		optest.CheckLanes(t, f, [][]float64{at})
	})
}
