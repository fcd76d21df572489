package figure

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Point is a place in a Plane.
type Point struct{ X, Y float64 }

// Kind is how a Shape is drawn.
type Kind int

// The kinds of shapes. Later ones are drawn over earlier ones, so that none hides another:
// points are larger the earlier they come, and hollow.
const (
	Area     Kind = iota // the union of convex polygons, filled; of one or two corners it is a point or a segment
	Cloud                // points, as fine dots
	Hatching             // one convex polygon, hatched, with a solid outline
	Outline              // one polygon, dashed
	Diamonds             // points, as large hollow diamonds
	Squares              // points, as hollow squares
	Discs                // points, as discs
	Tagged               // points, as small discs with the shape's tag beside them
)

var kinds = []string{"filled area", "fine dots", "hatched area", "dashed outline", "hollow diamond", "hollow square", "disc", "tagged point"}

// Shape is one line of a plane's legend.
type Shape struct {
	Name  string // in the legend; required
	Kind  Kind
	Parts [][]Point // polygons; all points of the kinds that draw points
	Color int       // 1 to 7
	Tag   string    // of Tagged, one or two characters
}

// Plane is a drawing of sets in the plane, both axes with one scale.
//
// With Rows it shows sets on a line instead: Y is 0, −1, −2, … for one row after the other.
type Plane struct {
	Title   string
	Caption string // sentences that say what is to be seen, for readers who cannot see it
	X, Y    Axis   // linear; there is no Y with Rows
	Rows    []string
	Shapes  []Shape
	Notes   []string // below the legend
}

// WriteSVG draws the plane as a document of its own, on white paper, with its title and
// [Plane.Description] for screen readers. The same plane gives the same bytes. Its error is an
// *InputError or w's own.
func (p Plane) WriteSVG(w io.Writer) error { return p.write(w, document.writeSVG) }

// WritePDF draws the plane on one page of its size, as [Figure.WritePDF] does.
func (p Plane) WritePDF(w io.Writer) error { return p.write(w, document.writePDF) }

func (p Plane) write(w io.Writer, form func(document, io.Writer) error) error {
	if err := p.check(); err != nil {
		return err
	}
	name := p.Title
	if name == "" {
		name = "sets in the plane"
	}
	return form(document{p.draw(), name, p.Description()}, w)
}

func (p Plane) check() error {
	if p.X.Label == "" || p.Y.Label == "" && p.Rows == nil {
		return &InputError{"axes", "each needs a label"}
	}
	for i, s := range p.Shapes {
		if problem := s.problem(); problem != "" {
			return &InputError{fmt.Sprintf("shape %d (%q)", i, s.Name), problem}
		}
	}
	return nil
}

func (s Shape) problem() string {
	switch {
	case s.Name == "":
		return "it needs a name for the legend"
	case s.Kind < Area || s.Kind > Tagged:
		return "its kind does not exist: take Area to Tagged"
	case s.Color < 1 || s.Color > len(shapes):
		return fmt.Sprintf("color %d does not exist: take 1 to %d", s.Color, len(shapes))
	case (s.Kind == Hatching || s.Kind == Outline) && len(s.Parts) != 1:
		return fmt.Sprintf("it has %d polygons: give one", len(s.Parts))
	}
	for _, part := range s.Parts {
		for _, at := range part {
			if !(math.Abs(at.X) <= drawable && math.Abs(at.Y) <= drawable) {
				return "it has numbers that cannot be drawn: give finite ones, of magnitude 1e300 at most"
			}
		}
	}
	return ""
}

// described bounds the points of one shape that a description lists.
const described = 12

// Description says in words what the plane shows: the caption, and each shape with its points, or
// for many the box around them.
func (p Plane) Description() string {
	sentences := []string{}
	if p.Caption != "" {
		sentences = append(sentences, p.Caption)
	}
	sentences = append(sentences, p.X.describe("Horizontal"))
	if p.Rows == nil {
		sentences = append(sentences, p.Y.describe("Vertical"))
	}
	for _, s := range p.Shapes {
		sentences = append(sentences, fmt.Sprintf("%s (%s): %s.", s.Name, kinds[s.Kind], p.extent(s)))
	}
	return strings.Join(append(sentences, p.Notes...), " ")
}

// extent tells where a shape is.
func (p Plane) extent(s Shape) string {
	var points []Point
	for _, part := range s.Parts {
		points = append(points, part...)
	}
	if len(points) == 0 {
		return "nothing to draw"
	}
	x, y := p.box([]Shape{{Parts: s.Parts}})
	switch {
	case p.Rows != nil && x.lo == x.hi:
		return "at " + coordinate(x.lo)
	case p.Rows != nil:
		return fmt.Sprintf("from %s to %s", coordinate(x.lo), coordinate(x.hi))
	case len(s.Parts) == 1 && len(points) <= described || s.Kind > Outline && len(points) <= described:
		var list []string
		for _, at := range points {
			list = append(list, fmt.Sprintf("(%s, %s)", coordinate(at.X), coordinate(at.Y)))
		}
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("between %s and %s across, between %s and %s upwards", coordinate(x.lo), coordinate(x.hi), coordinate(y.lo), coordinate(y.hi))
}

// box is the smallest one around shapes.
func (p Plane) box(shapes []Shape) (x, y span) {
	x, y = span{math.Inf(1), math.Inf(-1)}, span{math.Inf(1), math.Inf(-1)}
	for _, s := range shapes {
		for _, part := range s.Parts {
			for _, at := range part {
				x.include(at.X)
				y.include(at.Y)
			}
		}
	}
	return x, y
}

func coordinate(x float64) string { return signed(strconv.FormatFloat(x+0, 'g', 4, 64)) }
