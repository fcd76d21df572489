package layer

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// comparators looks at the networks of separate min and max where all tie.
func comparators(ctx context.Context, c *claim.Context) ([]claim.Check, jsonnum.Object, error) {
	var checks []claim.Check
	shown := figure.Figure{
		Title:   "Norms of Jacobians where all entries tie",
		Caption: "Largest spectral norm of an element of the Clarke Jacobian of sort and of the conservative field of a network of separate min and max, for n entries that are all equal. Backpropagation through the network may return a matrix of norm √n, dashed.",
		X:       figure.Axis{Label: "entries n", Unit: "1"}, Y: figure.Axis{Label: "largest spectral norm", Unit: "1"},
	}
	inner := figure.Series{Name: "Clarke Jacobian", Style: figure.Measured}
	outer := figure.Series{Name: "conservative field of the network", Style: figure.Measured, Color: 2}
	theory := figure.Series{Name: "√n", Style: figure.Predicted, Color: 2}
	for n := 2; n <= c.Int("size"); n++ {
		set, field, err := networkSets(ctx, n)
		if err != nil {
			return nil, nil, err
		}
		low, err := largestNorm(set.Vertices, n)
		if err != nil {
			return nil, nil, err
		}
		high, err := largestNorm(field.Vertices, n)
		if err != nil {
			return nil, nil, err
		}
		at := map[string]any{"entries": n}
		checks = append(checks,
			claim.Check{Label: fmt.Sprintf("network-clarke-%d", n), At: at, Predicted: claim.Near(1, rounding), Measured: claim.Measured(low), Sentence: "No Clarke Jacobian of the network enlarges a gradient."},
			claim.Check{Label: fmt.Sprintf("network-field-%d", n), At: at, Predicted: claim.Near(math.Sqrt(float64(n)), rounding), Measured: claim.Measured(high), Sentence: "The conservative field of the network has an element of norm √n, and none larger."},
		)
		add(&inner, n, low)
		add(&outer, n, high)
		add(&theory, n, math.Sqrt(float64(n)))
	}
	shown.Series = []figure.Series{inner, outer, theory}
	return checks, jsonnum.Object{"entries": inner.X, "clarke_norm": inner.Y, "field_norm": outer.Y}, c.Figure("norms", shown)
}

func add(s *figure.Series, n int, y float64) { s.X, s.Y = append(s.X, float64(n)), append(s.Y, y) }

// networkSets are both sets of the network of n entries at the origin.
func networkSets(ctx context.Context, n int) (*clarke.Subdifferential, *conservative.Field, error) {
	f, err := layerOf(bubble, n)
	if err != nil {
		return nil, nil, err
	}
	zero := make([]*big.Rat, n)
	for i := range zero {
		zero[i] = new(big.Rat)
	}
	at := clarke.RationalPoint(zero)
	set, err := clarke.At(ctx, f, at, clarke.Options{})
	if err != nil {
		return nil, nil, err
	}
	field, err := conservative.At(ctx, f, at, conservative.Options{})
	if err == nil && !(set.Exact && field.Complete) {
		err = fmt.Errorf("the sets of the network for %d entries are not known exactly: %s %s", n, set.Why, field.Why)
	}
	return set, field, err
}

// bubble sorts by comparators of adjacent entries.
func bubble(x expr.Node) expr.Node {
	n := x.Shape().Dim(-1)
	e := make([]expr.Node, n)
	for i := range e {
		e[i] = expr.Index(x, i)
	}
	for last := n - 1; last > 0; last-- {
		for i := range last {
			e[i], e[i+1] = expr.Min(e[i], e[i+1]), expr.Max(e[i], e[i+1])
		}
	}
	return expr.Stack(e...)
}

// largestNorm is the largest singular value over matrices; the norm is convex,
// so that of a hull is that over its vertices.
func largestNorm(matrices []clarke.Vector, n int) (float64, error) {
	worst := 0.0
	for _, m := range matrices {
		values, err := singularValues(m.Exact, n)
		if err != nil {
			return 0, err
		}
		worst = max(worst, slices.Max(values))
	}
	return worst, nil
}
