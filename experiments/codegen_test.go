package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCodegenPrintsAFile(t *testing.T) {
	code, stdout, stderr := call("codegen", "relu(x)*y", "--gradient", "pytorch", "--package", "hot")
	require.Equal(t, 0, code, stderr)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "package hot\n")
	require.Contains(t, stdout, "// Kinks are settled as by PyTorch.\n")
	require.Contains(t, stdout, "func Gradient(dst []float64, x float64, y float64) float64 {\n")
}

func TestCodegenWritesAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.go")
	code, stdout, stderr := call("codegen", "-abs(x)", "-o", file, "--func", "Minus")
	require.Equal(t, 0, code, stderr)
	require.Empty(t, stdout)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "func Minus(x float64) float64 {\n")
}

func TestCodegenRefuses(t *testing.T) {
	for _, test := range []struct {
		place string
		args  []string
	}{
		{"column 4: ", []string{"x +"}},
		{"--gradient: there is no preset", []string{"x", "--gradient", "theano"}},
		{"--gradient: ad: a gradient needs one scalar output", []string{"[x, y]", "--gradient", "jax"}},
		{`the function is "1f"; give a Go identifier`, []string{"x", "--func", "1f"}},
		{"--out: ", []string{"x", "-o", filepath.Join(t.TempDir(), "none", "f.go")}},
	} {
		code, stdout, stderr := call(append([]string{"codegen"}, test.args...)...)
		require.Equal(t, 2, code, test.args)
		require.Empty(t, stdout)
		require.Contains(t, stderr, test.place)
		require.Regexp(t, `^experiments codegen: [^\n]*\n$`, stderr)
	}
}
