package figure_test

import (
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

// linear undoes the transfer function of sRGB (IEC 61966-2-1).
func linear(c color.NRGBA) [3]float64 {
	var out [3]float64
	for i, v := range []uint8{c.R, c.G, c.B} {
		s := float64(v) / 255
		if s <= 0.04045 {
			out[i] = s / 12.92
		} else {
			out[i] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return out
}

// contrast is the ratio of WCAG 2.2, (L₁ + 0.05)/(L₂ + 0.05).
func contrast(a, b color.NRGBA) float64 {
	luminance := func(c color.NRGBA) float64 {
		v := linear(c)
		return 0.2126*v[0] + 0.7152*v[1] + 0.0722*v[2]
	}
	l := []float64{luminance(a), luminance(b)}
	return (max(l[0], l[1]) + 0.05) / (min(l[0], l[1]) + 0.05)
}

// sights are the ways of seeing: full colour vision, and what Machado, Oliveira and Fernandes
// (IEEE TVCG 15, 2009) give for the lack of one kind of cones.
var sights = map[string][3][3]float64{
	"trichromacy":  {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// lab is CIELAB under D65 of a colour as it is seen.
func lab(c color.NRGBA, sight [3][3]float64) [3]float64 {
	v := linear(c)
	var seen [3]float64
	for i, row := range sight {
		seen[i] = min(max(row[0]*v[0]+row[1]*v[1]+row[2]*v[2], 0), 1)
	}
	toXYZ := [3][3]float64{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}
	white := [3]float64{0.9505, 1, 1.089}
	var f [3]float64
	for i, row := range toXYZ {
		t := (row[0]*seen[0] + row[1]*seen[1] + row[2]*seen[2]) / white[i]
		if t > 216.0/24389 {
			f[i] = math.Cbrt(t)
		} else {
			f[i] = (24389.0/27*t + 16) / 116
		}
	}
	return [3]float64{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

func of(dark bool) map[string]color.NRGBA {
	out := map[string]color.NRGBA{}
	for _, c := range figure.Colors() {
		out[c.Name] = c.Light
		if dark {
			out[c.Name] = c.Dark
		}
	}
	return out
}

func TestContrastOfFigures(t *testing.T) {
	for _, dark := range []bool{false, true} {
		colors := of(dark)
		for _, name := range []string{"text", "axis"} {
			require.GreaterOrEqual(t, contrast(colors[name], colors["paper"]), 4.5, "%s, dark %v", name, dark)
		}
		for _, name := range []string{"1", "2", "3", "4", "5", "6", "7"} {
			require.GreaterOrEqual(t, contrast(colors[name], colors["paper"]), 3.0, "series %s, dark %v", name, dark)
		}
	}
}

// A difference of 10 is seen at a glance (CIE 1976; 2.3 is just noticeable); lines and dots are small,
// so that here it is 15.
func TestSeriesStayApartWithoutAKindOfCones(t *testing.T) {
	for _, dark := range []bool{false, true} {
		colors := of(dark)
		for name, sight := range sights {
			for _, pair := range pairs("1234567") {
				d := distance(lab(colors[pair[0]], sight), lab(colors[pair[1]], sight))
				require.Greater(t, d, 15.0, "%v, %s, dark %v", pair, name, dark)
			}
		}
	}
}

func pairs(names string) [][2]string {
	var out [][2]string
	for i, a := range names {
		for _, b := range names[i+1:] {
			out = append(out, [2]string{string(a), string(b)})
		}
	}
	return out
}
