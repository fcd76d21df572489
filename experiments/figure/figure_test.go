package figure_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

func rates() figure.Figure {
	x := []float64{1, 10, 100, 1000}
	return figure.Figure{
		Title: "Error after k steps",
		X:     figure.Axis{Label: "steps", Unit: "1", Log: true},
		Y:     figure.Axis{Label: "distance", Unit: "m", Log: true},
		Series: []figure.Series{
			{Name: "predicted, slope −1", Style: figure.Predicted, X: x, Y: []float64{1, 0.1, 0.01, 0.001}, Color: 1},
			{Name: "measured <&>", X: x, Y: []float64{1.1, 0.12, 0.009, 0.0012}, Lower: []float64{1, 0.1, 0.008, 0}, Upper: []float64{1.2, 0.13, 0.01, 0.002}, Color: 1},
			{Name: "mean", Style: figure.Curve, X: x, Y: []float64{2, math.NaN(), 0.02, 0.003}, Lower: []float64{1, 1, 0, 0.002}, Upper: []float64{3, 2, 0.03, 0.004}},
		},
	}
}

func svg(t require.TestingT, f figure.Figure) string {
	var out bytes.Buffer
	require.NoError(t, f.WriteSVG(&out))
	d := xml.NewDecoder(bytes.NewReader(out.Bytes()))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
	require.NotContains(t, out.String(), "NaN")
	require.NotContains(t, out.String(), "Inf")
	return out.String()
}

func TestSVGIsByteIdentical(t *testing.T) {
	text := svg(t, rates())
	for range 3 {
		require.Equal(t, text, svg(t, rates()))
	}
	if file := os.Getenv("TAMEGRAD_FIGURE"); file != "" { // to look at it
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
}

func TestSVGSaysWhatItShows(t *testing.T) {
	text := svg(t, rates())
	for _, want := range []string{
		">Error after k steps</text>", ">steps<", ">distance (m)<", "predicted, slope −1", "measured &lt;&amp;&gt;", ">0.001<",
		`role="img" aria-labelledby="title desc"`, `<title id="title">Error after k steps</title>`,
		"mean (solid line with uncertainty): 3 values, from 2 at 1 to 0.003 at 1e+03.",
	} {
		require.Contains(t, text, want)
	}
	data := text[:strings.Index(text, ">steps<")] // the legend comes later
	require.Less(t, strings.LastIndex(data, "<circle"), strings.Index(data, "stroke-dasharray"), "a prediction lies over the points")
	require.Less(t, strings.Index(data, "fill-opacity"), strings.Index(data, "<circle"), "bands lie under everything")
}

func TestInputsThatAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*figure.Figure){
		"label":  func(f *figure.Figure) { f.X.Label = "" },
		"unit":   func(f *figure.Figure) { f.Y.Unit = "" },
		"series": func(f *figure.Figure) { f.Series = nil },
		"name":   func(f *figure.Figure) { f.Series[0].Name = "" },
		"length": func(f *figure.Figure) { f.Series[0].X = nil },
		"band":   func(f *figure.Figure) { f.Series[0].Lower = []float64{1, 1, 1, 1} },
		"color":  func(f *figure.Figure) { f.Series[0].Color = 8 },
		"style":  func(f *figure.Figure) { f.Series[0].Style = 3 },
		"empty": func(f *figure.Figure) {
			f.Series = []figure.Series{{Name: "s", X: []float64{0, math.NaN()}, Y: []float64{1, 1}}}
		},
	} {
		f := rates()
		spoil(&f)
		var wrong *figure.InputError
		require.ErrorAs(t, f.WriteSVG(io.Discard), &wrong, name)
	}
}

func TestAnyNumbersCanBeDrawn(t *testing.T) {
	number := rapid.OneOf(
		rapid.Map(rapid.Uint64(), math.Float64frombits), rapid.Float64Range(-1e-300, 1e-300), rapid.Float64Range(0.999999999, 1),
		rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, 1e-300, 1e-17, 1, 1e9}),
	)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		list := rapid.SliceOfN(number, n, n)
		f := rates()
		f.X.Log, f.Y.Log = rapid.Bool().Draw(t, "log x"), rapid.Bool().Draw(t, "log y")
		f.Series = []figure.Series{{
			Name: "s", Style: rapid.SampledFrom([]figure.Style{figure.Measured, figure.Curve, figure.Predicted}).Draw(t, "style"),
			X: list.Draw(t, "x"), Y: list.Draw(t, "y"), Lower: list.Draw(t, "lower"), Upper: list.Draw(t, "upper"),
		}}
		var wrong *figure.InputError
		if err := f.WriteSVG(io.Discard); !errors.As(err, &wrong) {
			require.NoError(t, err)
			svg(t, f)
		}
	})
}

// Found by the property above: a band at a point that is left out lies beyond the axes.
func TestABandGoesWithItsPoint(t *testing.T) {
	f := rates()
	f.X.Log, f.Y.Log = false, false
	f.Series = []figure.Series{{
		Name: "s", Style: figure.Curve, X: []float64{1e-300, 1e300, 1e300}, Y: []float64{0, math.NaN(), math.NaN()},
		Lower: []float64{0, 0, 0}, Upper: []float64{1, 1, 1},
	}}
	require.Equal(t, 1, strings.Count(svg(t, f), "fill-opacity"), "in the legend only")
}
