package explain

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// The colours of figures: of D and its hull, of ∂f, and of what frameworks return.
const (
	fieldColor     = 1
	clarkeColor    = 2
	frameworkColor = 7
)

const (
	outlineCalls   = 96   // of the support function, for a hull that is no listed polytope
	outlineBudget  = 64   // of parts, for each call
	sampledPoints  = 3000 // where D is drawn by random elements
	outlineQuality = 0.98 // ratio of areas from which on inner and outer bounds look the same
)

// plane returns the drawing.
func (r *Report) plane() (figure.Plane, error) {
	switch n := len(r.Inputs); {
	case !r.Scalar:
		return figure.Plane{}, &FigureError{"a vector-valued expression has no figure; pick or combine entries, such as sum(…)"}
	case n > 2:
		return figure.Plane{}, &FigureError{fmt.Sprintf("the point has %d coordinates; only one or two can be drawn, so make the others numbers in the expression", n)}
	}
	d := &drawing{Report: r, line: len(r.Inputs) == 1}
	d.Title = shortened(r.Expression, 90) + " at " + shortened(r.pointText(), 60)
	d.X = figure.Axis{Label: "∂/∂" + r.Inputs[0], Unit: "1"}
	if !d.line {
		d.Y = figure.Axis{Label: "∂/∂" + r.Inputs[1], Unit: "1"}
	}
	if err := d.sets(); err != nil {
		return figure.Plane{}, err
	}
	d.frameworks()
	d.Caption = d.caption()
	return d.Plane, nil
}

// drawing builds a plane. On a line every set has a row of its own.
type drawing struct {
	*Report
	figure.Plane
	line bool
}

func (d *drawing) caption() string {
	what := "The conservative field D of the program, its convex hull, the Clarke subdifferential of the function and what frameworks return"
	if d.Conservative == nil {
		what = "What frameworks return"
	}
	return what + ", for " + d.Title + "."
}

// add adds a shape, on a line to the last row.
func (d *drawing) add(name string, kind figure.Kind, color int, parts ...[]figure.Point) {
	if len(slices.Concat(parts...)) > 0 {
		d.Shapes = append(d.Shapes, figure.Shape{Name: name, Kind: kind, Color: color, Parts: parts})
	}
}

func (d *drawing) row(name string) {
	if d.line {
		d.Rows = append(d.Rows, name)
	}
}

// point places a vector.
func (d *drawing) point(v clarke.Vector) figure.Point {
	if d.line {
		return figure.Point{X: v.Float[0], Y: 1 - float64(len(d.Rows))}
	}
	return figure.Point{X: v.Float[0], Y: v.Float[1]}
}

func (d *drawing) points(list []clarke.Vector) (out []figure.Point) {
	for _, v := range list {
		if !slices.ContainsFunc(v.Float, isNotFinite) {
			out = append(out, d.point(v))
		}
	}
	return out
}

// polygon is the hull of points, on a line a bar in its row.
func (d *drawing) polygon(points []figure.Point) []figure.Point {
	if !d.line || len(points) == 0 {
		return hull(points)
	}
	const half = 0.2
	var bar []figure.Point
	for _, p := range points {
		bar = append(bar, figure.Point{X: p.X, Y: p.Y - half}, figure.Point{X: p.X, Y: p.Y + half})
	}
	return hull(bar)
}

// sets adds both sets, if they are there.
func (d *drawing) sets() error {
	if d.Conservative == nil || d.Clarke == nil {
		why := d.Refused
		if why == "" {
			why = d.Note
		}
		d.Notes = append(d.Notes, "D and ∂f are not given: "+why)
		return nil
	}
	d.row("D")
	outer, err := d.fieldHull()
	if err != nil {
		return err
	}
	if err := d.field(outer); err != nil {
		return err
	}
	d.least("conv D", figure.Squares, fieldColor, d.Conservative.MinNorm)
	d.row("∂f")
	d.clarke(outer)
	return nil
}

// least adds the element of least norm.
func (d *drawing) least(set string, kind figure.Kind, color int, v clarke.Vector) {
	if len(v.Float) > 0 {
		d.add(fmt.Sprintf("element of %s nearest to 0: %s", set, brief(v)), kind, color, d.points([]clarke.Vector{v}))
	}
}

// fieldHull returns the corners of conv D, or many points on its boundary if it is no polytope
// whose vertices are known.
func (d *drawing) fieldHull() ([]figure.Point, error) {
	if d.Conservative.Vertices != nil {
		return d.points(d.Conservative.Vertices), nil
	}
	set := &supported{field: d.Conservative, n: len(d.Inputs)}
	if d.line {
		var ends []clarke.Vector
		for _, direction := range []float64{-1, 1} {
			end := clarke.Floats([]float64{0})
			set.Support(end.Float, []float64{direction})
			ends = append(ends, end)
		}
		return d.points(ends), set.err
	}
	inner, outer, err := convex.Outline2(set, outlineCalls)
	if set.err != nil || err != nil {
		return nil, firstError(set.err, err)
	}
	within, err := convex.Area2(inner)
	if err != nil {
		return nil, err
	}
	if around, err := convex.Area2(outer); err != nil || within < float64(outlineQuality*around) {
		d.Notes = append(d.Notes, "The outline of conv D is an inner bound: its support function is known within bounds only.")
	}
	var out []figure.Point
	for _, p := range inner {
		out = append(out, figure.Point{X: p[0], Y: p[1]})
	}
	return out, nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// field adds D and the outline of its hull.
func (d *drawing) field(outer []figure.Point) error {
	f := d.Conservative
	switch {
	case d.line: // the image of a connected set of choices is connected
		d.add("D, an interval", figure.Area, fieldColor, d.polygon(outer))
		return nil
	case f.Affine:
		d.add("D, which is convex: it is conv D", figure.Area, fieldColor, d.polygon(outer))
	default:
		parts, known, err := region(f)
		if err != nil {
			return err
		}
		if known {
			d.add("D", figure.Area, fieldColor, parts...)
		} else if err := d.cloud(); err != nil {
			return err
		}
	}
	d.add("conv D, its convex hull", figure.Outline, fieldColor, d.polygon(outer))
	return nil
}

// cloud adds random elements of D.
func (d *drawing) cloud() error {
	rng := rand.New(rand.NewPCG(1, 1)) // the same report gives the same figure
	var sample []clarke.Vector
	for range sampledPoints {
		v, err := d.Conservative.Sample(rng)
		if err != nil {
			return err
		}
		sample = append(sample, v)
	}
	d.add(fmt.Sprintf("%d random elements of D, of which not all is drawn", sampledPoints), figure.Cloud, fieldColor, d.points(sample))
	return nil
}

// clarke adds ∂f, or what is known to be in it, with its limiting gradients.
func (d *drawing) clarke(outer []figure.Point) {
	c := d.Clarke
	name, corners := "hull of the limiting gradients found, a part of ∂f", d.points(c.Vertices)
	switch {
	case d.isHull():
		name, corners = "∂f, which is conv D", outer
		if d.line {
			corners = d.lower(outer)
		}
	case c.Exact && !c.Round:
		name = "∂f"
	}
	if len(corners) > 0 {
		d.add(name, figure.Hatching, clarkeColor, d.polygon(corners))
	}
	found := "limiting gradients"
	if !c.Exact || c.Round {
		found = "limiting gradients found"
	}
	d.add(found, figure.Discs, clarkeColor, d.points(c.Vertices))
	d.least("∂f", figure.Diamonds, clarkeColor, c.MinNorm)
}

// lower moves points to the last row.
func (d *drawing) lower(points []figure.Point) (out []figure.Point) {
	for _, p := range points {
		out = append(out, figure.Point{X: p.X, Y: 1 - float64(len(d.Rows))})
	}
	return out
}

// frameworks adds what frameworks return, a tag for each vector.
func (d *drawing) frameworks() {
	var vectors []clarke.Vector
	var names [][]string
	var none, infinite []string
	for _, s := range d.Selections {
		switch {
		case s.Rows == nil:
			none = append(none, s.Preset)
			continue
		case slices.ContainsFunc(s.Rows[0].Float, isNotFinite):
			infinite = append(infinite, s.Preset)
			continue
		}
		i := slices.IndexFunc(vectors, func(v clarke.Vector) bool { return slices.Equal(v.Float, s.Rows[0].Float) })
		if i < 0 {
			i, vectors, names = len(vectors), append(vectors, s.Rows[0]), append(names, nil)
		}
		names[i] = append(names[i], s.Preset)
	}
	if len(vectors) > 0 {
		d.row("returned")
	}
	for i, v := range vectors {
		d.add(fmt.Sprintf("%s: %s", strings.Join(names[i], ", "), brief(v)), figure.Tagged, frameworkColor, d.points([]clarke.Vector{v}))
		d.Shapes[len(d.Shapes)-1].Tag = strconv.Itoa(i + 1)
	}
	if infinite != nil {
		d.Notes = append(d.Notes, "Not finite: "+strings.Join(infinite, ", ")+".")
	}
	if none != nil {
		d.Notes = append(d.Notes, "No answer: "+strings.Join(none, ", ")+".")
	}
}

// brief writes a vector, rational numbers as fractions while they are short.
func brief(v clarke.Vector) string {
	parts := make([]string, len(v.Float))
	for i, x := range v.Float {
		parts[i] = strconv.FormatFloat(x+0, 'g', 4, 64)
		if v.Exact != nil {
			if text := v.Exact[i].RatString(); len(text) <= 9 {
				parts[i] = text
			}
		}
	}
	text := strings.ReplaceAll(strings.Join(parts, ", "), "-", "−")
	if len(parts) == 1 {
		return text
	}
	return "(" + text + ")"
}

func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// supported is conv D as a set that is known by its support function.
type supported struct {
	field *conservative.Field
	n     int
	err   error
}

// Dim implements convex.Set.
func (s *supported) Dim() int { return s.n }

// Support implements convex.Set.
func (s *supported) Support(dst, direction []float64) { s.SupportBound(dst, direction) }

// SupportBound implements convex.Bounded.
func (s *supported) SupportBound(dst, direction []float64) float64 {
	h, err := s.field.Support(context.Background(), clarke.Floats(slices.Clone(direction)), outlineBudget)
	if err != nil {
		s.err = err
		return 0
	}
	copy(dst, h.Element.Float)
	return h.Upper.Float[0]
}
