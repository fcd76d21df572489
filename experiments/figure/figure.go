// Package figure draws line figures as SVG, over gonum.org/v1/plot.
//
// It fixes what every figure of this toolkit has in common: axes with labels and units, linear
// or logarithmic; measured points, solid curves and dashed predictions; bands of uncertainty; the
// colours of Okabe and Ito, which colour-blind readers can tell apart, together with shapes, so
// that colour is never the only difference. The same Figure gives the same bytes on every run.
package figure

import (
	"fmt"
	"io"
)

// Style is how a series is drawn.
type Style int

// The styles. Later ones are drawn over earlier ones, so a prediction lies over what was measured.
const (
	Measured  Style = iota // points
	Curve                  // a solid line
	Predicted              // a dashed line
)

// Axis describes one axis.
type Axis struct {
	Label string // what is shown; required
	Unit  string // its unit, "1" for a pure number; required
	Log   bool   // logarithmic; values ≤ 0 are then left out
}

// title is the text along the axis.
func (a Axis) title() string {
	if a.Unit == "1" {
		return a.Label
	}
	return fmt.Sprintf("%s (%s)", a.Label, a.Unit)
}

// Series is one line of the legend.
type Series struct {
	Name  string // in the legend; required
	Style Style
	X, Y  []float64 // of equal length
	// Lower and Upper, both or neither, are the uncertainty of Y: error bars on points and a
	// tint along lines. Ends beyond the axis, such as 0 on a logarithmic one, go to its edge.
	Lower, Upper []float64
	// Color picks a colour and shape, 1 to 7; 0 takes the next one. Give a prediction
	// the colour of what it predicts.
	Color int
}

// Figure is a line figure. Points that cannot be drawn (NaN, infinities, magnitudes over 1e300,
// and on a logarithmic axis anything below 1e-300) are left out and break their line.
type Figure struct {
	Title  string // optional
	X, Y   Axis
	Series []Series // at least one
}

// An InputError tells what is missing or contradictory in a Figure.
type InputError struct {
	Place   string // the axis or series
	Problem string // with the mend
}

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("figure: %s: %s.", e.Place, e.Problem) }

// WriteSVG draws the figure. Its error is an *InputError or w's own.
func (f Figure) WriteSVG(w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	x, y, found := f.ranges()
	if !found {
		return &InputError{"series", "no point can be drawn: give finite numbers, positive ones on a logarithmic axis"}
	}
	text, err := f.render(x, y)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (f Figure) check() error {
	const needs = `it needs a label and a unit ("1" for a pure number)`
	switch {
	case f.X.Label == "" || f.X.Unit == "":
		return &InputError{"x axis", needs}
	case f.Y.Label == "" || f.Y.Unit == "":
		return &InputError{"y axis", needs}
	case len(f.Series) == 0:
		return &InputError{"series", "there is none: give at least one"}
	}
	for i, s := range f.Series {
		if problem := s.problem(); problem != "" {
			return &InputError{fmt.Sprintf("series %d (%q)", i, s.Name), problem}
		}
	}
	return nil
}

func (s Series) problem() string {
	switch {
	case s.Name == "":
		return "it needs a name for the legend"
	case len(s.X) != len(s.Y):
		return fmt.Sprintf("it has %d x and %d y: give as many of each", len(s.X), len(s.Y))
	case (s.Lower != nil || s.Upper != nil) && (len(s.Lower) != len(s.X) || len(s.Upper) != len(s.X)):
		return "its band must have as many lower and upper ends as points"
	case s.Color < 0 || s.Color > len(palette):
		return fmt.Sprintf("color %d does not exist: take 1 to %d, or 0 for the next one", s.Color, len(palette))
	case s.Style < Measured || s.Style > Predicted:
		return "its style must be Measured, Curve or Predicted"
	default:
		return ""
	}
}
