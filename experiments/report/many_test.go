package report

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// manyClaims returns claims of some checks and one figure each.
func manyClaims(n int) (claims []claim.Claim) {
	for i := range n {
		claims = append(claims, claim.Claim{
			Numbers: []int{i + 1}, Name: fmt.Sprintf("the-claim-of-number-%d", i+1), Sentence: fmt.Sprintf("Sentence %d.", i+1), Source: "Clarke 1983",
			Run: func(_ context.Context, c *claim.Context) (claim.Outcome, error) {
				var checks []claim.Check
				var x, y []float64
				for k := range 40 {
					checks = append(checks, claim.Check{Label: fmt.Sprintf("check-%d", k), Predicted: claim.AtMost(1), Measured: claim.MeasuredIn(0.5, 0.25, 0.75)})
					x, y = append(x, float64(k)), append(y, float64(k*k))
				}
				err := c.Figure("squares", figure.Figure{
					Title: "Squares", X: figure.Axis{Label: "k", Unit: "1"}, Y: figure.Axis{Label: "k²", Unit: "1"},
					Series: []figure.Series{{Name: "squares", X: x, Y: y}},
				})
				return claim.Outcome{Checks: checks}, err
			},
		})
	}
	return claims
}

// A report of thirty claims stays small, lists them with links that lead to their sections, and says of
// every figure what it shows; a browser finds it in order, on a telephone too.
func TestReportOfManyClaims(t *testing.T) {
	const n = 30
	claims := manyClaims(n)
	e := engine.Engine{Out: t.TempDir(), Workers: 2, Build: buildOfExamples}
	cells, err := engine.Plan(claims, claim.Quick, 1, nil)
	require.NoError(t, err)
	_, err = e.Run(context.Background(), cells)
	require.NoError(t, err)
	r, err := Collect([]string{e.Out}, claims)
	require.NoError(t, err)
	page := html(t, r)
	require.Less(t, len(page), 5<<20)
	_, contents, _ := strings.Cut(page, `<ul class="contents"`)
	contents, _, _ = strings.Cut(contents, "</ul>")
	links := regexp.MustCompile(`<a href="#([^"]+)">([^<]+)</a>`).FindAllStringSubmatch(contents, -1)
	require.Len(t, links, n)
	for _, link := range links {
		require.Regexp(t, `<h2 id="`+link[1]+`">.*`+link[2]+` `, page)
	}
	require.Equal(t, n, strings.Count(contents, "40 checks"))
	require.Equal(t, n, strings.Count(page, "squares (points): 40 values"))
	t.Run("browser", func(t *testing.T) {
		browser(t)
		v := audit(t, page, dark)
		require.Empty(t, v.Problems, strings.Join(v.Problems, "\n"))
		require.Empty(t, v.console)
	})
}
