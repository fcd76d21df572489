package tame

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// lipschitz is f_m as a program, with its gradient.
type lipschitz struct {
	cantor
	f           *expr.Func
	run, derive *exact.Program
}

func newLipschitz(c cantor) (*lipschitz, error) {
	f, err := c.program()
	if err != nil {
		return nil, err
	}
	l := &lipschitz{cantor: c, f: f}
	if l.run, err = exact.Compile(f); err != nil {
		return nil, err
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, ad.AtKink(0)); err != nil {
		return nil, err
	}
	l.derive, err = exact.Compile(g)
	return l, err
}

func (l *lipschitz) value(x *big.Rat) (*big.Rat, error) {
	out, err := l.run.Run([]*big.Rat{x})
	if err != nil {
		return nil, err
	}
	return out[0][0], nil
}

// slopes are the derivatives in the middle of every interval.
func (l *lipschitz) slopes(ctx context.Context) ([]*big.Rat, error) {
	out := make([]*big.Rat, len(l.breaks)-1)
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		middle := new(big.Rat).Add(l.breaks[i], l.breaks[i+1])
		y, err := l.derive.Run([]*big.Rat{middle.Quo(middle, big.NewRat(2, 1))})
		if err != nil {
			return nil, err
		}
		out[i] = y[1][0]
	}
	return out, nil
}

// windowChecks counts windows that hold both slopes, for all depths and widths.
func windowChecks(ctx context.Context, c *claim.Context, functions []*lipschitz) ([]claim.Check, error) {
	widths := slices.Compact(slices.Sorted(slices.Values(c.Ints("windows"))))
	alpha := claim.Alpha / float64(len(widths)*len(functions))
	fig := figure.Figure{
		Title:   "Windows that hold both slopes",
		Caption: "Share of windows of width h in which f_m has both slopes, so that ∂f_m there spans [−1, 1], with intervals at level 1 − 10⁻⁴ for all points together. At any width it is 1 from some depth on.",
		X:       figure.Axis{Label: "depth m", Unit: "1"}, Y: figure.Axis{Label: "share of windows", Unit: "1"},
	}
	var checks []claim.Check
	for color, k := range widths {
		h := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), uint(k)))
		var depth, shares, lower, upper, predicted []float64
		for m, f := range functions {
			both, err := f.windowsWithBoth(ctx, c, float(h), m+1)
			if err != nil {
				return nil, err
			}
			measured := claim.Proportion(both, c.Int("trials"), alpha)
			want := f.bothSlopes(h)
			checks = append(checks, claim.Check{
				Label: fmt.Sprintf("window-%d-depth-%d", k, m+1), At: map[string]any{"h": float(h), "m": m + 1},
				Predicted: claim.Covered(want, windowWidth), Measured: measured,
			})
			depth, shares, predicted = append(depth, float64(m+1)), append(shares, measured.Value), append(predicted, want)
			lower, upper = append(lower, measured.Lower), append(upper, measured.Upper)
		}
		fig.Series = append(fig.Series,
			figure.Series{Name: fmt.Sprintf("h = 1/%d", 1<<k), Style: figure.Measured, X: depth, Y: shares, Lower: lower, Upper: upper, Color: color%7 + 1},
			figure.Series{Name: "predicted", Style: figure.Predicted, X: depth, Y: predicted, Color: color%7 + 1})
	}
	return checks, c.Figure("windows", fig)
}

// windowWidth is more than the width of the interval of a share of 1500 trials,
// 2·5.5·√(1/4/1500).
const windowWidth = 0.15

// windowsWithBoth counts random windows [x, x + h] in which f has both slopes: those
// in which it neither rises nor falls by all of h.
func (l *lipschitz) windowsWithBoth(ctx context.Context, c *claim.Context, h float64, m int) (int, error) {
	program, err := vm.Compile(l.f, vm.Options{Lanes: 2 * windowsAtOnce, Workers: max(1, c.Workers)})
	if err != nil {
		return 0, err
	}
	rng := c.Rand(claim.At("h", h), claim.At("depth", m))
	x, y := make([]float64, 2*windowsAtOnce), make([]float64, 2*windowsAtOnce)
	count := 0
	for left := c.Int("trials"); left > 0; left -= windowsAtOnce {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		some := min(left, windowsAtOnce)
		for i := range some {
			x[2*i] = float64((1 - h) * rng.Float64())
			x[2*i+1] = x[2*i] + h
		}
		if err := program.Run([][]float64{y}, x); err != nil {
			return 0, err
		}
		for i := range some {
			if change := math.Abs(y[2*i+1] - y[2*i]); change < h-valueRounding {
				count++
			}
		}
	}
	return count, nil
}

// windowsAtOnce are few enough for a run at the largest depth to take some hundredths of a second.
const windowsAtOnce = 500

// valueRounding is above that of values: sums of 3⁸ numbers below 2 in some hundred
// roundings of their size. A window has less than so much of a slope with
// probability 3⁸ times this at most.
const valueRounding = 1e-11

// bothSlopes is the probability of that: 1 − ∑ max(ℓᵢ − h, 0)/(1 − h).
func (c cantor) bothSlopes(h *big.Rat) float64 {
	inside := new(big.Rat)
	for _, length := range c.lengths() {
		if length.Cmp(h) > 0 {
			inside.Add(inside, length.Sub(length, h))
		}
	}
	return 1 - float(inside.Quo(inside, new(big.Rat).Sub(big.NewRat(1, 1), h)))
}

// chainChecks compares the rise of f with the integrals of two selections: that of
// the field, and 0.
func (l *lipschitz) chainChecks(slopes []*big.Rat, rise *big.Rat) ([]claim.Check, error) {
	from, err := l.value(new(big.Rat))
	if err != nil {
		return nil, err
	}
	to, err := l.value(big.NewRat(1, 1))
	if err != nil {
		return nil, err
	}
	change := new(big.Rat).Sub(to, from)
	integral := new(big.Rat)
	for i, length := range l.lengths() {
		integral.Add(integral, length.Mul(length, slopes[i]))
	}
	return []claim.Check{
		{Label: "chain-rule-zero", Sentence: "The selection v = 0 misses all of f(1) − f(0).", Predicted: claim.Exact(float(rise)), Measured: claim.Measured(float(change))},
		{Label: "chain-rule-field", Sentence: "The derivative of f at depth m integrates to f(1) − f(0).", Predicted: claim.Exact(0), Measured: claim.Measured(float(change.Sub(change, integral)))},
	}, nil
}

// minimaChecks finds the local minimisers by the slopes, measures the largest gap
// between them, and has some of them examined by cells.
func (l *lipschitz) minimaChecks(ctx context.Context, slopes []*big.Rat, longest *big.Rat, most int) ([]claim.Check, error) {
	var minima []*big.Rat
	for i := 1; i < len(slopes); i++ {
		if slopes[i-1].Sign() < 0 && slopes[i].Sign() > 0 {
			minima = append(minima, l.breaks[i])
		}
	}
	gap := new(big.Rat)
	for i := 1; i < len(minima); i++ {
		if d := new(big.Rat).Sub(minima[i], minima[i-1]); d.Cmp(gap) > 0 {
			gap = d
		}
	}
	analyzer, err := clarke.NewAnalyzer(l.f, clarke.Options{})
	if err != nil {
		return nil, err
	}
	examined, proved := 0, 0
	for i := 0; i < len(minima); i += max(1, (len(minima)+most-1)/most) {
		s, err := analyzer.At(ctx, clarke.RationalPoint([]*big.Rat{minima[i]}))
		if err != nil {
			return nil, err
		}
		examined++
		if s.Exact && s.Minimality == clarke.LocalMinimum && fullInterval(s.Vertices) {
			proved++
		}
	}
	if examined == 0 {
		return nil, fmt.Errorf("f has no local minimiser; take a larger depth")
	}
	return []claim.Check{
		{Label: "gap", Sentence: "The largest gap between local minimisers is 5/3 of the longest interval.", Predicted: claim.Exact(5.0 / 3), Measured: claim.Measured(float(gap.Quo(gap, longest)))},
		{Label: "minimisers", Sentence: "The share of minimisers examined that are proved to be local minima with ∂f = [−1, 1].", Predicted: claim.Exact(1), Measured: claim.Measured(float64(proved) / float64(examined))},
	}, nil
}

// fullInterval reports whether the extreme points are −1 and 1.
func fullInterval(vertices []clarke.Vector) bool {
	return len(vertices) == 2 && vertices[0].Float[0] == -1 && vertices[1].Float[0] == 1
}
