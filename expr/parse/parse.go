package parse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/tamegrad/tamegrad/expr"
)

// MaxSource is the largest size of a text, in bytes. It bounds the depth of
// nesting, which the parser answers with recursion.
const MaxSource = 64 << 10

// Option tells Parse what the text does not say.
type Option func(*options)

type options struct {
	shapes   map[string][]int
	declared []Input
	ops      []*expr.Op
	strict   bool // only declared names may appear
}

// Input declares one input of a program.
type Input struct {
	Name string
	Dims []int // extents; none for a scalar
	Role expr.Role

	text string // how the text calls it, if not by Name
}

// Shapes gives the extents of inputs by name; the others are scalars. It is a
// mistake to name an input that does not appear in the text.
func Shapes(shapes map[string][]int) Option {
	return func(o *options) { o.shapes = shapes }
}

// Inputs declares all inputs, in the order that the program takes them. Other
// names in the text are mistakes; an input that the text does not mention is
// one that the program does not use.
func Inputs(in ...Input) Option {
	return func(o *options) { o.declared, o.strict = in, true }
}

// Ops adds a user's own ops, which expr.Custom makes, to the functions. It is a
// mistake to add two ops of one name.
func Ops(ops ...*expr.Op) Option {
	return func(o *options) { o.ops = append(o.ops, ops...) }
}

// Like declares the inputs of f, under the names by which expr.Format writes
// them, and after them its open slots as data, and adds its custom ops:
// Parse(Format(f), Like(f)) has the nodes of f.
func Like(f *expr.Func) Option {
	names := expr.Identifiers(f)
	var in []Input
	for i, n := range f.In() {
		what, _ := n.Input()
		in = append(in, Input{Name: what.Name, Dims: n.Shape().Dims(), Role: what.Role, text: names[i]})
	}
	for i, n := range f.Slots() {
		name := names[len(in)+i]
		in = append(in, Input{Name: name, Dims: n.Shape().Dims(), Role: expr.Datum})
	}
	return func(o *options) {
		Inputs(in...)(o)
		Ops(f.CustomOps()...)(o)
	}
}

// Parse reads a program. Its inputs are variables, in the order in which their
// names first appear, unless Inputs or Like declares them. The error is an
// *Error.
func Parse(text string, opts ...Option) (*expr.Func, error) {
	s, err := read(text)
	if err != nil {
		return nil, err
	}
	tree, err := s.tree()
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(s, opts)
	if err != nil {
		return nil, err
	}
	out, err := b.node(tree)
	if err != nil {
		return nil, err
	}
	return b.finish(out)
}

// tree runs the parser of expr-lang over the text with masked numbers.
func (s *source) tree() (root ast.Node, err error) {
	// The text is anybody's and the parser is not ours: a fault in it must not
	// end the user's process.
	defer func() {
		if fault := recover(); fault != nil {
			root, err = nil, s.errorf(0, "this expression cannot be read: %v", fault)
		}
	}()
	// All called names count as the user's own functions, or some (sum, count,
	// map, …) would be read as the parser's builtins, with predicates.
	config := &conf.Config{Functions: conf.FunctionsTable{}}
	for _, t := range s.tokens {
		config.Functions[t.Value] = nil
	}
	tree, err := parser.ParseWithConfig(s.masked(), config)
	if err != nil {
		return nil, s.syntax(err)
	}
	return tree.Node, nil
}

// syntax says in terms of this language what the parser did not understand.
func (s *source) syntax(err error) error {
	var e *file.Error
	if !errors.As(err, &e) {
		return s.errorf(0, "this expression cannot be read: %s", strings.Join(strings.Fields(err.Error()), " "))
	}
	if strings.HasSuffix(e.Message, " EOF") { // placed on the last character, unlike other tokens
		return s.ends()
	}
	for i, t := range s.tokens {
		if t.From == e.From && t.To == e.To || t.To == e.To && isNumber(t) {
			return s.unexpected(i)
		}
	}
	return s.ends()
}

// ends is the mistake of a text that stops too early.
func (s *source) ends() error {
	last := s.tokens[len(s.tokens)-1]
	return s.errorf(last.To, "the expression ends too early: something is missing after %s", quote(last.Value))
}

// unexpected is the mistake of a token in the wrong place.
func (s *source) unexpected(i int) error {
	t := s.tokens[i]
	switch {
	case t.Value == "let":
		return s.errorf(t.From, "let begins an expression; put it and what follows in parentheses: (let y = …; …)")
	case i > 0 && endsOperand(s.tokens[i-1]) && beginsOperand(t):
		return s.errorf(t.From, "an operator is missing between %s and %s", quote(s.tokens[i-1].Value), quote(t.Value))
	case i > 0 && endsOperand(s.tokens[i-1]) && t.Value == ",":
		return s.errorf(t.From, "a comma stands between arguments and in vectors only; write a vector as [x, y]")
	case i > 0 && endsOperand(s.tokens[i-1]) && t.Value == ":":
		return s.errorf(t.From, "\":\" belongs to a choice; write condition ? a : b")
	case i > 0 && !endsOperand(s.tokens[i-1]):
		return s.errorf(t.From, "a value is missing between %s and %s", quote(s.tokens[i-1].Value), quote(t.Value))
	case i == 0:
		return s.errorf(t.From, "a value is missing before %s", quote(t.Value))
	}
	return s.errorf(t.From, "%s is not expected here", quote(t.Value))
}

func (b *builder) finish(out expr.Node) (*expr.Func, error) {
	for name := range b.opts.shapes {
		if _, ok := b.input[name]; !ok {
			return nil, &Error{Msg: fmt.Sprintf("a shape is given for %q, which is not an input of the expression; its inputs are %s", name, b.names())}
		}
	}
	f, err := b.g.Func(expr.In(b.inputs...), expr.Out(out))
	if err != nil {
		return nil, &Error{Msg: err.Error(), Err: err}
	}
	return f, nil
}
