package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
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
	Counts   []total
	Rows     int
	Builds   []engine.Build
	Tiles    []tile
	Troubled []section
	Sections []section
	Repeated int
}

// total is a verdict and how many rows have it.
type total struct {
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
	for _, v := range verdicts {
		if n := count(r.Rows(), v); n > 0 {
			p.Counts = append(p.Counts, total{markOf(v), n})
		}
	}
	runs := map[string]int{}     // of a claim
	variants := map[string]int{} // of a claim with the same settings
	for _, run := range r.Runs {
		runs[run.Name]++
		variants[run.Name+run.variant()]++
		p.addBuild(run)
	}
	p.Claims = len(runs)
	for i, run := range r.Runs {
		s := newSection(run, i, p.Builds)
		if runs[run.Name] > 1 {
			s.Variant = run.variant()
		}
		if variants[run.Name+run.variant()] > 1 {
			s.Variant = "run " + run.Key
		}
		p.Sections = append(p.Sections, s)
		if run.Trouble != "" {
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
