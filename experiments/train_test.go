package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/train"
)

// trainingFile writes a training file and returns its path.
func trainingFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "small.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

const irisTraining = "dataset: iris\nnetwork: [linear: 16, relu, linear: 3]\nmethod: adam\nschedule: {cosine: 0.02}\nepochs: 40\n"

func TestTrain(t *testing.T) {
	path, out := trainingFile(t, irisTraining), filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call("train", path, "--out", out)
	require.Equal(t, 0, code, stderr)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "dataset          iris, 120 rows to train with, 30 held back\nparameters       131\nsteps            160, 40 epochs\n")
	require.Contains(t, stdout, "folder           "+out)

	code, stdout, _ = call("train", path, "--out", out, "--json") // nothing is left to do
	require.Equal(t, 0, code)
	var r train.Result
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&r))
	require.Equal(t, train.Schema, r.Schema)
	require.Greater(t, float64(*r.Last.HeldAccuracy), 0.9)
	saved, err := os.ReadFile(filepath.Join(out, "result.json"))
	require.NoError(t, err)
	require.JSONEq(t, stdout, string(saved))
}

func TestTrainRefusals(t *testing.T) {
	for want, args := range map[string][]string{
		`there is no layer "rellu"`:      {"train", trainingFile(t, strings.Replace(irisTraining, "relu", "rellu", 1))},
		"no such file":                   {"train", "missing.yaml"},
		"--workers is -1; give a number": {"train", trainingFile(t, irisTraining), "--workers", "-1"},
		"there is no dataset; add one":   {"train", trainingFile(t, "")},
		"expected \"<FILE>\"":            {"train"},
	} {
		code, stdout, stderr := call(args...)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, want)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
}

// A signal ends the built command with 130 and a checkpoint, from which it goes on.
func TestTrainInterrupted(t *testing.T) {
	path := trainingFile(t, strings.Replace(irisTraining, "epochs: 40", "epochs: 300000", 1))
	out := filepath.Join(t.TempDir(), "out")
	cmd := exec.Command(built, "train", path, "--out", out)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(out, "checkpoint.npz"))
		return err == nil
	}, time.Minute, 5*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, cmd.Wait())
	require.Equal(t, 130, cmd.ProcessState.ExitCode())
	require.Equal(t, "experiments train: interrupted; run the same command again to go on\n", stderr.String())
}
