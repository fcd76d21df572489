package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/engine"
)

func TestRunPrintsPlainLinesElsewhere(t *testing.T) {
	code, stdout, stderr := call("run", "passes", "3", "--out", t.TempDir())
	require.Equal(t, 0, code, "a finding is not a failure")
	require.Equal(t, strings.Join([]string{
		"1\tpass\tpasses\t1\t0.3333333333333333\t0.25\t0.5\tThe measured 0.333333 in [0.25, 0.5] is at most 1.",
		"3\tfinding\tfinds\t1\t0.5\t0.5\t0.5\tThe measured 0.5 is not exactly 1. It is exactly 0.5: It is known.", "",
	}, "\n"), stdout)
	require.Contains(t, stderr, "[1/2] passes: done\n")
	require.Contains(t, stderr, "2 rows: 1 pass, 1 finding; ledger: ")
}

func TestRunJSONHasTheLedgersColumns(t *testing.T) {
	out := t.TempDir()
	code, stdout, _ := call("run", "fails", "skips", "panics", "errs", "--json", "--out", out, "--set", "trials=7", "--full", "--seed", "3")
	require.Equal(t, 1, code)
	var ledger struct {
		Rows []map[string]any
		Runs []engine.Run
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &ledger))
	require.Len(t, ledger.Rows, 4)
	require.Equal(t, map[string]any{
		"number": 2.0, "name": "fails", "sentence": "Fakes do fails.", "source": "nobody", "params": map[string]any{"trials": 7.0},
		"predicted": 1.0, "measured": 2.0, "lower": 2.0, "upper": 2.0,
		"verdict": "fail", "why": "The measured 2 is not exactly 1.",
	}, ledger.Rows[0])
	require.Equal(t, "skipped", ledger.Rows[1]["verdict"])
	require.Equal(t, "NaN", ledger.Rows[1]["measured"])
	require.Equal(t, "The run failed: it panicked: boom.", ledger.Rows[2]["why"])
	require.Equal(t, "The run failed: no luck.", ledger.Rows[3]["why"])
	for _, run := range ledger.Runs {
		_, err := engine.ReadManifest(filepath.Join(out, run.Claim, run.Key))
		require.NoError(t, err)
	}
	stored, err := filepath.Glob(filepath.Join(out, "ledger-*.json"))
	require.NoError(t, err)
	require.Len(t, stored, 1)
	text, err := os.ReadFile(stored[0])
	require.NoError(t, err)
	require.Equal(t, stdout, string(text))
}

func TestRunReusesUnlessForced(t *testing.T) {
	out := t.TempDir()
	_, first, _ := call("run", "passes", "--out", out)
	_, again, stderr := call("run", "passes", "--out", out, "--workers", "3")
	require.Contains(t, stderr, "done, reused")
	require.Equal(t, first, again)
	_, _, stderr = call("run", "passes", "--out", out, "--force")
	require.NotContains(t, stderr, "reused")
}

func TestExitCodesOfAProcess(t *testing.T) {
	for args, want := range map[string]int{"run passes finds skips": 0, "run fails": 1, "run panics passes": 1, "run --set x=1": 2} {
		command := process(t.TempDir(), strings.Fields(args)...)
		_ = command.Run()
		require.Equal(t, want, command.ProcessState.ExitCode(), args)
	}
}

func TestInterruptedRunExits130AndIsMarked(t *testing.T) {
	out := t.TempDir()
	command := process(out, "run", "sleeps", "passes")
	var stdout strings.Builder
	command.Stdout = &stdout
	require.NoError(t, command.Start())
	manifest := waitForManifest(t, out, "sleeps")
	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	_ = command.Wait()
	require.Equal(t, 130, command.ProcessState.ExitCode())
	m, err := engine.ReadManifest(filepath.Dir(manifest))
	require.NoError(t, err)
	require.Equal(t, engine.Interrupted, m.Status)
	require.Equal(t, 2, strings.Count(stdout.String(), "\tskipped\t"), stdout.String())
}

// process is the fake app as a process of its own, working in folder.
func process(folder string, args ...string) *exec.Cmd {
	self, _ := os.Executable()
	command := exec.Command(self, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), asCommand+"=1")
	return command
}

func waitForManifest(t *testing.T, out, claim string) string {
	var found []string
	require.Eventually(t, func() bool {
		found, _ = filepath.Glob(filepath.Join(out, "runs", claim, "*", "manifest.json"))
		return len(found) == 1
	}, 20*time.Second, 10*time.Millisecond)
	return found[0]
}
