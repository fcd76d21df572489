package figure

import (
	"fmt"
	"strings"
)

// Description says in words what the figure shows, for readers who cannot see it: the caption,
// the axes, and for each series how it is drawn, how many points and where it begins and ends.
func (f Figure) Description() string {
	sentences := []string{}
	if f.Caption != "" {
		sentences = append(sentences, f.Caption)
	}
	sentences = append(sentences, f.X.describe("Horizontal"), f.Y.describe("Vertical"))
	for _, s := range f.Series {
		sentences = append(sentences, f.describe(s))
	}
	return strings.Join(sentences, " ")
}

func (a Axis) describe(which string) string {
	scale := ""
	if a.Log {
		scale = ", logarithmic"
	}
	return fmt.Sprintf("%s axis: %s%s.", which, a.title(0), scale)
}

func (f Figure) describe(s Series) string {
	how := map[Style]string{Measured: "points", Curve: "solid line", Predicted: "dashed line"}[s.Style]
	if s.Lower != nil {
		how += " with uncertainty"
	}
	var x, y []float64
	for i := range s.X {
		if f.X.shows(s.X[i]) && f.Y.shows(s.Y[i]) {
			x, y = append(x, s.X[i]), append(y, s.Y[i])
		}
	}
	switch n := len(x); n {
	case 0:
		return fmt.Sprintf("%s (%s): nothing to draw.", s.Name, how)
	case 1:
		return fmt.Sprintf("%s (%s): %.3g at %.3g.", s.Name, how, y[0], x[0])
	default:
		return fmt.Sprintf("%s (%s): %d values, from %.3g at %.3g to %.3g at %.3g.", s.Name, how, n, y[0], x[0], y[n-1], x[n-1])
	}
}
