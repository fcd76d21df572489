package bench

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
)

// seconds is a time with three digits in a unit that suits it.
func seconds(s float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}} {
		if s >= u.size {
			return digits(s/u.size) + " " + u.name
		}
	}
	return digits(s*1e9) + " ns"
}

// digits is a positive number with three of them.
func digits(x float64) string {
	switch {
	case x >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case x >= 1:
		return strconv.FormatFloat(x, 'f', 2, 64)
	default:
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
}

// Rate says how long one of the workload's units takes, or for flops how many there are.
func (r *Row) Rate() string {
	w := r.workload
	switch {
	case r.Median == 0:
		return ""
	case w.Unit == "flop":
		return digits(w.Operations/r.Median/1e9) + " GFLOP/s"
	case w.Operations == 1:
		return ""
	}
	return seconds(r.Median/w.Operations) + "/" + w.Unit
}

// note says what is wrong with a row.
func (r *Row) note() string {
	switch {
	case r.Failed != "":
		return "failed: " + r.Failed
	case r.Disagrees:
		return fmt.Sprintf("disagrees: its numbers sum up to %.12g", r.Sum)
	}
	return ""
}

// text says what a bar is and whether it is held: "0.93 ≤ 1.11 × OpenBLAS", "missed: 1.4 > 1.11 × OpenBLAS".
func (b BarResult) text() string {
	missed, sign, who := "", "≤", ""
	if !b.Held {
		missed, sign = "missed: ", ">"
		if b.Measured <= b.Most {
			sign = "≤, but of other numbers,"
		}
	}
	if b.Runner != own.Executor {
		who = Title(b.Runner) + " "
	}
	if b.Than == "" {
		return fmt.Sprintf("%s%s%s %s %s", missed, who, seconds(b.Measured), sign, seconds(b.Most))
	}
	return fmt.Sprintf("%s%s%s %s %s × %s", missed, who, digits(b.Measured), sign, digits(b.Most), b.Than)
}

// missed are the bars that are not held.
func (r *Results) missed() (out []BarResult) {
	for _, b := range r.Bars {
		if !b.Held {
			out = append(out, b)
		}
	}
	return out
}

// about are the lines that say where, when and with what.
func (r *Results) about(machine string) []string {
	lines := []string{
		fmt.Sprintf("%s, %d cores; load %s before and %s after", machine, r.Machine.Cores, cmp.Or(r.Machine.LoadBefore, "unknown"), cmp.Or(r.Machine.LoadAfter, "unknown")),
		fmt.Sprintf("%s, %d rounds, medians", r.Date.Format("2006-01-02 15:04 UTC"), r.Rounds),
	}
	for _, name := range slices.Concat([]string{own.Executor}, Names) {
		if v, ok := r.Versions[name]; ok {
			lines = append(lines, Title(name)+": "+v)
		}
	}
	for _, name := range slices.Concat([]string{own.Executor}, Names) {
		if why, ok := r.Skipped[name]; ok {
			lines = append(lines, Title(name)+" did not run: "+why)
		}
	}
	return lines
}

// WriteText writes everything as aligned lines. Machine describes the processor and the kernels.
func (r *Results) WriteText(out io.Writer, machine string) error {
	for _, line := range r.about(machine) {
		fmt.Fprintln(out, line)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\nworkload\tthreads\trunner\tmedian\tleast\tmost\trate\tratio\t")
	for _, row := range r.Rows {
		if row.Median == 0 {
			fmt.Fprintf(w, "%s\t%d\t%s\t\t\t\t\t\t%s\n", row.Workload, row.Threads, Title(row.Runner), row.note())
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row.Workload, row.Threads, Title(row.Runner),
			seconds(row.Median), seconds(row.Least), seconds(row.Most), row.Rate(), digits(row.Ratio), row.note())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\n"+r.verdict())
	for _, b := range r.missed() {
		fmt.Fprintf(out, "  %s, threads %d: %s\n", b.Workload, b.Threads, b.text())
	}
	return nil
}

func (r *Results) verdict() string {
	missed := len(r.missed())
	text := fmt.Sprintf("%d of %d bars are held", len(r.Bars)-missed, len(r.Bars))
	if missed > 0 {
		return text + "; those that are missed:"
	}
	return text + "."
}

// WriteCSV writes a line for each row, with the seconds of every round.
func (r *Results) WriteCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	head := []string{"workload", "threads", "runner", "version", "median_s", "least_s", "most_s", "ratio", "unit", "units", "sum", "size", "note"}
	for i := range r.Rounds {
		head = append(head, fmt.Sprintf("round%d_s", i+1))
	}
	_ = w.Write(head) // the error comes with Flush
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for _, row := range r.Rows {
		line := []string{
			row.Workload, strconv.Itoa(row.Threads), row.Runner, r.Versions[row.Runner],
			number(row.Median), number(row.Least), number(row.Most), number(row.Ratio),
			row.workload.Unit, number(row.workload.Operations), number(row.Sum), number(row.Size), row.note(),
		}
		for i := range r.Rounds {
			cell := ""
			if i < len(row.Rounds) && row.Rounds[i] > 0 {
				cell = number(row.Rounds[i])
			}
			line = append(line, cell)
		}
		_ = w.Write(line)
	}
	w.Flush()
	return w.Error()
}
