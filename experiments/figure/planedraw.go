package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	rowHeight = vg.Length(34)
	room      = 0.1 // around the sets, relative to their length
)

// spans returns what the axes cover: all shapes and 0, with room around, one scale for both axes.
func (p Plane) spans() (x, y span) {
	x, y = p.box(p.Shapes)
	x.include(0)
	y.include(0)
	length := x.hi - x.lo
	if p.Rows == nil {
		length = max(length, y.hi-y.lo)
	}
	if length < 1/drawable {
		length = 1
	}
	x.widen(length, 1)
	y.widen(length, 0.5) // no drawing is higher than wide
	if p.Rows != nil {
		y = span{0.6 - float64(len(p.Rows)), 0.6}
	}
	return x, y
}

// widen makes a span at least some part of length long and adds room at both ends.
func (s *span) widen(length, part float64) {
	missing := max(0, float64(part*length)-(s.hi-s.lo))
	s.lo -= float64(missing/2) + float64(room*length)
	s.hi += float64(missing/2) + float64(room*length)
}

// draw lays the plane out as Figure.draw does, with the legend and notes below.
func (p Plane) draw() *canvas {
	x, y := p.spans()
	inner := width - margin - rightSide
	axes := p.axes(x, y)
	var entries []entry
	for _, s := range p.Shapes {
		entries = append(entries, entry{s.Name, s})
	}
	keys := arrange(entries, inner)
	title := wrap(p.Title, bold(titleSize), inner)
	above, below := wrap(p.Y.title(p.Y.power(y)), sans(labelSize), inner), wrap(p.X.title(p.X.power(x)), sans(labelSize), inner)
	if p.Rows != nil {
		above = nil
	}
	var notes []string
	for _, note := range p.Notes {
		notes = append(notes, wrap(note, sans(tickSize), inner)...)
	}
	head := lines(len(title), titleSize) + lines(len(above), labelSize) + margin
	foot := lines(len(below)+keys.rows, labelSize) + lines(len(notes), tickSize) + 3*margin

	c := &canvas{width: width, height: head + p.height(axes, x, y) + foot}
	whole := draw.New(c)
	crop := draw.Crop(whole, margin, -rightSide, foot, -head)
	axes.Draw(crop)
	data := axes.DataCanvas(crop)
	newSketch(axes, data).shapes(p)
	top := write(whole, title, bold(titleSize), margin, c.height-margin/2, text.XLeft)
	write(whole, above, sans(labelSize), margin, top, text.XLeft)
	top = write(whole, below, sans(labelSize), data.Center().X, foot-margin/2, text.XCenter)
	keys.draw(whole, top-margin/2)
	write(whole, notes, sans(tickSize), margin, top-lines(keys.rows, labelSize)-margin, text.XLeft)
	return c
}

// axes are those of the plotting package, with the grid.
func (p Plane) axes(x, y span) *plot.Plot {
	out := plot.New()
	out.BackgroundColor = nil
	p.X.apply(&out.X, x)
	p.Y.apply(&out.Y, y)
	out.X.Tick.Marker = spread(p.X.ticks(x), 0.85*width)
	out.Y.LineStyle.Width, out.Y.Tick.Length = 0, 0
	line := draw.LineStyle{Color: paintOf(gridColor), Width: 0.6}
	grid := &plotter.Grid{Vertical: line, Horizontal: line}
	if p.Rows != nil {
		var ticks plot.ConstantTicks
		for i, name := range p.Rows {
			ticks = append(ticks, plot.Tick{Value: -float64(i), Label: name})
		}
		out.Y.Tick.Marker, grid.Horizontal.Width = ticks, 0
	}
	out.Add(grid)
	out.X.Min, out.X.Max, out.Y.Min, out.Y.Max = x.lo, x.hi, y.lo, y.hi
	return out
}

// height returns that of the axes with their labels, for the width that labels leave for the data.
// Room for labels depends on the height a little, hence the rounds.
func (p Plane) height(axes *plot.Plot, x, y span) vg.Length {
	total := width
	for range 8 {
		data := axes.DataCanvas(draw.Crop(draw.New(&canvas{width: width, height: total}), margin, -rightSide, 0, 0)).Size()
		want := vg.Length(rowHeight * vg.Length(len(p.Rows)))
		if p.Rows == nil {
			want = vg.Length(data.X * vg.Length((y.hi-y.lo)/(x.hi-x.lo)))
		}
		total += want - data.Y
	}
	return total
}
