package bench

import (
	"cmp"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
)

// Results are what a run found, in the order of workloads and runners.
type Results struct {
	Date     time.Time         `json:"date"`
	Machine  Machine           `json:"machine"`
	Rounds   int               `json:"rounds"`  // that were asked for
	Seconds  float64           `json:"seconds"` // of a measurement, about
	Versions map[string]string `json:"versions"`
	Skipped  map[string]string `json:"skipped"` // runners that did not run, and why
	Rows     []*Row            `json:"rows"`
	Bars     []BarResult       `json:"bars"`

	failed bool
}

// Machine is where it was. The load is the mean number of processes that wanted to run in the last minute, before and
// after; on a quiet machine it is 0 before.
type Machine struct {
	Cores      int    `json:"cores"`
	LoadBefore string `json:"load_before"` // "" if unknown
	LoadAfter  string `json:"load_after"`
}

// Row is a workload measured by a runner.
type Row struct {
	Workload string    `json:"workload"`
	Threads  int       `json:"threads"`
	Runner   string    `json:"runner"`
	Rounds   []float64 `json:"rounds"` // seconds of a run in each round; 0 where there are none
	Median   float64   `json:"median"`
	Least    float64   `json:"least"`
	Most     float64   `json:"most"`
	// Ratio is the median over rounds of the time divided by that of the first runner; 0 if there is none.
	Ratio     float64 `json:"ratio"`
	Sum       float64 `json:"sum"`
	Size      float64 `json:"size"`
	Disagrees bool    `json:"disagrees"` // its numbers are not those of the first runner, or not the known ones
	Failed    string  `json:"failed"`    // why it did not run; "" if it did

	workload Workload
}

// BarResult is a bar held against what was measured.
type BarResult struct {
	Workload string  `json:"workload"`
	Threads  int     `json:"threads"`
	Runner   string  `json:"runner"`
	Than     string  `json:"than"` // what Measured and Most are multiples of; "" if they are seconds
	Most     float64 `json:"most"`
	Measured float64 `json:"measured"` // 0 if it was not
	Held     bool    `json:"held"`
}

func newResults(o Options) *Results {
	r := &Results{
		Date: time.Now().UTC().Truncate(time.Second), Machine: Machine{Cores: runtime.NumCPU(), LoadBefore: load()},
		Rounds: o.Rounds, Seconds: o.Seconds, Versions: map[string]string{}, Skipped: map[string]string{}, Rows: []*Row{}, Bars: []BarResult{},
	}
	for _, runner := range o.Runners {
		if runner.Skipped != "" {
			r.Skipped[runner.Name] = runner.Skipped
		}
	}
	return r
}

// load is the first number of /proc/loadavg, "" where there is none.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// skip says that a runner that was to run could not, which is a failure.
func (r *Results) skip(runner, why string) { r.Skipped[runner], r.failed = why, true }

func (r *Results) cannotStart(runner string) bool { _, ok := r.Skipped[runner]; return ok }

// Failed reports whether a runner failed, or one computed other numbers than the others.
func (r *Results) Failed() bool {
	return r.failed || slices.ContainsFunc(r.Rows, func(row *Row) bool { return row.Disagrees || row.Failed != "" })
}

// finish sorts the rows and computes what follows from the times.
func (r *Results) finish(run *run) {
	r.Machine.LoadAfter = load()
	for _, j := range run.jobs {
		var first *Row
		for _, runner := range run.Runners {
			row, ok := run.rows[rowKey{j.Name, j.threads, runner.Name}]
			if !ok {
				continue
			}
			if first == nil && row.Rounds != nil {
				first = row
			}
			row.finish(first)
			r.Rows = append(r.Rows, row)
		}
	}
	for _, j := range run.jobs {
		for _, b := range j.Bars {
			if result, ok := r.bar(j, b); ok {
				r.Bars = append(r.Bars, result)
			}
		}
	}
}

func (r *Row) finish(first *Row) {
	if times := measured(r.Rounds); len(times) > 0 {
		r.Median, r.Least, r.Most = median(times), slices.Min(times), slices.Max(times)
		r.Ratio = ratio(r, first)
		r.Disagrees = !r.agrees(first.Sum, first.Size) || r.workload.Known != nil && *r.workload.Known != r.Sum
	}
	if r.Rounds == nil {
		r.Rounds = []float64{}
	}
}

// Tolerance is the difference of two sums, relative to their size, at which numbers still agree: sums of many products
// in another order differ by some units in the last place, and in float32 an error of one entry in many may be larger.
func Tolerance(single bool) float64 {
	if single {
		return 1e-5
	}
	return 1e-10
}

// agrees tells whether another checksum is that of the same numbers, up to rounding.
func (r *Row) agrees(sum, size float64) bool {
	most := Tolerance(r.workload.Single) * max(r.Size, size)
	return math.Abs(r.Sum-sum) <= most && math.Abs(r.Size-size) <= most
}

// measured are the times of rounds that were made.
func measured(rounds []float64) (out []float64) {
	for _, s := range rounds {
		if s > 0 {
			out = append(out, s)
		}
	}
	return out
}

// median of at least one number; of an even number of them, the mean of the middle two.
func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// ratio is the median over rounds of a's time over b's; 0 if no round has both.
func ratio(a, b *Row) float64 {
	var each []float64
	for i := range min(len(a.Rounds), len(b.Rounds)) {
		if a.Rounds[i] > 0 && b.Rounds[i] > 0 {
			each = append(each, a.Rounds[i]/b.Rounds[i])
		}
	}
	if len(each) == 0 {
		return 0
	}
	return median(each)
}

// Find returns the row of a workload, number of threads and runner, or nil.
func (r *Results) Find(workload string, threads int, runner string) *Row {
	for _, row := range r.Rows {
		if row.Workload == workload && row.Threads == threads && row.Runner == runner {
			return row
		}
	}
	return nil
}

// bar holds a bar against the rows; ok is false if a runner is missing.
func (r *Results) bar(j job, b Bar) (BarResult, bool) {
	result := BarResult{Workload: j.Name, Threads: j.threads, Runner: cmp.Or(b.Runner, own.Executor), Most: b.Most}
	row := r.Find(j.Name, j.threads, result.Runner)
	if row == nil || row.Median == 0 {
		return result, false
	}
	other := row
	switch {
	case b.Against != "":
		result.Than, other = Title(b.Against), r.Find(j.Name, j.threads, b.Against)
	case b.Instead != "":
		result.Than, other = "the value alone", r.Find(b.Instead, j.threads, result.Runner)
	default:
		result.Most = b.Most * b.Seconds * j.Operations
		result.Measured = row.Median
	}
	if other == nil {
		return result, false
	}
	if result.Measured == 0 {
		result.Measured = ratio(row, other)
	}
	// Against numbers that are wrong nothing is held.
	result.Held = result.Measured > 0 && result.Measured <= result.Most && !row.Disagrees && !other.Disagrees
	return result, result.Measured > 0
}
