package parse_test

import (
	"testing"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// FuzzParse checks that no text makes the parser panic, that every mistake is
// reported in one line, and that what can be read is written and read back as
// the same program.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"let y = relu(x); y - relu(-x)", "x > 0 ? x^(1/2) : -2*x", "[x, 2, 1e-3][1] + max(x, y, 3)", "m[0][1] + sum(v)",
		"concat(v, v, 1)", "const(1, 2, 1/3, -5)", "let _ = y; x", "leakyrelu(x, 0.01)^2**y", "take(m, 2, 1, 1, 5)", "assemble(v, 1, 4, 1, 0, 2, 3)",
		"1 < x < 2", "if x {1} else {2}", "sum(x, #)", "x?.y", "a | b(c)", "::map(x, y)", "1e400", "\"s\"", "x[0:2]", "x;", "matmul(m, m, 0, 1)",
	} {
		f.Add(text)
	}
	declared := parse.Inputs(
		parse.Input{Name: "x"}, parse.Input{Name: "y"}, parse.Input{Name: "v", Dims: []int{3}},
		parse.Input{Name: "m", Dims: []int{2, 3}}, parse.Input{Name: "t", Dims: []int{2, 1, 3, 2}})
	f.Fuzz(func(t *testing.T, text string) {
		for _, opts := range [][]parse.Option{nil, {declared}} {
			p, err := parse.Parse(text, opts...)
			if err != nil {
				requireMistake(t, err)
				continue
			}
			requireRoundTrip(t, p)
			_, _ = p.String(), expr.DOT(p)
		}
	})
}
