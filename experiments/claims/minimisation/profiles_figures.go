package minimisation

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/profile"
)

func (r *contest) figures() error {
	if err := r.c.Figure("calls", r.table()); err != nil {
		return err
	}
	if len(r.problems) == 1 {
		return r.c.Figure("history", r.history())
	}
	if err := r.drawPerformance(); err != nil {
		return err
	}
	err := r.drawData("data", r.within, fmt.Sprintf("Share of problems solved to %s(1 + |f*|)", power(r.c.Float("tolerance"))),
		"How many problems each method solves to the tolerance of the claim within so many calls a variable.")
	if err != nil {
		return err
	}
	return r.drawData("data-reduced", r.reduced, fmt.Sprintf("Share of problems with all but %s of the decrease", power(r.c.Float("reduction"))),
		"The same for the test of Moré and Wild, which asks for less: methods of first order pass it more often.")
}

// line is a series of an entrant.
func (e entrant) line(x, y []float64) figure.Series {
	style := figure.Curve
	if e.dashed {
		style = figure.Predicted
	}
	return figure.Series{Name: e.name, Style: style, X: x, Y: y, Color: e.color}
}

func (r *contest) drawPerformance() error {
	costs, _ := r.costs(r.within)
	d, err := profile.Performance(costs)
	if err != nil {
		return err
	}
	to := 2.0
	for _, s := range d {
		if !math.IsNaN(s.Last()) {
			to = max(to, 1.5*s.Last())
		}
	}
	f := figure.Figure{
		Title:   "Performance profiles",
		Caption: "On what share of the problems a method needs at most so many times the calls of the fastest one to reach the tolerance of the claim. At 1 stands the share on which it is the fastest, at the right end the share that it solves.",
		X:       figure.Axis{Label: "calls, relative to the fastest method", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "share of problems", Unit: "1"},
	}
	for s, e := range r.entrants {
		f.Series = append(f.Series, e.line(d[s].Steps(1, to)))
	}
	return r.c.Figure("performance", f)
}

func (r *contest) drawData(name string, target func(p int) float64, title, caption string) error {
	costs, variables := r.costs(target)
	d, err := profile.Data(costs, variables)
	if err != nil {
		return err
	}
	from := 2 * slices.Min(firsts(costs, variables)) / 3
	spent, to := float64(r.c.Int("calls"))/float64(slices.Max(variables)+1), float64(r.c.Int("calls"))/float64(slices.Min(variables)+1)
	f := figure.Figure{
		Title: title, Caption: fmt.Sprintf("%s From %.3g on the budget of the largest problem is spent, at the right end that of the smallest.", caption, spent),
		X: figure.Axis{Label: "calls/(n + 1)", Unit: "1", Log: true},
		Y: figure.Axis{Label: "share of problems", Unit: "1"},
	}
	for s, e := range r.entrants {
		f.Series = append(f.Series, e.line(d[s].Steps(from, to)))
	}
	return r.c.Figure(name, f)
}

// firsts are the arguments at which a data profile may begin to rise, and 1.
func firsts(costs [][]float64, variables []int) []float64 {
	out := []float64{1}
	for p, row := range costs {
		out = append(out, slices.Min(row)/float64(variables[p]+1))
	}
	return out
}

// history draws the runs on a single problem: the best value so far.
func (r *contest) history() figure.Figure {
	q := r.problems[0]
	f := figure.Figure{
		Title:   "The best value so far on " + q.Name,
		Caption: "How far the best value is above the minimum after so many calls, down to 10⁻¹⁷, where rounding hides it.",
		X:       figure.Axis{Label: "calls", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "(f − f*)/(1 + |f*|)", Unit: "1", Log: true},
	}
	for s, e := range r.entrants {
		var x, y []float64
		run, best := r.runs[0][s], math.Inf(1)
		corner := func(k int) {
			x, y = append(x, float64(k)), append(y, max(relative(best, q), hidden))
		}
		for k := 1; k <= run.Calls(); k++ {
			if v := run.Value(k); v < best {
				corner(k)
				best = v
				corner(k)
			}
		}
		corner(run.Calls())
		f.Series = append(f.Series, e.line(x, y))
	}
	return f
}

// hidden is what rounding hides of the distance to the minimum.
const hidden = 1e-17

// table shows for every run the calls to the tolerance, or what was reached.
func (r *contest) table() figure.Table {
	t := figure.Table{
		Title: fmt.Sprintf("Calls until |f − f*| ≤ %s(1 + |f*|)", power(r.c.Float("tolerance"))),
		Caption: "The fewest calls on each problem are in bold. In brackets, where a method does not come so near: the least (f − f*)/(1 + |f*|) that it was told. " +
			fmt.Sprintf("The budget is %d calls.", r.c.Int("calls")),
		Columns: []string{"problem", "n"},
	}
	for _, e := range r.entrants {
		t.Columns = append(t.Columns, e.head)
	}
	for p, q := range r.problems {
		row := []figure.Cell{{Text: q.Name}, {Text: strconv.Itoa(q.N)}}
		least := math.Inf(1)
		for _, e := range r.runs[p] {
			least = min(least, e.Cost(r.within(p)))
		}
		for _, e := range r.runs[p] {
			cost := e.Cost(r.within(p))
			if math.IsInf(cost, 1) {
				row = append(row, figure.Cell{Text: "(" + power(relative(e.Best(e.Calls()), q)) + ")"})
				continue
			}
			row = append(row, figure.Cell{Text: jsonnum.Number(cost).String(), Strong: cost == least})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// power writes a number with two digits, or one digit before its power of ten, 3·10⁻⁴, where that is shorter.
func power(x float64) string {
	switch {
	case 10 <= x && x < 1000:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case 0.1 <= x && x < 10 || x == 0:
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	digit, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', 0, 64), "e")
	e, _ := strconv.Atoi(exponent) // strconv wrote it
	raised := strings.Map(func(r rune) rune {
		return []rune("⁰¹²³⁴⁵⁶⁷⁸⁹⁻")[strings.IndexRune("0123456789-", r)]
	}, strconv.Itoa(e))
	if digit == "1" {
		return "10" + raised
	}
	return digit + "·10" + raised
}
