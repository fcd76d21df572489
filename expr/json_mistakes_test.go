package expr_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

// program puts nodes into an otherwise sound text.
func program(nodes string) string {
	return `{"schema": 1, "inputs": [{"name": "x"}, {"name": "v", "shape": [3]}, {"name": "m", "shape": [2, 3]}], "nodes": [` +
		nodes + `], "outputs": ["x"]}`
}

func TestReadJSONNamesMistakes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, "line 1 is not valid JSON (EOF); write an object such as"},
		{"{\n\"schema\": 1,\n\"inputs\": [,]}", "line 3 is not valid JSON (invalid character ',' looking for beginning of value)"},
		{`{"schema": 1`, "line 1 is not valid JSON (unexpected EOF)"},
		{`[1]`, "[1] is not an object; write {…} with the fields schema, inputs, nodes, outputs"},
		{`{}`, `the field "schema" is missing`},
		{`{"schema": 1, "inputs": [], "nodes": []}`, `the field "outputs" is missing`},
		{`{"schema": 2, "inputs": [], "nodes": [], "outputs": []}`, "its schema is 2; this release reads schema 1"},
		{`{"schema": "1", "inputs": [], "nodes": [], "outputs": []}`, `the field "schema" is "1"; it must be a number`},
		{`{"schema": 1, "Inputs": []}`, `there is no field "Inputs"; the fields are schema, inputs, nodes, outputs`},
		{`{"schema": 1, "schema": 1}`, `the field "schema" is given twice`},
		{`{"schema": 1, "inputs": null}`, `the field "inputs" is null; leave it out`},
		{`{"schema": 1, "inputs": {}, "nodes": [], "outputs": []}`, `the field "inputs" is {}; it must be a list of objects`},
		{`{"schema": 1, "inputs": [], "nodes": [], "outputs": [0]}`, `the field "outputs" is [0]; it must be a list of names`},
		{`{"schema": 1, "inputs": [], "nodes": [], "outputs": []}`, "there are no outputs; name at least one"},
		{`{"schema": 1, "inputs": [], "nodes": [], "outputs": ["y"]}`, `outputs[0]: no input and no node above is named "y"`},
		{program("") + " 7", "there is more after the object; give one program"},
		{program("") + " }", "there is more after the object; give one program"},

		{`{"schema": 1, "inputs": [{}], "nodes": [], "outputs": []}`, "inputs[0]: an input needs a name"},
		{`{"schema": 1, "inputs": [{"name": 1}], "nodes": [], "outputs": []}`, `inputs[0]: the field "name" is 1; it must be a text`},
		{`{"schema": 1, "inputs": [{"name": ""}], "nodes": [], "outputs": []}`, `inputs[0] "": the name is empty`},
		{`{"schema": 1, "inputs": [{"name": "x", "shape": 3}], "nodes": [], "outputs": []}`, `inputs[0] "x": the field "shape" is 3; it must be a list of extents`},
		{`{"schema": 1, "inputs": [{"name": "x", "shape": [0]}], "nodes": [], "outputs": []}`, `inputs[0] "x": extents [0]: each must be at least 1`},
		{`{"schema": 1, "inputs": [{"name": "x", "shape": [1,1,1,1,1,1]}], "nodes": [], "outputs": []}`, `inputs[0] "x": rank 6 is above the limit of 5`},
		{`{"schema": 1, "inputs": [{"name": "x", "shape": [1000000, 1000]}], "nodes": [], "outputs": []}`, `inputs[0] "x": inputs and nodes up to here have more than`},
		{`{"schema": 1, "inputs": [{"name": "x", "role": "weight"}], "nodes": [], "outputs": []}`, `inputs[0] "x": the role is "weight"; it must be`},
		{`{"schema": 1, "inputs": [{"name": "x"}, {"name": "x"}], "nodes": [], "outputs": []}`, `inputs[1] "x": this name is taken`},
		{`{"schema": 1, "inputs": [{"name": "x", "dtype": "float"}], "nodes": [], "outputs": []}`, `inputs[0]: there is no field "dtype"; the fields are name, shape, role`},

		{program(`7`), "nodes[0]: 7 is not an object"},
		{program(`null`), "nodes[0]: null is not an object"},
		{program(`{"name": "y"}`), `nodes[0] "y": the field "op" is missing`},
		{program(`{"name": "x", "op": "relu"}`), `nodes[0] "x": this name is taken`},
		{program(`{"op": 1}`), `nodes[0]: the field "op" is 1; it must be the name of an op`},
		{program(`{"op": "rleu", "args": ["x"]}`), `nodes[0]: there is no op "rleu"; did you mean relu?`},
		{program(`{"op": "maximum", "args": ["x", "x"]}`), `did you mean max?`},
		{program(`{"op": "attention", "args": ["x"]}`), `there is no op "attention"; the ops are listed`},
		{program(`{"op": "input"}`), "input is no op of a node; list inputs under inputs"},
		{program(`{"op": "slot"}`), "slot is no op of a node"},
		{program(`{"op": "relu"}`), "nodes[0]: relu has 0 operands; it takes 1"},
		{program(`{"op": "add", "args": ["x"]}`), "nodes[0]: add has 1 operands; it takes 2"},
		{program(`{"op": "relu", "args": "x"}`), `the field "args" is "x"; it must be a list of names and numbers`},
		{program(`{"op": "relu", "args": ["y"]}`), `nodes[0]: operand 0: no input and no node above is named "y"`},
		{program(`{"name": "a", "op": "relu", "args": ["b"]}, {"name": "b", "op": "relu", "args": ["x"]}`), `nodes[0] "a": operand 0: "b" is nodes[1], which does not come before this one; list nodes in topological order`},
		{program(`{"name": "a", "op": "relu", "args": ["a"]}`), `"a" is nodes[0], which does not come before this one`},
		{program(`{"op": "relu", "args": [["x"]]}`), `operand 0: ["x"] is neither a name nor a number`},
		{program(`{"op": "relu", "args": [null]}`), `operand 0: null is neither a name nor a number`},
		{program(`{"op": "relu", "args": [1e999]}`), `operand 0: 1e999 is too large`},
		{program(`{"op": "relu", "args": ["x"], "values": [1]}`), `the op relu has no field "values"`},
		{program(`{"op": "const", "values": [1], "attrs": [0]}`), `the op const has no field "attrs"`},
		{program(`{"op": "const"}`), `the field "values" is missing`},
		{program(`{"op": "const", "values": [1, 2]}`), "shape [] has 1 entries, got 2 values"},
		{program(`{"op": "const", "shape": [2], "values": [[1, 2]]}`), "entry 0 of values is [1, 2]; give numbers"},
		{program(`{"op": "const", "values": ["NaN"]}`), `entry 0 of values: "NaN" is not a number`},
		{program(`{"op": "const", "values": ["1/0"]}`), "entry 0 of values: the fraction 1/0 divides by 0"},
		{program(`{"op": "leakyrelu", "args": ["x"]}`), "nodes[0]: leakyrelu of []: got 0 attributes; it takes 1 (a)"},
		{program(`{"op": "leakyrelu", "args": ["x"], "attrs": 1}`), `the field "attrs" is 1; it must be a flat list of numbers`},
		{program(`{"op": "topk", "args": ["v"], "attrs": [0.5]}`), "attribute 0 is 0.5; it must be an integer"},
		{program(`{"op": "add", "args": ["v", "m"]}, {"name": "s", "op": "add", "args": [{}, "v"]}`), `nodes[1] "s": operand 0: {} is neither`},
		{program(`{"op": "matmul", "args": ["m", "m"], "attrs": [0, 0]}`), "nodes[0]: matmul of [2,3] and [2,3]: inner extents 3 and 2 differ"},
		{program(`{"op": "broadcast", "args": ["x"], "attrs": [0, 100000, 100000]}`), "nodes[0]: broadcast of []: extents"},
		{program(`{"op": "broadcast", "args": ["x"], "attrs": [0, 1000000000]}`), "nodes[0]: inputs and nodes up to here have more than"},
	} {
		_, err := expr.ReadJSON(strings.NewReader(test.text))
		var mistake *expr.JSONError
		require.ErrorAs(t, err, &mistake, test.text)
		require.ErrorContains(t, err, test.want)
		require.NotContains(t, err.Error(), "\n")
		require.True(t, strings.HasPrefix(err.Error(), "expr: program in JSON: "), err)
	}
}

func TestReadJSONBoundsItsWork(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	_, err := expr.ReadJSON(endless{})
	require.ErrorContains(t, err, fmt.Sprintf("it is larger than %d bytes", expr.MaxJSON))
	deep := strings.Repeat("[", 1<<20)
	_, err = expr.ReadJSON(strings.NewReader(program(`{"op": "relu", "args": ` + deep)))
	require.ErrorContains(t, err, "not valid JSON")
	many := strings.Repeat("0,", expr.MaxJSONNodes) + "0"
	_, err = expr.ReadJSON(strings.NewReader(program(many)))
	require.ErrorContains(t, err, "inputs and nodes; the limit is")
	broken := errors.New("broken pipe")
	_, err = expr.ReadJSON(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}

// endless never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
