package differentiation

import (
	"context"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
)

// worstRatio is the largest price of a derivative found, relative to that of
// the value, and the program that has it.
type worstRatio struct {
	ratio           float64
	value, together int
	program         string
}

// derivation makes the program of value and derivative of a program.
type derivation func(*expr.Func) (*expr.Func, error)

// searchRatio draws programs and returns the worst of them.
func searchRatio(ctx context.Context, c *claim.Context, d drawn, derive derivation) (worstRatio, error) {
	found := make([]worstRatio, c.Int("programs"))
	err := c.Each(ctx, len(found), func(_ context.Context, i int) error {
		f, err := d.program(c.Rand(claim.At("stream", "programs"), claim.At("products", d.products), claim.At("program", i)))
		if err != nil {
			return err
		}
		found[i], err = ratioOf(f, derive)
		return err
	})
	var worst worstRatio
	for _, w := range found {
		if w.ratio > worst.ratio {
			worst = w
		}
	}
	return worst, err
}

func ratioOf(f *expr.Func, derive derivation) (worstRatio, error) {
	g, err := derive(f)
	if err != nil {
		return worstRatio{}, err
	}
	value, together := expr.Operations(f), expr.Operations(g)
	return worstRatio{float64(together) / float64(max(value, 1)), value, together, expr.Format(f)}, nil
}

// iterate applies one operation to x again and again.
func iterate(times int, apply func(expr.Node) expr.Node) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x")
	h := x
	for range times {
		h = apply(h)
	}
	return g.Func(expr.In(x), expr.Out(h))
}

// extremeRatios are those of iterated relu and iterated squares, which attain
// the bounds.
func extremeRatios(times int) (relus, squares float64, err error) {
	for _, of := range []struct {
		ratio *float64
		apply func(expr.Node) expr.Node
	}{{&relus, expr.ReLU}, {&squares, square}} {
		f, err := iterate(times, of.apply)
		if err != nil {
			return 0, 0, err
		}
		w, err := ratioOf(f, ad.Gradient)
		if err != nil {
			return 0, 0, err
		}
		*of.ratio = w.ratio
	}
	return relus, squares, nil
}

func square(h expr.Node) expr.Node { return expr.Mul(h, h) }
