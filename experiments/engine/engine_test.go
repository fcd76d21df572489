package engine

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd/durable"
)

func TestRunFolder(t *testing.T) {
	var calls atomic.Int64
	e := testEngine(t)
	ledger := mustRun(t, e, plan(t, fake("coins", &calls, nothing)))
	require.Equal(t, claim.Pass, ledger.Rows[0].Verdict, ledger.Rows[0].Why)
	require.False(t, ledger.Failed() || ledger.Interrupted())

	files := tree(t, runFolder(e, ledger.Runs[0]))
	require.Len(t, files, 5)
	m, err := ReadManifest(runFolder(e, ledger.Runs[0]))
	require.NoError(t, err)
	require.Equal(t, Done, m.Status)
	require.Equal(t, ledger.Runs[0].Key, m.Key)
	require.Len(t, m.Outputs, 4)
	require.Equal(t, []string{"heads"}, m.Figures())
	for name, sum := range m.Outputs {
		require.Equal(t, claim.Sum([]byte(files[name])), sum, name)
	}
	require.NotNil(t, m.Finished)
	require.NotEmpty(t, m.SeedDerivation)
	var config Config
	require.NoError(t, json.Unmarshal(m.Config, &config))
	require.Equal(t, "commit abc", config.Code)
	require.Contains(t, files["trace.jsonl"], `{"flip":0,"head":1,"odds":"Infinity"}`+"\n")
	require.Contains(t, files["result.json"], `"none": "NaN"`)

	stored, err := filepath.Glob(filepath.Join(e.Out, "ledger-*Z.json"))
	require.NoError(t, err)
	require.Len(t, stored, 1)
	var back Ledger
	text, err := os.ReadFile(stored[0])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, ledger.Runs, back.Runs)
}

func TestResultIsByteIdenticalAndTellsNoTime(t *testing.T) {
	var calls atomic.Int64
	one, two := testEngine(t), testEngine(t)
	one.Now, two.Now = fixedClock(time.Unix(1, 0)), fixedClock(time.Unix(1e9, 0))
	two.Workers, two.Build.CPU, two.Build.OS = 7, "another", "another"
	a := mustRun(t, one, plan(t, fake("coins", &calls, nothing)))
	b := mustRun(t, two, plan(t, fake("coins", &calls, nothing)))
	require.Equal(t, a.Runs, b.Runs, "the key depends on neither workers, date, folder nor machine")
	require.Equal(t, int64(2), calls.Load())
	first, second := tree(t, runFolder(one, a.Runs[0])), tree(t, runFolder(two, b.Runs[0]))
	for _, name := range []string{"result.json", "trace.jsonl", "figures/heads.json", "figures/heads.svg"} {
		require.Equal(t, first[name], second[name], name)
		require.NotEmpty(t, first[name])
	}
	require.NotContains(t, first["result.json"], one.Out)
}

func TestKeyDependsOnWhatDeterminesTheResult(t *testing.T) {
	var calls atomic.Int64
	base := plan(t, fake("coins", &calls, nothing))[0]
	keyOf := func(cell Cell, b Build, code string) string {
		config, err := newConfig(cell, b, code)
		require.NoError(t, err)
		key, _, err := config.key()
		require.NoError(t, err)
		require.Regexp(t, `^[0-9a-f]{16}$`, key)
		return key
	}
	b := Build{Go: "go1", Arch: "amd64", SIMD: "go"}
	seen := map[string]string{"": keyOf(base, b, "commit abc")}
	differ := func(what string, cell Cell, b Build, code string) {
		key := keyOf(cell, b, code)
		for other, have := range seen {
			require.NotEqual(t, have, key, "%s and %s", what, other)
		}
		seen[what] = key
	}
	change := func(f func(*Cell)) Cell { cell := base; f(&cell); return cell }
	inputs := func(in claim.Inputs) Cell {
		return change(func(c *Cell) { c.Claim.Inputs = func(claim.Values) (claim.Inputs, error) { return in, nil } })
	}
	differ("claim", change(func(c *Cell) { c.Claim.Name = "other" }), b, "commit abc")
	differ("params", change(func(c *Cell) { c.Values = claim.Values{"flips": 101, "bias": 0.5} }), b, "commit abc")
	differ("seed", change(func(c *Cell) { c.Seed = 2 }), b, "commit abc")
	differ("profile", change(func(c *Cell) { c.Profile = claim.Full }), b, "commit abc")
	differ("data", inputs(claim.Inputs{Data: map[string]string{"digits": "1"}}), b, "commit abc")
	differ("programs", inputs(claim.Inputs{Programs: []string{"a", "b"}}), b, "commit abc")
	differ("programs joined", inputs(claim.Inputs{Programs: []string{"ab"}}), b, "commit abc")
	differ("code", base, b, "commit abd")
	differ("SIMD path", base, Build{Go: "go1", Arch: "amd64", SIMD: "avx2"}, "commit abc")
	differ("architecture", base, Build{Go: "go1", Arch: "arm64", SIMD: "go"}, "commit abc")
	require.Equal(t, seen[""], keyOf(inputs(claim.Inputs{Data: map[string]string{}}), b, "commit abc"))
}

func TestCodeIsTheCommitOnlyOfACleanBuild(t *testing.T) {
	clean, err := Build{Commit: "abc"}.code()
	require.NoError(t, err)
	require.Equal(t, "commit abc", clean)
	for _, b := range []Build{{}, {Commit: "abc", Modified: true}} {
		code, err := b.code()
		require.NoError(t, err)
		require.Regexp(t, `^executable [0-9a-f]{64}$`, code)
	}
}

func TestDoneIsReusedUnlessForced(t *testing.T) {
	var calls atomic.Int64
	e := testEngine(t)
	cells := plan(t, fake("coins", &calls, nothing))
	first := mustRun(t, e, cells)
	again := mustRun(t, e, cells)
	require.Equal(t, int64(1), calls.Load())
	require.True(t, again.Runs[0].Reused)
	want, err := json.Marshal(first.Rows)
	require.NoError(t, err)
	have, err := json.Marshal(again.Rows)
	require.NoError(t, err)
	require.Equal(t, string(want), string(have))

	e.Force = true
	forced := mustRun(t, e, cells)
	require.Equal(t, int64(2), calls.Load())
	require.False(t, forced.Runs[0].Reused)
}

func TestOnlyTheManifestIsBelieved(t *testing.T) {
	var calls atomic.Int64
	e := testEngine(t)
	cells := plan(t, fake("coins", &calls, nothing))
	folder := runFolder(e, mustRun(t, e, cells).Runs[0])
	want := tree(t, folder)[resultName]
	for _, status := range []Status{Running, Failed, Interrupted} {
		m, err := ReadManifest(folder)
		require.NoError(t, err)
		m.Status = status
		_, err = writer{durable.Writer{Rename: os.Rename}}.writeJSON(filepath.Join(folder, manifestName), m)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, ".result.json-1.tmp"), []byte("half"), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(folder, resultName), []byte("lies"), 0o600))
		require.False(t, mustRun(t, e, cells).Runs[0].Reused, status)
		require.Equal(t, want, tree(t, folder)[resultName])
		require.Len(t, tree(t, folder), 5)
	}
	require.Equal(t, int64(4), calls.Load())

	require.NoError(t, os.WriteFile(filepath.Join(folder, resultName), []byte("lies"), 0o600))
	row := mustRun(t, e, cells).Rows[0]
	require.Equal(t, claim.Fail, row.Verdict)
	require.Contains(t, row.Why, "--force")
}

func TestAClaimThatFailsOrPanicsDoesNotStopTheOthers(t *testing.T) {
	var calls atomic.Int64
	e := testEngine(t)
	broken := fake("broken", &calls, func(context.Context, *claim.Context) error { return errBroken })
	panics := fake("panics", &calls, func(context.Context, *claim.Context) error { panic("index out of range") })
	inside := fake("panics-inside", &calls, func(ctx context.Context, c *claim.Context) error {
		return c.Each(ctx, 3, func(context.Context, int) error { panic("worker died") })
	})
	blind := fake("bad-inputs", &calls, nothing)
	blind.Inputs = func(claim.Values) (claim.Inputs, error) { return claim.Inputs{}, errBroken }
	silent := fake("silent", &calls, nothing)
	silent.Run = func(context.Context, *claim.Context) (claim.Outcome, error) { return claim.Outcome{}, nil }
	unwritable := fake("unwritable", &calls, nothing)
	unwritable.Run = func(context.Context, *claim.Context) (claim.Outcome, error) {
		check := claim.Check{Predicted: claim.Exact(1), Measured: claim.Measured(1)}
		return claim.Outcome{Checks: []claim.Check{check}, Result: func() {}}, nil
	}
	ledger := mustRun(t, e, plan(t, broken, panics, inside, blind, silent, unwritable, fake("coins", &calls, nothing)))
	for i, why := range []string{
		"The run failed: the disk is full.", "The run failed: it panicked: index out of range.",
		"The run failed: it panicked: worker died.", "The run failed: the disk is full.",
		`The run failed: claim "silent": its outcome has no check: return at least one.`,
		"The run failed: json: unsupported type: func().",
	} {
		require.Equal(t, claim.Fail, ledger.Rows[i].Verdict)
		require.Equal(t, why, ledger.Rows[i].Why)
		require.Equal(t, Failed, ledger.Runs[i].Status)
	}
	require.Equal(t, claim.Pass, ledger.Rows[6].Verdict)
	require.True(t, ledger.Failed())
	m, err := ReadManifest(runFolder(e, ledger.Runs[1]))
	require.NoError(t, err)
	require.Equal(t, Failed, m.Status)
	require.Contains(t, m.Error, "fake_test.go", "the manifest holds the stack")
}

func TestInterruption(t *testing.T) {
	var calls atomic.Int64
	e := testEngine(t)
	e.Grace = 50 * time.Millisecond
	ctx, stop := context.WithCancel(context.Background())
	finish := make(chan error, 1)
	deaf := fake("deaf", &calls, func(_ context.Context, c *claim.Context) error {
		stop()
		time.Sleep(300 * time.Millisecond)
		finish <- c.Trace("too late")
		return nil
	})
	ledger, err := e.Run(ctx, plan(t, deaf, fake("coins", &calls, nothing)))
	require.NoError(t, err)
	require.True(t, ledger.Interrupted())
	require.False(t, ledger.Failed())
	require.Len(t, ledger.Rows, 2)
	for _, row := range ledger.Rows {
		require.Equal(t, claim.NotTested, row.Verdict)
	}
	require.Empty(t, ledger.Runs[1].Key, "the second never started")
	m, err := ReadManifest(runFolder(e, ledger.Runs[0]))
	require.NoError(t, err)
	require.Equal(t, Interrupted, m.Status)
	var closed *ClosedError
	require.ErrorAs(t, <-finish, &closed)
}

func TestTwoProcessesDoNotShareAFolder(t *testing.T) {
	var calls atomic.Int64
	e := testEngine(t)
	cells := plan(t, fake("coins", &calls, nothing))
	folder := runFolder(e, mustRun(t, e, cells).Runs[0])
	unlock, err := lockDirectory(folder)
	require.NoError(t, err)
	row := mustRun(t, e, cells).Rows[0]
	require.Contains(t, row.Why, "another process works in")
	unlock()
	require.Equal(t, claim.Pass, mustRun(t, e, cells).Rows[0].Verdict)
}

func TestOutThatCannotBeWritten(t *testing.T) {
	e := testEngine(t)
	e.Out = filepath.Join(e.Out, "file")
	require.NoError(t, os.WriteFile(e.Out, nil, 0o600))
	_, err := e.Run(context.Background(), nil)
	var out *OutError
	require.ErrorAs(t, err, &out)
}

func TestFigureNames(t *testing.T) {
	for _, name := range []string{"", "../x", "a.svg", "A", "a/b"} {
		var wrong *FigureNameError
		require.ErrorAs(t, (&folder{}).Figure(name, nil), &wrong, name)
	}
}
