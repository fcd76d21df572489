package differentiation

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// unit is the unit roundoff u of float64.
const unit = 1.0 / (1 << 53)

// positiveInputs is the number of variables of a positive program.
const positiveInputs = 3

// positiveProgram draws a program of sums, products with a variable, products
// with positive constants, and relu. At positive points no operation cancels,
// neither in the value nor in the gradient; and as one factor of each product is
// exact, errors grow by one rounding an operation, not by those of both factors.
func positiveProgram(rng *rand.Rand, steps int) (*expr.Func, error) {
	g := expr.NewGraph()
	b := &drawing{g: g, rng: rng}
	for i := range positiveInputs {
		b.push(g.Input(fmt.Sprintf("x%d", i+1)))
	}
	in := slices.Clone(b.nodes)
	for range steps {
		switch rng.IntN(4) {
		case 0:
			b.push(expr.Add(b.pick(), b.pick()))
		case 1:
			b.push(expr.Mul(b.pick(), in[rng.IntN(len(in))]))
		case 2:
			b.push(expr.ScaleNumber(expr.Ratio(1+rng.Int64N(1000), 1024), b.pick()))
		default:
			b.push(expr.ReLU(b.pick()))
		}
	}
	rest := b.unused()
	out := rest[0]
	for _, n := range rest[1:] {
		out = expr.Add(out, n)
	}
	return g.Func(expr.In(in...), expr.Out(out))
}

// positiveErrors returns the largest relative error of a partial derivative over
// random positive programs, in units of u and relative to the bound γ_n.
func positiveErrors(ctx context.Context, c *claim.Context) (units, ofBound float64, err error) {
	errors, bounds := make([]float64, c.Int("programs")), make([]float64, c.Int("programs"))
	err = c.Each(ctx, len(errors), func(_ context.Context, i int) (err error) {
		rng := c.Rand(claim.At("stream", "positive"), claim.At("program", i))
		f, err := positiveProgram(rng, c.Int("steps"))
		if err != nil {
			return err
		}
		x := make([]float64, positiveInputs)
		for k := range x {
			x[k] = 0.5 + float64(rng.Float64())
		}
		errors[i], bounds[i], err = gradientError(f, x)
		return err
	})
	for i, e := range errors {
		units, ofBound = max(units, e/unit), max(ofBound, e/bounds[i])
	}
	return units, ofBound, err
}

// gradientError returns the largest relative error of an entry of the gradient
// in float64, and the bound γ_n for the n operations of the gradient program.
func gradientError(f *expr.Func, x []float64) (worst, bound float64, err error) {
	truth, err := exactGradient(f, x)
	if err != nil {
		return 0, 0, err
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return 0, 0, err
	}
	if g, err = ad.Wire(g, ad.AtKink(0)); err != nil {
		return 0, 0, err
	}
	p, err := vm.Compile(g, vm.Options{})
	if err != nil {
		return 0, 0, err
	}
	in := make([][]float64, len(x))
	for i := range x {
		in[i] = x[i : i+1]
	}
	out, err := run(p, in)
	if err != nil {
		return 0, 0, err
	}
	for i, t := range truth {
		worst = max(worst, relativeError(out[1+i][0], t))
	}
	n := float64(float64(expr.Operations(g)) * unit)
	return worst, n / (1 - n), nil
}

// relativeError is |v − t|/|t|, and |v| if t is 0.
func relativeError(v float64, t *big.Rat) float64 {
	d := new(big.Rat).SetFloat64(v)
	if d == nil {
		return math.Inf(1)
	}
	if d.Sub(d, t); t.Sign() != 0 {
		d.Quo(d, t)
	}
	e, _ := d.Float64()
	return math.Abs(e)
}

// exactGradient returns central difference quotients of the values in rationals,
// with a step of 2⁻¹²⁰: truth up to about 2⁻²⁴⁰, without any derivative rule.
func exactGradient(f *expr.Func, x []float64) ([]*big.Rat, error) {
	p, err := exact.Compile(f)
	if err != nil {
		return nil, err
	}
	h := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 120))
	out := make([]*big.Rat, len(x))
	for i := range x {
		if out[i], err = centralQuotient(p, x, i, h); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// centralQuotient is (f(x + heᵢ) − f(x − heᵢ))/2h.
func centralQuotient(p *exact.Program, x []float64, i int, h *big.Rat) (*big.Rat, error) {
	above, err := shifted(p, x, i, h)
	if err != nil {
		return nil, err
	}
	below, err := shifted(p, x, i, new(big.Rat).Neg(h))
	if err != nil {
		return nil, err
	}
	d := above.Sub(above, below)
	return d.Quo(d, new(big.Rat).Add(h, h)), nil
}

// shifted returns a number of its own.
func shifted(p *exact.Program, x []float64, i int, by *big.Rat) (*big.Rat, error) {
	in := make([]*big.Rat, len(x))
	for k, v := range x {
		in[k] = new(big.Rat).SetFloat64(v)
	}
	in[i].Add(in[i], by)
	out, err := p.Run(singles(in)...)
	if err != nil {
		return nil, err
	}
	return new(big.Rat).Set(out[0][0]), nil
}
