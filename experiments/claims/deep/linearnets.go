package deep

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// linearNets looks at the critical points of deep linear networks.
func linearNets() claim.Claim {
	return claim.Claim{
		Numbers:  []int{48},
		Name:     "deep-linear-networks",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "All local minima of deep linear networks are global: gradient descent from random starts ends at the global value, also with a bottleneck. With two layers all other critical points have a direction of negative curvature; with three or more the Hessian at 0 vanishes, and to leave its neighbourhood takes long.",
		Source:   "Baldi, Hornik, Neural Networks 2, 1989; Kawaguchi, NeurIPS 2016, theorem 2.3; Saxe, McClelland, Ganguli, ICLR 2014; Pauwels, CIMI lecture 2021 (landscapes)",
		Mathematics: "For one unit a layer the loss is `f(θ) = (θ_1 ⋯ θ_L − 1)^2/2`. At 0 all second derivatives vanish for L ≥ 3, and for L = 2 they are 0 and −1: the eigenvalue −1 belongs to (1, 1). Along θ = (t, …, t) the loss is\n\n" +
			"  1/2 − t^L + t^{2L}/2\n\n" +
			"so that 0 is a saddle for all L, a strict one for L = 2 only. The gradient flow from (δ, …, δ) is `t′ = t^{L−1} (1 − t^L)` and needs the time `∫ dt/(t^{L−1} (1 − t^L))` up to `t^L = 1/2`, which is Σ_n of the integrals of `t^{nL+1−L}`: log 1/δ for L = 2, and `δ^{2−L}/(L − 2)` to first order for L ≥ 3.\n\n" +
			"For inputs that are white, `X^TX = nI`, the loss `(1/(2n)) ‖XW_1⋯W_L − Y‖^2` is that of a product with bottleneck p to be near `M = X^TY/n = Σ_i s_i u_i v_i^T`. Its least value is, up to what X cannot explain, `(1/2) Σ_{i > p} s_i^2` (Eckart, Young). For L = 2 a choice I of at most p terms of M, balanced between the layers, is a critical point. In the plane that turns the term j ∈ I to i ∉ I the Hessian has the diagonal s_j and the other entry −s_i, and with an unused unit the diagonal is 0: the least eigenvalue is\n\n" +
			"  min_{j ∈ I} s_j − max_{i ∉ I} s_i, or −max_{i ∉ I} s_i if I has less than p terms.",
		Params: []claim.Param{
			claim.Int("starts", 40, "random starts for each network").AtFull(1000).Between(2, 1e5),
			claim.Int("steps", 100000, "steps from each, at most").AtFull(1000000).Between(500, 1e8),
			claim.Float("small", 0.05, "the size δ of starts near 0").Between(0.01, 0.2),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runLinearNets(ctx, c, expr.Prod, 1)
		},
	}
}

// chain is (θ₁⋯θ_L − 1)²/2.
func chain(layers int, product func(expr.Node) expr.Node) (*expr.Func, error) {
	g := expr.NewGraph()
	theta := g.Param("theta", layers)
	rest := expr.Shift(product(theta), -1)
	return g.Func(expr.In(theta), expr.Out(expr.Scale(0.5, expr.Mul(rest, rest))))
}

// runLinearNets takes another product, and multiplies M by a scale, on purpose in tests.
func runLinearNets(ctx context.Context, c *claim.Context, product func(expr.Node) expr.Node, scale float64) (claim.Outcome, error) {
	checks, err := origins(product)
	if err != nil {
		return claim.Outcome{}, err
	}
	times, err := escapes(ctx, c, product)
	if err != nil {
		return claim.Outcome{}, err
	}
	m := newFactored(c, scale)
	saddles, err := m.saddles(ctx)
	if err != nil {
		return claim.Outcome{}, err
	}
	ends, shown, err := m.starts(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks = append(append(append(checks, times...), saddles...), ends...)
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"singular values": singular}}, c.Figure("losses", shown)
}

// origins has the exact second derivatives at 0 of one unit a layer.
func origins(product func(expr.Node) expr.Node) (checks []claim.Check, err error) {
	for layers := 2; layers <= 6; layers++ {
		f, err := chain(layers, product)
		if err != nil {
			return nil, err
		}
		h, err := ad.Hessian(f, ad.AtKink(0))
		if err != nil {
			return nil, err
		}
		p, err := exact.Compile(h)
		if err != nil {
			return nil, err
		}
		out, err := p.Run(zeros(layers))
		if err != nil {
			return nil, err
		}
		at := map[string]any{"layers": layers}
		if layers == 2 {
			sum := new(big.Rat)
			for _, v := range out[2] {
				sum.Add(sum, v)
			}
			checks = append(checks, claim.Check{Label: "strict", At: at, Sentence: "The second derivative at 0 along (1, 1)/√2.", Predicted: claim.Exact(-1), Measured: claim.Measured(float(sum) / 2)})
		} else {
			checks = append(checks, claim.Check{Label: fmt.Sprintf("flat-%d", layers), At: at, Sentence: "The Hessian at 0 is 0 (entries that are not).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(differing(out[2], zeros(layers*layers))))})
		}
		half := zeros(layers)
		for i := range half {
			half[i].SetFrac64(1, 2)
		}
		below, err := p.Run(half)
		if err != nil {
			return nil, err
		}
		t := math.Ldexp(1, -layers)
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("saddle-%d", layers), At: at, Sentence: "How far the loss at (1/2, …, 1/2) is below that at 0: 0 is no minimum.",
			Predicted: claim.Exact(t - float64(t*t)/2), Measured: claim.Measured(float(new(big.Rat).Sub(out[0][0], below[0][0]))),
		})
	}
	return checks, nil
}

// escapes measures how long gradient descent needs to leave the neighbourhood of 0.
func escapes(ctx context.Context, c *claim.Context, product func(expr.Node) expr.Node) (checks []claim.Check, err error) {
	const rate = 1. / 256
	for layers := 2; layers <= 4; layers++ {
		f, err := chain(layers, product)
		if err != nil {
			return nil, err
		}
		model := func(int) (*expr.Func, error) { return f, nil }
		o, err := sgd.NewObjective(model, sgd.Data{Rows: 1}, ad.AtKink(0))
		if err != nil {
			return nil, err
		}
		for i := range layers {
			o.Params()[0].Value[i] = c.Float("small")
		}
		steps := 0
		want := escapeTime(layers, c.Float("small"))
		err = descend(ctx, o, sgd.SGD{}, rate, int(2*want/rate), func(k int, loss float64) bool {
			steps = k
			return loss > 1./8 // t^L = 1/2
		})
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("escape-%d", layers), At: map[string]any{"layers": layers}, Sentence: "The time, steps by step size, until the product is 1/2.",
			Predicted: claim.NearRelative(want, 0.03), Measured: claim.Measured(float64(steps) * rate),
		})
	}
	return checks, nil
}

// escapeTime is ∫ dt/(t^{L−1}(1 − t^L)) from δ to where t^L = 1/2.
func escapeTime(layers int, delta float64) (sum float64) {
	l := float64(layers)
	end := kernel.Pow(0.5, 1/l)
	for n := range 80 {
		e := float64(float64(n)*l) + 2 - l
		if e == 0 {
			sum += kernel.Log(end / delta)
			continue
		}
		sum += (kernel.Pow(end, e) - kernel.Pow(delta, e)) / e
	}
	return sum
}

// lossesFigure shows the loss of starts against the global value.
func lossesFigure(curves []figure.Series) figure.Figure {
	return figure.Figure{
		Title:   "Deep linear networks from random starts",
		Caption: "Excess of the loss over the global value, the slowest start of each network, until its gradient is small.",
		X:       figure.Axis{Label: "steps", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "loss − global value", Unit: "1", Log: true}, Series: curves,
	}
}
