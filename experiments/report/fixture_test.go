package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// evil must come out as text wherever it goes in.
const evil = `<script>alert("1")</script>&amp;'</style>`

// sketch is a drawing that is not a figure.Figure.
type sketch string

func (s sketch) WriteSVG(w io.Writer) error {
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20" width="600"><title>%s</title><script>fetch("http://example.org/")</script><path d="M5 15L30 5L55 15" fill="none" stroke="#D55E00"/></svg>`, s)
	return err
}

// examples are claims with everything that a page has to show.
func examples() []claim.Claim {
	return []claim.Claim{rate(), avoidance(), tie(), wrong(), absent(), failing(), evilClaim()}
}

func rate() claim.Claim {
	return claim.Claim{
		Numbers: []int{14, 12}, Name: "subgradient-rate",
		Sentence: "The subgradient method with steps 1/√k on a convex Lipschitz function reaches f(x_k) − f* ≤ C/√k, and no method does better in the worst case.",
		Source:   "Nesterov, Introductory Lectures on Convex Optimization (2004), Theorems 3.2.1 and 3.2.2",
		Mathematics: "Let `f` be convex and `L`-Lipschitz, and let `g_k ∈ ∂f(x_k)`. From the subgradient inequality\n\n" +
			"  ‖x_{k+1} − x^*‖^2 ≤ ‖x_k − x^*‖^2 − 2λ_k (f(x_k) − f^*) + λ_k^2 L^2\n\n" +
			"Summing over `k` and dividing by `∑ λ_k` gives, with `λ_k = R/(L √k)`,\n\n" +
			"  min_{i ≤ k} f(x_i) − f^* ≤ (R^2 + L^2 ∑_{i ≤ k} λ_i^2) / (2 ∑_{i ≤ k} λ_i) = O(1/√k)\n  slope = −1/2\n\n" +
			"so the slope of the gap over k in logarithmic axes is `−1/2`; it is fitted by least squares on the last two decades.",
		Params: []claim.Param{
			claim.Int("runs", 30, "independent starts").AtFull(1000).Between(1, 1e6),
			claim.Floats("steps", []float64{0.1, 1}, "first steps λ₁").Between(0, 10),
			claim.Text("method", "plain", "which averaging is used").Among("plain", "averaged"),
		},
		Run: func(_ context.Context, c *claim.Context) (claim.Outcome, error) {
			k, gap, lo, hi, line := []float64{}, []float64{}, []float64{}, []float64{}, []float64{}
			for x := 1.0; x <= 1e4; x *= 1.3 {
				y := (1 + 0.25*math.Sin(5*math.Log(x))) / math.Sqrt(x)
				k, gap, line = append(k, x), append(gap, y), append(line, 1/math.Sqrt(x))
				lo, hi = append(lo, y*0.75), append(hi, y*1.3)
			}
			err := c.Figure("gap", figure.Figure{
				Title: "Gap to the minimum, mean of 30 runs", Caption: "The mean follows the predicted slope −1/2 over four decades.",
				X: figure.Axis{Label: "step k", Unit: "1", Log: true}, Y: figure.Axis{Label: "f(xₖ) − f*", Unit: "1", Log: true},
				Series: []figure.Series{
					{Name: "mean, with the 95 % interval", Style: figure.Curve, X: k, Y: gap, Lower: lo, Upper: hi},
					{Name: "predicted, 1/√k", Style: figure.Predicted, X: k, Y: line, Color: 7},
				},
			})
			if err == nil {
				err = c.Figure("starts", figure.Figure{
					Title: "Slopes by first step", X: figure.Axis{Label: "first step λ₁", Unit: "1"}, Y: figure.Axis{Label: "fitted slope", Unit: "1"},
					Series: []figure.Series{
						{Name: "measured", X: []float64{0.1, 0.4, 0.7, 1}, Y: []float64{-0.51, -0.49, -0.5, -0.47}, Lower: []float64{-0.54, -0.52, -0.53, -0.52}, Upper: []float64{-0.48, -0.46, -0.47, -0.42}},
						{Name: "predicted", Style: figure.Predicted, X: []float64{0.1, 1}, Y: []float64{-0.5, -0.5}, Color: 1},
					},
				})
			}
			return claim.Outcome{Checks: []claim.Check{
				{Label: "slope", Predicted: claim.Near(-0.5, 0.05), Measured: claim.MeasuredIn(-0.497213, -0.5121, -0.4813)},
				{Label: "lower-bound", Number: 12, Sentence: "No method beats the rate on the resisting oracle.", Predicted: claim.AtLeast(0.125), Measured: claim.Measured(0.25)},
			}}, err
		},
	}
}

func avoidance() claim.Claim {
	return claim.Claim{
		Numbers: []int{21}, Name: "avoids-artificial-points",
		Sentence: "From almost every start and step, SGD meets no point where backpropagation differs from the gradient.",
		Source:   "Bolte and Pauwels, NeurIPS 2020, Theorem 3",
		Run: func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Outcome{Checks: []claim.Check{{Predicted: claim.Never(1e-3), Measured: claim.Occurrences(0, 20000, claim.Alpha)}}}, nil
		},
	}
}

func tie() claim.Claim {
	return claim.Claim{
		Numbers: []int{24}, Name: "ties-of-a-maximum", Sentence: "Every framework returns an element of the conservative field at a tie.",
		Source:   "Lecture, slide 41",
		Findings: []claim.Finding{{Key: "whole", Reason: "Three libraries give the whole gradient to every tied entry, which no conservative field contains."}},
		Run: func(_ context.Context, c *claim.Context) (claim.Outcome, error) {
			var checks []claim.Check
			for i, name := range []string{"pytorch", "jax", "gorgonia"} {
				check := claim.Check{
					Label: name, At: map[string]any{"abs": []string{"0", "1", "0"}[i], "maximum": "½, ½", "entries": i + 2},
					Predicted: claim.Exact(1), Measured: claim.Measured(1),
				}
				if name == "gorgonia" {
					check.Measured, check.Finding, check.Instead = claim.Measured(2), "whole", claim.Exact(2)
				}
				checks = append(checks, check)
			}
			return claim.Outcome{Checks: checks}, c.Figure("sketch", sketch("A stored drawing"))
		},
	}
}

func wrong() claim.Claim {
	return claim.Claim{
		Numbers: []int{30}, Name: "deliberately-wrong", Sentence: "A prediction that does not hold is shown as a failure.", Source: "nobody",
		Run: func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Outcome{Checks: []claim.Check{
				{Label: "number", Predicted: claim.Exact(1), Measured: claim.Measured(2)},
				{Label: "infinite", Predicted: claim.Exact(math.Inf(1)), Measured: claim.Measured(math.Inf(1))},
				{Label: "undefined", Predicted: claim.Exact(math.NaN()), Measured: claim.Measured(math.NaN())},
				{Label: "unbounded", Predicted: claim.AtMost(1), Measured: claim.MeasuredIn(1e-300, math.Inf(-1), 1e300)},
			}}, nil
		},
	}
}

func absent() claim.Claim {
	return claim.Claim{
		Numbers: []int{41}, Name: "needs-a-peer", Sentence: strings.Repeat("A sentence may be long, and then it is wrapped. ", 12), Source: "nobody",
		Run: func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Skipped("PyTorch is not installed here."), nil
		},
	}
}

func failing() claim.Claim {
	return claim.Claim{
		Numbers: []int{42}, Name: "breaks", Sentence: "Code can break.", Source: "nobody",
		Run: func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Outcome{}, errors.New("the disk is full")
		},
	}
}

func evilClaim() claim.Claim {
	return claim.Claim{
		Numbers: []int{48}, Name: "evil", Sentence: evil, Source: evil, Mathematics: evil + " `x_" + evil + "`\n\n  " + evil,
		Params: []claim.Param{claim.Text("word", evil, evil).Among(evil)},
		Run: func(_ context.Context, c *claim.Context) (claim.Outcome, error) {
			err := c.Figure("evil", figure.Figure{
				Title: evil, Caption: evil, X: figure.Axis{Label: evil, Unit: evil}, Y: figure.Axis{Label: evil, Unit: "1"},
				Series: []figure.Series{{Name: evil, X: []float64{1, 2}, Y: []float64{1, math.NaN()}}},
			})
			if err == nil {
				err = c.Figure("sketch", sketch("&lt;script&gt;alert(2)&lt;/script&gt;"))
			}
			return claim.Outcome{Checks: []claim.Check{{
				Label: evil, Sentence: evil + evil, At: map[string]any{evil: evil}, Skip: evil,
			}}}, err
		},
	}
}

var buildOfExamples = engine.Build{
	Module: "github.com/tamegrad/tamegrad", Version: "v0.2.0", Commit: "0123456789abcdef0123456789abcdef01234567",
	Go: "go1.26", OS: "linux", Arch: "amd64", CPU: "A Processor @ 2 GHz", SIMD: "go",
}

// runExamples runs the examples, makes one run that was killed and one that is broken, and returns
// the folder of all and the ledger.
func runExamples(t testing.TB) (string, engine.Ledger) {
	t.Helper()
	out := t.TempDir()
	clock := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	e := engine.Engine{Out: out, Workers: 2, Build: buildOfExamples, Now: func() time.Time {
		clock = clock.Add(1500 * time.Millisecond)
		return clock
	}}
	cells, err := engine.Plan(examples(), claim.Quick, 1, nil)
	require.NoError(t, err)
	ledger, err := e.Run(context.Background(), cells)
	require.NoError(t, err)

	killed := filepath.Join(out, "needs-a-peer", "0123456789abcdef", "manifest.json")
	require.NoError(t, engine.WriteFile(killed, []byte(`{"schema":1,"claim":"needs-a-peer","key":"0123456789abcdef","status":"running","config":{"claim":"needs-a-peer","seed":9,"profile":"full"}}`)))
	require.NoError(t, engine.WriteFile(filepath.Join(out, "gone", "fedcba9876543210", "manifest.json"), []byte("{")))
	require.NoError(t, os.MkdirAll(filepath.Join(out, "empty", "aaaaaaaaaaaaaaaa"), 0o755))
	return out, ledger
}

func collected(t testing.TB, paths ...string) *Report {
	t.Helper()
	r, err := Collect(paths, examples())
	require.NoError(t, err)
	return r
}

func html(t testing.TB, r *Report) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, r.WriteHTML(&out))
	return out.String()
}

func TestLook(t *testing.T) {
	out, _ := runExamples(t)
	if file := os.Getenv("TAMEGRAD_REPORT"); file != "" { // to look at it
		require.NoError(t, os.WriteFile(file, []byte(html(t, collected(t, out))), 0o600))
	}
}
