package figure_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

func sets() figure.Plane {
	triangle := []figure.Point{{X: 0, Y: 0}, {X: 3, Y: 0}, {X: 0, Y: 1}}
	return figure.Plane{
		Title: "a <set> at 0", Caption: "A triangle.",
		X: figure.Axis{Label: "∂/∂x", Unit: "1"}, Y: figure.Axis{Label: "∂/∂y", Unit: "1"},
		Shapes: []figure.Shape{
			{Name: "tagged", Kind: figure.Tagged, Color: 7, Parts: [][]figure.Point{{{X: 3, Y: 0}}}, Tag: "1"},
			{Name: "area", Kind: figure.Area, Color: 1, Parts: [][]figure.Point{triangle, {{X: 1, Y: 1}, {X: 2, Y: 2}}, {{X: -1, Y: -1}}}},
			{Name: "hatched", Kind: figure.Hatching, Color: 2, Parts: [][]figure.Point{triangle}},
			{Name: "outline", Kind: figure.Outline, Color: 3, Parts: [][]figure.Point{triangle}},
			{Name: "squares", Kind: figure.Squares, Color: 4, Parts: [][]figure.Point{triangle}},
		},
		Notes: []string{"A note."},
	}
}

func planeSVG(t require.TestingT, p figure.Plane) string {
	var out bytes.Buffer
	require.NoError(t, p.WriteSVG(&out))
	return out.String()
}

func TestPlaneIsDescribedAndByteIdentical(t *testing.T) {
	text := planeSVG(t, sets())
	require.Equal(t, text, planeSVG(t, sets()))
	require.Contains(t, text, `<title id="title">a &lt;set&gt; at 0</title>`)
	require.Contains(t, text, "<desc id=\"desc\">A triangle. Horizontal axis: ∂/∂x. Vertical axis: ∂/∂y. "+
		"tagged (tagged point): (3, 0). area (filled area): between −1 and 3 across, between −1 and 2 upwards. "+
		"hatched (hatched area): (0, 0), (3, 0), (0, 1). outline (dashed outline): (0, 0), (3, 0), (0, 1). "+
		"squares (hollow square): (0, 0), (3, 0), (0, 1). A note.</desc>")
	var first, second bytes.Buffer
	require.NoError(t, sets().WritePDF(&first))
	require.NoError(t, sets().WritePDF(&second))
	require.True(t, bytes.HasPrefix(first.Bytes(), []byte("%PDF-")))
	require.Equal(t, first.Bytes(), second.Bytes())
}

var dashed = regexp.MustCompile(`stroke-dasharray="5 3">\n<path d="M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)Z"`)

// One unit is as long to the right as upwards, whatever the numbers beside the axes; and the legend is
// below all data.
func TestLawPlanesHaveOneScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := sets()
		length := rapid.Float64Range(1e-3, 1e3)
		a, b := length.Draw(t, "a"), length.Draw(t, "b")
		p.Shapes = p.Shapes[3:4]
		p.Shapes[0].Parts = [][]figure.Point{{{X: 0, Y: 0}, {X: a, Y: 0}, {X: 0, Y: b}}}
		text := planeSVG(t, p)
		m := dashed.FindStringSubmatch(text)
		require.NotNil(t, m)
		across, up := number(m[3])-number(m[1]), number(m[2])-number(m[6])
		require.InDelta(t, across/a, up/b, 0.03/min(a, b))
		require.Less(t, number(m[2]), number(regexp.MustCompile(`y="([0-9.]+)"[^>]*>outline<`).FindStringSubmatch(text)[1]))
	})
}

// A set on a line has its row.
func TestRowsOfAPlane(t *testing.T) {
	p := sets()
	p.Rows, p.Y = []string{"D", "returned"}, figure.Axis{}
	p.Shapes = []figure.Shape{
		{Name: "interval", Kind: figure.Area, Color: 1, Parts: [][]figure.Point{{{X: 0, Y: -0.2}, {X: 2, Y: -0.2}, {X: 2, Y: 0.2}, {X: 0, Y: 0.2}}}},
		{Name: "point", Kind: figure.Discs, Color: 2, Parts: [][]figure.Point{{{X: 2, Y: -1}}}},
	}
	text := planeSVG(t, p)
	for _, want := range []string{">returned<", ">D<", "interval (filled area): from 0 to 2.", "point (disc): at 2."} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "Vertical axis")
}

func TestPlanesThatAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*figure.Plane){
		"label":    func(p *figure.Plane) { p.X.Label = "" },
		"no y":     func(p *figure.Plane) { p.Y = figure.Axis{} },
		"name":     func(p *figure.Plane) { p.Shapes[0].Name = "" },
		"kind":     func(p *figure.Plane) { p.Shapes[0].Kind = 99 },
		"color":    func(p *figure.Plane) { p.Shapes[0].Color = 0 },
		"polygons": func(p *figure.Plane) { p.Shapes[2].Parts = nil },
		"infinity": func(p *figure.Plane) { p.Shapes[1].Parts[0][0].X = math.Inf(1) },
		"NaN":      func(p *figure.Plane) { p.Shapes[1].Parts[0][0].Y = math.NaN() },
	} {
		p := sets()
		spoil(&p)
		var wrong *figure.InputError
		require.ErrorAs(t, p.WriteSVG(io.Discard), &wrong, name)
	}
}

func TestAnyPlaneCanBeDrawn(t *testing.T) {
	number := rapid.OneOf(rapid.Float64Range(-1e300, 1e300), rapid.Float64Range(-1e-300, 1e-300), rapid.SampledFrom([]float64{0, 1e300, -1e300, 1, 1e9, 1e-17}))
	rapid.Check(t, func(t *rapid.T) {
		p := sets()
		for i := range p.Shapes {
			var part []figure.Point
			for range rapid.IntRange(1, 4).Draw(t, "n") {
				part = append(part, figure.Point{X: number.Draw(t, "x"), Y: number.Draw(t, "y")})
			}
			p.Shapes[i].Parts = [][]figure.Point{part}
		}
		text := planeSVG(t, p)
		require.NotRegexp(t, `NaN|Inf`, text[strings.Index(text, "</desc>"):])
		d := xml.NewDecoder(strings.NewReader(text))
		var err error
		for err == nil {
			_, err = d.Token()
		}
		require.True(t, errors.Is(err, io.EOF), err)
	})
}
