package deep

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// Extents of the deep linear networks and of their data.
const (
	linearRows = 12
	linearIn   = 5
	linearOut  = 4
)

// singular are the singular values of M; any that differ would do.
var singular = []float64{2, 1.5, 1, 0.5}

// factored is white data with a given M = XᵀY/n, and its singular vectors, column by column.
type factored struct {
	x, y, u, v  []float64
	unexplained float64 // the loss of W = M
}

// newFactored draws data and multiplies M by the scale, 1 but in tests.
func newFactored(c *claim.Context, scale float64) *factored {
	rng := c.Rand(claim.At("stream", "matrix"))
	f := &factored{
		x: make([]float64, linearRows*linearIn), y: make([]float64, linearRows*linearOut),
		u: make([]float64, linearIn*linearOut), v: make([]float64, linearOut*linearOut),
	}
	network.Orthogonal(linearRows, linearIn)(f.x, rng)
	network.Orthogonal(linearIn, linearOut)(f.u, rng)
	network.Orthogonal(linearOut, linearOut)(f.v, rng)
	random.Normals(f.y, 0.5, rng)
	x, y := mat.NewDense(linearRows, linearIn, f.x), mat.NewDense(linearRows, linearOut, f.y)
	var seen, explained mat.Dense
	seen.Mul(x.T(), y)
	explained.Mul(x, &seen)
	y.Sub(y, &explained)
	f.unexplained = dot(f.y, f.y) / (2 * linearRows)
	x.Scale(math.Sqrt(linearRows), x)
	explained.Mul(x, f.product(len(singular)))
	explained.Scale(scale, &explained)
	y.Add(y, &explained)
	return f
}

// product is M, with its first terms only.
func (f *factored) product(terms int) *mat.Dense {
	s := mat.NewDiagDense(len(singular), nil)
	for i := range terms {
		s.SetDiag(i, singular[i])
	}
	var out mat.Dense
	out.Product(mat.NewDense(linearIn, linearOut, f.u), s, mat.NewDense(linearOut, linearOut, f.v).T())
	return &out
}

func (f *factored) data() sgd.Data {
	return sgd.Data{Rows: linearRows, Columns: map[string][]float64{network.Inputs: f.x, network.Targets: f.y}}
}

// linearNet has layers of p units and linear outputs.
func linearNet(layers, p int) network.Network {
	var body network.Sequence
	for i := range layers {
		out := p
		if i == layers-1 {
			out = linearOut
		}
		body = append(body, network.Linear{Out: out, NoBias: true, Weights: network.Scaling{Init: network.Glorot}})
	}
	return network.Network{Input: []int{linearIn}, Body: body, Loss: network.HalfSquares}
}

// global is the least loss with a bottleneck of p units.
func (f *factored) global(p int) float64 {
	sum := f.unexplained
	for _, s := range singular[min(p, len(singular)):] {
		sum += float64(float64(s*s) / 2)
	}
	return sum
}

// starts trains networks from random starts.
func (f *factored) starts(ctx context.Context, c *claim.Context) (checks []claim.Check, shown figure.Figure, err error) {
	const tolerance = 1e-6
	var curves []figure.Series
	for _, n := range []struct{ layers, p int }{{2, 2}, {2, 5}, {3, 2}, {4, 5}} {
		name := fmt.Sprintf("%d-layers-of-%d", n.layers, n.p)
		runs := make([]linearRun, c.Int("starts"))
		err := c.Each(ctx, len(runs), func(ctx context.Context, i int) (err error) {
			runs[i], err = f.run(ctx, linearNet(n.layers, n.p), c.Int("steps"), c.Source(claim.At("stream", "start"), claim.At("network", name), claim.At("start", i)))
			return err
		})
		if err != nil {
			return nil, shown, err
		}
		want := f.global(n.p)
		slowest, lo, hi := runs[0], math.Inf(1), 0.
		for _, r := range runs {
			lo, hi = min(lo, r.end), max(hi, r.end)
			if len(r.at) > len(slowest.at) {
				slowest = r
			}
		}
		curve := figure.Series{Name: name, Style: figure.Curve, Color: 1 + len(curves), X: slowest.at}
		for _, loss := range slowest.losses {
			curve.Y = append(curve.Y, loss-want)
		}
		curves = append(curves, curve)
		checks = append(checks, claim.Check{
			Label: name, At: map[string]any{"layers": n.layers, "units": n.p}, Sentence: "All random starts end at the global value: their largest loss, with the range.",
			Predicted: claim.NearRelative(want, tolerance), Measured: claim.MeasuredIn(hi, lo, hi),
		})
	}
	return checks, lossesFigure(curves), nil
}

// linearRun is one training: the loss at its end, and at some steps.
type linearRun struct {
	end        float64
	at, losses []float64
}

// run trains until the gradient is small: the loss is then within the square of its norm over
// twice the curvature of a minimum.
func (f *factored) run(ctx context.Context, net network.Network, steps int, src rand.Source) (r linearRun, err error) {
	const rate, small = 0.05, 1e-6
	o, err := sgd.NewObjective(net.Objective, f.data(), ad.AtKink(0))
	if err != nil {
		return r, err
	}
	initial, err := net.Init(src)
	if err != nil {
		return r, err
	}
	start(o, initial)
	next := 1
	err = descend(ctx, o, sgd.SGD{}, rate, steps, func(k int, loss float64) bool {
		if r.end = loss; k == next {
			r.at, r.losses = append(r.at, float64(k)), append(r.losses, loss)
			next = sgd.Geometric(1.15).After(next)
		}
		square := 0.0
		for _, p := range o.Params() {
			square += dot(p.Grad, p.Grad)
		}
		return square > small*small
	})
	return r, err
}

// hessian compiles gradient and Hessian of a network with the data filled in.
func (f *factored) hessian(net network.Network) (*vm.Workspace, error) {
	p, err := net.Objective(linearRows)
	if err != nil {
		return nil, err
	}
	h, err := ad.Hessian(p, ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	code, err := vm.Compile(h, vm.Options{})
	if err != nil {
		return nil, err
	}
	ws := code.NewWorkspace()
	inputs := len(p.Wrt())
	copy(ws.In(inputs), f.x)
	copy(ws.In(inputs+1), f.y)
	return ws, nil
}
