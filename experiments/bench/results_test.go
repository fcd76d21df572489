package bench

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
)

// Half of the numbers are at most the median, and half at least; numbers of any order have the same.
func TestLawMedian(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(1e-9, 1e3), 1, 20).Draw(t, "x")
		m := median(x)
		below, above := 0, 0
		for _, v := range x {
			if v <= m {
				below++
			}
			if v >= m {
				above++
			}
		}
		require.GreaterOrEqual(t, 2*below, len(x))
		require.GreaterOrEqual(t, 2*above, len(x))
		slices.Reverse(x)
		require.Equal(t, m, median(x))
	})
	require.Equal(t, 2.0, median([]float64{3, 1, 2}))
	require.Equal(t, 2.5, median([]float64{4, 1, 2, 3}))
}

// The ratio is that of rounds, so a slow round of both changes nothing, and rounds that one lacks do not count.
func TestRatio(t *testing.T) {
	a, b := &Row{Rounds: []float64{2, 20, 0, 2}}, &Row{Rounds: []float64{1, 10, 1, 1}}
	require.Equal(t, 2.0, ratio(a, b))
	require.Equal(t, 0.0, ratio(a, &Row{Rounds: []float64{0, 0, 3, 0}}))
	require.Equal(t, 0.0, ratio(a, &Row{}))
}

func TestAgreement(t *testing.T) {
	a := &Row{Sum: 1, Size: 100}
	require.True(t, a.agrees(1+90*Tolerance(false), 100))
	require.False(t, a.agrees(1+110*Tolerance(false), 100))
	require.False(t, a.agrees(1, 101), "numbers of other sizes may have the same sum")
	a.workload.Single = true
	require.True(t, a.agrees(1+90*Tolerance(true), 100))
	require.False(t, a.agrees(1+110*Tolerance(true), 100))
}

// measuredRows has rows of this toolkit, a peer that disagrees and one that failed.
func measuredRows() *Results {
	w := Workload{
		Name: "w4", Group: "Networks", Unit: "step", Operations: 1000, Parallel: true,
		Bars: []Bar{{Most: 0.5, Against: Torch}, {Most: 1, Seconds: 1e-6}, {Most: 3, Instead: "w4/value"}, {Most: 1, Against: GoMLX}},
	}
	value := Workload{Name: "w4/value", Group: "Networks", Unit: "flop", Operations: 1e6}
	r := &run{Options: Options{Runners: []Runner{{Name: own.Executor}, {Name: Torch}, {Name: ADOLC}, {Name: "other", Skipped: "it | is\nmissing"}}, Rounds: 2}, rows: map[rowKey]*Row{}}
	r.jobs = []job{{value, 1}, {w, 1}, {w, 2}}
	r.results = newResults(r.Options)
	r.results.Versions = map[string]string{own.Executor: "here", Torch: "1.13"}
	add := func(j job, runner string, sum float64, rounds ...float64) {
		key := rowKey{j.Name, j.threads, runner}
		*r.row(key, j) = Row{Workload: j.Name, Threads: j.threads, Runner: runner, workload: j.Workload, Rounds: rounds, Sum: sum, Size: 1}
	}
	add(r.jobs[0], own.Executor, 1, 1e-3, 3e-3)
	add(r.jobs[1], own.Executor, 1, 2e-3, 2e-3)
	add(r.jobs[1], Torch, 1, 8e-3, 8e-3)
	add(r.jobs[2], own.Executor, 1, 1e-3, 1e-3)
	add(r.jobs[2], Torch, 0.5, 8e-3, 8e-3)
	r.row(rowKey{"w4", 1, ADOLC}, r.jobs[1]).Failed = "out of memory"
	r.results.finish(r)
	return r.results
}

func TestBars(t *testing.T) {
	r := measuredRows()
	require.Equal(t, []BarResult{
		{"w4", 1, own.Executor, "PyTorch", 0.5, 0.25, true},
		{"w4", 1, own.Executor, "", 1e-3, 2e-3, false},
		{"w4", 1, own.Executor, "the value alone", 3, (2.0 + 2.0/3) / 2, true},
		{"w4", 2, own.Executor, "PyTorch", 0.5, 0.125, false}, // of other numbers
		{"w4", 2, own.Executor, "", 1e-3, 1e-3, true},
	}, r.Bars)
	require.True(t, r.Failed())
}

func TestText(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, measuredRows().WriteText(&out, "a machine"))
	text := out.String()
	for _, want := range []string{
		"a machine, ", "2 rounds", "PyTorch: 1.13", "3 of 5 bars are held; those that are missed:",
		"w4, threads 1: missed: 2.00 ms > 1.00 ms", "w4, threads 2: missed: 0.125 ≤, but of other numbers, 0.5 × PyTorch",
		"failed: out of memory", "disagrees: its numbers sum up to 0.5", "2.00 µs/step",
	} {
		require.Contains(t, text, want)
	}
}

func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, measuredRows().WriteMarkdown(&out, "a machine", "go run ./experiments bench w4"))
	text := out.String()
	require.Contains(t, text, "output of `go run ./experiments bench w4`")
	require.Contains(t, text, `| w4 | 2.00 ms | 2.00 ms – 2.00 ms | 2.00 µs/step | 8.00 ms, 4.00× | failed | 0.25 ≤ 0.5 × PyTorch; missed: 2.00 ms > 1.00 ms; 1.33 ≤ 3.00 × the value alone |`)
	require.Contains(t, text, "w4, 2 threads | 1.00 ms")
	require.Contains(t, text, "8.00×, disagrees")
	require.Contains(t, text, "0.5 GFLOP/s")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| w4") {
			require.Equal(t, 8, strings.Count(line, "|"), "a cell for every head")
		}
	}
}

func TestCSV(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, measuredRows().WriteCSV(&out))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 7)
	require.Equal(t, []string{"w4", "1", "torch", "1.13", "0.008", "0.008", "0.008", "4", "step", "1000", "1", "1", "", "0.008", "0.008"}, rows[3])
	require.Equal(t, "failed: out of memory", rows[4][12])
}

func TestFigures(t *testing.T) {
	r := measuredRows()
	_, ok := r.Squares()
	require.False(t, ok)
	f, ok := r.Ratios()
	require.True(t, ok)
	var out bytes.Buffer
	require.NoError(t, f.WriteSVG(&out))
	require.Equal(t, []float64{4}, f.Series[0].Y, "those of one thread, of the same numbers")
	_, ok = (&Results{}).Ratios()
	require.False(t, ok)
}

func TestSeconds(t *testing.T) {
	for s, want := range map[float64]string{1.234: "1.23 s", 0.0123: "12.3 ms", 123e-6: "123 µs", 2e-9: "2.00 ns", 3e-10: "0.3 ns"} {
		require.Equal(t, want, seconds(s))
	}
}
