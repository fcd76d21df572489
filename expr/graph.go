package expr

import (
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Graph is an append-only DAG of tensor-valued nodes. Node ids are a
// topological order, and nodes never change, so programs made from a graph
// stay valid while it grows: derivatives are appended to the graph of the
// program they come from. Equal nodes are never merged, because the
// conservative field depends on the occurrences of kinks.
//
// The first mistake made while building is kept and returned by Func. A Graph
// is safe for concurrent use.
type Graph struct {
	store
	mu    sync.Mutex // for growing, memos and the fields below
	err   *BuildError
	laned bool              // by Vmap: ranks may be one above MaxRank
	units map[float64]int32 // the constants of derivative rules
}

// NewGraph returns an empty graph.
func NewGraph() *Graph { return &Graph{units: map[float64]int32{}} }

// Role says how an input takes part in differentiation.
type Role int8

// The roles of inputs: gradients are taken with respect to the parameters if a
// program has any, else with respect to the variables, and never to data.
const (
	Variable Role = iota
	Parameter
	Datum
)

// Input describes an input node.
type Input struct {
	Name string
	Role Role
}

// Input adds a variable of the given shape; none means a scalar.
func (g *Graph) Input(name string, dims ...int) Node { return g.input(name, Variable, dims) }

// Param adds a parameter, such as a weight matrix.
func (g *Graph) Param(name string, dims ...int) Node { return g.input(name, Parameter, dims) }

// Data adds an input with respect to which nothing is differentiated.
func (g *Graph) Data(name string, dims ...int) Node { return g.input(name, Datum, dims) }

func (g *Graph) input(name string, role Role, dims []int) Node {
	s, err := NewShape(dims...)
	if err == nil {
		err = g.checkRank(s)
	}
	if err == nil && name == "" {
		err = fmt.Errorf("an input needs a name")
	}
	if err != nil {
		return g.fail(strings.TrimSpace("input "+name), nil, err)
	}
	return g.addInput(Input{Name: name, Role: role}, s)
}

func (g *Graph) addInput(in Input, s Shape) Node {
	n := g.add(opInput, nil, s, nil)
	g.note(n, func(m *memo) { m.input = &in })
	return n
}

// checkRank refuses tensors that the executor could not give a lane axis.
func (g *Graph) checkRank(s Shape) error {
	if s.Rank() > MaxRank && !g.laned {
		return fmt.Errorf("rank %d is above the limit of %d", s.Rank(), MaxRank)
	}
	return nil
}

// Const adds a scalar constant.
func (g *Graph) Const(v float64) Node { return g.Number(Num(v)) }

// Rat adds a scalar constant with an exact value.
func (g *Graph) Rat(r *big.Rat) Node { return g.Number(Rational(r)) }

// Number adds a scalar constant.
func (g *Graph) Number(v Number) Node { return g.constant(Shape{}, []Number{v}) }

// Tensor adds a constant tensor; values are in row-major order.
func (g *Graph) Tensor(values []float64, dims ...int) Node {
	nums := make([]Number, len(values))
	for i, v := range values {
		nums[i] = Num(v)
	}
	return g.Numbers(nums, dims...)
}

func (g *Graph) constant(s Shape, values []Number) Node {
	if i := slices.IndexFunc(values, func(v Number) bool { return !v.Finite() }); i >= 0 {
		return g.fail("const", nil, fmt.Errorf("entry %d is %v; constants must be finite", i, values[i].f))
	}
	at := make(Attr, 0, 1+s.Rank()+len(values))
	at = append(at, Ints(s.Rank())...)
	at = append(at, Ints(s.Dims()...)...)
	return g.add(opConst, append(at, values...), s, nil)
}

// Err returns the first mistake made in this graph, or nil.
func (g *Graph) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil {
		return nil
	}
	return g.err
}

// unit returns a constant of a derivative rule. Rules ask for few values and
// often, so equal ones are one node.
func (g *Graph) unit(v Number) Node {
	if v.r != nil {
		return g.Number(v)
	}
	g.mu.Lock()
	id, ok := g.units[v.f]
	g.mu.Unlock()
	if ok {
		return Node{g, id}
	}
	n := g.Number(v)
	if n.Valid() {
		g.mu.Lock()
		g.units[v.f] = n.id
		g.mu.Unlock()
	}
	return n
}

func (g *Graph) add(op *Op, at Attr, s Shape, args []Node) Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, id := g.next()
	n.op, n.shape, n.arity = op, s, int32(len(args))
	few := len(args) <= len(n.args)
	if !few || at != nil {
		n.more = &more{attr: at}
	}
	if !few {
		n.more.args = make([]int32, len(args))
	}
	for i, ids := 0, n.operands(); i < len(args); i++ {
		ids[i] = args[i].id
	}
	return Node{g, id}
}

// note changes the memo of a node.
func (g *Graph) note(n Node, change func(m *memo)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var m memo
	at := g.at(n.id)
	if old := at.memo.Load(); old != nil {
		m = *old
	}
	change(&m)
	at.memo.Store(&m)
}

// BuildError is a mistake made while building a graph.
type BuildError struct {
	Op     string  // the op or input
	Shapes []Shape // of its operands
	File   string  // the caller's source file
	Line   int
	Err    error
}

func (e *BuildError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "expr: %s", e.Op)
	for i, s := range e.Shapes {
		sep := " × "
		if i == 0 {
			sep = " of "
		}
		fmt.Fprintf(&b, "%s%v", sep, s)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.File != "" {
		fmt.Fprintf(&b, " (%s:%d)", e.File, e.Line)
	}
	return b.String()
}

// Unwrap returns the reason.
func (e *BuildError) Unwrap() error { return e.Err }

// fail keeps the first mistake and returns a failed node.
func (g *Graph) fail(op string, args []Node, err error) Node {
	e := &BuildError{Op: op, Err: err}
	for _, a := range args {
		if a.g != nil && a.id >= 0 {
			e.Shapes = append(e.Shapes, a.Shape())
		}
	}
	e.File, e.Line = caller()
	graphs := []*Graph{g}
	for _, a := range args {
		if a.g != nil && a.g != g {
			graphs = append(graphs, a.g)
		}
	}
	for _, h := range graphs {
		h.mu.Lock()
		if h.err == nil {
			h.err = e
		}
		h.mu.Unlock()
	}
	return Node{g, -1}
}

// caller returns the source line that called into this package.
func caller() (string, int) {
	const here = "github.com/tamegrad/tamegrad/expr."
	pc := make([]uintptr, 32)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, here) || strings.HasSuffix(f.File, "_test.go") {
			return f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line
		}
		if !more {
			return "", 0
		}
	}
}
