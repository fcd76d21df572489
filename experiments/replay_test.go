package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// made runs a fake claim and returns its folder.
func made(t *testing.T, name string) string {
	t.Helper()
	out := t.TempDir()
	code, _, _ := call("run", name, "--out", out, "--set", "trials=3", "--seed", "8", "--full")
	require.Equal(t, 0, code)
	folders, err := filepath.Glob(filepath.Join(out, name, "*"))
	require.NoError(t, err)
	require.Len(t, folders, 1)
	return folders[0]
}

func TestReplayComparesBitForBit(t *testing.T) {
	passes, finds := made(t, "passes"), made(t, "finds")
	code, stdout, stderr := call("replay", passes, finds)
	require.Equal(t, 0, code)
	require.Empty(t, stderr)
	require.Equal(t, passes+": equal\n"+finds+": equal\n", stdout)

	path := filepath.Join(finds, "result.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(text, []byte(`"measured": 0.5`), []byte(`"measured": 0.6`), 1), 0o600))
	code, stdout, _ = call("replay", passes, finds)
	require.Equal(t, 1, code)
	require.Equal(t, passes+": equal\n"+finds+": different, result.json, rows[0].measured: stored 0.6, replayed 0.5 (the stored file was changed after the run)\n", stdout)

	code, stdout, _ = call("replay", finds, "--json")
	require.Equal(t, 1, code)
	var answer struct {
		Schema  int
		Replays []replayed
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &answer))
	require.Equal(t, "rows[0].measured", answer.Replays[0].Difference.Key)
	require.Contains(t, stdout, `"deviations": []`)
}

func TestReplayOfOtherCodeIsRefusedUnlessWanted(t *testing.T) {
	folder := made(t, "passes")
	other := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		a := fakeApp(&out, &errs)
		a.build.Commit, a.build.SIMD = "abd", "avx2"
		return a.run(append([]string{"replay", folder}, args...)), out.String(), errs.String()
	}
	code, stdout, stderr := other()
	require.Equal(t, 2, code)
	require.Empty(t, stdout)
	require.Equal(t, "experiments replay: "+folder+`: its code was "commit abc" and is "commit abd" here; its SIMD path was "go" and is "avx2" here; go back to what it was, or give --anyway`+"\n", stderr)
	code, stdout, _ = other("--anyway")
	require.Equal(t, 0, code)
	require.Equal(t, folder+": equal\n", stdout)
	_, stdout, _ = other("--anyway", "--json")
	require.Contains(t, stdout, "commit abd")
}

func TestReplaysThatAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	folder := made(t, "passes")
	for _, args := range [][]string{{}, {"nowhere"}, {folder, "nowhere"}, {filepath.Dir(folder)}, {folder, "--workers", "-1"}} {
		code, stdout, stderr := call(append([]string{"replay"}, args...)...)
		require.Equal(t, 2, code, args)
		require.Empty(t, stdout)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
}
