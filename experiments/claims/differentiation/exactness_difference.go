package differentiation

import (
	"context"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// differences has the root mean square relative errors of derivatives of one
// function over random points, for steps h = 2⁻¹, 2⁻², ….
type differences struct {
	precision vm.Precision
	unit      float64
	ad        float64   // of automatic differentiation
	h         []float64 // steps
	// oneSided and central are those of difference quotients, and the others the
	// same in rationals: truncation alone.
	oneSided, central, oneSidedTruncation, centralTruncation []float64
}

// arithmetics are those compared, with the unit roundoff and the largest k
// for which x + 2⁻ᵏ is exact for x in [1, 2).
var arithmetics = []struct {
	precision vm.Precision
	unit      float64
	steps     int
}{{vm.Float32, 1.0 / (1 << 24), 22}, {vm.Float64, unit, 50}}

// differentiable are the functions to choose from; on [1, 2] they have no zero,
// no kink and no zero of the first three derivatives.
func differentiable(name string) string {
	switch name {
	case "rational":
		return "x/(2 + x^3)^2 + x^3"
	case "kinked":
		return "x*relu(x^2 - 1/2) + abs(x)*x^4/3"
	default:
		return "x^5/3 + x^3 + x^2 + 1"
	}
}

// study computes the errors in one arithmetic.
func (d *differences) study(ctx context.Context, c *claim.Context, f *expr.Func, steps int) error {
	value, err := vm.Compile(f, vm.Options{Precision: d.precision})
	if err != nil {
		return err
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return err
	}
	if g, err = ad.Wire(g, ad.AtKink(0)); err != nil {
		return err
	}
	gradient, err := vm.Compile(g, vm.Options{Precision: d.precision})
	if err != nil {
		return err
	}
	rational, err := exact.Compile(f)
	if err != nil {
		return err
	}
	points := make([]pointErrors, c.Int("points"))
	err = c.Each(ctx, len(points), func(_ context.Context, i int) error {
		rng := c.Rand(claim.At("stream", "points"), claim.At("point", i))
		x := 1 + float64(float64(rng.IntN(1<<12))/(1<<12))
		if i >= truncationPoints {
			return points[i].study(probe{value, gradient, nil, f}, x, steps)
		}
		return points[i].study(probe{value, gradient, rational, f}, x, steps)
	})
	if err != nil {
		return err
	}
	few := points[:min(truncationPoints, len(points))]
	for k := range steps {
		d.h = append(d.h, math.Ldexp(1, -k-1))
		d.oneSided = append(d.oneSided, rootMeanSquare(points, func(p pointErrors) float64 { return p.oneSided[k] }))
		d.central = append(d.central, rootMeanSquare(points, func(p pointErrors) float64 { return p.central[k] }))
		d.oneSidedTruncation = append(d.oneSidedTruncation, rootMeanSquare(few, func(p pointErrors) float64 { return p.oneSidedTruncation[k] }))
		d.centralTruncation = append(d.centralTruncation, rootMeanSquare(few, func(p pointErrors) float64 { return p.centralTruncation[k] }))
	}
	d.ad = rootMeanSquare(points, func(p pointErrors) float64 { return p.ad })
	return nil
}

// truncationPoints is the number of points at which truncation alone is
// computed: rationals are slow, and it hardly varies.
const truncationPoints = 6

func rootMeanSquare(points []pointErrors, of func(pointErrors) float64) float64 {
	sum := 0.0
	for _, p := range points {
		e := of(p)
		sum += float64(e * e)
	}
	return math.Sqrt(sum / float64(len(points)))
}

// probe is a function in all forms that are needed.
type probe struct {
	value, gradient *vm.Program
	rational        *exact.Program // nil if truncation alone is not asked for
	f               *expr.Func
}

// pointErrors are relative errors at one point, for each step.
type pointErrors struct {
	ad                                                       float64
	oneSided, central, oneSidedTruncation, centralTruncation []float64
}

func (e *pointErrors) study(p probe, x float64, steps int) error {
	truths, err := exactGradient(p.f, []float64{x})
	if err != nil {
		return err
	}
	truth := truths[0]
	out, err := run(p.gradient, [][]float64{{x}})
	if err != nil {
		return err
	}
	e.ad = relativeError(out[1][0], truth)
	for k := 1; k <= steps; k++ {
		if err := e.step(p, x, math.Ldexp(1, -k), truth); err != nil {
			return err
		}
	}
	return nil
}

// step adds the errors of one step. Differences of two values and divisions by a
// power of two are exact or cost one more rounding, which does not matter.
func (e *pointErrors) step(p probe, x, h float64, truth *big.Rat) error {
	var v [3]float64
	for i, at := range []float64{x - h, x, x + h} {
		out, err := run(p.value, [][]float64{{at}})
		if err != nil {
			return err
		}
		v[i] = out[0][0]
	}
	e.oneSided = append(e.oneSided, relativeError((v[2]-v[1])/h, truth))
	e.central = append(e.central, relativeError((v[2]-v[0])/(2*h), truth))
	if p.rational == nil {
		return nil
	}
	step := new(big.Rat).SetFloat64(h)
	central, err := centralQuotient(p.rational, []float64{x}, 0, step)
	if err != nil {
		return err
	}
	// (f(x + h) − f(x))/h is the central quotient around x + h/2.
	oneSided, err := centralQuotient(p.rational, []float64{x + float64(h/2)}, 0, new(big.Rat).Mul(step, big.NewRat(1, 2)))
	if err != nil {
		return err
	}
	e.centralTruncation = append(e.centralTruncation, relativeRational(central, truth))
	e.oneSidedTruncation = append(e.oneSidedTruncation, relativeRational(oneSided, truth))
	return nil
}

// relativeRational is |v − t|/|t| for t ≠ 0.
func relativeRational(v, t *big.Rat) float64 {
	d := new(big.Rat).Sub(v, t)
	e, _ := d.Quo(d, t).Float64()
	return math.Abs(e)
}

// measureDifferences returns the errors in every arithmetic.
func measureDifferences(ctx context.Context, c *claim.Context) ([]differences, error) {
	f, err := parse.Parse(differentiable(c.Text("function")))
	if err != nil {
		return nil, err
	}
	out := make([]differences, len(arithmetics))
	for i, a := range arithmetics {
		out[i] = differences{precision: a.precision, unit: a.unit}
		if err := out[i].study(ctx, c, f, a.steps); err != nil {
			return nil, err
		}
	}
	return out, nil
}
