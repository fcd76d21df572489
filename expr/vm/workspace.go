package vm

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Workspace holds the numbers of one run of a Program. It is not safe for
// concurrent use.
type Workspace struct {
	p     *Program
	arena []float64
	calls []expr.Call[float64]
	fault expr.Fault
	in    [][]float64
	out   [][]float64
}

// NewWorkspace returns a workspace whose inputs are 0.
func (p *Program) NewWorkspace() *Workspace {
	w := &Workspace{p: p, arena: make([]float64, p.arena), calls: make([]expr.Call[float64], len(p.code))}
	work := make([]int, p.work)
	for i := range p.code {
		w.bind(&w.calls[i], &p.code[i], work)
	}
	for _, s := range p.inputs {
		w.in = append(w.in, w.view(s))
	}
	for _, s := range p.outputs {
		w.out = append(w.out, w.view(s))
	}
	for i := range p.code[:p.static] {
		w.exec(i)
	}
	return w
}

func (w *Workspace) view(s span) []float64 { return w.arena[s.at : s.at+s.size : s.at+s.size] }

func (w *Workspace) bind(c *expr.Call[float64], in *instruction, work []int) {
	*c = expr.Call[float64]{
		Out: w.view(in.out), Shape: in.shape, Shapes: in.in0, Attr: in.attr,
		Index: in.index, Work: work, Fault: &w.fault, Node: in.node,
	}
	for _, s := range in.in {
		c.In = append(c.In, w.view(s))
	}
}

func (w *Workspace) exec(i int) {
	if op := w.p.code[i].op; !op.View {
		op.Eval(&w.calls[i])
	}
}

// In returns the buffer of input i, row-major, to be written before Run; slots
// follow the inputs.
func (w *Workspace) In(i int) []float64 { return w.in[i] }

// Out returns the buffer of output i; the next Run overwrites it.
func (w *Workspace) Out(i int) []float64 { return w.out[i] }

// Inputs returns the number of inputs and slots.
func (w *Workspace) Inputs() int { return len(w.in) }

// Run computes the outputs from the inputs. It allocates nothing. The error is
// a *NaNError if a switch was NaN; the outputs that do not depend on it, such as
// those of other lanes, are valid all the same.
func (w *Workspace) Run() error {
	w.fault = expr.Fault{}
	for i := w.p.static; i < len(w.calls); i++ {
		w.exec(i)
	}
	if w.fault.Set {
		return w.p.nanError(w.fault)
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
	err := w.Run()
	for i, y := range dst {
		if len(y) != len(w.out[i]) {
			return fmt.Errorf("vm: output %d has room for %d entries; it needs %d", i, len(y), len(w.out[i]))
		}
		copy(y, w.out[i])
	}
	return err
}

// NaNError says that a switch was NaN, so that neither branch of a kink is
// meant.
type NaNError struct {
	Lane  int       // 0 without lanes, and for a switch that all lanes share
	Node  expr.Node // of the compiled Func
	Entry int       // flat index within the lane's switching value: the node's first operand
}

func (e *NaNError) Error() string {
	return fmt.Sprintf("vm: the switch of %v is NaN at entry %d of lane %d; look for a division 0/0, a logarithm or a root outside its domain, or a NaN input", e.Node, e.Entry, e.Lane)
}

func (p *Program) nanError(f expr.Fault) error {
	at := p.f.Out()[0].At
	if p.lanes == 0 {
		return &NaNError{Node: at(f.Node), Entry: f.Entry}
	}
	e := &NaNError{Node: p.source.Out()[0].At(p.origin[f.Node]), Entry: f.Entry}
	if at(f.Node).Shape() != e.Node.Shape() { // it has the lane axis
		size := at(f.Node).Args()[0].Shape().Size() / p.lanes
		e.Lane, e.Entry = f.Entry/size, f.Entry%size
	}
	return e
}
