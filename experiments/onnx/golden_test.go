package onnx_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/onnx"
	"github.com/tamegrad/tamegrad/expr/vm"
)

const golden = "testdata/golden"

// listed is an array as make.py writes it.
type listed struct {
	Dims   []int
	Values []float64
}

type goldenCase struct {
	Inputs  map[string]listed
	Outputs []listed
}

func readModel(t testing.TB, name string) *onnx.Model {
	t.Helper()
	return readModelIn(t, golden, name)
}

func readModelIn(t testing.TB, folder, name string) *onnx.Model {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, name+".onnx"))
	require.NoError(t, err)
	defer f.Close()
	m, err := onnx.Read(f)
	require.NoError(t, err)
	return m
}

// run evaluates a model at its inputs.
func run(t testing.TB, m *onnx.Model, o onnx.Options, inputs map[string]listed) [][]float64 {
	t.Helper()
	p, err := m.Build(o)
	require.NoError(t, err)
	var in, out [][]float64
	for _, v := range m.Inputs {
		in = append(in, inputs[v.Name].Values)
	}
	for _, w := range p.Parameters {
		in = append(in, w.Floats)
	}
	program, err := vm.Compile(p.Func, vm.Options{})
	require.NoError(t, err)
	for _, n := range p.Func.Out() {
		out = append(out, make([]float64, n.Shape().Size()))
	}
	require.NoError(t, program.Run(out, in...))
	return out
}

// Values and shapes agree with those of PyTorch and numpy, and with the test suite of the
// standard, with weights as parameters and as constants.
func TestGolden(t *testing.T) {
	for folder, count := range map[string]int{golden: 70, "testdata/standard": 90} {
		text, err := os.ReadFile(filepath.Join(folder, "cases.json"))
		require.NoError(t, err)
		var cases map[string]goldenCase
		require.NoError(t, json.Unmarshal(text, &cases))
		require.Greater(t, len(cases), count)
		for name, c := range cases {
			t.Run(filepath.Base(folder)+"/"+name, func(t *testing.T) {
				m := readModelIn(t, folder, name)
				for _, o := range []onnx.Options{{}, {WithRespectTo: []string{}}} {
					p, err := m.Build(o)
					require.NoError(t, err)
					out := run(t, m, o, c.Inputs)
					require.Len(t, out, len(c.Outputs))
					for i, want := range c.Outputs {
						requireClose(t, want.Values, out[i])
						shape := p.Func.Out()[i].Shape()
						require.True(t, slices.Equal(want.Dims, shape.Dims()), "%v", shape)
					}
				}
			})
		}
	}
}

func requireClose(t *testing.T, want, got []float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.LessOrEqual(t, math.Abs(want[i]-got[i]), 1e-6*max(1e-6, math.Abs(want[i])), "entry %d: %v, not %v", i, got[i], want[i])
	}
}

func goldenFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden, name+".onnx"))
	require.NoError(t, err)
	return data
}
