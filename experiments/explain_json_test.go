package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/testdata/fx"
)

// writeProgram puts a text into a file and returns the argument that names it.
func writeProgram(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "program.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return "@" + path
}

// explainJSON runs the command with --json and returns the object.
func explainJSON(t *testing.T, args ...string) map[string]json.RawMessage {
	code, stdout, stderr := builtExplain(t, append(args, "--json")...)
	require.Zero(t, code, stderr)
	var object map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(stdout), &object))
	return object
}

// A network that PyTorch exported, at one of its golden points, on kinks: the
// value and PyTorch's selection are PyTorch's own. The text in the report is the
// same program: explained itself, it has the same report.
func TestExplainReadsExportedPrograms(t *testing.T) {
	net, err := fx.Files.ReadFile("net.json")
	require.NoError(t, err)
	at := "x=[-0.5,2,-2]"
	object := explainJSON(t, writeProgram(t, string(net)), "--at", at)
	require.JSONEq(t, `0.75`, string(object["value"]))
	require.JSONEq(t, `"rational"`, string(object["arithmetic"]))
	var selections map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object["selections"], &selections))
	require.JSONEq(t, `[0.5625, 0.421875, -0.421875]`, string(selections["pytorch"]))
	var text string
	require.NoError(t, json.Unmarshal(object["expression"], &text))
	again := explainJSON(t, text, "--at", at)
	for key, want := range object {
		if key != "kinks" { // which name nodes by their place in the graph
			require.JSONEq(t, string(want), string(again[key]), key)
		}
	}

	var out, report bytes.Buffer
	a := &app{stdin: bytes.NewReader(append([]byte(" \n\t"), net...)), stdout: &out, stderr: &report}
	require.Zero(t, a.run([]string{"explain", "-", "--at", at}), report.String())
	require.Contains(t, out.String(), "value            3/4")
}

// Parameters are the coordinates if there are any, and the other inputs stay at
// their values; names that text cannot hold are spelt in letters.
const leak = `{"schema": 1,
  "inputs": [{"name": "x", "shape": [2]}, {"name": "layer.0/w", "shape": [2], "role": "parameter"}, {"name": "d", "role": "datum"}],
  "nodes": [
    {"name": "h", "op": "dot", "args": ["layer.0/w", "x"]},
    {"name": "y", "op": "leakyrelu", "args": ["h"], "attrs": ["1/3"]},
    {"name": "z", "op": "mul", "args": ["y", "d"]}
  ],
  "outputs": ["z"]}`

func TestExplainKeepsDataFixed(t *testing.T) {
	object := explainJSON(t, writeProgram(t, leak), "--at", "x=[3,6],layer_0_w=[2,-1],d=1/2")
	require.JSONEq(t, `["layer_0_w[0]", "layer_0_w[1]"]`, string(object["inputs"]))
	var sets struct{ Vertices_exact [][]string }
	require.NoError(t, json.Unmarshal(object["conservative"], &sets))
	require.Equal(t, [][]string{{"1/2", "1"}, {"3/2", "3"}}, sets.Vertices_exact)
}

func TestWrongProgramsAreNamed(t *testing.T) {
	file := func(old, text string) string {
		require.Contains(t, leak, old)
		return writeProgram(t, strings.Replace(leak, old, text, 1))
	}
	for _, test := range []struct{ program, at, place, mend string }{
		{file(`"op": "dot"`, `"op": "dott"`), "x=0", `nodes[0] "h": there is no op "dott"`, "did you mean dot?"},
		{file(`{"schema"`, `{"schema" 1`), "x=0", "line 1 is not valid JSON", "write an object such as"},
		{file(`["z"]`, `["z", "y"]`), "x=[0,0],layer_0_w=[0,0],d=1", "program: it has 2 outputs", "name one"},
		{file(`[2], "role"`, `[1000000], "role"`), "x=0", "nodes[0]", "broadcast"},
		{file(`["z"]`, `["z"]`), "x=[0,0],layer_0_w=[0,0]", "--at: there is no value for d", "add one of shape []"},
		{file(`["z"]`, `["z"]`), "x=[0,0],layer_0_w=0,d=1", "--at: the value of layer_0_w has shape []", "of shape [2]"},
		{file(`["z"]`, `["z"]`), "x=[0,0],layer_0_w=[0,0],d=1,e=1", "--at: there is a value for e", "its inputs are x, layer_0_w, d"},
		{writeProgram(t, `{"schema": 1, "inputs": [], "nodes": [{"name": "c", "op": "const", "values": [1]}], "outputs": ["c"]}`), "", "it has no inputs", "use a name"},
		{writeProgram(t, `{"schema": 1, "inputs": [{"name": "x"}], "nodes": [{"name": "c", "op": "broadcast", "args": ["x"], "attrs": [0, 9000000]}], "outputs": ["c"]}`), "x=0", "it computes 9000001 numbers", "make its tensors smaller"},
	} {
		requireRefused(t, test.place, test.mend, test.program, "--at", test.at)
	}
}
