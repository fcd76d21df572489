package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"image/color"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

// tone is a colour of the page, as 0xRRGGBB in its light and its dark form.
type tone struct {
	name        string
	light, dark uint32
}

// tones are the custom properties of the style sheet. Texts have a contrast of at least 4.5 to 1 on
// each ground that they stand on; a test computes it.
var tones = []tone{
	{"ground", 0xFFFFFF, 0x0F1419},
	{"card", 0xF6F8FA, 0x161B22},
	{"text", 0x1F2328, 0xE6EDF3},
	{"muted", 0x57606A, 0xA3ADB8},
	{"line", 0xD1D9E0, 0x343C45},
	{"link", 0x0A58A8, 0x7FBCFF},
	{"pass", 0x0F6329, 0x7EE29A},
	{"pass-ground", 0xE3F4E8, 0x12301C},
	{"fail", 0xA8121D, 0xFFA198},
	{"fail-ground", 0xFDE8E8, 0x421619},
	{"finding", 0x7A4B00, 0xF2C06A},
	{"finding-ground", 0xFFF1D1, 0x38290B},
	{"skipped", 0x57606A, 0xA3ADB8},
	{"skipped-ground", 0xEBEEF1, 0x252C34},
}

//go:embed style.css
var rules string

// style is the whole style sheet: light, dark if the reader prefers it, and light on paper.
func style() template.CSS {
	var out strings.Builder
	fmt.Fprintf(&out, ":root{color-scheme:light dark;%s}\n", properties(false))
	fmt.Fprintf(&out, "@media screen and (prefers-color-scheme:dark){:root{%s}}\n", properties(true))
	out.WriteString(rules)
	return template.CSS(out.String()) // constants only
}

// properties lists the colours of the page and of its figures.
func properties(dark bool) string {
	var out strings.Builder
	for _, t := range tones {
		hex := t.light
		if dark {
			hex = t.dark
		}
		fmt.Fprintf(&out, "--%s:#%06X;", t.name, hex)
	}
	for _, c := range figure.Colors() {
		shade := c.Light
		if dark {
			shade = c.Dark
		}
		fmt.Fprintf(&out, "--figure-%s:%s;", c.Name, hex(shade))
	}
	return out.String()
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
