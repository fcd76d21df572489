package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

//go:embed page.html
var source string

var pageTemplate = template.Must(template.New("page").Parse(source))

// WriteHTML writes the page. The same report gives the same bytes. Its error is w's own.
func (r *Report) WriteHTML(w io.Writer) error {
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, r.page()); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// page is what the template shows.
type page struct {
	Style    template.CSS
	Claims   int
	Counts   []count
	Rows     int
	Builds   []engine.Build
	Tiles    []tile
	Troubled []section
	Sections []section
	Repeated int
}

// count is a verdict and how many rows have it.
type count struct {
	mark
	N int
}

// tile is a number of the claim table.
type tile struct {
	mark
	Number   int
	ID, Name string
}

// mark is how a verdict is shown, never by colour alone.
type mark struct{ Verdict, Symbol string }

func markOf(v claim.Verdict) mark {
	symbol, ok := map[claim.Verdict]string{claim.Pass: "✓", claim.Fail: "✗", claim.Found: "◆", claim.NotTested: "–"}[v]
	if !ok {
		return mark{"skipped", "?"} // a ledger of a later version
	}
	return mark{string(v), symbol}
}

func (r *Report) page() page {
	p := page{Style: style(), Rows: len(r.Rows()), Repeated: r.Repeated}
	for _, v := range Verdicts {
		if n := Count(r.Rows(), v); n > 0 {
			p.Counts = append(p.Counts, count{markOf(v), n})
		}
	}
	names := map[string]int{}
	for _, run := range r.Runs {
		names[run.Name]++
		p.addBuild(run)
	}
	p.Claims = len(names)
	numbers := map[string]int{}
	for i, run := range r.Runs {
		numbers[run.Name]++
		s := newSection(run, i, p.Builds)
		if names[run.Name] > 1 {
			s.Variant = run.variant()
		}
		p.Sections = append(p.Sections, s)
		if !run.Done() {
			p.Troubled = append(p.Troubled, s)
		}
		for _, n := range s.Numbers {
			p.Tiles = append(p.Tiles, tile{s.mark, n, s.ID, s.Title()})
		}
	}
	slices.SortStableFunc(p.Tiles, func(a, b tile) int { return a.Number - b.Number })
	return p
}

func (p *page) addBuild(run Run) {
	if b := run.Manifest.Build; b.Go != "" && !slices.Contains(p.Builds, b) {
		p.Builds = append(p.Builds, b)
	}
}

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

// nothing stands where there is no number.
const nothing = "–"

// numbers writes the numbers of a row.
func numbers(row claim.Row, write func(jsonnum.Number) string) (predicted, measured, interval string) {
	show := func(x jsonnum.Number) string {
		if row.Verdict == claim.NotTested && math.IsNaN(float64(x)) || unmeasured(row) {
			return nothing
		}
		return signed(write(x))
	}
	if row.Lower != row.Upper && !math.IsNaN(float64(row.Lower-row.Upper)) {
		interval = "[" + show(row.Lower) + ", " + show(row.Upper) + "]"
	}
	return show(row.Predicted), show(row.Measured), interval
}

// unmeasured tells whether a row stands for a run without an outcome.
func unmeasured(row claim.Row) bool {
	for _, x := range []jsonnum.Number{row.Predicted, row.Measured, row.Lower, row.Upper} {
		if !math.IsNaN(float64(x)) {
			return false
		}
	}
	return row.Verdict != claim.Pass
}

// short has six significant digits.
func short(x jsonnum.Number) string {
	if f := float64(x); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return fmt.Sprintf("%.6g", f+0)
	}
	return x.String()
}

// signed writes a minus sign for a hyphen, and ∞.
func signed(number string) string {
	return strings.NewReplacer("-", "−", "Infinity", "∞").Replace(number)
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
