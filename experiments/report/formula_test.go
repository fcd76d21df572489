package report

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestFormulas(t *testing.T) {
	for text, want := range map[string]string{
		"x_k^2":   `<msubsup><mi>x</mi><mi>k</mi><mn>2</mn></msubsup>`,
		"x^2_k":   `<msubsup><mi>x</mi><mi>k</mi><mn>2</mn></msubsup>`,
		"x_{k+1}": `<msub><mi>x</mi><mrow><mi>k</mi><mo>+</mo><mn>1</mn></mrow></msub>`,
		"10⁻⁵":    `<msup><mn>10</mn><mrow><mo form="prefix">−</mo><mn>5</mn></mrow></msup>`,
		"λₖ":      `<msub><mi>λ</mi><mrow><mi>k</mi></mrow></msub>`,
		"2^-k":    `<msup><mn>2</mn><mrow><mo form="prefix">−</mo><mi>k</mi></mrow></msup>`,
		"a - b":   `<mi>a</mi><mo>−</mo><mi>b</mi>`,
		"-1/2":    `<mo form="prefix">−</mo><mn>1</mn><mo lspace="0" rspace="0">/</mo><mn>2</mn>`,
		"conv D":  `<mi>conv</mi><mspace width="0.2em"></mspace><mi>D</mi>`,
		"∂f(0)":   `<mi>∂</mi><mi>f</mi><mo stretchy="false">(</mo><mn>0</mn><mo stretchy="false">)</mo>`,
		"|x| − y": `<mo stretchy="false">|</mo><mi>x</mi><mo stretchy="false">|</mo><mo>−</mo><mi>y</mi>`,
		"a < b":   `<mi>a</mi><mo>&lt;</mo><mi>b</mi>`,
		"x_":      `<msub><mi>x</mi><mrow></mrow></msub>`,
		"_":       `<mo>_</mo>`,
		"y_{i ∈ {0, 1}}": `<msub><mi>y</mi><mrow><mi>i</mi><mo>∈</mo><mo stretchy="false">{</mo><mn>0</mn><mo>,</mo><mn>1</mn>` +
			`<mo stretchy="false">}</mo></mrow></msub>`,
	} {
		s := setter{rest: []rune(text)}
		require.Equal(t, want, s.row(0), text)
	}
	require.Contains(t, formula("min_{x} f(x)", true), "<munder><mi>min</mi><mrow><mi>x</mi></mrow></munder>")
	require.Contains(t, formula("min_{x} f(x)", false), "<msub><mi>min</mi>")
	require.Contains(t, formula(`a "<" b`, true), `<math display="block" alttext="a &#34;&lt;&#34; b">`)
}

func TestMathematics(t *testing.T) {
	require.Equal(t, "<p>Let "+formula("x", false)+" be &lt;small.</p>\n", string(mathematics("Let `x`\nbe <small.\n")))
	text := string(mathematics("One.\n\n  a = b\n\tc = d\n\n  \nTwo\r\n\r\nthree."))
	require.Equal(t, 3, strings.Count(text, "<p>"))
	require.Equal(t, 2, strings.Count(text, `display="block"`))
	require.Empty(t, mathematics(""))
	require.Empty(t, mathematics(" \n\n\t\n"))
}

// Whatever the text, what comes out is well formed, and no character of it is markup.
func TestLawMathematicsIsWellFormed(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"x", "_", "^", "{", "}", "`", " ", "\n\n", "  ", "\t", "<b>", "&amp;", "\"", "∂", "‖", "|", "⁻⁵", "ₖ", "min", "10", "-", "'", "</math>", "/",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.OneOf(piece, rapid.StringMatching(`[ -~]*`))).Draw(t, "pieces"), "")
		out := "<div>" + string(mathematics(text)) + "</div>"
		d := xml.NewDecoder(strings.NewReader(out))
		allowed := " div p math mrow mi mn mo mspace msub msup msubsup munder mover munderover "
		for {
			token, err := d.Token()
			if err != nil {
				require.EqualError(t, err, "EOF", out)
				break
			}
			if start, ok := token.(xml.StartElement); ok {
				require.Contains(t, allowed, " "+start.Name.Local+" ")
			}
		}
	})
}
