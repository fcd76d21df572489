package parse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/tamegrad/tamegrad/expr"
)

// builder turns the parser's tree into nodes, in the order of the text.
type builder struct {
	*source
	g      *expr.Graph
	opts   options
	ops    map[string]*expr.Op  // the user's own
	inputs []expr.Node          // in order
	input  map[string]expr.Node // by the text's name
	scope  map[string]expr.Node // what let binds here
	bound  map[string]bool      // what let binds anywhere before
}

func newBuilder(s *source, opts []Option) (*builder, error) {
	b := &builder{
		source: s, g: expr.NewGraph(),
		ops: map[string]*expr.Op{}, input: map[string]expr.Node{}, scope: map[string]expr.Node{}, bound: map[string]bool{},
	}
	for _, o := range opts {
		o(&b.opts)
	}
	if err := b.learn(b.opts.ops); err != nil {
		return nil, &Error{Msg: err.Error(), Err: err}
	}
	for _, in := range b.opts.declared {
		if in.text == "" {
			in.text = in.Name
		}
		if err := b.declare(in); err != nil {
			return nil, &Error{Msg: fmt.Sprintf("input %q: %v", in.Name, err), Err: err}
		}
	}
	return b, nil
}

// declare adds an input.
func (b *builder) declare(in Input) error {
	var n expr.Node
	switch in.Role {
	case expr.Variable:
		n = b.g.Input(in.Name, in.Dims...)
	case expr.Parameter:
		n = b.g.Param(in.Name, in.Dims...)
	case expr.Datum:
		n = b.g.Data(in.Name, in.Dims...)
	default:
		return fmt.Errorf("unknown role %d", in.Role)
	}
	if !n.Valid() {
		return reason(b.g.Err())
	}
	b.inputs = append(b.inputs, n)
	b.input[in.text] = n
	return nil
}

// reason strips from a mistake what the reader of a text does not know: the
// place in our code.
func reason(err error) error {
	var e *expr.BuildError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// node builds an expression.
func (b *builder) node(n ast.Node) (expr.Node, error) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return b.g.Number(b.numbers[n.Location().To]), nil
	case *ast.IdentifierNode:
		return b.lookup(n)
	case *ast.UnaryNode:
		return b.unary(n)
	case *ast.BinaryNode:
		return b.binary(n)
	case *ast.ConditionalNode:
		return b.choice(n)
	case *ast.ArrayNode:
		return b.vector(n)
	case *ast.MemberNode:
		return b.entry(n)
	case *ast.SliceNode:
		return expr.Node{}, b.errorf(n.Location().From, "there are no slices with a colon; write slice(x, 1, lo, hi, 1) for entries lo ≤ i < hi of the last axis")
	case *ast.CallNode:
		return b.call(n)
	case *ast.VariableDeclaratorNode:
		return b.let(n)
	}
	// What remains is refused by its tokens already; the parser may learn more.
	return expr.Node{}, b.errorf(n.Location().From, "this is not part of the language of expressions")
}

// all builds several expressions.
func (b *builder) all(list []ast.Node) ([]expr.Node, error) {
	out := make([]expr.Node, len(list))
	for i, n := range list {
		var err error
		if out[i], err = b.node(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// made wraps the mistake of a node that could not be built.
func (b *builder) made(n expr.Node, at ast.Node) (expr.Node, error) {
	if n.Valid() {
		return n, nil
	}
	err := b.g.Err()
	var e *expr.BuildError
	if !errors.As(err, &e) {
		return n, b.errorf(at.Location().From, "this cannot be built: %v", err)
	}
	shapes := make([]string, len(e.Shapes))
	for i, s := range e.Shapes {
		shapes[i] = s.String()
	}
	what := e.Op
	if len(shapes) > 0 {
		what += " of " + strings.Join(shapes, " and ")
	}
	out := b.errorf(at.Location().From, "%s: %v", what, e.Err)
	out.Err = e
	return n, out
}

func (b *builder) lookup(n *ast.IdentifierNode) (expr.Node, error) {
	at := n.Location().From
	if v, ok := b.scope[n.Value]; ok {
		return v, nil
	}
	if v, ok := b.input[n.Value]; ok {
		return v, nil
	}
	switch {
	case n.Value == "_":
		return expr.Node{}, b.errorf(at, "_ holds no value; choose another name")
	case b.bound[n.Value]:
		return expr.Node{}, b.errorf(at, "let binds %s in an expression that has ended here; bind it before the whole, or choose another name", n.Value)
	case b.opts.strict:
		return expr.Node{}, b.errorf(at, "%s is not an input; the inputs are %s", n.Value, b.names())
	}
	if err := b.declare(Input{Name: n.Value, Dims: b.opts.shapes[n.Value], text: n.Value}); err != nil {
		return expr.Node{}, b.errorf(at, "input %s: %v", n.Value, err)
	}
	return b.input[n.Value], nil
}

// names lists the inputs for messages.
func (b *builder) names() string {
	if len(b.inputs) == 0 {
		return "none"
	}
	names := make([]string, len(b.inputs))
	for i, n := range b.inputs {
		names[i] = n.String()
	}
	return strings.Join(names, ", ")
}

// let binds names, one after another, and builds what follows with them.
func (b *builder) let(n *ast.VariableDeclaratorNode) (expr.Node, error) {
	var names []string
	defer func() {
		for _, name := range names {
			delete(b.scope, name)
		}
	}()
	for {
		v, err := b.node(n.Value)
		if err != nil {
			return expr.Node{}, err
		}
		if n.Name != "_" {
			if err := b.bind(n, v); err != nil {
				return expr.Node{}, err
			}
			names = append(names, n.Name)
		}
		next, more := n.Expr.(*ast.VariableDeclaratorNode)
		if !more {
			return b.node(n.Expr)
		}
		n = next
	}
}

func (b *builder) bind(n *ast.VariableDeclaratorNode, v expr.Node) error {
	at := n.Location().From
	if _, ok := b.input[n.Name]; ok {
		return b.errorf(at, "%s is an input already; choose another name to bind", n.Name)
	}
	if _, ok := b.scope[n.Name]; ok {
		return b.errorf(at, "%s is bound already; choose another name", n.Name)
	}
	b.scope[n.Name], b.bound[n.Name] = v, true
	return nil
}
