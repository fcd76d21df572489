package vm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// wide is the gradient of a tiny network per lane, with shared weights and
// kinks that are active in many lanes; a few thousand lanes take several blocks.
func wide(t testing.TB) *expr.Func {
	g := expr.NewGraph()
	x, w, v := g.Input("x", 10), g.Data("w", 12, 10), g.Data("v", 12)
	hidden := expr.ReLU(expr.MatMul(w, x))
	y := expr.Add(expr.Dot(v, hidden), expr.Max(expr.Abs(x)))
	f, err := g.Func(expr.In(x, w, v), expr.Out(expr.Add(y, expr.Norm2(expr.Sort(x)))))
	require.NoError(t, err)
	open, err := ad.Gradient(f)
	require.NoError(t, err)
	wired, err := ad.Wire(open, ad.AtSlot(0.5))
	require.NoError(t, err)
	return wired
}

// wideInputs draws numbers of which many are 0, the same for every program.
func wideInputs(w *vm.Workspace) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range w.Inputs() {
		for k := range w.In(i) {
			w.In(i)[k] = float64(rng.IntN(7)-3) / 3
		}
	}
}

func outputs(t testing.TB, f *expr.Func, o vm.Options) [][]float64 {
	o.Shared = f.In()[1:]
	p, err := vm.Compile(f, o)
	require.NoError(t, err)
	w := p.NewWorkspace()
	wideInputs(w)
	require.NoError(t, w.Run())
	first := [][]float64{w.Out(0), w.Out(1)}
	for i, y := range first {
		first[i] = append([]float64{}, y...)
	}
	require.NoError(t, w.Run(), "a second run finds the first one's numbers")
	require.Equal(t, optest.Bits(first[1]), optest.Bits(w.Out(1)))
	return first
}

// The bits do not depend on the number of workers, nor on how lanes are cut into
// blocks: single runs give the same.
func TestBlocksAndWorkersChangeNothing(t *testing.T) {
	f := wide(t)
	const lanes = 3001 // the last block overlaps
	for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
		t.Run(precision.String(), func(t *testing.T) {
			want := outputs(t, f, vm.Options{Lanes: lanes, Precision: precision, Workers: 1})
			for _, workers := range []int{2, 3, 8} {
				got := outputs(t, f, vm.Options{Lanes: lanes, Precision: precision, Workers: workers})
				for i := range want {
					require.Equal(t, optest.Bits(want[i]), optest.Bits(got[i]), "%d workers", workers)
				}
			}
			single, err := vm.Compile(f, vm.Options{Precision: precision})
			require.NoError(t, err)
			all, err := vm.Compile(f, vm.Options{Lanes: lanes, Shared: f.In()[1:]})
			require.NoError(t, err)
			in, one := all.NewWorkspace(), single.NewWorkspace()
			wideInputs(in)
			for _, l := range []int{0, 1, 700, lanes - 2, lanes - 1} {
				copy(one.In(0), in.In(0)[10*l:])
				copy(one.In(1), in.In(1))
				copy(one.In(2), in.In(2))
				require.NoError(t, one.Run())
				require.Equal(t, optest.Bits(one.Out(1)), optest.Bits(want[1][10*l:10*l+10]), "lane %d", l)
			}
		})
	}
}

// Of several NaN switches the one of the lowest node is reported, and of its
// lanes the lowest, whatever block is done first.
func TestFirstFaultOfManyBlocks(t *testing.T) {
	f := wide(t)
	for _, workers := range []int{1, 2, 8} {
		p, err := vm.Compile(f, vm.Options{Lanes: 3001, Shared: f.In()[1:], Workers: workers})
		require.NoError(t, err)
		w := p.NewWorkspace()
		wideInputs(w)
		for _, l := range []int{2999, 3000, 1500, 1203} {
			w.In(0)[10*l+7] = math.NaN()
		}
		for range 5 {
			var e *vm.NaNError
			require.ErrorAs(t, w.Run(), &e)
			require.Equal(t, 1203, e.Lane)
			require.Contains(t, f.Nodes(), e.Node)
		}
		require.False(t, math.IsNaN(w.Out(0)[1202]), "other lanes are complete")
	}
}

func TestBlocksDoNotAllocate(t *testing.T) {
	f := wide(t)
	p, err := vm.Compile(f, vm.Options{Lanes: 3001, Shared: f.In()[1:], Workers: 2})
	require.NoError(t, err)
	w := p.NewWorkspace()
	wideInputs(w)
	require.NoError(t, w.Run())
	require.Zero(t, testing.AllocsPerRun(5, func() {
		_ = w.Run()
		runtime.Gosched() // a goroutine that has not left yet is not there to be started again
	}))
}

// Memory does not grow with the number of runs.
func TestManyRunsKeepMemory(t *testing.T) {
	runs := 1_000_000
	if testing.Short() {
		runs = 10_000
	}
	g := expr.NewGraph()
	x := g.Input("x", 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.ReLU(x))))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	out := [][]float64{{0}}
	in := []float64{1, -1, 0}
	measure := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	require.NoError(t, p.Run(out, in))
	before := measure()
	w := p.NewWorkspace()
	for range runs {
		require.NoError(t, w.Run())
	}
	for range runs {
		if err := p.Run(out, in); err != nil {
			t.Fatal(err)
		}
	}
	require.Less(t, measure(), before+1<<18)
	runtime.KeepAlive(w)
}

// One program runs in many goroutines at once, each with lanes in blocks.
func TestConcurrentBlocks(t *testing.T) {
	f := wide(t)
	p, err := vm.Compile(f, vm.Options{Lanes: 900, Shared: f.In()[1:]})
	require.NoError(t, err)
	want := p.NewWorkspace()
	wideInputs(want)
	require.NoError(t, want.Run())
	done := make(chan string)
	for range 4 {
		go func() {
			w := p.NewWorkspace()
			wideInputs(w)
			err := w.Run()
			done <- fmt.Sprint(err, optest.Bits(w.Out(1)))
		}()
	}
	for range 4 {
		require.Equal(t, fmt.Sprint(nil, optest.Bits(want.Out(1))), <-done)
	}
}

// A program in float32 runs the kernels for float32, and rounds the value of an
// op that has none once, constants included: a naive evaluator does the same, node
// by node from rounded operands, and both kinds of workspace have its bits.
func TestLawFloat32(t *testing.T) {
	programs := optest.Programs(optest.Config{Jumps: true, Steps: 15})
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range derivatives(t, programs.Draw(t, "program")) {
			program, err := vm.Compile(p.Func, vm.Options{Precision: vm.Float32})
			require.NoError(t, err)
			want, fault := optest.Rounded(p.Func, p.At...)
			wide, native := program.NewWorkspace(), vm.NewWorkspaceOf[float32](program)
			for i, x := range p.At {
				copy(wide.In(i), x)
				for k, v := range x {
					native.In(i)[k] = float32(v)
				}
			}
			require.Equal(t, fault.Set, wide.Run() != nil)
			require.Equal(t, fault.Set, native.Run() != nil)
			for i, n := range p.Func.Out() {
				require.Equal(t, optest.Bits(want[n]), optest.Bits(wide.Out(i)), "output %d", i)
				for k, v := range native.Out(i) {
					require.Equal(t, optest.Bits(want[n][k:k+1]), optest.Bits([]float64{float64(v)}), "output %d, entry %d", i, k)
				}
			}
		}
	})
}

func TestPrecisionText(t *testing.T) {
	require.Equal(t, "float32", vm.Float32.String())
	_, err := vm.Compile(wide(t), vm.Options{Precision: 7})
	require.EqualError(t, err, "vm: unknown precision 7")
}

// A fault in an operand that all lanes share belongs to no lane in particular.
func TestFaultOfSharedOperand(t *testing.T) {
	g := expr.NewGraph()
	i, x := g.Data("i", 2), g.Input("x", 3, 2)
	f, err := g.Func(expr.In(i, x), expr.Out(expr.GatherRows(i, x)))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{Lanes: 40, Shared: f.In()[:1]})
	require.NoError(t, err)
	w := p.NewWorkspace()
	w.In(0)[1] = 7
	var e *vm.FaultError
	require.ErrorAs(t, w.Run(), &e)
	require.Equal(t, 0, e.Lane)
	require.Contains(t, e.Error(), expr.FaultIndex)
}
