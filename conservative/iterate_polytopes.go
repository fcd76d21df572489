package conservative

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
)

// build iterates until the Gap is small, the set does not change any more, or a
// bound is met.
func (l *LimitSet) build(ctx context.Context, m *matrixSet, o LimitOptions) error {
	if err := l.begin(ctx, m); err != nil {
		return err
	}
	if len(l.pieces) > o.Points {
		l.Why = fmt.Sprintf("%d elements of the Jacobian are more than the budget of %d points", len(l.pieces), o.Points)
		return nil
	}
	index, err := hullOf(ctx, l.Implicit)
	if err != nil {
		return l.giveUp(err)
	}
	l.Vertices, l.Gap = pick(l.Implicit, index), l.Radius
	goal := cmp.Or(o.Gap, defaultShrink*l.Gap)
	for len(l.pieces) > 1 && l.Gap > goal {
		switch {
		case l.Steps == o.Steps:
			l.Why = fmt.Sprintf("the budget of %d steps is used up", o.Steps)
			return nil
		case len(l.pieces)*len(l.Vertices) > o.Points:
			l.Why = fmt.Sprintf("%d extreme points under %d elements of the Jacobian are more than the budget of %d", len(l.Vertices), len(l.pieces), o.Points)
			return nil
		}
		next, err := l.step(ctx)
		if err != nil {
			return l.giveUp(err)
		}
		if next[0].Exact != nil && slices.EqualFunc(next, l.Vertices, equal) {
			l.Exact, l.Gap = true, 0
			return nil
		}
		l.Vertices, l.Steps = next, l.Steps+1
		l.Gap = above(l.Contraction.Rho * l.Gap)
	}
	l.Exact = l.Exact || len(l.pieces) == 1 && l.Arithmetic == "rational"
	return nil
}

// giveUp ends the search where a hull has too many extreme points.
func (l *LimitSet) giveUp(err error) error {
	var many *tooMany
	if errors.As(err, &many) {
		l.Why = many.Error()
		return nil
	}
	return err
}

// begin finds the maps, their fixed points and the ball.
func (l *LimitSet) begin(ctx context.Context, m *matrixSet) error {
	for _, e := range m.elements {
		p := affineMap{entriesOf(e, l.s.unknown), entriesOf(e, l.s.known)}
		x, _, err := solveIn(ctx, l.Rows, identityMinus(l.Rows, p.a), p.b)
		if err != nil {
			return err
		}
		l.pieces, l.Implicit = append(l.pieces, p), append(l.Implicit, x)
	}
	l.Centre = meanIn([]clarke.Vector{l.Implicit[0], l.Implicit[len(l.Implicit)-1]})
	moved := 0.0
	for _, p := range l.pieces {
		moved = max(moved, l.norm(minusIn(l.apply(p, l.Centre), l.Centre)))
	}
	l.Radius = above(moved / (1 - l.Contraction.Rho) * l.frobenius())
	return nil
}

// step returns the extreme points of the next polytope.
func (l *LimitSet) step(ctx context.Context) ([]clarke.Vector, error) {
	var images []clarke.Vector
	for _, p := range l.pieces {
		for _, x := range l.Vertices {
			images = append(images, l.apply(p, x))
		}
	}
	index, err := hullOf(ctx, images)
	return pick(images, index), err
}

// norm is the one that a matrix A with the norm of the Contraction contracts: the
// largest entry, the largest absolute sum of a column, or Frobenius' norm.
func (l *LimitSet) norm(v clarke.Vector) float64 {
	largest, columns, squares := 0.0, make([]float64, l.Columns), 0.0
	for i, x := range v.Float {
		largest = max(largest, math.Abs(x))
		columns[i%l.Columns] += math.Abs(x)
		squares += float64(x * x)
	}
	switch l.Contraction.Norm {
	case normRows:
		return largest
	case normColumns:
		return slices.Max(columns)
	}
	return math.Sqrt(squares)
}

// frobenius bounds Frobenius' norm by a multiple of that norm.
func (l *LimitSet) frobenius() float64 {
	switch l.Contraction.Norm {
	case normRows:
		return math.Sqrt(float64(l.Rows * l.Columns))
	case normColumns:
		return math.Sqrt(float64(l.Columns))
	}
	return 1
}

// above returns a number that exceeds x by more than the few roundings that led
// to it.
func above(x float64) float64 { return x * (1 + 0x1p-40) }

func equal(a, b clarke.Vector) bool { return compare(a, b) == 0 }
