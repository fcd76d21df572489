package figure

import (
	"bytes"
	"io"
	"strings"
	"time"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"

	"gonum.org/v1/plot/vg"
)

// WritePDF draws the figure on one page of its size, with its fonts in it. The same figure gives
// the same bytes: the document has no date. Its error is an *InputError or w's own.
//
// The plotting package's own writer of PDF knows the characters of code page 1252 only, so no
// Greek letter and no minus sign; hence this one.
func (f Figure) WritePDF(w io.Writer) error {
	c, err := f.draw(true)
	if err != nil {
		return err
	}
	return document{c, f.name(), f.Description()}.writePDF(w)
}

func (d document) writePDF(w io.Writer) error {
	p := newPDF(d.canvas)
	p.SetTitle(basic(d.name), true)
	p.SetSubject(basic(d.description), true)
	for _, m := range d.marks {
		p.mark(m)
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

type pdf struct {
	*fpdf.Fpdf
	height vg.Length
}

func newPDF(c *canvas) pdf {
	size := fpdf.SizeType{Wd: c.width.Points(), Ht: c.height.Points()}
	p := pdf{fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: size}), c.height}
	dateless := time.Unix(0, 0).UTC()
	p.SetCreationDate(dateless)
	p.SetModificationDate(dateless)
	p.SetCatalogSort(true)
	p.SetProducer("tamegrad", false)
	p.SetLang("en")
	p.SetAutoPageBreak(false, 0)
	p.AddUTF8FontFromBytes("Liberation Sans", "", liberationsansregular.TTF)
	p.AddUTF8FontFromBytes("Liberation Sans", "B", liberationsansbold.TTF)
	p.AddUTF8FontFromBytes("DejaVu Sans", "", dejavusans.TTF)
	p.SetLineJoinStyle("round")
	p.AddPage()
	return p
}

func (p pdf) mark(m mark) {
	r, g, b := int(m.paint.R), int(m.paint.G), int(m.paint.B)
	p.SetFillColor(r, g, b)
	p.SetDrawColor(r, g, b)
	p.SetTextColor(r, g, b)
	p.SetAlpha(float64(m.paint.A)/0xFF, "Normal")
	if m.text != "" {
		p.text(m)
		return
	}
	style := "F"
	if m.pen > 0 {
		style = "D"
		p.SetLineWidth(m.pen.Points())
		var dashes []float64
		for _, d := range m.dashes {
			dashes = append(dashes, d.Points())
		}
		p.SetDashPattern(dashes, 0)
	}
	if m.radius > 0 {
		p.Circle(m.at.X.Points(), p.y(m.at.Y), m.radius.Points(), style)
		return
	}
	p.path(m.path)
	p.DrawPath(style)
}

func (p pdf) path(path vg.Path) {
	for _, part := range path {
		switch part.Type {
		case vg.MoveComp:
			p.MoveTo(part.Pos.X.Points(), p.y(part.Pos.Y))
		case vg.LineComp:
			p.LineTo(part.Pos.X.Points(), p.y(part.Pos.Y))
		case vg.CloseComp:
			p.ClosePath()
		}
	}
}

func (p pdf) text(m mark) {
	x := m.at.X.Points()
	for _, r := range runs(m.text, m.font) {
		style := ""
		if r.font.Weight > 0 && r.font.Typeface == sans(0).Typeface {
			style = "B"
		}
		p.SetFont(string(r.font.Typeface), style, r.font.Size.Points())
		content := basic(r.text)
		p.Text(x, p.y(m.at.Y+r.rise), content)
		x += p.GetStringWidth(content)
	}
}

// basic replaces what the writer of PDF cannot encode: it knows the basic plane of Unicode only.
func basic(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, clean(text))
}

// y turns the vertical axis, which points down here.
func (p pdf) y(v vg.Length) float64 { return (p.height - v).Points() }
