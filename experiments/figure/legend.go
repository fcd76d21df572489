package figure

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is one line of the legend.
type entry struct {
	name string
	look swatch
}

// swatch is what stands before a name in the legend.
type swatch interface {
	key() vg.Length                       // its width
	sample(c draw.Canvas, x, y vg.Length) // draws it from x on around the height y
}

const (
	lineKey  = vg.Length(22) // width of a sample line
	glyphKey = vg.Length(8)  // and of a sample point
	keyGap   = vg.Length(5)  // between sample and name
	entryGap = vg.Length(16) // between entries of one row
)

// legend has entries side by side as long as there is room.
type legend struct {
	places []place
	rows   int
}

// place is an entry with its first row, its left end and its name in lines.
type place struct {
	entry
	row  int
	x    vg.Length
	name []string
}

// arrange fills rows of the given width.
func arrange(entries []entry, room vg.Length) legend {
	var l legend
	x := vg.Length(0)
	for _, e := range entries {
		key := e.look.key() + keyGap
		name := wrap(e.name, sans(labelSize), room-key)
		size := key
		for _, line := range name {
			size = max(size, key+measure(line, sans(labelSize)))
		}
		if x > 0 && (x+size > room || len(name) > 1) {
			x = 0
			l.rows++
		}
		l.places = append(l.places, place{e, l.rows, x, name})
		x += size + entryGap
		if len(name) > 1 { // the next entry begins below
			l.rows += len(name) - 1
			x = room
		}
	}
	l.rows++
	return l
}

// draw draws the legend from the top down.
func (l legend) draw(c draw.Canvas, top vg.Length) {
	for _, p := range l.places {
		x, y := margin+p.x, top-lines(p.row, labelSize)
		p.look.sample(c, x, y-0.65*labelSize)
		write(c, p.name, sans(labelSize), x+p.look.key()+keyGap, y, draw.XLeft)
	}
}

// key implements swatch.
func (l look) key() vg.Length {
	if l.glyph != nil {
		return glyphKey
	}
	return lineKey
}

// sample draws a piece of a series.
func (l look) sample(c draw.Canvas, x, y vg.Length) {
	if l.glyph != nil {
		at := vg.Point{X: x + glyphKey/2, Y: y}
		if l.band {
			c.StrokeLine2(l.bar(), at.X, y-5, at.X, y+5)
		}
		c.DrawGlyph(l.glyphStyle(), at)
		return
	}
	if l.band {
		c.FillPolygon(l.paint.tint(), []vg.Point{{X: x, Y: y - 4}, {X: x + lineKey, Y: y - 4}, {X: x + lineKey, Y: y + 4}, {X: x, Y: y + 4}})
	}
	c.StrokeLine2(l.line(), x, y, x+lineKey, y)
}
