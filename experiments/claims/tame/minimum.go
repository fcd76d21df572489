package tame

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// envelopeOf is min over y in {−3, −3 + 1/n, …, 3} of (x − y)²/2 + |y|.
func envelopeOf(n int) (*expr.Func, error) {
	var terms []string
	for j := -3 * n; j <= 3*n; j++ {
		terms = append(terms, fmt.Sprintf("(x - (%d/%d))^2/2 + abs(%d/%d)", j, n, j, n))
	}
	return parse.Parse("min(" + strings.Join(terms, ", ") + ")")
}

// envelope has the errors of a finite minimum at x = −3, −3 + δ/2, …, 3.
type envelope struct {
	x, value, huber []float64
	worst           *big.Rat
}

// measure compares a program with Huber's function.
func measure(ctx context.Context, f *expr.Func, n int) (envelope, error) {
	e := envelope{worst: new(big.Rat)}
	limit, err := parse.Parse("huber(x, 1)")
	if err != nil {
		return e, err
	}
	finite, err := exact.Compile(f)
	if err != nil {
		return e, err
	}
	whole, err := exact.Compile(limit)
	if err != nil {
		return e, err
	}
	for i := -6 * n; i <= 6*n; i++ {
		if err := ctx.Err(); err != nil {
			return e, err
		}
		x := big.NewRat(int64(i), int64(2*n))
		y, err := finite.Run([]*big.Rat{x})
		if err != nil {
			return e, err
		}
		h, err := whole.Run([]*big.Rat{x})
		if err != nil {
			return e, err
		}
		if gap := new(big.Rat).Sub(y[0][0], h[0][0]); new(big.Rat).Abs(gap).Cmp(e.worst) > 0 {
			e.worst = gap.Abs(gap)
		}
		e.x, e.value, e.huber = append(e.x, float(x)), append(e.value, float(y[0][0])), append(e.huber, float(h[0][0]))
	}
	return e, nil
}

// minimumChecks follows partial minima over finer and finer lists.
func minimumChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	grids := slices.Compact(slices.Sorted(slices.Values(c.Ints("grids"))))
	var steps, worst, predicted []float64
	var coarsest envelope
	inClass, off := 0, new(big.Rat)
	for i, n := range grids {
		f, err := envelopeOf(n)
		if err != nil {
			return nil, err
		}
		if class := f.Class(); class.Kind == expr.PiecewisePolynomial && class.Degree == 2 && class.Certified() {
			inClass++
		}
		e, err := measure(ctx, f, n)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			coarsest = e
		}
		want := big.NewRat(1, int64(8*n*n)) // δ²/8
		if d := new(big.Rat).Sub(e.worst, want); d.Sign() != 0 {
			off = d
		}
		steps, worst, predicted = append(steps, 1/float64(n)), append(worst, float(e.worst)), append(predicted, float(want))
	}
	checks := []claim.Check{
		{Label: "minimum-class", Sentence: "Finite minima that are certified as piecewise quadratic.", Predicted: claim.Exact(float64(len(grids))), Measured: claim.Measured(float64(inClass))},
		{Label: "minimum-error", Sentence: "The largest error of a minimum over a grid of step δ is δ²/8: a difference that is not 0, if there is one.", Predicted: claim.Exact(0), Measured: claim.Measured(float(off))},
	}
	return checks, drawMinimum(c, coarsest, steps, worst, predicted)
}

func drawMinimum(c *claim.Context, e envelope, steps, worst, predicted []float64) error {
	err := c.Figure("minimum", figure.Figure{
		Title:   "A partial minimum is as tame as its function",
		Caption: "Minimum over the coarsest list of values of y of (x − y)²/2 + |y|, and over all y: Huber's function. Both are piecewise quadratic, and they agree where the minimiser is on the list.",
		X:       figure.Axis{Label: "x", Unit: "1"}, Y: figure.Axis{Label: "minimum over y", Unit: "1"},
		Series: []figure.Series{
			{Name: "finite list of y", Style: figure.Measured, X: e.x, Y: e.value, Color: 1},
			{Name: "all y: Huber's function", Style: figure.Curve, X: e.x, Y: e.huber, Color: 2},
		},
	})
	if err != nil {
		return err
	}
	return c.Figure("error", figure.Figure{
		Title:   "Error of a minimum over a grid",
		Caption: "Largest difference to Huber's function over x, in rationals. It is exactly δ²/8.",
		X:       figure.Axis{Label: "step δ of the grid", Unit: "1", Log: true}, Y: figure.Axis{Label: "largest error", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "measured", Style: figure.Measured, X: steps, Y: worst, Color: 1},
			{Name: "δ²/8", Style: figure.Predicted, X: steps, Y: predicted, Color: 1},
		},
	})
}
