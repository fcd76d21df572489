package figure

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// mark is one thing on the canvas: a path, a circle or a text.
type mark struct {
	paint  paint
	pen    vg.Length // width of the line; 0 fills
	dashes []vg.Length

	path   vg.Path // lines only
	radius vg.Length
	at     vg.Point // of a circle, or where the baseline of a text begins
	text   string
	font   font.Font
}

// canvas keeps what the plotting package draws, to be written as SVG or PDF. Its coordinates are
// points from the lower left corner. It implements as much of vg.CanvasSizer as figures use:
// nothing is turned, moved or scaled, and circles are the only curves.
type canvas struct {
	width, height vg.Length
	marks         []mark
	state         mark
	stack         []mark
}

// Size implements vg.CanvasSizer.
func (c *canvas) Size() (x, y vg.Length) { return c.width, c.height }

// SetLineWidth and the following methods implement vg.Canvas.
func (c *canvas) SetLineWidth(w vg.Length) { c.state.pen = w }

func (c *canvas) SetLineDash(dashes []vg.Length, _ vg.Length) { c.state.dashes = dashes }

func (c *canvas) SetColor(x color.Color) {
	if p, ok := x.(paint); ok {
		c.state.paint = p
	}
}

func (c *canvas) Rotate(float64)                          {}
func (c *canvas) Translate(vg.Point)                      {}
func (c *canvas) Scale(_, _ float64)                      {}
func (c *canvas) DrawImage(_ vg.Rectangle, _ image.Image) {}

func (c *canvas) Push() { c.stack = append(c.stack, c.state) }

func (c *canvas) Pop() {
	c.state = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

func (c *canvas) Stroke(path vg.Path) {
	if c.state.pen > 0 {
		c.add(c.state, path)
	}
}

func (c *canvas) Fill(path vg.Path) {
	m := c.state
	m.pen, m.dashes = 0, nil
	c.add(m, path)
}

func (c *canvas) FillString(face font.Face, at vg.Point, text string) {
	c.marks = append(c.marks, mark{paint: c.state.paint, at: at, text: text, font: face.Font})
}

// add keeps a path, copied since its owner may use it again.
func (c *canvas) add(m mark, path vg.Path) {
	for _, part := range path {
		if part.Type == vg.ArcComp {
			m.at, m.radius = part.Pos, part.Radius
			c.marks = append(c.marks, m)
			return
		}
	}
	m.path = append(vg.Path{}, path...)
	c.marks = append(c.marks, m)
}

// circle is the path by which the plotting package draws a circle.
func circle(center vg.Point, radius vg.Length) vg.Path {
	var path vg.Path
	path.Move(vg.Point{X: center.X + radius, Y: center.Y})
	path.Arc(center, radius, 0, 2*math.Pi)
	path.Close()
	return path
}
