//go:build unix

package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// The environment of a child that kills itself.
const (
	crashAt  = "TAMEGRAD_CRASH_AT"
	crashOut = "TAMEGRAD_CRASH_OUT"
)

func TestMain(m *testing.M) {
	if at, err := strconv.Atoi(os.Getenv(crashAt)); err == nil {
		crash(at, os.Getenv(crashOut))
	}
	os.Exit(m.Run())
}

// crash runs a claim and dies before, or after, a rename: at = 0 dies between the first temporary
// file and its rename, 1 right after that rename, 2 before the second one, and so on.
func crash(at int, out string) {
	var calls atomic.Int64
	step := 0
	e := Engine{Out: out, Build: Build{Commit: "abc"}}
	die := func() {
		if step == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		step++
	}
	e.files.Rename = func(from, to string) error {
		die()
		err := os.Rename(from, to)
		die()
		return err
	}
	cells, err := Plan([]claim.Claim{fake("coins", &calls, nothing)}, claim.Quick, 1, nil)
	if err == nil {
		_, err = e.Run(context.Background(), cells)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func TestAKillAtAnyMomentLeavesAResumableFolder(t *testing.T) {
	var calls atomic.Int64
	e := Engine{Out: t.TempDir(), Build: Build{Commit: "abc"}}
	cells := plan(t, fake("coins", &calls, nothing))
	run := mustRun(t, e, cells).Runs[0]
	want := tree(t, runFolder(e, run))
	crashes := 0
	for at := 0; ; at++ {
		e.Out = t.TempDir()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", crashAt, at), crashOut+"="+e.Out)
		output, err := child.CombinedOutput()
		if err == nil {
			break // it got through
		}
		require.False(t, child.ProcessState.Exited(), "not killed: %s", output)
		crashes++
		reused := false
		if m, err := ReadManifest(runFolder(e, run)); err == nil {
			reused = m.Status == Done
		}
		ledger := mustRun(t, e, cells)
		require.Equal(t, reused, ledger.Runs[0].Reused, "crash %d", at)
		have := tree(t, runFolder(e, run))
		require.Len(t, have, len(want), "crash %d leaves nothing behind", at)
		for _, name := range []string{resultName, traceName, "figures/heads.json", "figures/heads.svg"} {
			require.Equal(t, want[name], have[name], "crash %d", at)
		}
	}
	require.Equal(t, 14, crashes, "two for each: manifest, figure and its data, result, trace, manifest, ledger")
}
