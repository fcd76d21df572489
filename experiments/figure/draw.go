package figure

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes in points. The page is narrow, so that on a telephone, or in a column of a paper, letters
// keep a size that can be read.
const (
	width      = vg.Length(360)
	plotHeight = vg.Length(212) // of the axes with their tick labels
	margin     = vg.Length(4)
	rightSide  = vg.Length(10)
	titleSize  = vg.Length(12.5)
	labelSize  = vg.Length(11)
	tickSize   = vg.Length(10)
	leading    = vg.Length(1.3) // distance of lines, relative to their size
)

// draw lays the figure out: title, label of the vertical axis, axes, label of the horizontal
// axis, and below them the legend, so that nothing covers data.
func (f Figure) draw(titled bool) (*canvas, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	x, y, found := f.ranges()
	if !found {
		return nil, &InputError{"series", "no point can be drawn: give finite numbers, positive ones on a logarithmic axis"}
	}
	p := plot.New()
	p.BackgroundColor = nil
	entries := f.plot(p, x, y)

	inner := width - margin - rightSide
	var title []string
	if titled {
		title = wrap(f.Title, bold(titleSize), inner)
	}
	above, below := wrap(f.Y.title(f.Y.power(y)), sans(labelSize), inner), wrap(f.X.title(f.X.power(x)), sans(labelSize), inner)
	keys := arrange(entries, inner)
	head := lines(len(title), titleSize) + lines(len(above), labelSize) + margin
	foot := lines(len(below)+keys.rows, labelSize) + 2*margin

	c := &canvas{width: width, height: head + plotHeight + foot}
	whole := draw.New(c)
	axes := draw.Crop(whole, margin, -rightSide, foot, -head)
	p.Draw(axes)
	top := c.height - margin/2
	top = write(whole, title, bold(titleSize), margin, top, text.XLeft)
	write(whole, above, sans(labelSize), margin, top, text.XLeft)
	data := p.DataCanvas(axes)
	top = write(whole, below, sans(labelSize), data.Center().X, foot-margin/2, text.XCenter)
	keys.draw(whole, top-margin/2)
	return c, nil
}

// lines is the height of n lines of text.
func lines(n int, size vg.Length) vg.Length { return vg.Length(vg.Length(n) * size * leading) }

// write writes lines from the top down and returns where the next one goes.
func write(c draw.Canvas, content []string, f font.Font, x, top vg.Length, align text.XAlignment) vg.Length {
	style := textStyle(f, paintOf(textColor))
	style.XAlign = align
	for i, line := range content {
		c.FillText(style, vg.Point{X: x, Y: top - lines(i+1, f.Size) + vg.Length(0.3*f.Size)}, line)
	}
	return top - lines(len(content), f.Size)
}

func textStyle(f font.Font, p paint) text.Style {
	return text.Style{Color: p, Font: f, Handler: newHandler()}
}

// plot sets the axes up and adds grid and series, all bands first, then by style. It returns the
// entries of the legend.
func (f Figure) plot(p *plot.Plot, x, y span) []entry {
	f.X.apply(&p.X, x)
	f.Y.apply(&p.Y, y)
	p.X.Tick.Marker = spread(f.X.ticks(x), 0.85*width)
	p.Y.LineStyle.Width, p.Y.Tick.Length = 0, 0 // the grid says as much
	line := draw.LineStyle{Color: paintOf(gridColor), Width: 0.6}
	layers := [Predicted + 3][]plot.Plotter{{&plotter.Grid{Vertical: line, Horizontal: line}}}
	var entries []entry
	for i, s := range f.Series {
		number := s.Color - 1
		if s.Color == 0 {
			number = i % len(shapes)
		}
		look := looks(s, number)
		layers[1] = append(layers[1], f.bands(s, look, y)...)
		layers[s.Style+2] = append(layers[s.Style+2], f.points(p, s, look)...)
		entries = append(entries, entry{name: s.Name, look: look})
	}
	p.Add(slices.Concat(layers[:]...)...)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x.lo, x.hi, y.lo, y.hi // Add widens ranges
	return entries
}

func (a Axis) apply(axis *plot.Axis, s span) {
	axis.Min, axis.Max = s.lo, s.hi
	axis.Padding = 0
	axis.LineStyle = draw.LineStyle{Color: paintOf(axisColor), Width: 0.8}
	axis.Tick.LineStyle = axis.LineStyle
	axis.Tick.Length = 5
	axis.Tick.Marker = a.ticks(s)
	label := textStyle(sans(tickSize), paintOf(axisColor))
	label.XAlign, label.YAlign = axis.Tick.Label.XAlign, axis.Tick.Label.YAlign
	axis.Tick.Label = label
	axis.Label.TextStyle = label // its blank separates tick labels from the axis
	if a.Log {
		axis.Scale = plot.LogScale{}
	}
}

// look is how a series is drawn.
type look struct {
	paint  paint
	glyph  draw.GlyphDrawer // nil for lines
	dashes []vg.Length
	band   bool
}

const (
	glyphRadius = vg.Length(2.6)
	linePen     = vg.Length(1.4)
	barPen      = vg.Length(0.9)
)

func looks(s Series, number int) look {
	l := look{paint: paintOf(seriesColor + number), band: s.Lower != nil}
	switch s.Style {
	case Measured:
		l.glyph = shapes[number]
	case Predicted:
		l.dashes = []vg.Length{5, 3}
	}
	return l
}

func (l look) glyphStyle() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.paint, Radius: glyphRadius, Shape: l.glyph}
}

func (l look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.paint, Width: linePen, Dashes: l.dashes}
}

func (l look) bar() draw.LineStyle { return draw.LineStyle{Color: l.paint, Width: barPen} }

// points returns the plotters of a series without its band.
func (f Figure) points(p *plot.Plot, s Series, l look) []plot.Plotter {
	var out []plot.Plotter
	pieces := f.pieces(s)
	if l.glyph != nil {
		return append(out, &plotter.Scatter{XYs: distinct(p, slices.Concat(pieces...)), GlyphStyle: l.glyphStyle()})
	}
	for _, piece := range pieces {
		out = append(out, &plotter.Line{XYs: thin(p, piece), LineStyle: l.line()})
	}
	return out
}

// pieces cuts a series where a point cannot be drawn.
func (f Figure) pieces(s Series) []plotter.XYs {
	var pieces []plotter.XYs
	open := false
	for i := range s.X {
		if !f.X.shows(s.X[i]) || !f.Y.shows(s.Y[i]) {
			open = false
			continue
		}
		if !open {
			pieces, open = append(pieces, nil), true
		}
		last := &pieces[len(pieces)-1]
		*last = append(*last, plotter.XY{X: s.X[i], Y: s.Y[i]})
	}
	return pieces
}
