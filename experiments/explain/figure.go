package explain

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/clarke"
)

// FigureError says why a report cannot be drawn.
type FigureError struct{ Why string }

func (e *FigureError) Error() string { return e.Why }

// WriteFigure draws the report as SVG and puts the file in place whole: conv D,
// the hull of the limiting gradients found, and what each framework returns. It
// needs a scalar expression of one or two coordinates, else it fails with a
// *FigureError. The same report gives the same bytes.
func (r *Report) WriteFigure(path string) error {
	svg, err := r.Figure()
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.tmp")
	if err != nil {
		return fmt.Errorf("%w; give a file in a folder that can be written", err)
	}
	defer os.Remove(file.Name()) // gone already if all is well
	_, err = file.Write(svg)
	for _, step := range []func() error{
		func() error { return file.Chmod(0o644) }, file.Sync, file.Close,
		func() error { return os.Rename(file.Name(), path) },
	} {
		if err == nil {
			err = step()
		}
	}
	return err
}

// Figure returns what WriteFigure writes.
func (r *Report) Figure() ([]byte, error) {
	switch n := len(r.Inputs); {
	case !r.Scalar:
		return nil, &FigureError{"a vector-valued expression has no figure; pick or combine entries, such as sum(…)"}
	case n > 2:
		return nil, &FigureError{fmt.Sprintf("the point has %d coordinates; only one or two can be drawn, so make the others numbers in the expression", n)}
	}
	p := r.picture()
	p.scale()
	return p.svg(), nil
}

// picture is what is drawn, in the coordinates of gradients; with one coordinate
// y is the number of a row instead.
type picture struct {
	title  string
	axes   []string
	d, c   []spot // vertices of the polygons
	exact  bool   // the polygon c is ∂f
	points []spot
	rows   int
	x, y   axis
}

// spot is a labelled position.
type spot struct {
	x, y  float64
	label string
}

func (r *Report) picture() *picture {
	p := &picture{title: fmt.Sprintf("%s at %s", r.Expression, r.pointText())}
	for _, name := range r.Inputs {
		p.axes = append(p.axes, "∂/∂"+name)
	}
	if r.Conservative != nil {
		p.d = polygon(r.Conservative.Vertices)
	}
	if r.Clarke != nil {
		p.c, p.exact = polygon(listed(r.Clarke.Vertices, r.Clarke.Round)), r.Clarke.Exact
	}
	p.points = r.spots()
	if len(r.Inputs) == 1 {
		p.lines()
	}
	return p
}

// lines gives each set and each point of the line a row of its own.
func (p *picture) lines() {
	for _, set := range [][]spot{p.d, p.c} {
		if set != nil {
			for i := range set {
				set[i].y = float64(p.rows)
			}
			p.rows++
		}
	}
	for i := range p.points {
		p.points[i].y = float64(p.rows)
		p.rows++
	}
	p.rows = max(p.rows, 1)
}

// spots groups the frameworks by what they return.
func (r *Report) spots() []spot {
	var out []spot
	for _, s := range r.Selections {
		if s.Rows == nil || slices.ContainsFunc(s.Rows[0].Float, isNotFinite) {
			continue
		}
		at := position(s.Rows[0])
		i := slices.IndexFunc(out, func(o spot) bool { return o.x == at.x && o.y == at.y })
		if i >= 0 {
			out[i].label += ", " + s.Preset
			continue
		}
		at.label = s.Preset
		out = append(out, at)
	}
	return out
}

func position(v clarke.Vector) spot {
	s := spot{x: v.Float[0]}
	if len(v.Float) > 1 {
		s.y = v.Float[1]
	}
	return s
}

// polygon orders extreme points counterclockwise around their mean.
func polygon(vertices []clarke.Vector) []spot {
	var out []spot
	var cx, cy float64
	for _, v := range vertices {
		s := position(v)
		out, cx, cy = append(out, s), cx+s.x/float64(len(vertices)), cy+s.y/float64(len(vertices))
	}
	if len(out) > 2 {
		slices.SortStableFunc(out, func(a, b spot) int {
			return cmp.Compare(math.Atan2(a.y-cy, a.x-cx), math.Atan2(b.y-cy, b.x-cx))
		})
	}
	return out
}

const style = `<style>
text{font-family:"DejaVu Sans",Verdana,sans-serif;font-size:12px;fill:#222}
.title{font-size:14px;font-weight:bold}
.halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.grid{stroke:#e4e4e4}.zero{stroke:#999}.frame{fill:none;stroke:#666}
.d{fill:#0072b2;fill-opacity:.2;stroke:#0072b2;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.c{fill:#d55e00;fill-opacity:.35;stroke:#d55e00;stroke-width:3;stroke-linejoin:round;stroke-linecap:round;stroke-dasharray:7 4}
.corner-d{fill:#0072b2}.corner-c{fill:#d55e00}.point{fill:#222;stroke:#fff;stroke-width:1.5}
</style>
`

// svg writes the picture.
func (p *picture) svg() []byte {
	var b bytes.Buffer
	width, height := p.x.to+margin, p.y.from+70
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="0 0 %g %g" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n%s", html.EscapeString(p.title), style)
	fmt.Fprintf(&b, `<rect width="%g" height="%g" fill="#fff"/>`+"\n", width, height)
	text(&b, width/2, 24, `class="title" text-anchor="middle"`, shortened(p.title, 62))
	p.grid(&b)
	p.shape(&b, "d", p.d)
	p.shape(&b, "c", p.c)
	for _, s := range p.points {
		fmt.Fprintf(&b, `<circle class="point" cx="%s" cy="%s" r="6"/>`+"\n", p.x.at(s.x), p.y.at(s.y))
	}
	p.labels(&b)
	p.legend(&b)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// shape draws a polygon, which may be a segment or a point.
func (p *picture) shape(b *bytes.Buffer, class string, set []spot) {
	if len(set) == 0 {
		return
	}
	var path strings.Builder
	for i, s := range set {
		fmt.Fprintf(&path, "%s%s %s", map[bool]string{true: "M", false: "L"}[i == 0], p.x.at(s.x), p.y.at(s.y))
	}
	fmt.Fprintf(b, `<path class="%s" d="%sZ"/>`+"\n", class, path.String())
	for _, s := range set {
		fmt.Fprintf(b, `<circle class="corner-%s" cx="%s" cy="%s" r="%d"/>`+"\n", class, p.x.at(s.x), p.y.at(s.y), map[string]int{"d": 9, "c": 7}[class])
	}
}

// labels names the points, each beside it and away from the nearer edge: a row
// has room for all names, elsewhere two stand on a line.
func (p *picture) labels(b *bytes.Buffer) {
	const gap, pitch = 14.0, 15.0
	for _, s := range p.points {
		x, anchor := p.x.pixel(s.x)+gap, "start"
		if p.x.pixel(s.x) > (p.x.from+p.x.to)/2 {
			x, anchor = x-2*gap, "end"
		}
		lines := []string{s.label}
		if p.rows == 0 {
			lines = pairs(strings.Split(s.label, ", "))
		}
		y := p.y.pixel(s.y) + 4 - pitch*float64(len(lines)-1)/2
		for i, line := range lines {
			text(b, x, y+float64(pitch*float64(i)), `class="halo" text-anchor="`+anchor+`"`, line)
		}
	}
}

// pairs joins two names at a time.
func pairs(names []string) []string {
	var out []string
	for pair := range slices.Chunk(names, 2) {
		out = append(out, strings.Join(pair, ", "))
	}
	return out
}

// legend explains the shapes, below the axis.
func (p *picture) legend(b *bytes.Buffer) {
	hull := "limiting gradients found, their hull ⊂ ∂f"
	if p.exact {
		hull = "∂f"
	}
	y := p.y.from + 56
	x := p.x.from
	for _, e := range []struct {
		class, label string
		known        bool
		width        float64
	}{{"d", "conv D", p.d != nil, 100}, {"c", hull, p.c != nil, 310}} {
		if !e.known {
			e.label += " (not listed)"
		}
		fmt.Fprintf(b, `<rect class="%s" x="%g" y="%g" width="22" height="12"/>`+"\n", e.class, x, y-10)
		text(b, x+30, y, "", e.label)
		x += e.width
		if !e.known {
			x += 80
		}
	}
}

func text(b *bytes.Buffer, x, y float64, attributes, content string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" %s>%s</text>`+"\n", x, y, attributes, html.EscapeString(content))
}

func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
