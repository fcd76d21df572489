package tame

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// typicalLipschitz approximates a function whose Clarke subdifferential is [−1, 1]
// everywhere.
func typicalLipschitz() claim.Claim {
	return claim.Claim{
		Numbers:  []int{20},
		Name:     "typical-lipschitz",
		Theorem:  claim.Example,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByCoverage},
		Sentence: "A 1-Lipschitz function can have ∂f = [−1, 1] at every point, so that every point is critical, no chain rule holds and local minimisers are dense: fat Cantor sets of slopes build one, depth by depth. By theorems that are quoted here and not tested, typical Lipschitz functions are like that.",
		Source:   "Borwein, Moors and Wang, Trans. AMS 353 (2001); Loewen and Wang, Real Anal. Exchange 26 (2000/01); Pauwels, CIMI lecture 2021",
		Mathematics: "In the sense of Baire, for all 1-Lipschitz functions but a set of first category, ∂f(x) is the unit ball at every x (Borwein, Moors and Wang), and local minimisers are dense (Loewen and Wang). No finite computation can show that about typical functions. The claim follows one function of the line with these properties.\n\n" +
			"Begin with slope 1 on [0, 1]. At depth k the middle part of each interval, a share `ε_k = 4^{−k}` of it, becomes an interval of its own with the opposite slope. After m depths there are `3^m` intervals with alternating slopes ±1, the longest of length\n\n" +
			"\tℓ_m = ∏_{k=1}^{m} (1 − ε_k)/2,\n\n" +
			"and `f_m` is the integral of the slopes, a relu network with one hidden layer. What is never divided again in an interval is a fat Cantor set, of positive measure since `∑ ε_k < ∞`. So the slopes converge almost everywhere, `f_m → f` uniformly, and f′ takes both values ±1 on sets of positive measure in every interval: ∂f(x) = [−1, 1] for all x. All points are critical, and f, which is monotone on no interval, has local minimisers in each.\n\n" +
			"The constant v = 0 is then a selection of ∂f, but not one that obeys the chain rule: each interval keeps a share `1 − 2·ε_k` of its rise, so that\n\n" +
			"\tf_m(1) − f_m(0) = ∏_{k=1}^{m} (1 − 2·ε_k) → 0.4194…,  while ∫v dx = 0.\n\n" +
			"Each `f_m` itself is tame: its conservative field at almost all points is the slope, and integrates to the truth. The trouble appears at the resolution of the intervals, as three exact numbers. A window of width h, uniform in [0, 1], holds both slopes unless it lies inside one interval, with probability `1 − ∑ max(ℓ_i − h, 0)/(1 − h)`, which is 1 as soon as `ℓ_m ≤ h`. Local minimisers are where slopes change from −1 to 1; the two intervals about a maximum between them are widest beside the first division, where lengths `ℓ_m` and `ℓ_m·2·ε_1/(1 − ε_1) = (2/3)·ℓ_m` meet, so the largest gap is\n\n" +
			"\t(5/3)·ℓ_m,  for m ≥ 2.",
		Params: []claim.Param{
			claim.Int("depth", 5, "depth m of the construction, which has 3^m intervals").AtFull(7).Between(2, 8),
			claim.Ints("windows", []int{3, 5, 6}, "widths h of windows, as 2 to the minus this").Between(2, 20),
			claim.Int("trials", 30000, "random windows of each width and depth").AtFull(60000).Between(1500, 1e5),
			claim.Int("minimisers", 12, "local minimisers that are examined by cells").AtFull(60).Between(1, 1000),
		},
		Inputs: func(v claim.Values) (claim.Inputs, error) {
			f, err := build(v["depth"].(int)).program()
			if err != nil {
				return claim.Inputs{}, err
			}
			return claim.Inputs{Data: map[string]string{"cantor": f.Hash()}}, nil
		},
		Run: runTypical,
	}
}

// cantor is f_m: breakpoints 0 = b₀ < b₁ < … < 1 with slopes 1, −1, 1, … between.
type cantor struct{ breaks []*big.Rat }

// share is ε_k.
func share(k int) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), uint(2*k)))
}

// build divides every interval in three, depth times.
func build(depth int) cantor {
	c := cantor{[]*big.Rat{new(big.Rat), big.NewRat(1, 1)}}
	for k := 1; k <= depth; k++ {
		outer := new(big.Rat).Sub(big.NewRat(1, 1), share(k))
		outer.Quo(outer, big.NewRat(2, 1))
		next := c.breaks[:1:1]
		for i := 1; i < len(c.breaks); i++ {
			from, to := c.breaks[i-1], c.breaks[i]
			part := new(big.Rat).Sub(to, from)
			part.Mul(part, outer)
			next = append(next, new(big.Rat).Add(from, part), new(big.Rat).Sub(to, part), to)
		}
		c.breaks = next
	}
	return c
}

// program is f_m(x) = x + ∑ᵢ cᵢ·relu(x − bᵢ) on [0, 1] with c = −2, 2, −2, …
func (c cantor) program() (*expr.Func, error) {
	inside := c.breaks[1 : len(c.breaks)-1]
	bends, at := make([]expr.Number, len(inside)), make([]expr.Number, len(inside))
	for i, b := range inside {
		bends[i], at[i] = expr.Ratio(2, 1), expr.Rational(b)
		if i%2 == 0 {
			bends[i] = expr.Ratio(-2, 1)
		}
	}
	g := expr.NewGraph()
	x := g.Input("x")
	relus := expr.ReLU(expr.Sub(expr.BroadcastTo(x, len(at)), g.Numbers(at, len(at))))
	return g.Func(expr.In(x), expr.Out(expr.Add(x, expr.Dot(g.Numbers(bends, len(bends)), relus))))
}

// lengths of the intervals.
func (c cantor) lengths() []*big.Rat {
	out := make([]*big.Rat, len(c.breaks)-1)
	for i := range out {
		out[i] = new(big.Rat).Sub(c.breaks[i+1], c.breaks[i])
	}
	return out
}

func runTypical(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	depth := c.Int("depth")
	var functions []*lipschitz
	for m := range depth {
		f, err := newLipschitz(build(m + 1))
		if err != nil {
			return claim.Outcome{}, err
		}
		functions = append(functions, f)
	}
	windows, err := windowChecks(ctx, c, functions)
	if err != nil {
		return claim.Outcome{}, err
	}
	last := functions[depth-1]
	slopes, err := last.slopes(ctx)
	if err != nil {
		return claim.Outcome{}, err
	}
	chain, err := last.chainChecks(slopes, riseAt(depth))
	if err != nil {
		return claim.Outcome{}, err
	}
	minima, err := last.minimaChecks(ctx, slopes, longest(depth), c.Int("minimisers"))
	if err != nil {
		return claim.Outcome{}, err
	}
	if err := drawFunctions(c, functions); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: slices.Concat(windows, chain, minima),
		Result: jsonnum.Object{"intervals": len(last.breaks) - 1, "longest": float(longest(depth))},
	}, nil
}

// riseAt is ∏(1 − 2ε_k), and longest ∏(1 − ε_k)/2.
func riseAt(depth int) *big.Rat {
	return product(depth, func(e *big.Rat) *big.Rat { return e.Sub(big.NewRat(1, 1), e.Add(e, e)) })
}

func longest(depth int) *big.Rat {
	return product(depth, func(e *big.Rat) *big.Rat {
		e.Sub(big.NewRat(1, 1), e)
		return e.Quo(e, big.NewRat(2, 1))
	})
}

func product(depth int, factor func(share *big.Rat) *big.Rat) *big.Rat {
	out := big.NewRat(1, 1)
	for k := 1; k <= depth; k++ {
		out.Mul(out, factor(share(k)))
	}
	return out
}

func float(r *big.Rat) float64 {
	v, _ := r.Float64()
	return v
}

// drawFunctions draws f₁, f₂ and a deep function, of which more would be one blur.
func drawFunctions(c *claim.Context, functions []*lipschitz) error {
	fig := figure.Figure{
		Title:   "Towards a function with ∂f = [−1, 1] everywhere",
		Caption: "The functions at some depths: slopes are 1 and −1 only, and each interval is divided again. In the limit both slopes occur in every interval.",
		X:       figure.Axis{Label: "x", Unit: "1"}, Y: figure.Axis{Label: "f(x)", Unit: "1"},
	}
	for _, m := range slices.Compact([]int{1, 2, min(len(functions), 5)}) {
		f := functions[m-1]
		s := figure.Series{Name: fmt.Sprintf("depth %d", m), Style: figure.Curve}
		for _, b := range f.breaks {
			y, err := f.value(b)
			if err != nil {
				return err
			}
			s.X, s.Y = append(s.X, float(b)), append(s.Y, float(y))
		}
		fig.Series = append(fig.Series, s)
	}
	return c.Figure("functions", fig)
}
