package parse

import (
	"github.com/expr-lang/expr/ast"

	"github.com/tamegrad/tamegrad/expr"
)

// unknown is the mistake of a call of something that is no function.
func (b *builder) unknown(id *ast.IdentifierNode) error {
	at := id.Location().From
	_, isInput := b.input[id.Value]
	if _, isBound := b.scope[id.Value]; isInput || isBound {
		return b.errorf(at, "%s is a value, not a function; write a product with *, as in %s*(x + 1)", id.Value, id.Value)
	}
	if name := expr.Suggest(id.Value, b.opts.ops...); name != "" {
		return b.errorf(at, "there is no function %s; did you mean %s?", quote(id.Value), name)
	}
	return b.errorf(at, "there is no function %s; the functions are the ops of package expr, such as relu, abs, max and sort", quote(id.Value))
}
