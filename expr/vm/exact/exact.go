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
	f     *expr.Func
	nodes []expr.Node
	index [][]int32
	work  int
	// constants has the values of all constants, computed in the first run.
	constants func() map[expr.Node][]*big.Rat
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
	p := &Program{f: f, nodes: f.Nodes()}
	p.index = make([][]int32, len(p.nodes))
	for i, n := range p.nodes {
		if !rational(n) {
			return nil, &UnsupportedError{n}
		}
		work := 0
		p.index[i], work = tables(n)
		p.work = max(p.work, work)
	}
	p.constants = sync.OnceValue(func() map[expr.Node][]*big.Rat { return constants(p.nodes) })
	return p, nil
}

// constants returns the values of the constants among nodes; those that are too
// long are left for a run to fail at.
func constants(nodes []expr.Node) map[expr.Node][]*big.Rat {
	values := map[expr.Node][]*big.Rat{}
	for _, n := range nodes {
		if _, ok := n.IsConst(); !ok {
			continue
		}
		var fault expr.Fault
		if row := evaluate(n, nil, nil, nil, &fault); !fault.Set {
			values[n] = row
		}
	}
	return values
}

// rational reports whether the op of a node has values in the rationals.
func rational(n expr.Node) bool {
	op := n.Op()
	return op.Exact != nil && (op.Name != "pow" || n.Attr()[0].Rat().IsInt())
}

// tables returns the op's table and how much scratch it needs.
func tables(n expr.Node) (index []int32, work int) {
	op, shapes := n.Op(), argShapes(n)
	if op.Index != nil {
		index = op.Index(shapes, n.Shape(), n.Attr())
	}
	if op.Work != nil {
		work = op.Work(shapes)
	}
	return index, work
}

func argShapes(n expr.Node) []expr.Shape {
	var out []expr.Shape
	for _, a := range n.Args() {
		out = append(out, a.Shape())
	}
	return out
}

// Run returns the outputs at the given inputs, which are followed by the values
// of the open slots; all are flat and row-major, and none is changed. The caller
// must not change entries of the result, which may be shared with the inputs.
func (p *Program) Run(in ...[]*big.Rat) ([][]*big.Rat, error) {
	value, err := p.bind(in)
	if err != nil {
		return nil, err
	}
	var fault expr.Fault
	work, constant := make([]int, p.work), p.constants()
	for i, n := range p.nodes {
		if n.IsInput() {
			continue
		}
		if row, ok := constant[n]; ok {
			value[n] = row
			continue
		}
		out := evaluate(n, value, p.index[i], work, &fault)
		if fault.Set {
			return nil, &FaultError{n, fault.Entry, fault.Why}
		}
		value[n] = out
	}
	out := make([][]*big.Rat, 0, len(p.f.Out()))
	for _, n := range p.f.Out() {
		out = append(out, value[n])
	}
	return out, nil
}

// evaluate returns the value of a node, given those of its operands.
func evaluate(n expr.Node, value map[expr.Node][]*big.Rat, index []int32, work []int, fault *expr.Fault) []*big.Rat {
	c := expr.Call[*big.Rat]{
		Out: make([]*big.Rat, n.Shape().Size()), Shape: n.Shape(), Shapes: argShapes(n), Attr: n.Attr(),
		Index: index, Work: work, Fault: fault, Node: n.ID(),
	}
	for _, a := range n.Args() {
		c.In = append(c.In, value[a])
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

func (p *Program) bind(in [][]*big.Rat) (map[expr.Node][]*big.Rat, error) {
	leaves := append(p.f.In(), p.f.Slots()...)
	if len(in) != len(leaves) {
		return nil, fmt.Errorf("exact: got %d inputs; the program has %d, slots included", len(in), len(leaves))
	}
	value := make(map[expr.Node][]*big.Rat, len(p.nodes))
	for i, n := range leaves {
		if len(in[i]) != n.Shape().Size() {
			return nil, fmt.Errorf("exact: input %v has %d entries; it needs %d", n, len(in[i]), n.Shape().Size())
		}
		value[n] = in[i]
	}
	return value, nil
}
