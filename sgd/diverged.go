package sgd

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// StepError says in which step a run ended. The parameters are those before
// that step.
type StepError struct {
	Step  int     // steps made before
	Epoch float64 // epochs made before
	Rows  []int   // the minibatch
	Err   error   // a *DivergedError, a *vm.NaNError or a *RateError
}

func (e *StepError) Error() string {
	return fmt.Sprintf("sgd: step %d (epoch %.3f): %v", e.Step, e.Epoch, e.Err)
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// RateError says that a schedule gave no step size.
type RateError struct{ Rate float64 }

func (e *RateError) Error() string {
	return fmt.Sprintf("the schedule gives the step size %v; it must be finite and at least 0", e.Rate)
}

// DivergedError says that a loss or a gradient is NaN or infinite.
type DivergedError struct {
	What  string  // "the loss" or "the gradient of w0"
	Entry int     // flat index
	Value float64 // what stands there
	// Node is where it comes from: a node of the gradient program that is not
	// finite although its operands are, or an input that is not finite.
	Node expr.Node
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("%s is %v at entry %d, first at %v; lower the step size, or look for a division, a logarithm or a root outside its domain", e.What, e.Value, e.Entry, e.Node)
}

func finite(v float64) bool { return v-v == 0 }

// firstBad returns the first entry that is not finite, −1 if all are. Then the sum of
// their squares mostly is, which is quickly seen.
func (p *program) firstBad(v []float64) int {
	if kernel.DotRows(p.square[:], v, v, len(v)); finite(p.square[0]) {
		return -1
	}
	return slices.IndexFunc(v, func(x float64) bool { return !finite(x) })
}

// checkFinite looks at the loss and the gradients of the last run.
func (p *program) checkFinite(loss float64) error {
	if !finite(loss) {
		return p.diverged("the loss", 0, 0)
	}
	if p.joined != nil && p.firstBad(p.joined[0].Grad) < 0 {
		return nil
	}
	for i := range p.own {
		if j := p.firstBad(p.own[i].Grad); j >= 0 {
			return p.diverged("the gradient of "+p.own[i].Name, 1+i, j)
		}
	}
	return nil
}

// diverged finds where a bad entry of an output comes from. It runs the program
// once more with all nodes as outputs.
func (p *program) diverged(what string, output, entry int) error {
	root := p.f.Out()[output]
	e := &DivergedError{What: what, Entry: entry, Value: p.ws.Out(output)[entry], Node: root}
	nodes := p.f.Nodes()
	all, err := p.f.Graph().Func(expr.In(p.f.In()...), expr.Out(nodes...))
	if err != nil {
		return e
	}
	code, err := vm.Compile(all, p.options)
	if err != nil {
		return e
	}
	ws := code.NewWorkspace()
	for i := range ws.Inputs() {
		copy(ws.In(i), p.ws.In(i))
	}
	if ws.Run() != nil {
		return e
	}
	bad := map[expr.Node]bool{}
	for i, n := range nodes {
		bad[n] = p.firstBad(ws.Out(i)) >= 0
	}
	e.Node = source(root, bad)
	return e
}

// source walks from a bad node to bad operands as long as there are any.
func source(n expr.Node, bad map[expr.Node]bool) expr.Node {
	for {
		i := slices.IndexFunc(n.Args(), func(a expr.Node) bool { return bad[a] })
		if i < 0 {
			return n
		}
		n = n.Args()[i]
	}
}
