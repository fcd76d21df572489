package minimisation

import (
	"math"

	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// landscape is a function to minimise, with what is known of it.
type landscape struct {
	name  string
	build func() (*expr.Func, error)
	start []float64
	drop  float64 // f(start) − inf f
	// lipschitz is a constant of f wherever a run looks, 0 if none is known.
	lipschitz float64
	// rounds is a lower bound of steps + 1 for every method whose steps have the length δ; nil if none is known.
	rounds func(delta, epsilon float64) float64
}

// The names of the landscapes about which more is predicted than upper bounds.
const (
	coneName   = "cone"
	tailName   = "tail"
	cornerName = "corner"
)

// cone is ‖x‖ from a point at distance 1. At ‖x‖ > δ the gradients within δ are unit vectors in a cone around
// x/‖x‖ whose half angle has the sine δ/‖x‖, so that their hull comes within ε of 0 at ‖x‖ ≤ δ/√(1 − ε²)
// only. The way there takes 1/δ − 1/√(1 − ε²) steps at least.
func cone() landscape {
	return landscape{
		name: coneName, start: []float64{0.6, 0.8}, drop: 1, lipschitz: 1,
		build:  func() (*expr.Func, error) { return inTwo(expr.Norm2) },
		rounds: func(delta, epsilon float64) float64 { return 1/delta - 1/math.Sqrt(1-float64(epsilon*epsilon)) + 1 },
	}
}

// tail is |x₂| + (4/p)·max(x₁, ½)^(−p) from (1, 0): a valley that falls ever more slowly. Gradients at x₁ > ½ have the
// first entry −4x₁^(−p−1), so that none within δ is as short as ε before x₁ + δ ≥ (4/ε)^(1/(p+1)).
func tail(p float64) landscape {
	return landscape{
		name: tailName, start: []float64{1, 0}, drop: steep / p,
		lipschitz: kernel.Norm([]float64{1, steep * kernel.Pow(shelf, -p-1)}),
		build: func() (*expr.Func, error) {
			return inTwo(func(x expr.Node) expr.Node {
				depth := expr.Pow(expr.Max(expr.Index(x, 0), x.Graph().Const(shelf)), -p)
				return expr.Add(expr.Abs(expr.Index(x, 1)), expr.Scale(steep/p, depth))
			})
		},
		rounds: func(delta, epsilon float64) float64 { return (kernel.Pow(steep/epsilon, 1/(p+1)) - 1) / delta },
	}
}

// The valley of tail begins at shelf, whereto no run comes back, and falls as steeply as this at the start.
const (
	shelf = 0.5
	steep = 4.0
)

// corner is max(maxᵢ xᵢ, −1) in n variables from 0. Near 0 gradients are unit vectors eᵢ, and no convex combination of
// m of them is shorter than 1/√m: 1/ε² gradients are needed, and no step decreases f before there are all n.
func corner(n int) landscape {
	return landscape{
		name: cornerName, start: make([]float64, n), drop: 1, lipschitz: 1,
		build: func() (*expr.Func, error) {
			g := expr.NewGraph()
			x := g.Input("x", n)
			return g.Func(expr.In(x), expr.Out(expr.Max(expr.Max(x), g.Const(-1))))
		},
	}
}

// cornerTolerance is an ε for which the corner takes exactly m gradients: 1/√m ≤ ε < 1/√(m − 1).
func cornerTolerance(m int) float64 { return 1 / math.Sqrt(float64(m)-0.5) }

// published is a problem of the literature, whose constants are not known.
func published(p problem.Problem) landscape {
	return landscape{name: p.Name, build: p.Func, start: p.Start, drop: p.StartValue - p.Minimum}
}

func inTwo(f func(expr.Node) expr.Node) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", 2)
	return g.Func(expr.In(x), expr.Out(f(x)))
}
