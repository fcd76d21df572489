package engine

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

func TestRecordsAreFoundAndBrokenOnesNamed(t *testing.T) {
	e := testEngine(t)
	broken := fake("broken", new(atomic.Int64), func(context.Context, *claim.Context) error { return errBroken })
	ledger := mustRun(t, e, plan(t, fake("coins", new(atomic.Int64), nothing), broken))
	killed := filepath.Join(e.Out, "killed", "0123456789abcdef")
	garbled := filepath.Join(e.Out, "garbled", "garbled")
	future := filepath.Join(e.Out, "zukunft", "1")
	odd := filepath.Join(e.Out, "odd", "1")
	for path, manifest := range map[string]string{
		garbled: `{"schema": 1,`, future: `{"schema": 2}`, odd: `{"schema": 1, "status": "done", "config": {"params": 3}}`,
	} {
		require.NoError(t, os.MkdirAll(path, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(path, manifestName), []byte(manifest), 0o600))
	}
	require.NoError(t, os.MkdirAll(killed, 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(e.Out, "notes", "a", "b", "c"), 0o755))

	records, err := FindRecords(e.Out)
	require.NoError(t, err)
	problems := map[string]string{}
	for _, r := range records {
		problems[filepath.Base(filepath.Dir(r.Folder))] = r.Problem
	}
	require.Len(t, records, 6)
	require.Empty(t, problems["coins"])
	require.Empty(t, problems["broken"])
	require.Contains(t, problems["killed"], "is missing")
	require.Contains(t, problems["garbled"], "cannot be read")
	require.Contains(t, problems["zukunft"], "schema 2")
	require.Contains(t, problems["odd"], "no configuration that can be read")

	single, err := FindRecords(runFolder(e, ledger.Runs[0]))
	require.NoError(t, err)
	require.Len(t, single, 1)
	require.Equal(t, "coins", single[0].Config.Claim)
	require.Len(t, single[0].Rows, 1)

	require.NoError(t, os.WriteFile(filepath.Join(single[0].Folder, resultName), []byte("{}"), 0o600))
	require.Contains(t, ReadRecord(single[0].Folder).Problem, "result.json")
	_, err = FindRecords(filepath.Join(e.Out, "nowhere"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReadLedger(t *testing.T) {
	e := testEngine(t)
	written := mustRun(t, e, plan(t, fake("coins", new(atomic.Int64), nothing)))
	l, err := ReadLedger(written.Path)
	require.NoError(t, err)
	require.Equal(t, written.Runs, l.Runs)
	require.Equal(t, runFolder(e, l.Runs[0]), l.Folder(l.Runs[0]))
	require.Empty(t, l.Folder(Run{Claim: "coins"}))
	for _, text := range []string{"", "[]", "{}", `{"schema": 1}`, `{"schema": 9, "rows": [], "runs": []}`} {
		path := filepath.Join(t.TempDir(), "ledger.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		var wrong *LedgerError
		_, err := ReadLedger(path)
		require.ErrorAs(t, err, &wrong, text)
	}
}

func TestOutputsOutsideAreNotRead(t *testing.T) {
	m := Manifest{Outputs: map[string]string{"../x": ""}}
	_, err := ReadOutput(t.TempDir(), m, "../x")
	require.ErrorContains(t, err, "it lies outside")
}
