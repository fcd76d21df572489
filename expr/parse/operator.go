package parse

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/tamegrad/tamegrad/expr"
)

// unary builds a sign. One directly before a literal is part of the constant.
func (b *builder) unary(n *ast.UnaryNode) (expr.Node, error) {
	if v, ok := b.decimal(n); ok {
		return b.g.Number(v), nil
	}
	x, err := b.node(n.Node)
	if err != nil || n.Operator == "+" {
		return x, err
	}
	return b.made(expr.Neg(x), n)
}

var arithmetic = map[string]func(x, y expr.Node) expr.Node{
	"+": expr.Add, "-": expr.Sub, "*": expr.Mul, "/": expr.Div, "^": expr.Power, "**": expr.Power,
}

var comparisons = map[string]expr.Comparison{
	"<": expr.Less, "<=": expr.LessEqual, "==": expr.Equal, "!=": expr.NotEqual, ">=": expr.GreaterEqual, ">": expr.Greater,
}

func (b *builder) binary(n *ast.BinaryNode) (expr.Node, error) {
	if n.Operator == "^" || n.Operator == "**" {
		if p, ok, err := b.literal(n.Right); ok || err != nil {
			return b.power(n, p, err)
		}
	}
	f, ok := arithmetic[n.Operator]
	if !ok {
		return expr.Node{}, b.misplaced(n)
	}
	x, err := b.node(n.Left)
	if err != nil {
		return x, err
	}
	y, err := b.node(n.Right)
	if err != nil {
		return y, err
	}
	return b.made(f(x, y), n)
}

// power builds a power with a literal exponent.
func (b *builder) power(n *ast.BinaryNode, p expr.Number, err error) (expr.Node, error) {
	if err != nil {
		return expr.Node{}, err
	}
	x, err := b.node(n.Left)
	if err != nil {
		return x, err
	}
	return b.made(expr.PowNumber(x, p), n)
}

// misplaced is the mistake of a comparison where a number is needed.
func (b *builder) misplaced(n *ast.BinaryNode) error {
	at := n.Location().From
	if n.Operator == "&&" { // the parser makes it of 1 < x < 2, at the last comparison
		return b.errorf(at, "one comparison at a time; nest choices instead: 1 < x ? (x < 2 ? a : b) : b")
	}
	if _, ok := comparisons[n.Operator]; ok {
		return b.errorf(at, "a comparison is not a number; write a choice such as x %s y ? 1 : 0", n.Operator)
	}
	return b.errorf(at, "%s is not an operator of this language", quote(n.Operator))
}

// choice builds a where whose switch is the difference of the compared sides.
func (b *builder) choice(n *ast.ConditionalNode) (expr.Node, error) {
	c, ok := n.Cond.(*ast.BinaryNode)
	if !ok {
		return expr.Node{}, b.errorf(n.Cond.Location().From, "the condition of ? : must be one comparison, such as x > 0")
	}
	how, ok := comparisons[c.Operator]
	switch {
	case c.Operator == "&&":
		return expr.Node{}, b.misplaced(c)
	case !ok:
		return expr.Node{}, b.errorf(c.Location().From, "the condition of ? : must be one comparison, such as x > 0, not a number")
	}
	parts, err := b.all([]ast.Node{c.Left, c.Right})
	if err != nil {
		return expr.Node{}, err
	}
	z, err := b.made(expr.Sub(parts[0], parts[1]), c)
	if err != nil {
		return z, err
	}
	branches, err := b.all([]ast.Node{n.Exp1, n.Exp2})
	if err != nil {
		return expr.Node{}, err
	}
	return b.made(expr.Where(z, how, branches[0], branches[1]), c)
}

// vector stacks its entries: scalars along one axis, tensors along a new first
// axis, so that [u, v][0] is u.
func (b *builder) vector(n *ast.ArrayNode) (expr.Node, error) {
	at := n.Location().From
	if len(n.Nodes) == 0 {
		return expr.Node{}, b.errorf(at, "a vector needs at least one entry")
	}
	entries, err := b.all(n.Nodes)
	if err != nil {
		return expr.Node{}, err
	}
	shape := entries[0].Shape()
	for i, e := range entries {
		if e.Shape() != shape {
			return expr.Node{}, b.errorf(at, "entries 0 and %d have shapes %v and %v; entries must have one shape, and concat(u, v, 1) joins vectors", i, shape, e.Shape())
		}
	}
	v, err := b.made(expr.Stack(entries...), n)
	if r := shape.Rank(); err == nil && r > 0 {
		perm := make([]int, 0, r+1)
		for i := range r + 1 {
			perm = append(perm, i)
		}
		return b.made(expr.Transpose(v, slices.Concat(perm[r:], perm[:r])...), n)
	}
	return v, err
}

// entry builds x[i].
func (b *builder) entry(n *ast.MemberNode) (expr.Node, error) {
	at := n.Location().From
	x, err := b.node(n.Node)
	if err != nil {
		return x, err
	}
	i, ok := b.decimal(n.Property)
	switch {
	case !ok:
		return x, b.errorf(at, "an index must be a number such as 0; expressions cannot be indices")
	case !i.Rat().IsInt() || i.Rat().Sign() < 0:
		return x, b.errorf(at, "the index %v is not one of 0, 1, 2, …", i)
	case x.Shape().Rank() == 0:
		return x, b.errorf(at, "a scalar has no entries; declare the shape of the vector that is meant")
	case i.Float() >= float64(x.Shape().Dim(0)):
		return x, b.errorf(at, "the index %v is outside 0…%d", i, x.Shape().Dim(0)-1)
	}
	return b.made(expr.Index(x, int(i.Float())), n)
}
