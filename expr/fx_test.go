package expr_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/testdata/fx"
)

// golden is what PyTorch computed itself, of one model.
type golden struct {
	Programs []string
	Cases    []struct {
		At       map[string][]float64
		Value    float64
		Gradient map[string][]float64
		Ties     int
	}
}

func readGolden(t *testing.T, files fs.FS) []golden {
	text, err := fs.ReadFile(files, "golden.json")
	require.NoError(t, err)
	var file struct {
		Torch  string
		Models []golden
	}
	require.NoError(t, json.Unmarshal(text, &file))
	require.Len(t, file.Models, 2)
	require.GreaterOrEqual(t, file.Models[0].Cases[0].Ties, 5)
	return file.Models
}

// offPyTorch returns the largest distance of a value or gradient entry from
// PyTorch's, for exported programs wired in a given way.
func offPyTorch(t *testing.T, files fs.FS, w ad.Wiring) (most float64) {
	off := func(want, got []float64) {
		require.Len(t, got, len(want))
		for i, v := range want {
			most = max(most, math.Abs(v-got[i]))
		}
	}
	for _, model := range readGolden(t, files) {
		for _, name := range model.Programs {
			text, err := fs.ReadFile(files, name)
			require.NoError(t, err)
			// Of variables and parameters, gradients are taken with respect to the
			// latter alone; here x counts as well.
			f, err := expr.ReadJSON(bytes.NewReader(bytes.ReplaceAll(text, []byte(`"variable"`), []byte(`"parameter"`))))
			require.NoError(t, err)
			d, err := ad.Gradient(f)
			require.NoError(t, err)
			d, err = ad.Wire(d, w)
			require.NoError(t, err)
			for _, c := range model.Cases {
				out := optest.Float(t, d, pointOf(f, c.At)...)
				off([]float64{c.Value}, out[0])
				for i, n := range f.Wrt() {
					off(c.Gradient[n.String()], out[1+i])
				}
			}
		}
	}
	return most
}

func pointOf(f *expr.Func, at map[string][]float64) [][]float64 {
	var out [][]float64
	for _, n := range f.In() {
		out = append(out, at[n.String()])
	}
	return out
}

// The preset gives what PyTorch gives, on kinks too, and another choice does not.
func TestPyTorchExport(t *testing.T) {
	require.Less(t, offPyTorch(t, fx.Files, ad.PyTorch.Wiring()), 1e-12)
	require.Greater(t, offPyTorch(t, fx.Files, ad.AtSlot(1)), 0.1)
}

// Where PyTorch is installed, the scripts make the files anew.
func TestPyTorchExporter(t *testing.T) {
	python := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import torch.fx").Run() == nil {
			python = name
		}
	}
	if python == "" {
		t.Skip("no python3 with torch.fx; install Debian's python3-torch to run the exporter")
	}
	script, err := filepath.Abs("../testdata/fx/golden.py")
	require.NoError(t, err)
	run := exec.Command(python, "-B", script)
	run.Dir = t.TempDir()
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Less(t, offPyTorch(t, os.DirFS(run.Dir), ad.PyTorch.Wiring()), 1e-12)
	for _, name := range []string{"net.json", "weights.json", "batch.json"} {
		want, err := fx.Files.ReadFile(name)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(run.Dir, name))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}
