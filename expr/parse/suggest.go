package parse

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/tamegrad/tamegrad/expr"
)

// foreign maps names that other languages have for our functions.
var foreign = map[string]string{
	"ln": "log", "fabs": "abs", "maximum": "max", "minimum": "min", "clip": "clamp", "norm": "norm2",
	"average": "mean", "sgn": "sign", "logistic": "sigmoid", "softshrink": "softthreshold",
}

// unknown is the mistake of a call of something that is no function.
func (b *builder) unknown(id *ast.IdentifierNode) error {
	at := id.Location().From
	_, isInput := b.input[id.Value]
	if _, isBound := b.scope[id.Value]; isInput || isBound {
		return b.errorf(at, "%s is a value, not a function; write a product with *, as in %s*(x + 1)", id.Value, id.Value)
	}
	if name := b.nearest(id.Value); name != "" {
		return b.errorf(at, "there is no function %s; did you mean %s?", quote(id.Value), name)
	}
	return b.errorf(at, "there is no function %s; the functions are the ops of package expr, such as relu, abs, max and sort", quote(id.Value))
}

// nearest returns the function whose name is closest to s, if one is close.
func (b *builder) nearest(s string) string {
	s = strings.ToLower(s)
	if name, ok := foreign[s]; ok {
		return name
	}
	best, most := "", (len(s)+1)/3
	if len(s) > 2*len("softthreshold") {
		return ""
	}
	for _, op := range append(expr.Ops(), b.opts.ops...) { // in order, so the answer is the same every time
		if op.Name == "input" || op.Name == "slot" {
			continue
		}
		if d := distance(s, op.Name); d <= most {
			best, most = op.Name, d-1
		}
	}
	return best
}

// distance is the number of insertions, deletions, replacements and exchanges of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
