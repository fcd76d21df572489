package figure_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

func pdf(t require.TestingT, f figure.Figure) []byte {
	var out bytes.Buffer
	require.NoError(t, f.WritePDF(&out))
	return out.Bytes()
}

func TestPDFIsByteIdentical(t *testing.T) {
	f := rates()
	f.Title = "‖xₖ − x*‖ ∈ ∂f, λ⁻²"
	first := pdf(t, f)
	require.True(t, bytes.HasPrefix(first, []byte("%PDF-")))
	for range 3 {
		require.Equal(t, first, pdf(t, f))
	}
	require.NotContains(t, string(first), "D:20", "a date would change it")
	f.Series[0].Y[0] = 0.9
	require.NotEqual(t, first, pdf(t, f))
}

func inline(t require.TestingT, f figure.Figure, id string) string {
	var out bytes.Buffer
	require.NoError(t, f.WriteInline(&out, id))
	return out.String()
}

// A page may hold many figures and gives them their colours.
func TestInlineFigures(t *testing.T) {
	text := inline(t, rates(), `a"b`)
	require.Equal(t, text, inline(t, rates(), `a"b`))
	require.NotRegexp(t, regexp.MustCompile(`="#|<\?xml|<style`), text)
	require.Contains(t, text, `aria-labelledby="a&#34;b-title a&#34;b-desc"`)
	require.NotContains(t, text, ">Error after k steps</text>", "the page has the title")
	names := map[string]bool{}
	for _, c := range figure.Colors() {
		names[c.Name] = true
	}
	uses := regexp.MustCompile(`var\(--figure-([a-z0-9]+)\)`).FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, uses)
	for _, use := range uses {
		require.True(t, names[use[1]], use[1])
	}
}

func TestTextsCannotBreakTheDocument(t *testing.T) {
	f := rates()
	f.Title = "</title><script>alert(1)</script> \x00\x1b\xff 𝔼[x] 🙂 " + strings.Repeat("long ", 100) + strings.Repeat("x\xff\xfe", 100)
	f.Caption, f.X.Label, f.Series[0].Name = f.Title, f.Title, f.Title
	require.NotContains(t, svg(t, f), "<script")
	require.NotContains(t, inline(t, f, "f"), "<script")
	pdf(t, f)
}

func TestDescription(t *testing.T) {
	f := rates()
	f.Caption = "The error falls like 1/k."
	f.Series = f.Series[1:]
	f.Series[1].Y = []float64{math.NaN(), math.Inf(1), 0, -1}
	require.Equal(t, "The error falls like 1/k. Horizontal axis: steps, logarithmic. Vertical axis: distance (m), logarithmic. "+
		"measured <&> (points with uncertainty): 4 values, from 1.1 at 1 to 0.0012 at 1e+03. "+
		"mean (solid line with uncertainty): nothing to draw.", f.Description())
}

// A figure is the same after a way through JSON, whatever its numbers.
func TestLawFiguresSurviveJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rates()
		f.X.Log, f.Caption = rapid.Bool().Draw(t, "log"), rapid.String().Draw(t, "caption")
		numbers := rapid.SliceOfN(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(-1)})), 4, 4)
		f.Series[1].Y, f.Series[1].Lower = numbers.Draw(t, "y"), numbers.Draw(t, "lower")
		f.Series[2].Style = rapid.SampledFrom([]figure.Style{figure.Measured, figure.Curve, figure.Predicted}).Draw(t, "style")
		text, err := jsonnum.Line(f)
		require.NoError(t, err)
		var back figure.Figure
		require.NoError(t, json.Unmarshal(text, &back))
		again, err := jsonnum.Line(back)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
		require.Equal(t, svg(t, f), svg(t, back))
	})
}

func TestJSONThatIsRefused(t *testing.T) {
	for _, text := range []string{
		`{"series": [{"style": "dotted"}]}`, `{"series": [{"style": 1}]}`, `{"series": [{"x": ["one"]}]}`, `{"x": []}`,
	} {
		var f figure.Figure
		require.Error(t, json.Unmarshal([]byte(text), &f), text)
	}
	_, err := jsonnum.Line(figure.Figure{Series: []figure.Series{{Style: 3}}})
	require.ErrorContains(t, err, "style 3 does not exist")
}

func TestCSV(t *testing.T) {
	f := rates()
	f.Series = f.Series[1:]
	var out bytes.Buffer
	require.NoError(t, f.WriteCSV(&out))
	lines, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 1+4+4)
	require.Equal(t, []string{"series", "style", "steps", "distance (m)", "lower", "upper"}, lines[0])
	require.Equal(t, []string{"measured <&>", "measured", "1", "1.1", "1", "1.2"}, lines[1])
	require.Equal(t, []string{"mean", "curve", "10", "NaN", "1", "2"}, lines[6])
	require.Error(t, figure.Figure{}.WriteCSV(io.Discard))
}

// Thinning keeps what can be seen: the extremes of a noisy line, and every place of a cloud.
func TestManyPointsMakeASmallFile(t *testing.T) {
	const n = 30_000
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = float64(i), math.Sin(float64(i)*float64(i))
	}
	y[n/3], y[n/2] = 9, -7
	f := rates()
	f.X.Log, f.Y.Log = false, false
	for _, style := range []figure.Style{figure.Curve, figure.Measured} {
		f.Series = []figure.Series{{Name: "noise", Style: style, X: x, Y: y}}
		text := svg(t, f)
		if style == figure.Curve {
			require.Less(t, len(text), 120_000)
		}
		top, bottom := extent(text)
		f.Series = []figure.Series{{Name: "noise", Style: style, X: []float64{0, 1, n - 1}, Y: []float64{9, -7, 0}}}
		wantTop, wantBottom := extent(svg(t, f))
		require.Equal(t, []string{wantTop, wantBottom}, []string{top, bottom})
	}
}

var (
	ordinate = regexp.MustCompile(`[ML][0-9.]+ ([0-9.]+)|cy="([0-9.]+)"`)
	drawn    = regexp.MustCompile(`(?s)(stroke-width="1.4"[^>]*|<g fill="#0072B2")>(.*?)</g>`)
)

// extent returns the highest and the lowest place of the first series.
func extent(text string) (top, bottom string) {
	for _, m := range ordinate.FindAllStringSubmatch(drawn.FindString(text), -1) {
		y := m[1] + m[2]
		if top == "" || number(y) < number(top) {
			top = y
		}
		if bottom == "" || number(y) > number(bottom) {
			bottom = y
		}
	}
	return top, bottom
}

func number(text string) float64 {
	var n jsonnum.Number
	_ = n.UnmarshalJSON([]byte(text))
	return float64(n)
}
