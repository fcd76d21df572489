package differentiation

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// Bounds of the price of value and gradient, relative to that of the value.
// paperBound counts one multiplication and one addition for every edge (Bolte,
// Boustany, Pauwels, Pesquet-Popescu, ICLR 2023; Baur and Strassen 1983); the
// others are sharp for the operations that the gradient program holds, see the
// mathematics of the claim.
const (
	paperBound   = 5
	affineBound  = 3
	productBound = 4
)

// cost compares the price of a gradient in both modes by counted operations, see
// expr.Operations.
func cost() claim.Claim {
	return claim.Claim{
		Numbers:     []int{3},
		Name:        "gradient-cost",
		Theorem:     claim.Inequality,
		Decides:     []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence:    "The gradient of a program with p inputs costs a bounded multiple of its value in backward mode, whatever p is, and about p times as much in forward mode.",
		Source:      "Pauwels, CIMI lecture 2021 (forward and backward mode); Baur and Strassen, TCS 22 (1983); Bolte et al., ICLR 2023, arXiv 2206.01730",
		Mathematics: costMathematics,
		Params: []claim.Param{
			claim.Ints("inputs", []int{4, 16, 64, 256, 1024}, "numbers p of inputs").AtFull([]int{2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}).Between(2, 1<<14),
			claim.Int("width", 8, "width of the two hidden layers").Between(1, 512),
			claim.Int("programs", 300, "random programs of each kind").AtFull(20000).Between(1, 1e6),
			claim.Int("steps", 30, "operations of a random program").Between(1, 1000),
			claim.Int("layers", 8, "layers L of the chain of square matrices").Between(2, 64),
			claim.Ints("sides", []int{16, 32, 64}, "sides p of the square matrices").AtFull([]int{16, 32, 64, 128, 256}).Between(2, 256),
		},
		Run: runCost,
	}
}

const costMathematics = "Let a program consist of operations `g` with `m_g` operands and price `c(g)`, an addition, multiplication or comparison counting 1. " +
	"Backpropagation computes the value and the local derivatives, at the price `c(g, ∂g)`, multiplies the adjoint of `g` by each of the `m_g` derivatives, and adds the products to the adjoints of the operands. " +
	"With one multiplication and one addition for each edge the price of value and gradient is at most `ω_b` times that of the value,\n\n" +
	"\tω_b = max_g (c(g, ∂g) + 2m_g)/c(g)\n\n" +
	"which is `(1 + 4)/1 = 5` for an addition and for a product, and `(1 + 1 + 2)/1 = 4` for relu, the test at its kink included. So affine–relu programs have `ω_b ≤ 5`, and so have polynomial ones (Bolte et al. 2023). The bound does not depend on the number of inputs.\n\n" +
	"It can be sharpened. Derivatives that are 1 need no multiplication, and the first product that reaches an adjoint needs no addition. A program of `n` operations has `Σ m_g` edges, and all its values but the output receive an adjoint, as does one input at least, so there are at most `Σ m_g − n` additions, `m_g − 1` for each operation:\n\n" +
	"\tω = max_g (c(g, ∂g) + (derivatives of g that are not 1) + m_g − 1)/c(g)\n\n" +
	"An addition has `(1 + 0 + 1)/1 = 2`, a subtraction `(1 + 1 + 1)/1 = 3`, a product with a constant `(1 + 1 + 0)/1 = 2`, relu `(1 + 1 + 1 + 0)/1 = 3` and a product of two values `(1 + 2 + 1)/1 = 4`. " +
	"So value and gradient cost at most 3 times the value in affine–relu programs, and 4 times with products. Iterated relu attains 3 and iterated squares attain 4.\n\n" +
	"One tangent costs a bounded multiple of the value too, and a gradient needs `p` of them in forward mode: slope 1 in `p`. For `Σ relu(W_L ⋯ relu(W_1x))` with matrices of side `p`, the order of multiplication decides. " +
	"Backward mode multiplies a vector by `L` matrices, forward mode `L − 1` matrices by one another, since the first product is `W_1` itself:\n\n" +
	"\tbackward: 4Lp^2 + Lp + p − 1\n" +
	"\tforward: 2(L − 1)p^3 + (3L + 2)p^2 + (L + 1)p − 1\n\n" +
	"The ratio is about `p(L − 1)/(2L)`: slope 1 in `p`. Counts are those of expr.Operations: entries that are the same number whatever the inputs are, such as the adjoint 1 of the output, are free."

// counts are the operations of one program: of its value, of value and gradient
// by one backward pass, and of value and gradient by p forward passes.
type counts struct{ value, backward, forward float64 }

func runCost(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	out, err := costInSize(c)
	if err != nil {
		return out, err
	}
	result := jsonnum.Object{"network": out.Result}
	for _, kind := range []struct {
		label string
		bound float64
		drawn drawn
	}{
		{"random-affine", affineBound, drawn{inputs: 4, steps: c.Int("steps")}},
		{"random-products", productBound, drawn{inputs: 4, steps: c.Int("steps"), products: true}},
	} {
		worst, err := searchRatio(ctx, c, kind.drawn, ad.Gradient)
		if err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, claim.Check{Label: kind.label, Predicted: claim.AtMost(kind.bound), Measured: claim.Measured(worst.ratio)})
		result[kind.label] = jsonnum.Object{"ratio": worst.ratio, "value": worst.value, "together": worst.together, "program": worst.program}
	}
	relu, square, err := extremeRatios(c.Int("steps"))
	if err != nil {
		return out, err
	}
	k, err := measureChain(ctx, c)
	if err != nil {
		return out, err
	}
	out.Checks = append(out.Checks,
		claim.Check{Label: "iterated-relu", Predicted: claim.Exact(affineBound), Measured: claim.Measured(relu)},
		claim.Check{Label: "iterated-squares", Predicted: claim.Exact(productBound), Measured: claim.Measured(square)},
	)
	out.Checks = append(out.Checks, k.checks()...)
	result["chain"] = jsonnum.Object{"sides": k.sides, "backward": k.backward, "forward": k.forward}
	out.Result = result
	return out, c.Figure("chain", k.figure())
}

// costInSize varies the number of inputs of a network of fixed width.
func costInSize(c *claim.Context) (claim.Outcome, error) {
	sizes := c.Ints("inputs")
	if err := twoSizes("inputs", sizes); err != nil {
		return claim.Outcome{}, err
	}
	n := make([]float64, len(sizes))
	back, fore := make([]float64, len(sizes)), make([]float64, len(sizes))
	worst := 0.0
	for i, p := range sizes {
		k, err := count(p, c.Int("width"))
		if err != nil {
			return claim.Outcome{}, err
		}
		n[i], back[i], fore[i] = float64(p), k.backward/k.value, k.forward/k.value
		worst = max(worst, back[i])
		record := jsonnum.Object{"inputs": p, "value": k.value, "backward": k.backward, "forward": k.forward}
		if err := c.Trace(record); err != nil {
			return claim.Outcome{}, err
		}
	}
	if err := c.Figure("cost", costFigure(n, back, fore)); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: []claim.Check{
			{Label: "backward-ratio", Predicted: claim.AtMost(paperBound), Measured: claim.Measured(worst)},
			{Label: "backward-slope", Predicted: claim.Near(0, slopeTolerance), Measured: claim.Measured(claim.Slope(n, back))},
			{Label: "forward-slope", Predicted: claim.Near(1, slopeTolerance), Measured: claim.Measured(claim.Slope(n, fore))},
		},
		Result: jsonnum.Object{"inputs": n, "backward_over_value": back, "forward_over_value": fore},
	}, nil
}

// twoSizes refuses lists through which no line goes.
func twoSizes(param string, sizes []int) error {
	if slices.Min(sizes) == slices.Max(sizes) {
		return fmt.Errorf("%s: a slope needs at least two different sizes, such as 16,64", param)
	}
	return nil
}

// slopeTolerance allows for the part of the cost that does not grow with p,
// which bends the lines at small p.
const slopeTolerance = 0.05

// count builds Σ relu(W₁ relu(W₀x)) with constant weights and counts operations.
func count(inputs, width int) (counts, error) {
	f, err := reluNetwork(inputs, width, width)
	if err != nil {
		return counts{}, err
	}
	back, err := ad.Gradient(f)
	if err != nil {
		return counts{}, err
	}
	fore, err := ad.Forward(f)
	if err != nil {
		return counts{}, err
	}
	var ops [3]float64
	for i, g := range []*expr.Func{f, back, fore} {
		ops[i] = float64(expr.Operations(g))
	}
	return counts{value: ops[0], backward: ops[1], forward: float64(inputs) * ops[2]}, nil
}

// reluNetwork is the sum of the last of relu layers of the given widths. It has
// weights ±1 in a fixed pattern: counts do not depend on them.
func reluNetwork(inputs int, widths ...int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", inputs)
	h, cols := x, inputs
	for _, rows := range widths {
		w := make([]float64, rows*cols)
		for i := range w {
			w[i] = float64(1 - 2*(i%2))
		}
		h, cols = expr.ReLU(expr.MatMul(g.Tensor(w, rows, cols), h)), rows
	}
	return g.Func(expr.In(x), expr.Out(expr.Sum(h)))
}

func costFigure(n, back, fore []float64) figure.Figure {
	bound := make([]float64, len(n))
	for i := range bound {
		bound[i] = affineBound
	}
	return figure.Figure{
		Title:   "Operations for value and gradient",
		Caption: "The price of a gradient by one backward pass does not grow with the number of inputs, and stays below the sharp bound; that of forward mode grows in proportion.",
		X:       figure.Axis{Label: "inputs p", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "operations, relative to the value", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "backward, one pass", Style: figure.Measured, X: n, Y: back, Color: 1},
			{Name: "bound 3", Style: figure.Predicted, X: n, Y: bound, Color: 1},
			{Name: "forward, p passes", Style: figure.Measured, X: n, Y: fore, Color: 2},
			{Name: "slope 1", Style: figure.Predicted, X: n, Y: scaledTo(n, fore), Color: 2},
		},
	}
}

// scaledTo is the line of slope 1 through the last measured point.
func scaledTo(x, y []float64) []float64 {
	last := len(x) - 1
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = y[last] * v / x[last]
	}
	return out
}
