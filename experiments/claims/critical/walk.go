package critical

import (
	"context"
	"math"
	"math/big"
	"strconv"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// hittingStep is the prediction: x₀/α if whole and not negative, else never.
func hittingStep(x0, alpha *big.Rat) float64 {
	q := new(big.Rat).Quo(x0, alpha)
	if !q.IsInt() || q.Sign() < 0 {
		return math.Inf(1)
	}
	k, _ := q.Float64()
	return k
}

// decimal is the number that the user wrote: the shortest decimal of x.
func decimal(x float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	return r
}

// walk is the recursion in rationals.
type walk struct{ step *exact.Program }

// newWalk wires relu′(0) = s.
func newWalk(text string, s float64) (*walk, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	step, err := stepProgram(f, ad.AtKink(s))
	if err != nil {
		return nil, err
	}
	p, err := exact.Compile(step)
	return &walk{p}, err
}

// path is a list of iterates up to the one at which the recursion is stuck, if
// it is, or the first two below 0.
type path struct {
	x     []*big.Rat
	stuck bool
}

// follow runs until the fate is known: a step that changes nothing changes
// nothing ever after, and below 0 the program is affine.
func (w *walk) follow(ctx context.Context, x0, alpha *big.Rat) (path, error) {
	p := path{x: []*big.Rat{x0}}
	for x := x0; ctx.Err() == nil; {
		out, err := w.step.Run([]*big.Rat{x}, []*big.Rat{alpha})
		if err != nil {
			return p, err
		}
		next := out[0][0]
		if next.Cmp(x) == 0 {
			p.stuck = true
			return p, nil
		}
		p.x = append(p.x, next)
		if x.Sign() < 0 || next.Cmp(x) > 0 {
			return p, nil
		}
		x = next
	}
	return p, ctx.Err()
}

// stuckAt is the step at which the path is stuck, or +Inf.
func (p path) stuckAt() float64 {
	if !p.stuck {
		return math.Inf(1)
	}
	return float64(len(p.x) - 1)
}

// drawWalks shows the walk from x₀, the same with relu′(0) = 1, and one that
// starts a third of a step higher.
func drawWalks(ctx context.Context, c *claim.Context, text string, x0, alpha *big.Rat) error {
	third := new(big.Rat).Mul(alpha, big.NewRat(1, 3))
	f := figure.Figure{
		Title:   "A point that is critical for the program only",
		Caption: "Iterates of xₖ₊₁ = xₖ − αvₖ for relu(x) − relu(−x), which computes x. A walk that lands on 0 exactly stays there if relu′(0) = 0; with relu′(0) = 1 it leaves by a step of 2α, and from a start off the lattice αℤ it passes by, along the dashed line of the function x or parallel to it.",
		X:       figure.Axis{Label: "step k", Unit: "1"}, Y: figure.Axis{Label: "iterate xₖ", Unit: "1"},
	}
	line := figure.Series{Name: "x₀ − kα", Style: figure.Predicted}
	for _, s := range []struct {
		name  string
		slope float64
		from  *big.Rat
		style figure.Style
	}{
		{"relu′(0) = 0, from x₀", 0, x0, figure.Measured},
		{"relu′(0) = 1, from x₀", 1, x0, figure.Measured},
		{"relu′(0) = 0, from x₀ + α/3", 0, new(big.Rat).Add(x0, third), figure.Measured},
	} {
		w, err := newWalk(text, s.slope)
		if err != nil {
			return err
		}
		series := figure.Series{Name: s.name, Style: s.style}
		if series.X, series.Y, err = w.shown(ctx, s.from, alpha, shownSteps(x0, alpha)); err != nil {
			return err
		}
		f.Series = append(f.Series, series)
	}
	for k := range shownSteps(x0, alpha) + 1 {
		y, _ := new(big.Rat).Sub(x0, new(big.Rat).Mul(alpha, big.NewRat(int64(k), 1))).Float64()
		line.X, line.Y = append(line.X, float64(k)), append(line.Y, y)
	}
	f.Series = append(f.Series, line)
	return c.Figure("walks", f)
}

// shownSteps is about twice the number of steps to 0, at least 4, at most 200.
func shownSteps(x0, alpha *big.Rat) int {
	q, _ := new(big.Rat).Quo(x0, alpha).Float64()
	return int(min(max(2*q, 4), 200))
}

// shown are the first steps of a walk as floats.
func (w *walk) shown(ctx context.Context, x, alpha *big.Rat, steps int) (k, y []float64, err error) {
	for i := range steps + 1 {
		v, _ := x.Float64()
		k, y = append(k, float64(i)), append(y, v)
		out, err := w.step.Run([]*big.Rat{x}, []*big.Rat{alpha})
		if err != nil {
			return nil, nil, err
		}
		x = out[0][0]
	}
	return k, y, ctx.Err()
}
