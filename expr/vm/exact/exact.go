// Package exact runs programs in rational arithmetic: kinks are decided
// exactly, and certificates can be rechecked. It executes the ops that have an
// exact evaluation, which all piecewise polynomial ones have; division by zero
// is an error.
package exact

import (
	"fmt"
	"math/big"
	"sync"

	"github.com/tamegrad/tamegrad/expr"
)

// Program is a Func prepared for rational arithmetic. It is immutable and safe
// for concurrent use.
type Program struct {
	f            *expr.Func
	steps        []step
	leaves, outs []int // numbers of the inputs, slots included, and of the outputs; −1 if nothing reads an input
	work         int
	// constants has the values of all constants by number, computed in the first run.
	constants func() [][]*big.Rat
}

// step is the application of a node's op.
type step struct {
	node   expr.Node
	args   []int // numbers of the operands
	shapes []expr.Shape
	index  []int32
}

// UnsupportedError says that a program leaves rational arithmetic.
type UnsupportedError struct{ Node expr.Node }

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("exact: %v has no rational value; use float64 (%s)", e.Node, e.Node.Op().Doc)
}

// FaultError says that a run met a division by zero or the like.
type FaultError struct {
	Node  expr.Node
	Entry int
	Why   string
}

func (e *FaultError) Error() string {
	return fmt.Sprintf("exact: %s in %v at entry %d", e.Why, e.Node, e.Entry)
}

// Compile prepares f; it fails with an UnsupportedError if one of its
// operations is not rational.
func Compile(f *expr.Func) (*Program, error) {
	p := &Program{f: f, steps: make([]step, f.Order().Len())}
	for i := range p.steps {
		n := f.Order().Node(i)
		if !rational(n) {
			return nil, &UnsupportedError{n}
		}
		work := 0
		p.steps[i], work = newStep(f.Order(), n)
		p.work = max(p.work, work)
	}
	p.leaves = numbers(f.Order(), append(f.In(), f.Slots()...))
	p.outs = numbers(f.Order(), f.Out())
	p.constants = sync.OnceValue(func() [][]*big.Rat { return constants(p.steps) })
	return p, nil
}

func numbers(order *expr.Order, nodes []expr.Node) []int {
	out := make([]int, len(nodes))
	for i, n := range nodes {
		out[i] = order.Index(n)
	}
	return out
}

// constants returns the values of the constants by number; those that are too long
// are left for a run to fail at.
func constants(steps []step) [][]*big.Rat {
	values := make([][]*big.Rat, len(steps))
	for i := range steps {
		if _, ok := steps[i].node.IsConst(); !ok {
			continue
		}
		var fault expr.Fault
		if row := steps[i].evaluate(nil, nil, &fault); !fault.Set {
			values[i] = row
		}
	}
	return values
}

// rational reports whether the op of a node has values in the rationals.
func rational(n expr.Node) bool {
	op := n.Op()
	return op.Exact != nil && (op.Name != "pow" || n.Attr()[0].Rat().IsInt())
}

// newStep prepares the application of a node's op, which needs as much scratch.
func newStep(order *expr.Order, n expr.Node) (s step, work int) {
	s = step{node: n, args: numbers(order, n.Args())}
	for _, a := range n.Args() {
		s.shapes = append(s.shapes, a.Shape())
	}
	op := n.Op()
	if op.Index != nil {
		s.index = op.Index(s.shapes, n.Shape(), n.Attr())
	}
	if op.Work != nil {
		work = op.Work(s.shapes)
	}
	return s, work
}

// Run returns the outputs at the given inputs, which are followed by the values
// of the open slots; all are flat and row-major, and none is changed. The caller
// must not change entries of the result, which may be shared with the inputs.
func (p *Program) Run(in ...[]*big.Rat) ([][]*big.Rat, error) { return p.Session().Run(in...) }

// evaluate returns the value of the step, given those of all nodes before it.
func (s *step) evaluate(value [][]*big.Rat, work []int, fault *expr.Fault) []*big.Rat {
	n := s.node
	c := expr.Call[*big.Rat]{
		Out: make([]*big.Rat, n.Shape().Size()), In: make([][]*big.Rat, len(s.args)), Shape: n.Shape(), Shapes: s.shapes,
		Attr: n.Attr(), Index: s.index, Work: work, Fault: fault, Node: n.ID(),
	}
	for i, a := range s.args {
		c.In[i] = value[a]
	}
	n.Op().Exact(&c)
	checkLength(&c)
	return c.Out
}

// checkLength stops a run whose numbers grow without bound.
func checkLength(c *expr.Call[*big.Rat]) {
	for i, v := range c.Out {
		if v.Num().BitLen() > expr.MaxExactBits || v.Denom().BitLen() > expr.MaxExactBits {
			c.Fail(i, expr.FaultLength)
			return
		}
	}
}

// fits checks that there are as many inputs, and as long ones, as f has.
func fits(f *expr.Func, in [][]*big.Rat) error {
	leaves := append(f.In(), f.Slots()...)
	if len(in) != len(leaves) {
		return fmt.Errorf("exact: got %d inputs; the program has %d, slots included", len(in), len(leaves))
	}
	for i, n := range leaves {
		if len(in[i]) != n.Shape().Size() {
			return fmt.Errorf("exact: input %v has %d entries; it needs %d", n, len(in[i]), n.Shape().Size())
		}
	}
	return nil
}
