package figure

import (
	"bytes"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// palette is the set of Okabe and Ito ("Color Universal Design", 2008) without yellow, which is
// too pale for lines on white; black comes last, since axes have it.
var palette = [...]color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xD5, 0x5E, 0x00, 0xFF}, // vermilion
	{0x00, 0x9E, 0x73, 0xFF}, // bluish green
	{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
	{0x00, 0x00, 0x00, 0xFF}, // black
}

// shapes go with the colours, one each.
var shapes = [len(palette)]draw.GlyphDrawer{
	draw.CircleGlyph{},
	draw.BoxGlyph{},
	draw.PyramidGlyph{},
	draw.CrossGlyph{},
	draw.RingGlyph{},
	draw.SquareGlyph{},
	draw.PlusGlyph{},
}

const (
	width     = 16 * vg.Centimeter
	height    = 10 * vg.Centimeter // without the legend, which has its own strip below
	entry     = 16                 // points a legend entry
	bandAlpha = 0x38
	labelBand = vg.Length(16) // points beside an axis, for its title
)

// fontFamilies replaces the one family that the plotting package names. Times New Roman has
// the same widths as Liberation Serif; the rest is for readers who have neither.
var fontFamilies = []byte("font-family:'Liberation Serif','Times New Roman',Times,serif,sans-serif;")

// render lays out the plot with the legend below it.
func (f Figure) render(x, y span) ([]byte, error) {
	p := plot.New()
	p.Title.Text = f.Title
	legend := plot.NewLegend()
	legend.Top, legend.Left, legend.XOffs = true, true, vg.Points(40)
	legend.ThumbnailWidth, legend.Padding = vg.Points(28), vg.Points(2)
	f.plot(p, &legend, y)
	f.X.apply(&p.X, x) // last, since adding plotters widens the ranges
	f.Y.apply(&p.Y, y)

	strip := vg.Points(float64(entry*len(f.Series) + entry/2))
	canvas := vgsvg.New(width, height+strip)
	whole := draw.New(canvas)
	whole.SetColor(color.White)
	whole.Fill(whole.Rectangle.Path())
	area := draw.Crop(whole, vg.Points(6)+labelBand, -vg.Points(8), strip+labelBand, -vg.Points(4))
	p.Draw(area)
	f.label(whole, p, p.DataCanvas(area), strip)
	legend.Draw(draw.Crop(whole, 0, 0, 0, -height))

	var text bytes.Buffer
	if _, err := canvas.WriteTo(&text); err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(text.Bytes(), []byte("font-family:Liberation Serif;"), fontFamilies), nil
}

// label writes the titles of the axes next to the data area. The plotting package would place
// them by the middle of the range, which is near the end of a logarithmic axis, and leave a gap.
func (f Figure) label(whole draw.Canvas, p *plot.Plot, data draw.Canvas, strip vg.Length) {
	style := p.X.Label.TextStyle
	style.XAlign, style.YAlign = draw.XCenter, draw.YBottom
	whole.FillText(style, vg.Point{X: data.Center().X, Y: strip + vg.Points(2)}, f.X.title())
	style.Rotation, style.YAlign = math.Pi/2, draw.YTop
	whole.FillText(style, vg.Point{X: vg.Points(6), Y: data.Center().Y}, f.Y.title())
}

func (a Axis) apply(axis *plot.Axis, s span) {
	axis.Min, axis.Max = s.lo, s.hi
	axis.Tick.Marker = a.ticks(s)
	if a.Log {
		axis.Scale = plot.LogScale{}
	}
}

// plot adds the series, all bands first, then by style.
func (f Figure) plot(p *plot.Plot, legend *plot.Legend, y span) {
	var layers [Predicted + 2][]plot.Plotter
	for i, s := range f.Series {
		number := s.Color - 1
		if s.Color == 0 {
			number = i % len(palette)
		}
		layers[0] = append(layers[0], f.bands(s, number, y)...)
		lines, thumbnail := f.lines(s, number)
		layers[s.Style+1] = append(layers[s.Style+1], lines...)
		legend.Add(s.Name, thumbnail)
	}
	p.Add(slices.Concat(layers[:]...)...)
}

// lines returns the plotters of a series and its sign in the legend.
func (f Figure) lines(s Series, number int) (lines []plot.Plotter, thumbnail plot.Thumbnailer) {
	if s.Style == Measured {
		glyph := draw.GlyphStyle{Color: palette[number], Radius: vg.Points(2.5), Shape: shapes[number]}
		scatter := &plotter.Scatter{XYs: slices.Concat(f.pieces(s)...), GlyphStyle: glyph}
		return []plot.Plotter{scatter}, scatter
	}
	style := draw.LineStyle{Color: palette[number], Width: vg.Points(1.25)}
	if s.Style == Predicted {
		style.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	for _, piece := range f.pieces(s) {
		lines = append(lines, &plotter.Line{XYs: piece, LineStyle: style})
	}
	return lines, &plotter.Line{LineStyle: style}
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
