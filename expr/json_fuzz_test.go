package expr_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

// FuzzReadJSON checks that no text makes the reader panic, that every mistake is
// reported in one line, and that what can be read is written and read back as
// the same program.
func FuzzReadJSON(f *testing.F) {
	f.Add(`{"schema": 1, "inputs": [{"name": "x"}], "nodes": [], "outputs": ["x"]}`)
	for _, nodes := range []string{
		`{"name": "c", "op": "const", "shape": [2], "values": [0.1, "1/3"]}, {"op": "max", "args": ["c", 1e-3]}`,
		`{"name": "y", "op": "matvec", "args": ["m", "v"], "attrs": [0]}, {"name": "z", "op": "sort", "args": ["y"]}`,
		`{"op": "leakyrelu", "args": ["m"], "attrs": ["0x1p-3"]}`, `{"op": "where", "args": ["x", "v", 2], "attrs": [0]}`,
		`{"op": "take", "args": ["m"], "attrs": [2, 1, 2, 0, 5]}`, `{"op": "assemble", "args": ["v"], "attrs": [1, 4, 1, 0, 2, 3]}`,
		`{"op": "reshape", "args": ["m"], "attrs": [2, 3, 2]}`, `{"op": "concat", "args": ["v", "v"], "attrs": [1]}`,
		`{"op": "sum", "args": ["m"]}, {"op": "mean", "args": ["m"], "attrs": [1]}`, `{"op": "rleu", "args": ["x"]}`,
		`{"op": "step", "args": ["x", 0.5]}`, `{"op": "slot"}`, `{"op": "transpose", "args": ["m"], "attrs": [1, 0]}`,
	} {
		f.Add(program(nodes))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := expr.ReadJSON(strings.NewReader(text))
		if err != nil {
			var mistake *expr.JSONError
			require.True(t, errors.As(err, &mistake), "%v", err)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		requireSameJSON(t, p)
		_, _ = p.String(), expr.DOT(p)
		entries := 0
		for _, n := range p.Nodes() {
			entries += n.Shape().Size()
		}
		if entries < 1<<16 { // it may look at every entry
			_ = p.Class()
		}
	})
}
