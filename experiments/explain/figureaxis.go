package explain

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// Sizes in pixels.
const (
	margin   = 70.0
	side     = 440.0 // of the square of two coordinates, and the width of the line of one
	rowPitch = 44.0  // of the rows of one coordinate
	top      = 44.0
)

// axis maps numbers lo … hi to pixels from … to.
type axis struct{ lo, hi, from, to float64 }

func (a axis) pixel(v float64) float64 { return a.from + float64((v-a.lo)/(a.hi-a.lo)*(a.to-a.from)) }

func (a axis) at(v float64) string { return strconv.FormatFloat(a.pixel(v), 'f', 1, 64) }

// scale chooses the axes: all that is drawn, and 0, with some room around.
func (p *picture) scale() {
	p.x = axis{from: margin, to: margin + side}
	p.y = axis{from: top + side, to: top}
	for _, set := range [][]spot{p.d, p.c, p.points} {
		for _, s := range set {
			p.x.lo, p.x.hi = min(p.x.lo, s.x), max(p.x.hi, s.x)
			p.y.lo, p.y.hi = min(p.y.lo, s.y), max(p.y.hi, s.y)
		}
	}
	if p.rows > 0 {
		p.x.widen(0)
		p.y = axis{lo: float64(p.rows) - 0.4, hi: -0.6, from: top + float64(rowPitch*float64(p.rows)), to: top}
		return
	}
	length := max(p.x.hi-p.x.lo, p.y.hi-p.y.lo) // one unit is as long on both axes
	p.x.widen(length)
	p.y.widen(length)
}

// widen makes the range at least length long and adds room at both ends.
func (a *axis) widen(length float64) {
	length = max(length, a.hi-a.lo)
	if !(length > 1e-300) {
		length = 1
	}
	middle := float64(a.lo/2) + float64(a.hi/2)
	a.lo, a.hi = middle-float64(0.65*length), middle+float64(0.65*length)
}

// ticks are round numbers within the axis, four to ten of them.
func (a axis) ticks() []float64 {
	raw := (a.hi - a.lo) / 5
	step := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, factor := range []float64{5, 2} {
		if step*factor <= raw {
			step *= factor
			break
		}
	}
	var out []float64
	for k := math.Ceil(a.lo / step); k*step <= a.hi && len(out) < 16; k++ {
		v := k * step
		if k == 0 {
			v = 0
		}
		out = append(out, v)
	}
	return out
}

func tickText(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// grid draws the frame, the ticks and their numbers.
func (p *picture) grid(b *bytes.Buffer) {
	for _, v := range p.x.ticks() {
		fmt.Fprintf(b, `<path class="%s" d="M%s %gV%g"/>`+"\n", gridClass(v), p.x.at(v), p.y.from, p.y.to)
		text(b, p.x.pixel(v), p.y.from+17, `text-anchor="middle"`, tickText(v))
	}
	text(b, (p.x.from+p.x.to)/2, p.y.from+34, `text-anchor="middle"`, p.axes[0])
	if p.rows == 0 {
		for _, v := range p.y.ticks() {
			fmt.Fprintf(b, `<path class="%s" d="M%g %sH%g"/>`+"\n", gridClass(v), p.x.from, p.y.at(v), p.x.to)
			text(b, p.x.from-8, p.y.pixel(v)+4, `text-anchor="end"`, tickText(v))
		}
		x, y := 18.0, (p.y.from+p.y.to)/2
		text(b, x, y, fmt.Sprintf(`text-anchor="middle" transform="rotate(-90 %g %g)"`, x, y), p.axes[1])
	}
	fmt.Fprintf(b, `<rect class="frame" x="%g" y="%g" width="%g" height="%g"/>`+"\n", p.x.from, p.y.to, p.x.to-p.x.from, p.y.from-p.y.to)
}

func gridClass(v float64) string {
	if v == 0 {
		return "zero"
	}
	return "grid"
}
