package differentiation

import (
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// deviation returns the largest difference of two programs of n variables at
// random points: quarters in [−3, 3]ⁿ, so that kinks are met. Programs that are
// rational are compared in rationals.
func deviation(c *claim.Context, first, second string, n int) (float64, error) {
	f, err := evaluator(first)
	if err != nil {
		return 0, err
	}
	g, err := evaluator(second)
	if err != nil {
		return 0, err
	}
	rng := c.Rand(claim.At("stream", "points"), claim.At("program", second))
	worst := 0.0
	for range c.Int("points") {
		x := make([]*big.Rat, n)
		for i := range x {
			x[i] = big.NewRat(rng.Int64N(25)-12, 4)
		}
		y, err := f(x)
		if err != nil {
			return 0, err
		}
		z, err := g(x)
		if err != nil {
			return 0, err
		}
		difference, _ := new(big.Rat).Sub(y, z).Float64()
		worst = max(worst, math.Abs(difference))
	}
	return worst, nil
}

// evaluator returns the value of a program as a function of the point, in
// rationals if that is possible.
func evaluator(text string) (func([]*big.Rat) (*big.Rat, error), error) {
	f, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	if p, err := exact.Compile(f); err == nil {
		return func(x []*big.Rat) (*big.Rat, error) {
			y, err := p.Run(singles(x)...)
			if err != nil {
				return nil, err
			}
			return y[0][0], nil
		}, nil
	}
	return floatEvaluator(f)
}

func floatEvaluator(f *expr.Func) (func([]*big.Rat) (*big.Rat, error), error) {
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return nil, err
	}
	return func(x []*big.Rat) (*big.Rat, error) {
		in := make([][]float64, len(x))
		for i, v := range x {
			at, _ := v.Float64()
			in[i] = []float64{at}
		}
		out := [][]float64{{0}}
		if err := p.Run(out, in...); err != nil {
			return nil, err
		}
		return new(big.Rat).SetFloat64(out[0][0]), nil
	}, nil
}

// singles makes an input of each coordinate.
func singles(x []*big.Rat) [][]*big.Rat {
	in := make([][]*big.Rat, len(x))
	for i := range x {
		in[i] = x[i : i+1]
	}
	return in
}
