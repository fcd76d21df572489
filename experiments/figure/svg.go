package figure

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"
)

// families are asked for in this order; the first three have the same widths. Every text says its
// width as well, so that another font changes no layout.
const families = "'Liberation Sans',Arial,Helvetica,'DejaVu Sans',sans-serif"

// svg writes marks as SVG elements, one group for marks that follow each other in one style.
type svg struct {
	bytes.Buffer
	height vg.Length
	themed bool   // colours are custom properties of the page
	group  string // attributes of the open group
}

// write adds all marks.
func (w *svg) write(marks []mark) {
	for _, m := range marks {
		if m.text != "" {
			w.enter(w.color("fill", m.paint))
			w.text(m)
			continue
		}
		w.enter(w.style(m))
		if m.radius > 0 {
			fmt.Fprintf(w, `<circle cx="%s" cy="%s" r="%s"/>`+"\n", w.x(m.at.X), w.y(m.at.Y), w.x(m.radius))
			continue
		}
		fmt.Fprintf(w, `<path d="%s"/>`+"\n", w.path(m.path))
	}
	w.enter("")
}

// enter closes the open group and opens one, unless its attributes are the same.
func (w *svg) enter(attributes string) {
	if attributes == w.group {
		return
	}
	if w.group != "" {
		w.WriteString("</g>\n")
	}
	if attributes != "" {
		fmt.Fprintf(w, "<g %s>\n", attributes)
	}
	w.group = attributes
}

func (w *svg) style(m mark) string {
	if m.pen == 0 {
		return w.color("fill", m.paint)
	}
	style := fmt.Sprintf(`fill="none" stroke-width="%s" stroke-linejoin="round" %s`, w.x(m.pen), w.color("stroke", m.paint))
	if len(m.dashes) > 0 {
		var dashes []string
		for _, d := range m.dashes {
			dashes = append(dashes, w.x(d))
		}
		style += fmt.Sprintf(` stroke-dasharray="%s"`, strings.Join(dashes, " "))
	}
	return style
}

// color sets fill or stroke.
func (w *svg) color(attribute string, p paint) string {
	out := fmt.Sprintf(`%s="#%02X%02X%02X"`, attribute, p.R, p.G, p.B)
	if w.themed {
		out = fmt.Sprintf(`style="%s:var(--figure-%s)"`, attribute, p.name)
	}
	if p.A != 0xFF {
		out += fmt.Sprintf(` %s-opacity="%.2f"`, attribute, float64(p.A)/0xFF)
	}
	return out
}

func (w *svg) path(path vg.Path) string {
	var d strings.Builder
	for _, part := range path {
		switch part.Type {
		case vg.MoveComp:
			fmt.Fprintf(&d, "M%s %s", w.x(part.Pos.X), w.y(part.Pos.Y))
		case vg.LineComp:
			fmt.Fprintf(&d, "L%s %s", w.x(part.Pos.X), w.y(part.Pos.Y))
		case vg.CloseComp:
			d.WriteString("Z")
		}
	}
	return d.String()
}

func (w *svg) text(m mark) {
	weight := ""
	if m.font.Weight > 0 {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(w, `<text x="%s" y="%s" font-size="%s"%s textLength="%s" lengthAdjust="spacingAndGlyphs">`,
		w.x(m.at.X), w.y(m.at.Y), w.x(m.font.Size), weight, w.x(measure(m.text, m.font)))
	var at vg.Length // how high the pen is
	for _, r := range runs(m.text, m.font) {
		content := escape(r.text)
		if r.rise == at && at == 0 {
			w.WriteString(content)
			continue
		}
		fmt.Fprintf(w, `<tspan dy="%s" font-size="%s">%s</tspan>`, w.x(at-r.rise), w.x(r.font.Size), content)
		at = r.rise
	}
	w.WriteString("</text>\n")
}

// x writes a length in points with two decimals, finer than any screen or printer.
func (w *svg) x(v vg.Length) string {
	text := strings.TrimRight(strconv.FormatFloat(v.Points(), 'f', 2, 64), "0")
	text = strings.TrimSuffix(text, ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// y turns the vertical axis, which points down in SVG.
func (w *svg) y(v vg.Length) string { return w.x(w.height - v) }

// escape makes a text safe in XML.
func escape(text string) string { return html.EscapeString(clean(text)) }

// clean replaces what neither XML nor PDF has a place for: bytes that are no UTF-8, control
// characters, and non-characters.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
