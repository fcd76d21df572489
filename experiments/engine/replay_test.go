package engine

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd/durable"
)

// replayable makes one run and returns its folder and claim.
func replayable(t *testing.T, e Engine) (folder string, claims []claim.Claim) {
	t.Helper()
	claims = []claim.Claim{fake("coins", new(atomic.Int64), nothing)}
	cells, err := Plan(claims, claim.Full, 7, []claim.Setting{{Name: "bias", Value: "0.25"}, {Name: "flips", Value: "30"}})
	require.NoError(t, err)
	return runFolder(e, mustRun(t, e, cells).Runs[0]), claims
}

func mustReplay(t *testing.T, e Engine, folder string, claims []claim.Claim) *Difference {
	t.Helper()
	o, err := e.Original(folder, claims)
	require.NoError(t, err)
	require.Empty(t, o.Deviations)
	d, err := e.Replay(context.Background(), o)
	require.NoError(t, err)
	return d
}

func TestReplayOfAnUntouchedFolderIsEqual(t *testing.T) {
	e := testEngine(t)
	folder, claims := replayable(t, e)
	e.Out, e.Workers, e.Build.CPU = filepath.Join(folder, "unused"), 5, "another"
	before := tree(t, folder)
	require.Nil(t, mustReplay(t, e, folder, claims))
	require.Equal(t, before, tree(t, folder), "the folder is only read")
}

// Whatever byte of whatever output is changed, it is found, and its file is named.
func TestReplayFindsOneChangedByte(t *testing.T) {
	e := testEngine(t)
	folder, claims := replayable(t, e)
	for name, text := range tree(t, folder) {
		if name == manifestName {
			continue
		}
		path := filepath.Join(folder, name)
		for _, at := range []int{0, len(text) / 2, len(text) - 1} {
			changed := []byte(text)
			changed[at] ^= 1
			require.NoError(t, os.WriteFile(path, changed, 0o600))
			d := mustReplay(t, e, folder, claims)
			require.NotNil(t, d, "%s, byte %d", name, at)
			require.Equal(t, name, d.File)
			require.True(t, d.Altered)
			require.NotEqual(t, d.Stored, d.Replayed, "%s, byte %d", name, at)
		}
		require.NoError(t, os.Remove(path))
		require.Equal(t, Difference{name, "", "no file", "a file", true}, *mustReplay(t, e, folder, claims))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	require.Nil(t, mustReplay(t, e, folder, claims))
}

// A claim that draws from elsewhere than its streams is found out, with the key that differs.
func TestReplayFindsAnIrreproducibleClaim(t *testing.T) {
	e := testEngine(t)
	clock := 0
	fickle := fake("fickle", new(atomic.Int64), nothing)
	fickle.Run = func(_ context.Context, c *claim.Context) (claim.Outcome, error) {
		clock++
		check := claim.Check{Predicted: claim.AtMost(9), Measured: claim.Measured(float64(clock))}
		return claim.Outcome{Checks: []claim.Check{check}}, nil
	}
	folder := runFolder(e, mustRun(t, e, plan(t, fickle)).Runs[0])
	d := mustReplay(t, e, folder, []claim.Claim{fickle})
	require.Equal(t, Difference{resultName, "rows[0].lower", "1", "2", false}, *d)
	require.Equal(t, "result.json, rows[0].lower: stored 1, replayed 2", d.String())

	fickle.Run = func(context.Context, *claim.Context) (claim.Outcome, error) { return claim.Outcome{}, errBroken }
	d = mustReplay(t, e, folder, []claim.Claim{fickle})
	require.Equal(t, "The run failed: the disk is full.", d.Replayed)
}

func TestWhatDiffersIsSaidBeforehand(t *testing.T) {
	e := testEngine(t)
	folder, claims := replayable(t, e)
	e.Build.Commit, e.Build.SIMD, e.Build.Go = "abd", "avx2", "go2"
	claims[0].Inputs = func(claim.Values) (claim.Inputs, error) {
		return claim.Inputs{Data: map[string]string{"digits": "5"}, Programs: []string{"abs(x)"}}, nil
	}
	o, err := e.Original(folder, claims)
	require.NoError(t, err)
	require.Len(t, o.Deviations, 5)
	require.Equal(t, `its code was "commit abc" and is "commit abd" here`, o.Deviations[0])
	require.Equal(t, `its SIMD path was "go" and is "avx2" here`, o.Deviations[2])
	require.Equal(t, `its data set digits had the checksum "" and has "5" here`, o.Deviations[4])
	d, err := e.Replay(context.Background(), o)
	require.NoError(t, err)
	require.Nil(t, d, "none of it matters to this claim")
}

func TestFoldersThatCannotBeReplayed(t *testing.T) {
	e := testEngine(t)
	folder, claims := replayable(t, e)
	refused := func(folder string, claims []claim.Claim, want string) {
		t.Helper()
		_, err := e.Original(folder, claims)
		var wrong *ReplayError
		require.ErrorAs(t, err, &wrong)
		require.ErrorContains(t, err, want)
	}
	refused(t.TempDir(), claims, "manifest.json is missing")
	refused(folder, nil, `there is no claim "coins" in this program`)
	narrow := []claim.Claim{claims[0]}
	narrow[0].Params = claims[0].Params[:1]
	refused(folder, narrow, `claim "coins" has no parameter "bias"`)
	narrow[0].Params = claims[0].Params
	narrow[0].Inputs = func(claim.Values) (claim.Inputs, error) { panic("no data") }
	refused(folder, narrow, "it panicked: no data")
	manifest := filepath.Join(folder, manifestName)
	text, err := os.ReadFile(manifest)
	require.NoError(t, err)
	m, err := ReadManifest(folder)
	require.NoError(t, err)
	m.Status = Running
	_, err = writer{durable.Writer{Rename: os.Rename}}.writeJSON(manifest, m)
	require.NoError(t, err)
	refused(folder, claims, `its status is "running"`)
	require.NoError(t, os.WriteFile(manifest, text[:len(text)/2], 0o600))
	refused(folder, claims, "manifest.json cannot be read")
}

func TestReplayCanBeInterrupted(t *testing.T) {
	e := testEngine(t)
	folder, claims := replayable(t, e)
	o, err := e.Original(folder, claims)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err = e.Replay(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
}
