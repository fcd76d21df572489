package figure

import (
	"strings"
	"sync"
	"unicode/utf8"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Fonts are measured as Liberation Sans, which has the widths of Arial and Helvetica. It lacks
// signs such as ∈ and ∇, which come from DejaVu Sans.
var fonts = sync.OnceValue(func() *font.Cache {
	var collection font.Collection
	for _, f := range []struct {
		font font.Font
		data []byte
	}{{sans(0), liberationsansregular.TTF}, {bold(0), liberationsansbold.TTF}, {signs(0), dejavusans.TTF}} {
		face, err := opentype.Parse(f.data)
		if err != nil {
			panic(err) // the fonts are part of this program
		}
		collection = append(collection, font.Face{Font: f.font, Face: face})
	}
	return font.NewCache(collection)
})

func sans(size vg.Length) font.Font { return font.Font{Typeface: "Liberation Sans", Size: size} }

func bold(size vg.Length) font.Font {
	f := sans(size)
	f.Weight = stdfont.WeightBold
	return f
}

func signs(size vg.Length) font.Font { return font.Font{Typeface: "DejaVu Sans", Size: size} }

// run is a part of a text in one font at one height.
type run struct {
	text string
	font font.Font
	rise vg.Length // of the baseline
}

// runs cuts a text where its font or its height changes.
func runs(s string, f font.Font) []run {
	var out []run
	for _, r := range s {
		next := runOf(r, f)
		if last := len(out) - 1; last >= 0 && out[last].font == next.font && out[last].rise == next.rise {
			out[last].text += next.text
			continue
		}
		out = append(out, next)
	}
	return out
}

// runOf draws raised and lowered characters as smaller ordinary ones: fonts have a few of
// them only, which do not go together.
func runOf(r rune, f font.Font) run {
	out := run{font: f}
	if base, ok := Superscript(r); ok {
		r, out.rise = base, 0.36*f.Size
		out.font.Size = 0.7 * f.Size
	} else if base, ok := Subscript(r); ok {
		r, out.rise = base, -0.14*f.Size
		out.font.Size = 0.7 * f.Size
	}
	var buffer sfnt.Buffer
	face := fonts().Lookup(out.font, out.font.Size)
	if glyph, err := face.Face.GlyphIndex(&buffer, r); err != nil || glyph == 0 {
		out.font = signs(out.font.Size)
	}
	out.text = string(r)
	return out
}

func measure(s string, f font.Font) vg.Length {
	var width vg.Length
	for _, r := range runs(s, f) {
		face := fonts().Lookup(r.font, r.font.Size)
		width += face.Width(r.text)
	}
	return width
}

// wrap breaks a text into lines that are no wider than width: between words, and inside words that
// are wider themselves.
func wrap(s string, f font.Font, width vg.Length) []string {
	var lines []string
	for _, word := range strings.Fields(strings.ToValidUTF8(s, "\uFFFD")) {
		for piece := fitting(word, f, width); piece != ""; piece = fitting(word, f, width) {
			last := len(lines) - 1
			if last >= 0 && measure(lines[last]+" "+piece, f) <= width {
				lines[last] += " " + piece
			} else {
				lines = append(lines, piece)
			}
			word = word[len(piece):]
		}
	}
	return lines
}

// fitting is the longest beginning of a word that is no wider than width, at least one character.
func fitting(word string, f font.Font, width vg.Length) string {
	if measure(word, f) <= width {
		return word
	}
	end := 0
	for i, r := range word {
		next := i + utf8.RuneLen(r)
		if end > 0 && measure(word[:next], f) > width {
			break
		}
		end = next
	}
	return word[:end]
}

// handler lets the plotting package measure texts as they are drawn.
type handler struct{ text.Plain }

func newHandler() handler { return handler{text.Plain{Fonts: fonts()}} }

// Box implements text.Handler.
func (h handler) Box(s string, f font.Font) (width, height, depth vg.Length) {
	_, height, depth = h.Plain.Box(s, f)
	return measure(s, f), height, depth
}

// Draw implements text.Handler, for single lines that are not turned.
func (h handler) Draw(c vg.Canvas, s string, style text.Style, at vg.Point) {
	_, height, depth := h.Plain.Box(s, style.Font)
	at.X += vg.Length(vg.Length(style.XAlign) * measure(s, style.Font))
	at.Y += vg.Length(vg.Length(style.YAlign)*(height+depth)) + style.Font.Size - height
	c.SetColor(style.Color)
	c.FillString(fonts().Lookup(style.Font, style.Font.Size), at, s)
}
