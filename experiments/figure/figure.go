// Package figure draws line figures as SVG and PDF, over gonum.org/v1/plot.
//
// It fixes what every figure of this toolkit has in common: axes with labels and units, linear
// or logarithmic; measured points, solid curves and dashed predictions; bands of uncertainty; a
// legend below, so that nothing covers data; colours which colour-blind
// readers can tell apart, together with shapes, so that colour is never the only difference; and
// a description in words. The same Figure gives the same bytes on every run.
//
// A Figure is data: it is written as JSON and read back, or written as CSV, to be drawn elsewhere.
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
	Label string `json:"label"` // what is shown; required
	Unit  string `json:"unit"`  // its unit, "1" for a pure number; required
	Log   bool   `json:"log"`   // logarithmic; values ≤ 0 are then left out
}

// title is the text along an axis whose ticks count in the given power of ten: "time (10⁻⁶ s)".
func (a Axis) title(power int) string {
	unit := a.Unit
	switch {
	case power == 0 && unit == "1":
		return a.Label
	case unit == "1":
		unit = powerOfTen(power)
	case power != 0:
		unit = powerOfTen(power) + " " + unit
	}
	return fmt.Sprintf("%s (%s)", a.Label, unit)
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
//
// Characters such as ² and ₖ in texts are set as raised and lowered ones.
type Figure struct {
	Title   string   `json:"title"`   // optional
	Caption string   `json:"caption"` // optional: sentences that say what is to be seen
	X       Axis     `json:"x"`
	Y       Axis     `json:"y"`
	Series  []Series `json:"series"` // at least one
}

// An InputError tells what is missing or contradictory in a Figure.
type InputError struct {
	Place   string // the axis or series
	Problem string // with the mend
}

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("figure: %s: %s.", e.Place, e.Problem) }

// WriteSVG draws the figure as a document of its own, on white paper, with its title and
// [Figure.Description] for screen readers. Its error is an *InputError or w's own.
func (f Figure) WriteSVG(w io.Writer) error {
	c, err := f.draw(true)
	if err != nil {
		return err
	}
	return document{c, f.name(), f.Description()}.writeSVG(w)
}

// WriteInline draws the figure as an element of an HTML page: without its title, which belongs
// above it, as wide as the page lets it be, in colours that the page gives as custom properties
// --figure-NAME (see [Colors]). id must be unique in the page. Its error is an *InputError or w's own.
func (f Figure) WriteInline(w io.Writer, id string) error {
	c, err := f.draw(false)
	if err != nil {
		return err
	}
	return document{c, f.name(), f.Description()}.writeInline(w, id)
}

// name is the title, or what is drawn over what.
func (f Figure) name() string {
	if f.Title != "" {
		return f.Title
	}
	return f.Y.Label + " against " + f.X.Label
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
	case s.Color < 0 || s.Color > len(shapes):
		return fmt.Sprintf("color %d does not exist: take 1 to %d, or 0 for the next one", s.Color, len(shapes))
	case s.Style < Measured || s.Style > Predicted:
		return "its style must be Measured, Curve or Predicted"
	default:
		return ""
	}
}
