package vm

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// WorkspaceOf holds the numbers of one run of a Program. It is not safe for
// concurrent use. Its buffers are those of the run if T is the program's
// precision; else they are converted before and after each run.
type WorkspaceOf[T expr.Real] struct {
	p       *Program
	in, out [][]T
	arena   []T // nil if buffers are converted, or there are lanes
	run     func() laneFault
	before  func() // converts inputs; nil if there is nothing to convert
	after   func()
}

// Workspace is a workspace whose inputs and outputs are float64, whatever the
// precision of the program.
type Workspace = WorkspaceOf[float64]

// NewWorkspace returns a workspace whose inputs are 0.
func (p *Program) NewWorkspace() *Workspace { return NewWorkspaceOf[float64](p) }

// NewWorkspaceOf returns a workspace with buffers of T, whose inputs are 0.
func NewWorkspaceOf[T expr.Real](p *Program) *WorkspaceOf[T] {
	if p.options.Precision == Float32 {
		return attach[T](newEngine[float32](p))
	}
	return attach[T](newEngine[float64](p))
}

func attach[T, S expr.Real](e *engine[S]) *WorkspaceOf[T] {
	w := &WorkspaceOf[T]{p: e.p, run: e.run}
	if same, ok := any(e).(*engine[T]); ok {
		w.in, w.out = same.in, same.out
		if e.p.block == 0 {
			w.arena = same.machines[0].arena
		}
		return w
	}
	for _, x := range e.in {
		w.in = append(w.in, make([]T, len(x)))
	}
	for _, y := range e.out {
		w.out = append(w.out, make([]T, len(y)))
	}
	w.before = func() {
		for i, x := range w.in {
			convert(e.in[i], x)
		}
	}
	w.after = func() {
		for i, y := range e.out {
			convert(w.out[i], y)
		}
	}
	return w
}

// In returns the buffer of input i, row-major, to be written before Run; slots
// follow the inputs.
func (w *WorkspaceOf[T]) In(i int) []T { return w.in[i] }

// Out returns the buffer of output i; the next Run overwrites it.
func (w *WorkspaceOf[T]) Out(i int) []T { return w.out[i] }

// Inputs returns the number of inputs and slots.
func (w *WorkspaceOf[T]) Inputs() int { return len(w.in) }

// InRange returns the buffers of inputs i to j − 1 as one slice, with the numbers between them, which nothing uses and are 0
// at first; nil if they do not stand one after the other, as with lanes or in another precision.
func (w *WorkspaceOf[T]) InRange(i, j int) []T { return w.joined(w.p.inputs[i:j], true) }

// OutRange returns outputs likewise; they stand one after the other if they are few and none is an input or another output.
func (w *WorkspaceOf[T]) OutRange(i, j int) []T { return w.joined(w.p.outputs[i:j], w.p.together) }

func (w *WorkspaceOf[T]) joined(leaves []leaf, together bool) []T {
	if w.arena == nil || !together || len(leaves) == 0 {
		return nil
	}
	from, last := leaves[0].span.at, leaves[len(leaves)-1].span
	return w.arena[from : last.at+last.size : last.at+last.size]
}

// Run computes the outputs from the inputs. It allocates nothing. The error is
// a *NaNError if a switch was NaN, a *FaultError if an operand was not an order;
// the outputs that do not depend on it, such as those of other lanes, are valid
// all the same.
func (w *WorkspaceOf[T]) Run() error {
	if w.before != nil {
		w.before()
	}
	fault := w.run()
	if w.after != nil {
		w.after()
	}
	if fault.Set {
		return w.p.faultError(fault)
	}
	return nil
}

// Run copies the inputs in, runs in a pooled workspace and copies the outputs
// out. Each of dst and in is a flat row-major buffer of the right length.
func (p *Program) Run(dst [][]float64, in ...[]float64) error {
	w := p.pool.Get().(*Workspace)
	defer p.pool.Put(w)
	if len(in) != len(w.in) || len(dst) != len(w.out) {
		return fmt.Errorf("vm: got %d inputs and %d outputs; the program has %d (slots included) and %d", len(in), len(dst), len(w.in), len(w.out))
	}
	for i, x := range in {
		if len(x) != len(w.in[i]) {
			return fmt.Errorf("vm: input %d has %d entries; it needs %d", i, len(x), len(w.in[i]))
		}
		copy(w.in[i], x)
	}
	for i, y := range dst {
		if len(y) != len(w.out[i]) {
			return fmt.Errorf("vm: output %d has room for %d entries; it needs %d", i, len(y), len(w.out[i]))
		}
	}
	err := w.Run()
	for i, y := range dst {
		copy(y, w.out[i])
	}
	return err
}
