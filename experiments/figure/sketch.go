package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	badgeSize  = vg.Length(6.2)
	badgeReach = vg.Length(15) // from a point to its tag
)

// sketch draws shapes within the axes of a plane.
type sketch struct {
	draw.Canvas
	x, y  func(float64) vg.Length
	taken []vg.Point // places of points and tags
}

func newSketch(axes *plot.Plot, data draw.Canvas) *sketch {
	s := &sketch{Canvas: data}
	s.x, s.y = axes.Transforms(&data)
	return s
}

// shapes draws all kinds in their order, and the axes through 0 above areas.
func (s *sketch) shapes(p Plane) {
	for kind := Area; kind <= Tagged; kind++ {
		if kind == Cloud {
			line := draw.LineStyle{Color: paintOf(axisColor), Width: 0.8}
			s.StrokeLine2(line, s.x(0), s.Min.Y, s.x(0), s.Max.Y)
			if p.Rows == nil {
				s.StrokeLine2(line, s.Min.X, s.y(0), s.Max.X, s.y(0))
			}
		}
		for _, shape := range p.Shapes {
			if shape.Kind == kind {
				s.shape(shape)
			}
		}
	}
	for _, shape := range p.Shapes {
		if shape.Kind == Tagged {
			s.tag(shape)
		}
	}
}

func (s *sketch) shape(shape Shape) {
	pen := penOf(shape)
	var parts [][]vg.Point
	for _, part := range shape.Parts {
		var points []vg.Point
		for _, at := range part {
			points = append(points, vg.Point{X: s.x(at.X), Y: s.y(at.Y)})
		}
		parts = append(parts, points)
		if shape.Kind >= Diamonds {
			s.taken = append(s.taken, points...)
		}
	}
	pen.draw(s.Canvas, shape.Kind, parts)
}

// tag writes the tags of a shape's points, each at the place beside its point that is farthest
// from all that is taken.
func (s *sketch) tag(shape Shape) {
	for _, part := range shape.Parts {
		for _, at := range part {
			from := vg.Point{X: s.x(at.X), Y: s.y(at.Y)}
			to := s.free(from)
			s.taken = append(s.taken, to)
			badge(s.Canvas, from, to, shape.Tag)
		}
	}
}

// compass has eight directions of length 1. The first one is the choice among equals.
var compass = []vg.Point{
	{X: math.Sqrt2 / 2, Y: math.Sqrt2 / 2},
	{X: -math.Sqrt2 / 2, Y: math.Sqrt2 / 2},
	{X: math.Sqrt2 / 2, Y: -math.Sqrt2 / 2},
	{X: -math.Sqrt2 / 2, Y: -math.Sqrt2 / 2},
	{X: 1},
	{Y: 1},
	{X: -1},
	{Y: -1},
}

// free returns the place for a tag of a point.
func (s *sketch) free(from vg.Point) vg.Point {
	var best vg.Point
	most := -1.0
	for _, d := range compass {
		to := vg.Point{X: from.X + vg.Length(badgeReach*d.X), Y: from.Y + vg.Length(badgeReach*d.Y)}
		clear := float64(4 * badgeReach * badgeReach) // squared distance; more is no better
		for _, other := range s.taken {
			if away := to.Sub(other); other != from {
				clear = min(clear, float64(away.X*away.X)+float64(away.Y*away.Y))
			}
		}
		inside := s.Min.X+badgeSize <= to.X && to.X <= s.Max.X-badgeSize && s.Min.Y+badgeSize <= to.Y && to.Y <= s.Max.Y-badgeSize
		if inside && clear > most+0.01 {
			best, most = to, clear
		}
	}
	return best
}

// badge writes a tag in a ring at one place, with a line to another.
func badge(c draw.Canvas, from, to vg.Point, tag string) {
	black := paintOf(textColor)
	c.StrokeLine2(draw.LineStyle{Color: black, Width: 0.7}, from.X, from.Y, to.X, to.Y)
	c.SetColor(paintOf(paperColor))
	c.Fill(circle(to, badgeSize))
	c.SetLineStyle(draw.LineStyle{Color: black, Width: 0.8})
	c.Stroke(circle(to, badgeSize))
	style := textStyle(bold(8), black)
	style.XAlign = text.XCenter
	c.FillText(style, vg.Point{X: to.X, Y: to.Y - 3}, tag)
}

// shapePen draws the kinds of shapes in one colour, given by its place in the palette.
type shapePen struct{ paint paint }

func penOf(s Shape) shapePen { return shapePen{paintOf(seriesColor + s.Color - 1)} }

func (p shapePen) line(width vg.Length, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: p.paint, Width: width, Dashes: dashes}
}

func (p shapePen) draw(c draw.Canvas, kind Kind, parts [][]vg.Point) {
	points := slices.Concat(parts...)
	switch kind {
	case Area:
		p.area(c, parts)
	case Hatching:
		p.hatch(c, parts[0])
		p.outline(c, parts[0], p.line(1.8))
	case Outline:
		p.outline(c, parts[0], p.line(1.3, 5, 3))
	case Diamonds:
		p.hollow(c, points, []vg.Point{{X: 11.5}, {Y: 11.5}, {X: -11.5}, {Y: -11.5}})
	case Squares:
		p.hollow(c, points, []vg.Point{{X: -4.5, Y: -4.5}, {X: 4.5, Y: -4.5}, {X: 4.5, Y: 4.5}, {X: -4.5, Y: 4.5}})
	case Cloud:
		p.discs(c, points, 0.8)
	case Discs:
		p.discs(c, points, discSize(len(points)))
	case Tagged:
		p.discs(c, points, 2.1)
	}
}

// discSize makes many discs small.
func discSize(n int) vg.Length {
	if n > 16 {
		return 1.8
	}
	return 3.4
}

// area first strokes all polygons and then fills them, so that of the strokes only those around
// the union stay.
func (p shapePen) area(c draw.Canvas, parts [][]vg.Point) {
	pale := p.paint
	for _, channel := range []*uint8{&pale.R, &pale.G, &pale.B} {
		*channel = uint8(255 - (255-int(*channel))/4)
	}
	var union vg.Path
	for _, part := range parts {
		p.outline(c, part, p.line(2.4))
		if len(part) > 2 {
			union = append(union, closed(part)...)
		}
	}
	if union != nil {
		c.SetColor(pale)
		c.Fill(union)
	}
}

// outline strokes a polygon; a point is a disc as wide as the pen.
func (p shapePen) outline(c draw.Canvas, part []vg.Point, style draw.LineStyle) {
	if !slices.ContainsFunc(part, func(q vg.Point) bool { return q != part[0] }) {
		c.SetColor(p.paint)
		c.Fill(circle(part[0], 1.2*style.Width))
		return
	}
	c.SetLineStyle(style)
	c.Stroke(closed(part))
}

func closed(part []vg.Point) vg.Path {
	var path vg.Path
	for i, at := range part {
		if i == 0 {
			path.Move(at)
		} else {
			path.Line(at)
		}
	}
	path.Close()
	return path
}

// hatch draws lines of slope 1 in a convex polygon, along X − Y = k·pitch.
func (p shapePen) hatch(c draw.Canvas, part []vg.Point) {
	const pitch = 8.0 // in X − Y, in points
	offset := func(at vg.Point) float64 { return (at.X - at.Y).Points() }
	first, last := math.Inf(1), math.Inf(-1)
	for _, at := range part {
		first, last = min(first, offset(at)), max(last, offset(at))
	}
	var lines vg.Path
	for k := math.Ceil(first / pitch); k*pitch <= last; k++ {
		var cut []vg.Point
		for i, a := range part {
			b := part[(i+1)%len(part)]
			from, to := offset(a)-float64(k*pitch), offset(b)-float64(k*pitch)
			if from < 0 != (to < 0) {
				t := vg.Length(from / (from - to))
				cut = append(cut, vg.Point{X: a.X + vg.Length(t*(b.X-a.X)), Y: a.Y + vg.Length(t*(b.Y-a.Y))})
			}
		}
		if len(cut) == 2 {
			lines.Move(cut[0])
			lines.Line(cut[1])
		}
	}
	if lines != nil {
		c.SetLineStyle(p.line(0.7))
		c.Stroke(lines)
	}
}

// discs draws points, all but the finest cased in white.
func (p shapePen) discs(c draw.Canvas, points []vg.Point, radius vg.Length) {
	const casing = 0.8
	for _, at := range points {
		if radius > 1 {
			c.SetColor(paintOf(paperColor))
			c.Fill(circle(at, radius+casing))
		}
		c.SetColor(p.paint)
		c.Fill(circle(at, radius))
	}
}

// hollow draws polygons around points.
func (p shapePen) hollow(c draw.Canvas, points, corners []vg.Point) {
	for _, at := range points {
		moved := make([]vg.Point, len(corners))
		for i, corner := range corners {
			moved[i] = at.Add(corner)
		}
		p.outline(c, moved, draw.LineStyle{Color: paintOf(paperColor), Width: 3})
		p.outline(c, moved, p.line(1.5))
	}
}

// key implements swatch.
func (s Shape) key() vg.Length { return lineKey }

// sample implements swatch.
func (s Shape) sample(c draw.Canvas, x, y vg.Length) {
	middle := vg.Point{X: x + lineKey/2, Y: y}
	corner := func(i, j vg.Length) vg.Point { return vg.Point{X: middle.X + vg.Length(i*9), Y: y + vg.Length(j*4.2)} }
	parts := [][]vg.Point{{middle}}
	switch s.Kind {
	case Area, Hatching:
		parts = [][]vg.Point{{corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)}}
	case Outline:
		parts = [][]vg.Point{{{X: x, Y: y}, {X: x + lineKey, Y: y}}}
	case Cloud:
		parts = [][]vg.Point{{corner(-1, 0), corner(-0.6, 0.7), corner(-0.3, -0.5), corner(0.1, 0.3), corner(0.4, -0.8), corner(0.7, 0.6), corner(1, -0.2)}}
	case Diamonds: // smaller than in the plane, where it goes around other points
		penOf(s).hollow(c, parts[0], []vg.Point{{X: 6.5}, {Y: 6.5}, {X: -6.5}, {Y: -6.5}})
		return
	case Tagged:
		from, to := vg.Point{X: x + 3, Y: y}, vg.Point{X: x + lineKey - badgeSize, Y: y}
		parts = [][]vg.Point{{from}}
		defer badge(c, from, to, s.Tag)
	}
	penOf(s).draw(c, s.Kind, parts)
}
