package layer

import (
	"github.com/tamegrad/tamegrad/expr"
)

// windowMax pools one window.
func windowMax(x expr.Node) expr.Node { return expr.Max(x) }

// pool is a pooling layer of one-dimensional windows, cut out as slices.
type pool struct {
	window, stride, count int
	max                   func(expr.Node) expr.Node
}

// inputs is the number of entries that the windows cover.
func (p pool) inputs() int { return p.window + (p.count-1)*p.stride }

// layer is the program x ↦ P(x).
func (p pool) layer() (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", p.inputs())
	return g.Func(expr.In(x), expr.Out(expr.Stack(p.outputs(x)...)))
}

// weighted is the program x ↦ Σ cⱼPⱼ(x).
func (p pool) weighted(weights []int64) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", p.inputs())
	terms := p.outputs(x)
	for j, w := range weights {
		terms[j] = expr.ScaleNumber(expr.Ratio(w, 1), terms[j])
	}
	return g.Func(expr.In(x), expr.Out(expr.Sum(expr.Stack(terms...))))
}

func (p pool) outputs(x expr.Node) []expr.Node {
	out := make([]expr.Node, p.count)
	for j := range out {
		out[j] = p.max(expr.Slice(x, j*p.stride, j*p.stride+p.window))
	}
	return out
}
