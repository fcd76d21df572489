package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Color is one colour of all figures. A figure inside a page takes it from the custom property
// --figure-NAME, so that the page can have a light and a dark form; everywhere else it is Light.
type Color struct {
	Name        string
	Light, Dark color.NRGBA
}

// Colors lists what figures are drawn with: the paper, text, axes, grid lines, and then the
// colours of series 1 to 7. Of the latter the first four and black are those of Okabe and Ito
// ("Color Universal Design", 2008), whose yellow, orange and sky blue are too pale for lines on
// white; brown and violet are as far from the others as such colours can be, for colour-blind
// readers too. All have a contrast of 3 with their paper (WCAG 2.2, 1.4.11). On dark paper black
// turns white.
func Colors() []Color {
	return []Color{
		{"paper", rgb(0xFFFFFF), rgb(0x161B22)},
		{"text", rgb(0x24292F), rgb(0xE6EDF3)},
		{"axis", rgb(0x59636E), rgb(0xA3ADB8)},
		{"grid", rgb(0xE1E5EA), rgb(0x30373F)},
		{"1", rgb(0x0072B2), rgb(0x2B8FD0)}, // blue, lighter on dark paper
		{"2", rgb(0xD55E00), rgb(0xD55E00)}, // vermilion
		{"3", rgb(0x009E73), rgb(0x00D09A)}, // bluish green, lighter on dark paper
		{"4", rgb(0xCC79A7), rgb(0xCC79A7)}, // reddish purple
		{"5", rgb(0x662900), rgb(0xFFC857)}, // brown, amber on dark paper
		{"6", rgb(0x7300E6), rgb(0x8F6BFF)}, // violet, lighter on dark paper
		{"7", rgb(0x000000), rgb(0xFFFFFF)}, // black
	}
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

// The places of the list above.
const (
	paperColor = iota
	textColor
	axisColor
	gridColor
	seriesColor // of the first series
)

// paint is a colour that remembers its name while it passes through the plotting package.
type paint struct {
	color.NRGBA
	name string
}

func paintOf(place int) paint {
	c := Colors()[place]
	return paint{c.Light, c.Name}
}

// tint is the paint made translucent, for bands.
func (p paint) tint() paint {
	p.A = 0x38
	return p
}

// shapes go with the colours of series, one each, so that colour is never the only difference.
var shapes = [...]draw.GlyphDrawer{
	draw.CircleGlyph{},
	polygon{corners: []vg.Point{{X: -0.9, Y: -0.9}, {X: 0.9, Y: -0.9}, {X: 0.9, Y: 0.9}, {X: -0.9, Y: 0.9}}},
	polygon{corners: []vg.Point{{X: 0, Y: 1.25}, {X: -1.1, Y: -0.75}, {X: 1.1, Y: -0.75}}},
	polygon{corners: []vg.Point{{X: 0, Y: 1.3}, {X: 1.3, Y: 0}, {X: 0, Y: -1.3}, {X: -1.3, Y: 0}}},
	ring{},
	polygon{corners: []vg.Point{{X: -0.9, Y: -0.9}, {X: 0.9, Y: -0.9}, {X: 0.9, Y: 0.9}, {X: -0.9, Y: 0.9}}, hollow: true},
	polygon{corners: []vg.Point{{X: 0, Y: -1.25}, {X: -1.1, Y: 0.75}, {X: 1.1, Y: 0.75}}},
}

// outline is the pen of hollow shapes, in points.
const outline = vg.Length(1.1)

// polygon is a glyph with corners in units of the radius.
type polygon struct {
	corners []vg.Point
	hollow  bool
}

// DrawGlyph implements draw.GlyphDrawer.
func (g polygon) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	var path vg.Path
	for i, corner := range g.corners {
		p := at.Add(corner.Scale(style.Radius))
		if i == 0 {
			path.Move(p)
		} else {
			path.Line(p)
		}
	}
	path.Close()
	if g.hollow {
		c.SetLineStyle(draw.LineStyle{Color: style.Color, Width: outline})
		c.Stroke(path)
		return
	}
	c.Fill(path)
}

// ring is a circle with a pen that can be seen; the plotting package's is half a point wide.
type ring struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (ring) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	c.SetLineStyle(draw.LineStyle{Color: style.Color, Width: outline})
	c.Stroke(circle(at, style.Radius))
}
