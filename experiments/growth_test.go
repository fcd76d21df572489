package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBenchGrowth(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := builtBench(t, dir, "growth", "product-operations", "network-operations", "--csv", "g.csv", "--figures", "f", "--json")
	require.Equal(t, 0, code, stderr)
	require.Equal(t, "[1/2] product-operations\n[2/2] network-operations\n", stderr)
	var curves []struct {
		Name string
		Fits []struct{ Verdict string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &curves))
	require.Len(t, curves, 2)
	for i, name := range []string{"product-operations", "network-operations"} {
		require.Equal(t, name, curves[i].Name)
		require.Equal(t, "exact", curves[i].Fits[0].Verdict)
		require.FileExists(t, filepath.Join(dir, "f", name+".svg"))
	}
	require.FileExists(t, filepath.Join(dir, "g.csv"))
}

func TestBenchGrowthListsLaws(t *testing.T) {
	code, stdout, _ := builtBench(t, t.TempDir(), "growth", "gradient-depth", "--list")
	require.Equal(t, 0, code)
	require.Equal(t, 4, strings.Count(stdout, "\n"))
	require.Contains(t, stdout, "gradient-depth-operations\t320L − 1\t")
}

func TestBenchGrowthRefuses(t *testing.T) {
	code, _, stderr := builtBench(t, t.TempDir(), "growth", "nothing")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, `there is no law "nothing"`)
}
