package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// builtBench runs the real command in a folder, which starts itself as its own runners.
func builtBench(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	command := exec.Command(built, append([]string{"bench"}, args...)...)
	var out, errs bytes.Buffer
	command.Dir, command.Stdout, command.Stderr = dir, &out, &errs
	if err := command.Run(); err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return command.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestBench(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := builtBench(t, dir, "w1/maxq/1000", "gemm/f64/64x64x64", "--peers", "generated,go,openblas", "--rounds", "1", "--seconds", "0.001",
		"--csv", "b.csv", "--markdown", "b.md", "--figures", "f", "--json")
	require.Equal(t, 0, code, stderr)
	require.Equal(t, "round 1 of 1, 3 workloads\n", stderr)
	var results struct {
		Skipped map[string]string
		Rows    []struct {
			Workload, Runner string
			Median, Ratio    float64
			Disagrees        bool
		}
		Bars []struct{ Runner, Than string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &results))
	require.Contains(t, results.Skipped["openblas"], "run this in a clone")
	var runners []string
	for _, row := range results.Rows {
		require.Positive(t, row.Median)
		require.False(t, row.Disagrees)
		if row.Workload == "w1/maxq/1000" {
			runners = append(runners, row.Runner)
		}
	}
	require.Equal(t, []string{"tamegrad", "generated", "go"}, runners)
	require.Len(t, results.Bars, 2, "against the value, and against gradients by hand")
	page, err := os.ReadFile(filepath.Join(dir, "b.md"))
	require.NoError(t, err)
	require.Contains(t, string(page), "`go run ./experiments bench w1/maxq/1000 gemm/f64/64x64x64 --peers generated,go,openblas --rounds 1 --threads 1 --seconds 0.001 --markdown b.md`")
	for _, name := range []string{"b.csv", "f/squares.svg", "f/ratios.svg"} {
		require.FileExists(t, filepath.Join(dir, name))
	}
}

func TestBenchListsWorkloads(t *testing.T) {
	code, stdout, stderr := call("bench", "w4", "w6/sort", "--list")
	require.Equal(t, 0, code, stderr)
	require.Equal(t, 3, strings.Count(stdout, "\n"))
	require.Contains(t, stdout, "w4\tsteps of SGD")
}

func TestBenchRefuses(t *testing.T) {
	for _, test := range []struct{ place, args string }{
		{`no workload "w9"; there are gemm, `, "bench w9"},
		{"--rounds 0: give at least 1", "bench --rounds 0"},
		{"--threads [1 0]: give numbers", "bench peers --threads 1,0"},
		{"--seconds 0: give a number above 0", "bench --seconds 0"},
		{`--peers: there is no peer "julia"; there are generated, go, hand`, "bench --peers go,julia"},
		{"bench peers: --peers needs a value before --rounds", "bench --peers --rounds 3"},
		{"bench peers: --peers needs a value before --rounds", "bench peers --peers --rounds 3"},
		{`"experiments bench --help" shows what there is`, "bench --rounds many"},
		{`there is no peer "julia"; there are generated, go, tamegrad`, "bench-peer julia"},
	} {
		code, stdout, stderr := call(strings.Fields(test.args)...)
		require.Equal(t, 2, code, test.args)
		require.Empty(t, stdout)
		require.Contains(t, stderr, test.place)
		require.Equal(t, 1, strings.Count(stderr, "\n"), "one line")
	}
}

// A signal ends the measuring with what is in hand.
func TestBenchInterrupted(t *testing.T) {
	command := exec.Command(built, "bench", "w1/maxq/1000", "--peers", "none", "--rounds", "1000000", "--seconds", "0.001")
	var out bytes.Buffer
	command.Stdout = &out
	progress, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines, said := bufio.NewScanner(progress), []string{}
	for lines.Scan() {
		if said = append(said, lines.Text()); len(said) == 3 {
			require.NoError(t, command.Process.Signal(os.Interrupt))
		}
	}
	_ = command.Wait()
	require.Equal(t, 130, command.ProcessState.ExitCode())
	require.Contains(t, said[len(said)-1], "interrupted; the results are those until then")
	require.Contains(t, out.String(), "w1/maxq/1000")
}
