package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
)

// section is the part of the results that one heading has.
type section struct {
	group   string
	runners []string // beside this toolkit
	rows    [][]string
}

// sections arranges the rows: a line for each workload and number of threads, a column for each runner.
func (r *Results) sections() (out []section) {
	for _, row := range r.Rows {
		g := row.workload.Group
		at := slices.IndexFunc(out, func(s section) bool { return s.group == g })
		if at < 0 {
			at, out = len(out), append(out, section{group: g, runners: r.runnersOf(g)})
		}
		s := &out[at]
		name := row.Workload
		if row.Threads > 1 {
			name += fmt.Sprintf(", %d threads", row.Threads)
		}
		if len(s.rows) == 0 || s.rows[len(s.rows)-1][0] != name {
			s.rows = append(s.rows, r.line(name, row, s.runners))
		}
	}
	return out
}

// runnersOf are the runners that have a row in a group, in the order of tables.
func (r *Results) runnersOf(group string) (out []string) {
	for _, name := range r.order() {
		if name != own.Executor && slices.ContainsFunc(r.Rows, func(row *Row) bool { return row.Runner == name && row.workload.Group == group }) {
			out = append(out, name)
		}
	}
	return out
}

// order is that of tables: the known runners, then others as they come.
func (r *Results) order() []string {
	out := slices.Concat([]string{own.Executor}, Names)
	for _, row := range r.Rows {
		if !slices.Contains(out, row.Runner) {
			out = append(out, row.Runner)
		}
	}
	return out
}

// line is a workload: name, this toolkit's time, its range and rate, the other runners, the bars.
func (r *Results) line(name string, of *Row, runners []string) []string {
	cells := []string{name, "", "", ""}
	if ours := r.Find(of.Workload, of.Threads, own.Executor); ours != nil {
		cells[1] = cellOf(ours)
		if ours.Median > 0 {
			cells[2], cells[3] = seconds(ours.Least)+" – "+seconds(ours.Most), ours.Rate()
		}
	}
	for _, runner := range runners {
		cells = append(cells, cellOf(r.Find(of.Workload, of.Threads, runner)))
	}
	var bars []string
	for _, b := range r.Bars {
		if b.Workload == of.Workload && b.Threads == of.Threads {
			bars = append(bars, b.text())
		}
	}
	return append(cells, strings.Join(bars, "; "))
}

// cellOf is what a runner needs, and how many times the first runner's time that is.
func cellOf(row *Row) string {
	switch {
	case row == nil:
		return ""
	case row.Failed != "":
		return "failed"
	case row.Median == 0:
		return ""
	}
	text := seconds(row.Median)
	if row.Runner != own.Executor && row.Ratio > 0 {
		text += ", " + digits(row.Ratio) + "×"
	}
	if row.Disagrees {
		text += ", disagrees"
	}
	return text
}

// heads are those of a section's columns.
func (s section) heads() []string {
	heads := []string{"workload", Title(own.Executor), "least – most", "rate"}
	for _, runner := range s.runners {
		heads = append(heads, Title(runner))
	}
	return append(heads, "bars")
}

// WriteMarkdown writes a page with a table for each group. Command is the one that made it.
func (r *Results) WriteMarkdown(out io.Writer, machine, command string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Performance\n\nThis page is the output of `%s`, as it came.\n\n", command)
	for _, line := range r.about(machine) {
		fmt.Fprintf(&b, "- %s\n", escaped(line))
	}
	b.WriteString(`
Every runner is a process of its own and measured in every round, one after the other on each workload; all draw the same
inputs, and what they compute was compared. Times are medians over the rounds, of one run with its inputs in place. After
the time of another runner stands how many times ours it is, the median of the ratios within rounds: above 1 it is slower.
A bar is the largest ratio, or time, that this toolkit allows itself; missed ones are named.
`)
	fmt.Fprintf(&b, "\n%s\n", r.verdict())
	for i, m := range r.missed() {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- %s, threads %d: %s\n", m.Workload, m.Threads, escaped(m.text()))
	}
	for _, s := range r.sections() {
		fmt.Fprintf(&b, "\n## %s\n\n", s.group)
		heads := s.heads()
		fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat(" --- |", len(heads)))
		for _, row := range s.rows {
			for i := range row {
				row[i] = escaped(row[i])
			}
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// escaped keeps a text in its cell.
func escaped(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }
