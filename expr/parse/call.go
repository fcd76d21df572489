package parse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/tamegrad/tamegrad/expr"
)

// learn adds the user's own ops to the functions.
func (b *builder) learn(ops []*expr.Op) error {
	for _, op := range ops {
		if op == nil {
			return errors.New("an op is nil; give what expr.Custom returned, if its error was nil")
		}
		other, taken := b.lookupOp(op.Name)
		if taken && other != op {
			return fmt.Errorf("two ops are named %s; give one of them another name", op.Name)
		}
		b.ops[op.Name] = op
	}
	return nil
}

func (b *builder) lookupOp(name string) (*expr.Op, bool) {
	if op, ok := b.ops[name]; ok {
		return op, true
	}
	return expr.Lookup(name)
}

func (b *builder) call(n *ast.CallNode) (expr.Node, error) {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return expr.Node{}, b.errorf(n.Location().From, "only functions by name can be called")
	}
	op, ok := b.lookupOp(id.Value)
	if !ok {
		return expr.Node{}, b.unknown(id)
	}
	switch op.Name {
	case "input", "slot":
		return expr.Node{}, b.errorf(n.Location().From, "%s cannot be called; inputs are written by their names", op.Name)
	case "const":
		return b.constant(n)
	case "max":
		return b.extremum(n, expr.Max)
	case "min":
		return b.extremum(n, expr.Min)
	}
	return b.apply(op, n)
}

func (b *builder) extremum(n *ast.CallNode, f func(...expr.Node) expr.Node) (expr.Node, error) {
	if len(n.Arguments) == 0 {
		return expr.Node{}, b.errorf(n.Location().From, "max and min take one vector, or two or more values")
	}
	args, err := b.all(n.Arguments)
	if err != nil {
		return expr.Node{}, err
	}
	return b.made(f(args...), n)
}

// apply builds a call: the operands, then the attributes.
func (b *builder) apply(op *expr.Op, n *ast.CallNode) (expr.Node, error) {
	operands, numbers, err := b.split(op, n.Arguments)
	if err != nil {
		return expr.Node{}, err
	}
	at, err := b.attributes(op, numbers)
	if err != nil {
		return expr.Node{}, err
	}
	a := op.Attrs
	few := len(at) < a.Min && a.Default == nil
	many := a.Max >= 0 && len(at) > a.Max
	if len(operands) < op.MinArgs || op.MaxArgs >= 0 && len(operands) > op.MaxArgs || few || many {
		return expr.Node{}, b.errorf(n.Location().From, "%s; got %s", usage(op), got(op, len(operands), len(at)))
	}
	args, err := b.all(operands)
	if err != nil {
		return expr.Node{}, err
	}
	return b.made(op.Apply(at, args...), n)
}

// split parts operands from attributes. Of a variadic op the literals at the end
// are attributes.
func (b *builder) split(op *expr.Op, args []ast.Node) (operands, numbers []ast.Node, err error) {
	k := len(args)
	switch {
	case op.Attrs.Max == 0:
	case op.MinArgs == op.MaxArgs:
		k = min(k, op.MinArgs)
	default:
		for k > 0 {
			_, ok, err := b.literal(args[k-1])
			if err != nil {
				return nil, nil, err
			}
			if !ok {
				break
			}
			k--
		}
	}
	return args[:k], args[k:], nil
}

func (b *builder) attributes(op *expr.Op, list []ast.Node) (expr.Attr, error) {
	at := make(expr.Attr, len(list))
	for i, n := range list {
		v, ok, err := b.literal(n)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, b.errorf(n.Location().From, "%s; a number is written out, such as 2, -0.5 or 1/3", usage(op))
		}
		at[i] = v
	}
	return at, nil
}

// constant builds const(rank, extents…, entries…).
func (b *builder) constant(n *ast.CallNode) (expr.Node, error) {
	op, _ := expr.Lookup("const")
	at, err := b.attributes(op, n.Arguments)
	if err != nil {
		return expr.Node{}, err
	}
	rank, ok := constRank(at)
	if !ok {
		return expr.Node{}, b.errorf(n.Location().From, "const takes the rank, the extents and the entries, all numbers, as in const(1, 2, 0.5, 3) for the vector [0.5, 3]")
	}
	return b.made(b.g.Numbers(at[1+rank:], at[:1+rank].IntsFrom(1)...), n)
}

// constRank returns the rank that the attributes of a const begin with, if the
// extents follow.
func constRank(at expr.Attr) (int, bool) {
	if len(at) == 0 || !isCount(at[0], expr.MaxRank) || len(at) < 1+at.Int(0) {
		return 0, false
	}
	rank := at.Int(0)
	for _, d := range at[1 : 1+rank] {
		if !isCount(d, expr.MaxSize) {
			return 0, false
		}
	}
	return rank, true
}

func isCount(v expr.Number, most float64) bool {
	return v.Rat().IsInt() && v.Float() >= 0 && v.Float() <= most
}

// usage says what an op takes, for messages.
func usage(op *expr.Op) string {
	text := op.Name + " takes " + count(op.MinArgs, op.MaxArgs, "argument")
	if op.Attrs.Max != 0 {
		names, _, _ := strings.Cut(op.Attrs.Names, ": ")
		text += fmt.Sprintf(" and then %s (%s)", count(op.Attrs.Min, op.Attrs.Max, "number"), names)
	}
	return text
}

func got(op *expr.Op, operands, numbers int) string {
	text := count(operands, operands, "argument")
	if op.Attrs.Max != 0 {
		text += " and " + count(numbers, numbers, "number")
	}
	return text
}

func count(lo, hi int, what string) string {
	if lo != 1 || hi != 1 {
		what += "s"
	}
	switch {
	case hi < 0:
		return fmt.Sprintf("at least %d %s", lo, what)
	case lo == hi:
		return fmt.Sprintf("%d %s", lo, what)
	}
	return fmt.Sprintf("%d to %d %s", lo, hi, what)
}
