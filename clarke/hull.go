package clarke

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke/convex"
)

// Verdict answers a question that may stay open.
type Verdict string

// The verdicts. Yes and No are proved: exactly in rational arithmetic, up to
// rounding in float64.
const (
	Yes     Verdict = "yes"
	No      Verdict = "no"
	Unknown Verdict = "unknown"
)

// Nearest is the point of a convex hull nearest to 0. Its certificate is
// ⟨Point, p⟩ ≥ ⟨Point, Point⟩ for all points p of the list.
type Nearest struct {
	Point    Vector
	Distance float64 // ‖Point‖
	// Support and Weights write Point as a convex combination of the list.
	Support []int
	Weights Vector
}

// IsZero reports whether 0 is in the hull.
func (n Nearest) IsZero() bool { return n.Point.IsZero() }

// ExtremePoints returns the extreme points of the convex hull of the points,
// sorted lexicographically, and their indices in the list. Rational points are
// treated exactly; of others, those within 2⁻⁴⁰ times the largest entry of the hull
// of the rest are taken for what rounding made of its points. Points of one list
// are all rational or none is. See convex.Extreme.
func ExtremePoints(points []Vector) (extreme []Vector, index []int, err error) {
	return ExtremePointsContext(context.Background(), points)
}

// ExtremePointsContext is ExtremePoints with a context. If that ends first, its error
// comes with the points found by then, one at least.
func ExtremePointsContext(ctx context.Context, points []Vector) (extreme []Vector, index []int, err error) {
	return extremeAlong(ctx, points, nil)
}

// extremeAlong is ExtremePointsContext with directions that may prove points extreme.
func extremeAlong(ctx context.Context, points []Vector, directions [][]float64) (extreme []Vector, index []int, err error) {
	if isRational(points) {
		index, err = convex.ExactExtremeAlong(ctx, rationals(points), directions)
	} else {
		size := 0.0
		for _, p := range points {
			size = max(size, largest(p.Float))
		}
		index, err = convex.ExtremeAlong(ctx, floats(points), cancellation*size, directions)
	}
	for _, i := range index {
		extreme = append(extreme, points[i])
	}
	return extreme, index, err
}

// MinNorm returns the point of the convex hull nearest to 0, see
// convex.MinNorm.
func MinNorm(points []Vector) (Nearest, error) { return MinNormContext(context.Background(), points) }

// MinNormContext is MinNorm with a context. If that ends first, its error comes with
// some point of the hull: the shortest of the list, if that is rational.
func MinNormContext(ctx context.Context, points []Vector) (Nearest, error) {
	if !isRational(points) {
		m, err := convex.MinNormContext(ctx, floats(points))
		return Nearest{Floats(m.Point), m.Norm, m.Support, Floats(m.Weights)}, err
	}
	m, err := convex.ExactMinNormContext(ctx, rationals(points))
	switch {
	case err != nil && ctx.Err() != nil:
		return shortest(points), err
	case err != nil:
		return Nearest{}, err
	}
	return Nearest{Rational(m.Point), rootOf(m.NormSquared()), m.Support, Rational(m.Weights)}, nil
}

// shortest is the shortest of rational points, the first one among equals.
func shortest(points []Vector) (n Nearest) {
	var square *big.Rat
	for i, p := range points {
		if s := dotRat(p.Exact, p.Exact); square == nil || s.Cmp(square) < 0 {
			square = s
			n = Nearest{p, rootOf(s), []int{i}, Rational([]*big.Rat{big.NewRat(1, 1)})}
		}
	}
	return n
}

// HullContains reports whether v is in the convex hull of the points: exactly
// if both are rational, else up to rounding.
func HullContains(points []Vector, v Vector) (bool, error) {
	return HullContainsContext(context.Background(), points, v)
}

// HullContainsContext is HullContains with a context; if that ends first, there is its
// error and no answer.
func HullContainsContext(ctx context.Context, points []Vector, v Vector) (bool, error) {
	if isRational(points) && v.Exact != nil {
		m, err := convex.ExactContainsContext(ctx, rationals(points), v.Exact)
		return m.Inside, err
	}
	m, err := convex.Contains(floats(points), v.Float, 0)
	return m.Inside, err
}

func isRational(points []Vector) bool { return len(points) > 0 && points[0].Exact != nil }

func floats(points []Vector) [][]float64 { return Point(points).Floats() }

func rationals(points []Vector) [][]*big.Rat { return Point(points).Exact() }

// rootOf returns the square root of a rational, without the overflow or
// underflow of the square.
func rootOf(r *big.Rat) float64 {
	root, _ := new(big.Float).Sqrt(new(big.Float).SetPrec(64).SetRat(r)).Float64()
	return root
}
