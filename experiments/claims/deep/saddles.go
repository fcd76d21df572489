package deep

import (
	"context"
	"math"
	"math/bits"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// bottleneck is the number of units of the network with two layers whose saddles are listed.
const bottleneck = 2

// leastEigenvalue is that of the Hessian at the critical point of the chosen terms.
func leastEigenvalue(chosen uint) float64 {
	least, missing := math.Inf(1), 0.
	for i, s := range singular {
		if chosen>>i&1 == 1 {
			least = min(least, s)
		} else {
			missing = max(missing, s)
		}
	}
	if bits.OnesCount(chosen) < bottleneck {
		least = 0
	}
	return min(0, least-missing)
}

// saddles computes gradient and Hessian at all choices of at most p terms of M.
func (f *factored) saddles(ctx context.Context) ([]claim.Check, error) {
	ws, err := f.hessian(linearNet(2, bottleneck))
	if err != nil {
		return nil, err
	}
	const size = bottleneck * (linearIn + linearOut)
	gradient, off, weakest, want := 0., 0., math.Inf(-1), math.Inf(-1)
	for chosen := range uint(1) << len(singular) {
		if bits.OnesCount(chosen) > bottleneck {
			continue
		}
		f.balanced(ws.In(0), ws.In(1), chosen)
		if err := ws.Run(); err != nil {
			return nil, err
		}
		for i := 1; i <= 2; i++ {
			gradient = max(gradient, math.Sqrt(dot(ws.Out(i), ws.Out(i))))
		}
		all, err := eigenvalues(size, ws.Out(3))
		if err != nil {
			return nil, err
		}
		least := all[0]
		off = max(off, math.Abs(least-leastEigenvalue(chosen)))
		if chosen != 1<<bottleneck-1 { // all but the global minimum
			weakest, want = max(weakest, least), max(want, leastEigenvalue(chosen))
		}
	}
	flat, err := f.hessian(linearNet(3, bottleneck))
	if err != nil {
		return nil, err
	}
	if err := flat.Run(); err != nil { // all weights are 0
		return nil, err
	}
	entries := 0
	for _, h := range flat.Out(4) {
		if h != 0 {
			entries++
		}
	}
	const rounding = 1e-12
	return []claim.Check{
		{Label: "critical", Sentence: "Every choice of terms of M is a critical point: the largest gradient.", Predicted: claim.Near(0, rounding), Measured: claim.Measured(gradient)},
		{Label: "curvature", Sentence: "The least eigenvalue of the Hessian is that of the formula: the largest difference.", Predicted: claim.Near(0, rounding), Measured: claim.Measured(off)},
		{Label: "all-strict", Sentence: "All but the global minimum have a direction of negative curvature: the weakest.", Predicted: claim.Near(want, rounding), Measured: claim.Measured(weakest)},
		{Label: "matrices-flat", Sentence: "With three layers of matrices the Hessian at 0 is 0 (entries that are not).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(entries))},
	}, ctx.Err()
}

// balanced writes the chosen terms of M to the two layers, the square root of the singular value
// to each.
func (f *factored) balanced(first, second []float64, chosen uint) {
	clear(first)
	clear(second)
	unit := 0
	for i, s := range singular {
		if chosen>>i&1 == 0 {
			continue
		}
		for r := range linearIn {
			first[r*bottleneck+unit] = math.Sqrt(s) * f.u[r*linearOut+i]
		}
		for r := range linearOut {
			second[unit*linearOut+r] = math.Sqrt(s) * f.v[r*linearOut+i]
		}
		unit++
	}
}
