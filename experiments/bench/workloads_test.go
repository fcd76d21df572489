package bench

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
)

// Names are unique, and bars are about workloads and runners that there are.
func TestAll(t *testing.T) {
	var names []string
	for _, w := range All() {
		require.NotContains(t, names, w.Name)
		names = append(names, w.Name)
		require.NotEmpty(t, w.Group, w.Name)
		require.NotEmpty(t, w.Doc, w.Name)
		require.Positive(t, w.Operations, w.Name)
		for _, b := range w.Bars {
			given := 0
			for _, is := range []bool{b.Against != "", b.Instead != "", b.Seconds > 0} {
				if is {
					given++
				}
			}
			require.Equal(t, 1, given, w.Name)
			require.Positive(t, b.Most)
			if b.Against != "" {
				require.Contains(t, Names, b.Against)
			}
			if b.Instead != "" {
				require.Contains(t, names, b.Instead, "measured before, so that it is there")
			}
		}
	}
}

func TestSelect(t *testing.T) {
	all, err := Select(nil)
	require.NoError(t, err)
	require.Len(t, all, len(All()))
	some, err := Select([]string{"w4", "w6/", "w6/sort"})
	require.NoError(t, err)
	require.Len(t, some, 5)
	_, err = Select([]string{"w4", "w9"})
	require.ErrorContains(t, err, `no workload "w9"; there are gemm, entrywise, w1,`)
	_, err = Select([]string{"w"})
	require.Error(t, err, "prefixes end at a slash")
}

// ownRunners are those of the test binary.
func ownRunners() (out []Runner) {
	for _, r := range Own(os.Args[0]) {
		r.Command, r.Env = r.Command[:1], []string{asPeer + "=own:" + r.Name}
		out = append(out, r)
	}
	return out
}

// once runs workloads once with every runner, however long they take.
func once(t *testing.T, runners []Runner, keep func(Workload) bool) *Results {
	workloads := slices.DeleteFunc(All(), func(w Workload) bool { return !keep(w) })
	r, err := Run(t.Context(), Options{Workloads: workloads, Runners: runners, Rounds: 1, Threads: []int{1}, Seconds: 1e-9, Limit: 5 * time.Minute})
	require.NoError(t, err)
	for _, row := range r.Rows {
		require.Empty(t, row.note(), "%s by %s", row.Workload, row.Runner)
		require.Positive(t, row.Median)
	}
	return r
}

// isSmall keeps what takes less than a tenth of a second for every runner.
func isSmall(w Workload) bool {
	return !slices.Contains([]string{groupSets, groupTape}, w.Group) && w.Name != "w3" && w.Name != "w3b"
}

// This toolkit has every workload, and its executor, generated code and gradients by hand compute the same.
func TestOwnRunners(t *testing.T) {
	r := once(t, ownRunners(), isSmall)
	require.Empty(t, r.Skipped)
	for _, w := range All() {
		if !isSmall(w) {
			continue
		}
		require.NotNil(t, r.Find(w.Name, 1, own.Executor), w.Name)
		if slices.ContainsFunc(w.Bars, func(b Bar) bool { return b.Runner == own.Generated }) {
			require.NotNil(t, r.Find(w.Name, 1, own.Generated), w.Name)
			require.NotNil(t, r.Find(w.Name, 1, own.Hand), w.Name)
		}
	}
}

// The large workloads of this toolkit, of which one has a known number.
func TestOwnLargeWorkloads(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute")
	}
	r := once(t, ownRunners()[:1], func(w Workload) bool { return !isSmall(w) && w.Name != "sets/clarke" })
	require.Len(t, r.Rows, 8)
}

// Peers that are installed compute the same numbers. Nothing is downloaded for it.
func TestInstalledPeers(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles C++")
	}
	t.Setenv("GOPROXY", "off")
	root, err := FindRoot(".")
	require.NoError(t, err)
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	// where the command builds them too, so that they are compiled once
	peers := Installer{Root: root, Build: filepath.Join(cache, "tamegrad", "peers")}.Peers(t.Context(), Names)
	require.Len(t, peers, 7, "the others are this executable")
	for _, p := range peers {
		t.Run(p.Name, func(t *testing.T) {
			if p.Skipped != "" {
				t.Skip(p.Skipped)
			}
			r := once(t, append(ownRunners()[:1], p), isSmall)
			require.True(t, slices.ContainsFunc(r.Rows, func(row *Row) bool { return row.Runner == p.Name }))
		})
	}
}

func TestInstallerMistakes(t *testing.T) {
	_, err := FindRoot(t.TempDir())
	require.ErrorContains(t, err, "in a clone")
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte("module github.com/tamegrad/tamegrad\n"), 0o644))
	found, err := FindRoot(filepath.Join(root, "a", "b"))
	require.NoError(t, err)
	require.Equal(t, root, found)
	for _, p := range (Installer{Root: root, Build: t.TempDir()}).Peers(t.Context(), []string{HandCPP, GoMLX, own.Hand}) {
		require.NotEmpty(t, p.Skipped, "it has no sources")
	}
}

func TestCores(t *testing.T) {
	require.Equal(t, [][]string{nil}, cores([]string{"go"}))
	require.Equal(t, [][]string{nil, {"OPENBLAS_CORETYPE=Haswell"}}, cores([]string{"avx2", "go"}))
	require.Len(t, cores([]string{"avx512", "avx2", "go"}), 3)
}

func TestEnvironment(t *testing.T) {
	t.Setenv("OPENBLAS_CORETYPE", "Prescott")
	t.Setenv("OPENBLAS_L2_SIZE", "1")
	env := Runner{Env: []string{"A=1"}}.environment(2)
	require.NotContains(t, env, "OPENBLAS_CORETYPE=Prescott")
	require.NotContains(t, env, "OPENBLAS_L2_SIZE=1")
	for _, want := range []string{"GOMAXPROCS=2", "OMP_NUM_THREADS=2", "OPENBLAS_NUM_THREADS=2", "A=1"} {
		require.Contains(t, env, want)
	}
}
