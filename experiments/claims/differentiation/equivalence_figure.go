package differentiation

import (
	"fmt"
	"math"
	"strings"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// record is what the trace and the result say of a spelling.
func (s *studied) record() jsonnum.Object {
	answers := jsonnum.Object{}
	for _, a := range s.answers {
		answers[a.preset] = jsonnum.Object{"returned": a.returned, "predicted": a.predicted, "in_clarke": a.inClarke}
	}
	o := jsonnum.Object{"function": s.group.name, "program": s.text, "at": s.group.at, "frameworks": answers, "refused": s.report.Refused}
	if !s.branch {
		o["clarke"], o["field"] = floatsOf(s.report.Clarke.Vertices), floatsOf(s.report.Conservative.Vertices)
	}
	return o
}

func floatsOf(vectors []clarke.Vector) [][]float64 {
	out := make([][]float64, len(vectors))
	for i, v := range vectors {
		out[i] = v.Float
	}
	return out
}

// drawGroup draws the sets and answers of a function of one variable.
func drawGroup(c *claim.Context, own []*studied) error {
	g := own[0].group
	if len(own[0].clarke[0].Float) != 1 {
		return nil
	}
	series := []figure.Series{clarkeBand(own), fieldBars(own)}
	for i := range own[0].answers {
		if s := answersOf(own, i); len(s.X) > 0 {
			series = append(series, s)
		}
	}
	return c.Figure("spellings-"+g.name, figure.Figure{
		Title:   fmt.Sprintf("One function, %d programs: %s at %s", len(own), g.name, strings.ReplaceAll(g.at, "=", " = ")),
		Caption: caption(own),
		X:       figure.Axis{Label: "program", Unit: "1"}, Y: figure.Axis{Label: "derivative", Unit: "1"},
		Series: series,
	})
}

func caption(own []*studied) string {
	var text strings.Builder
	text.WriteString("Every program has the Clarke subdifferential of the function, the dashed line or tinted band; its conservative field is the bar, and the marks are what frameworks return. " +
		"Marks off the line or band are no subgradients. Programs without a bar choose by a comparison, and their field is not defined. The programs are")
	for i, s := range own {
		fmt.Fprintf(&text, " (%d) %s", i+1, s.text)
		if i < len(own)-1 {
			text.WriteString(",")
		}
	}
	return text.String() + "."
}

// clarkeBand is ∂f across all programs.
func clarkeBand(own []*studied) figure.Series {
	set := own[0].clarke
	lo, hi := set[0].Float[0], set[len(set)-1].Float[0]
	middle, from, to := (lo+hi)/2, 0.5, float64(len(own))+0.5
	s := figure.Series{
		Name: "∂f, of the function", Style: figure.Predicted, Color: len(own[0].answers) + 1,
		X: []float64{from, to}, Y: []float64{middle, middle},
	}
	if lo < hi {
		s.Lower, s.Upper = []float64{lo, lo}, []float64{hi, hi}
	}
	return s
}

// fieldBars draws conv D of each program as an upright bar with feet, one line
// that NaN breaks.
func fieldBars(own []*studied) figure.Series {
	const foot = 0.36
	s := figure.Series{Name: "conv D, of the program", Style: figure.Curve, Color: len(own[0].answers) + 1}
	for i, of := range own {
		if of.branch {
			continue
		}
		at, set := float64(i+1), of.report.Conservative.Vertices
		lo, hi := set[0].Float[0], set[len(set)-1].Float[0]
		s.X = append(s.X, at-foot, at+foot, at, at, at-foot, at+foot, math.NaN())
		s.Y = append(s.Y, lo, lo, lo, hi, hi, hi, math.NaN())
	}
	return s
}

// answersOf are the marks of one framework, beside those of the others.
func answersOf(own []*studied, framework int) figure.Series {
	s := figure.Series{Name: own[0].answers[framework].preset, Style: figure.Measured, Color: framework + 1}
	for i, of := range own {
		if v := of.answers[framework].returned; v != nil {
			s.X, s.Y = append(s.X, besides(i, framework, len(of.answers))), append(s.Y, v[0])
		}
	}
	return s
}
