package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const goldenModels = "onnx/testdata/golden/"

// modelReport is what these tests read of a report.
type modelReport struct {
	Expression, Arithmetic, Refused, Note string
	Value                                 float64
	Inputs                                []string
	Kinks                                 []struct{ Op string }
	Selections                            map[string][]any
	Verdicts                              map[string]string
	Conservative                          struct{ Vertices [][]float64 }
	Clarke                                struct{ Vertices [][]float64 }
}

func explainModel(t *testing.T, args ...string) (r modelReport) {
	t.Helper()
	code, stdout, stderr := builtExplain(t, append(args, "--json")...)
	require.Zero(t, code, stderr)
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	return r
}

// The point of a model may be text, or a file with or without the name of the input.
func TestExplainModelPoints(t *testing.T) {
	dir := t.TempDir()
	want := explainModel(t, "--model", goldenModels+"mlp_13.onnx", "--at", "x=[0.5,-1,2,0]", "--output", "1")
	require.Len(t, want.Inputs, 4)
	require.Len(t, want.Clarke.Vertices, 1)
	require.EqualValues(t, want.Clarke.Vertices[0][0], want.Selections["pytorch"][0])
	for name, text := range map[string]string{"object": `{"x": [[0.5,-1,2,0]]}`, "array": "[0.5,-1,2,0]\n"} {
		path := filepath.Join(dir, name+".json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.Equal(t, want, explainModel(t, "--model", goldenModels+"mlp_13.onnx", "--at", path, "--output", "1"), name)
	}
	points := filepath.Join(dir, "points.jsonl")
	require.NoError(t, os.WriteFile(points, []byte(`{"x": [0.5,-1,2,0]}`), 0o600))
	require.Equal(t, want, explainModel(t, "--model", goldenModels+"mlp_13.onnx", "--points", points, "--output", "1"))
}

// The derivative of the cross-entropy by the last bias is the softmax minus the one-hot
// label, and the loss falls along its negative.
func TestExplainModelParameters(t *testing.T) {
	r := explainModel(t, "--model", goldenModels+"mlp_13.onnx", "--at", "x=[0.5,-1,2,0]", "--label", "2", "--with-respect-to", "7.bias")
	require.Equal(t, []string{"_7_bias[0]", "_7_bias[1]", "_7_bias[2]"}, r.Inputs)
	g := r.Selections["pytorch"]
	require.InDelta(t, 0, g[0].(float64)+g[1].(float64)+g[2].(float64), 1e-12)
	require.Negative(t, g[2])
	require.Positive(t, g[0])
	require.Equal(t, "clarke", r.Verdicts["pytorch"])
}

// A model at a kink: |x| at 0 as a network has D = [−1, 1] and rational arithmetic.
func TestExplainModelKink(t *testing.T) {
	zeros := "x0=[[[0,1,1,1],[1,1,1,1],[1,1,1,1]],[[1,1,1,1],[1,1,1,1],[1,1,1,1]]]"
	r := explainModel(t, "--model", goldenModels+"abs.onnx", "--at", zeros, "--output", "0")
	require.Equal(t, "rational", r.Arithmetic)
	require.Len(t, r.Kinks, 1)
	require.Equal(t, "abs", r.Kinks[0].Op)
	require.Len(t, r.Conservative.Vertices, 2)
	require.Equal(t, []float64{-1, 1}, []float64{r.Clarke.Vertices[0][0], r.Clarke.Vertices[1][0]})
}

// Losses have the values of their definitions, and networks with windows are read.
func TestExplainModelLosses(t *testing.T) {
	model := goldenModels + "pooled_13.onnx"
	zeros := filepath.Join(t.TempDir(), "zeros.json")
	require.NoError(t, os.WriteFile(zeros, []byte(`[[0,0,0,0,0,0],[0,1,0,0,0,0],[0,0,2,0,0,0],[0,0,0,0,0,0],[0,0,0,3,0,0],[0,0,0,0,0,0]]`), 0o600))
	y0 := explainModel(t, "--model", model, "--at", zeros, "--output", "0").Value
	y1 := explainModel(t, "--model", model, "--at", zeros, "--output", "1").Value
	r := explainModel(t, "--model", model, "--at", zeros, "--loss", "squared", "--target", "0,1")
	require.InDelta(t, (float64(y0*y0)+float64((y1-1)*(y1-1)))/2, r.Value, 1e-12)
	require.Equal(t, r.Value, explainModel(t, "--model", model, "--at", zeros, "--loss", "squared", "--label", "1").Value)
}

func TestExplainModelMistakes(t *testing.T) {
	model := []string{"--model", goldenModels + "mlp_13.onnx", "--at", "x=[0,0,0,0]"}
	for _, c := range []struct {
		place, mend string
		args        []string
	}{
		{"--model", "give a file that can be read", []string{"--model", "none.onnx", "--at", "x=0"}},
		{"exclude each other", "give one of them", append([]string{"relu(x)"}, model...)},
		{"are about a model", "give --model FILE.onnx", []string{"relu(x)", "--at", "x=0", "--label", "1"}},
		{"--output", "has entries 0 to 2", append(model, "--output", "3")},
		{"--label", "has labels 0 to 2", append(model, "--label", "3")},
		{"--loss", "there are cross-entropy and squared", append(model, "--loss", "hinge")},
		{"--loss", "give either --target or --label", append(model, "--loss", "squared")},
		{"--loss", "give --label K", append(model, "--loss", "cross-entropy")},
		{"--output", "leave out --label", append(model, "--output", "0", "--label", "0")},
		{"no input or parameter \"w\"", "there are x, 0.weight", append(model, "--with-respect-to", "w")},
		{"--at", "has shape [3]; the program reads one of shape [1,4]", []string{"--model", goldenModels + "mlp_13.onnx", "--at", "x=[0,0,0]", "--output", "0"}},
		{"--at", "or a file that can be read", []string{"--model", goldenModels + "mlp_13.onnx", "--at", "none.json", "--output", "0"}},
	} {
		requireRefused(t, c.place, c.mend, c.args...)
	}
}
