package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// section is one run.
type section struct {
	mark
	Run
	ID, Variant string
	Numbers     []int
	Sentence    string
	Source      string
	Mathematics template.HTML
	Checks      []checkGroup
	Columns     []string // coordinates of the checks
	Intervals   bool     // whether a check has one
	Figures     []picture
	Params      []parameter
	Facts       []fact
	Commands    []string
}

// checkGroup is a series of checks with one sentence, "" if it is the claim's.
type checkGroup struct {
	Sentence string
	Checks   []check
}

// check is a row with its numbers as texts.
type check struct {
	mark
	Label     string
	At        []string // the coordinates
	Predicted string
	Measured  string
	Interval  string // "" if it is a point
	Why       string

	// Full is the predicted and the measured number with all digits.
	FullPredicted, FullMeasured, FullInterval string
}

type parameter struct{ Name, Value, Doc string }

type fact struct{ Name, Value string }

// Title is the name of the claim, with what tells its runs apart.
func (s section) Title() string {
	if s.Variant == "" {
		return s.Name
	}
	return s.Name + " (" + s.Variant + ")"
}

// Span is the number of columns of the table of checks.
func (s section) Span() int {
	if s.Intervals {
		return len(s.Columns) + 5
	}
	return len(s.Columns) + 4
}

func newSection(run Run, i int, builds []engine.Build) section {
	first := run.Rows[0]
	s := section{
		mark: markOf(worst(run.Rows)), Run: run, ID: fmt.Sprintf("run-%d", i+1),
		Sentence: run.Claim.Sentence, Source: run.Claim.Source, Numbers: numbersOf(run),
		Mathematics: mathematics(run.Claim.Mathematics), Params: run.parameters(), Commands: run.commands(),
	}
	if s.Sentence == "" {
		s.Sentence, s.Source = first.Sentence, first.Source
	}
	s.Columns = run.coordinates()
	for _, row := range run.Rows {
		s.addCheck(row)
	}
	for j, name := range run.Manifest.Figures() {
		s.Figures = append(s.Figures, run.picture(name, fmt.Sprintf("%s-figure-%d", s.ID, j+1)))
	}
	s.Facts = run.facts(builds)
	return s
}

// numbersOf are the claim's numbers, or those of the rows.
func numbersOf(run Run) []int {
	numbers := slices.Clone(run.Claim.Numbers)
	for _, row := range run.Rows {
		numbers = append(numbers, row.Number)
	}
	slices.Sort(numbers)
	return slices.DeleteFunc(slices.Compact(numbers), func(n int) bool { return n <= 0 })
}

func (s *section) addCheck(row claim.Row) {
	sentence := row.Sentence
	if sentence == s.Sentence {
		sentence = ""
	}
	if last := len(s.Checks) - 1; last < 0 || s.Checks[last].Sentence != sentence {
		s.Checks = append(s.Checks, checkGroup{Sentence: sentence})
	}
	_, label, found := strings.Cut(row.Name, "/")
	if !found {
		label = row.Name
	}
	c := check{mark: markOf(row.Verdict), Label: label, Why: row.Why}
	c.Predicted, c.Measured, c.Interval = numbers(row, short)
	c.FullPredicted, c.FullMeasured, c.FullInterval = numbers(row, jsonnum.Number.String)
	s.Intervals = s.Intervals || c.Interval != ""
	for _, name := range s.Columns {
		c.At = append(c.At, text(row.Params[name]))
	}
	group := &s.Checks[len(s.Checks)-1]
	group.Checks = append(group.Checks, c)
}

// facts are about the run itself. Times stand next to the machine that took them.
func (r Run) facts(builds []engine.Build) []fact {
	var out []fact
	add := func(name, value string) {
		if value != "" {
			out = append(out, fact{name, value})
		}
	}
	m := r.Manifest
	add("Status", r.status())
	add("Run folder", r.shownFolder())
	if r.Config.Claim != "" {
		add("Settings", r.variant())
	}
	if kind, id, found := strings.Cut(r.Config.Code, " "); found {
		add("Code", kind+" "+id[:min(len(id), 12)])
	}
	if m.Finished != nil && m.Status == engine.Done {
		add("Time", fmt.Sprintf("%.2g s on %d %s", m.Finished.Sub(m.Started).Seconds(), m.Workers, plural(m.Workers, "worker")))
	}
	if !m.Started.IsZero() {
		add("Started", m.Started.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	if i := slices.Index(builds, m.Build); i >= 0 && len(builds) > 1 {
		add("Build", fmt.Sprint(i+1))
	}
	return out
}

func (r Run) status() string {
	switch {
	case r.Problem != "":
		return "broken: " + r.Problem
	case r.Manifest.Status == engine.Running:
		return "running, or killed while it ran"
	default:
		return string(r.Manifest.Status)
	}
}

// shownFolder is the end of the run folder's path.
func (r Run) shownFolder() string {
	if r.Key == "" {
		return ""
	}
	return r.Name + "/" + r.Key
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
