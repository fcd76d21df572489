package growth

import (
	"fmt"
	"math"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

// Figure draws the medians with their quartiles, the line through each range, and beside it one with the
// predicted exponent through the middle of the same points.
func (c Curve) Figure() figure.Figure {
	l := c.Law
	f := figure.Figure{
		Title: l.Sentence, Caption: c.says(),
		X: figure.Axis{Label: l.Axis, Unit: "1", Log: !l.Exponential},
		Y: figure.Axis{Label: string(l.Quantity), Unit: l.Quantity.Unit(), Log: true},
	}
	f.Series = append(f.Series, c.measured())
	for i, fit := range c.Fits {
		if fit.Sizes < 2 {
			continue
		}
		color := i + 2
		if !l.Exact {
			f.Series = append(f.Series, c.line(fit, color))
		}
		f.Series = append(f.Series, c.prediction(fit, color))
	}
	return f
}

// says sums the verdicts up in words.
func (c Curve) says() string {
	var parts []string
	for _, f := range c.Fits {
		if c.Law.Exact {
			parts = append(parts, fmt.Sprintf("Predicted is %s, and the counts are %s.", c.Law.Formula, f.Verdict))
			continue
		}
		parts = append(parts, fmt.Sprintf("Sizes %s: exponent %s, predicted %s, %s.", f.Range.text(), f.exponent(), hundredths(f.Predicted), f.Verdict))
	}
	return strings.Join(parts, " ")
}

func (r Range) text() string {
	switch {
	case r.To == 0 && r.From == 0:
		return "at all sizes"
	case r.To == 0:
		return fmt.Sprintf("from %d", r.From)
	default:
		return fmt.Sprintf("from %d to %d", r.From, r.To)
	}
}

// exponent is the fitted one with its standard error.
func (f Fit) exponent() string {
	switch {
	case f.Verdict == Open:
		return "open"
	case math.IsNaN(f.StdErr):
		return hundredths(f.Exponent)
	default:
		return fmt.Sprintf("%s ± %.2f", hundredths(f.Exponent), f.StdErr)
	}
}

func (c Curve) measured() figure.Series {
	s := figure.Series{Name: "measured", Style: figure.Measured, Color: 1}
	for _, p := range c.Points {
		s.X, s.Y = append(s.X, float64(p.Size)), append(s.Y, p.Median)
		if !c.Law.Quantity.counted() {
			s.Lower, s.Upper = append(s.Lower, p.Low), append(s.Upper, p.High)
		}
	}
	return s
}

func (c Curve) line(f Fit, color int) figure.Series {
	s := figure.Series{Name: fmt.Sprintf("fitted %s, exponent %s", f.Range.text(), f.exponent()), Style: figure.Curve, Color: color}
	for _, p := range c.Points {
		if f.Range.contains(p.Size) {
			s.X, s.Y = append(s.X, float64(p.Size)), append(s.Y, c.Law.at(f, p.Size))
		}
	}
	return s
}

// prediction goes through the geometric mean of the medians of its range, or is the formula itself.
func (c Curve) prediction(f Fit, color int) figure.Series {
	s := figure.Series{Name: fmt.Sprintf("predicted %s, %s", f.Range.text(), c.Law.Formula), Style: figure.Predicted, Color: color}
	if !c.Law.Exact {
		s.Name = fmt.Sprintf("predicted %s, exponent %s", f.Range.text(), hundredths(f.Predicted))
	}
	excess, n := 0.0, 0.0
	for _, p := range c.Points {
		if f.Range.contains(p.Size) {
			s.X, s.Y = append(s.X, float64(p.Size)), append(s.Y, p.Predicted)
			excess, n = excess+math.Log(p.Median/p.Predicted), n+1
		}
	}
	if !c.Law.Exact {
		for i := range s.Y {
			s.Y[i] *= math.Exp(excess / n)
		}
	}
	return s
}

// Table has a row for each range of the curves.
func Table(curves []Curve) figure.Table {
	t := figure.Table{
		Title:   "How costs grow",
		Caption: "Exponents of growth: fitted by least squares to medians, with the standard error, against predicted ones. Ranges and tolerances were fixed before.",
		Columns: []string{"law", "axis", "quantity", "sizes", "predicted", "fitted", "verdict", "fixed cost", "rate"},
	}
	for _, c := range curves {
		for _, f := range c.Fits {
			t.Rows = append(t.Rows, c.row(f))
		}
	}
	return t
}

func (c Curve) row(f Fit) []figure.Cell {
	predicted := hundredths(f.Predicted)
	fixed, rate := short(c.Overhead.Fixed), short(c.Overhead.Rate)
	if c.Law.Exact {
		predicted, fixed, rate = c.Law.Formula, "", ""
	}
	strong := f.Verdict != Within && f.Verdict != Exact
	return []figure.Cell{
		{Text: c.Law.Name},
		{Text: c.Law.Axis},
		{Text: string(c.Law.Quantity)},
		{Text: f.Range.text()},
		{Text: predicted},
		{Text: f.exponent()},
		{Text: string(f.Verdict), Strong: strong},
		{Text: fixed},
		{Text: rate},
	}
}

// short writes two digits, and nothing for what is no number.
func short(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return fmt.Sprintf("%.2g", x)
}

// hundredths writes two decimals, a minus sign for a hyphen, and no minus before 0.00.
func hundredths(x float64) string {
	text := strings.Replace(fmt.Sprintf("%.2f", x), "-", "−", 1)
	if text == "−0.00" {
		return "0.00"
	}
	return text
}
