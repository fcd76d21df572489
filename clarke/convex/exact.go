package convex

import (
	"context"
	"math/big"
	"slices"
)

// ExactMinNormPoint is the minimum norm point of a rational polytope. It is
// rational too, and its certificate can be checked without rounding:
// ⟨Point, p⟩ ≥ ⟨Point, Point⟩ for every point p of the list.
type ExactMinNormPoint struct {
	// Point is x.
	Point []*big.Rat
	// Support holds the indices of affinely independent points, in increasing
	// order, and Weights their positive coefficients, of sum 1:
	// x = Σ Weights[i]·points[Support[i]].
	Support []int
	Weights []*big.Rat
	// Cycles counts the major cycles in rational arithmetic; it is 1 if the
	// guess from floating point was right.
	Cycles int
}

// NormSquared returns ‖x‖², which, unlike ‖x‖, is rational.
func (m ExactMinNormPoint) NormSquared() *big.Rat {
	sum := new(big.Rat)
	for _, c := range m.Point {
		sum.Add(sum, new(big.Rat).Mul(c, c))
	}
	return sum
}

// ExactMinNorm returns the point of smallest Euclidean norm in the convex hull of
// points by Wolfe's algorithm (Math. Programming 11, 1976) in rational
// arithmetic: no tolerance, an exact answer, and always an end. [MinNorm] guesses
// the support first; a wrong guess costs time only.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is nil.
func ExactMinNorm(points [][]*big.Rat) (ExactMinNormPoint, error) {
	return ExactMinNormContext(context.Background(), points)
}

// ExactMinNormContext is [ExactMinNorm] with a context; if that ends first, there is
// its error and no point.
func ExactMinNormContext(ctx context.Context, points [][]*big.Rat) (ExactMinNormPoint, error) {
	if _, err := validate("points", points, present); err != nil {
		return ExactMinNormPoint{}, err
	}
	l := newLattice(points)
	return l.minNormPoint(term{ctx}, l.points)
}

// minNormPoint solves for points on the lattice's denominator.
func (l lattice) minNormPoint(t term, points [][]*big.Int) (ExactMinNormPoint, error) {
	s := exactSolver{term: t, points: points}
	if s.solve(guess(t, points)); s.over() {
		return ExactMinNormPoint{}, s.err()
	}
	denominator := new(big.Int).Mul(s.denominator, l.denominator)
	m := ExactMinNormPoint{Point: ratios(s.x, denominator), Cycles: s.cycles}
	m.Support, m.Weights = s.support()
	return m, nil
}

// guess is the support that floating point finds.
func guess(t term, points [][]*big.Int) []int {
	var s listSolver
	s.term = t
	s.solve(approximate(points), nil)
	labels, _ := s.support()
	return labels
}

// support returns the corral in increasing order, and the weights.
func (s *exactSolver) support() (support []int, weights []*big.Rat) {
	order := make([]int, len(s.corral))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int { return s.corral[a] - s.corral[b] })
	for _, k := range order {
		support, weights = append(support, s.corral[k]), append(weights, s.weights[k])
	}
	return support, weights
}

// ExactMembership says whether a rational point v is in a rational polytope, and
// proves it either way.
type ExactMembership struct {
	Inside bool
	// Support and Weights give the nearest point of the hull as a convex
	// combination, as in [ExactMinNormPoint]; if Inside, that point is v.
	Support []int
	Weights []*big.Rat
	// Normal is the nearest point minus v, which separates v from the points:
	// ⟨Normal, p − v⟩ ≥ ‖Normal‖² > 0 for every point p. It is nil if Inside.
	Normal []*big.Rat
}

// ExactContains says whether v is in the convex hull of points, without any
// tolerance, by [ExactMinNorm] of the differences.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is nil.
func ExactContains(points [][]*big.Rat, v []*big.Rat) (ExactMembership, error) {
	return ExactContainsContext(context.Background(), points, v)
}

// ExactContainsContext is [ExactContains] with a context; if that ends first, there is
// its error and no answer.
func ExactContainsContext(ctx context.Context, points [][]*big.Rat, v []*big.Rat) (ExactMembership, error) {
	dim, err := validate("points", points, present)
	if err != nil {
		return ExactMembership{}, err
	}
	if err := validatePoint("v", -1, v, dim, present); err != nil {
		return ExactMembership{}, err
	}
	l := newLattice(append(slices.Clone(points), v))
	var differences [][]*big.Int
	for _, p := range l.points[:len(points)] {
		differences = append(differences, minus(p, l.points[len(points)]))
	}
	m, err := l.minNormPoint(term{ctx}, differences)
	if err != nil {
		return ExactMembership{}, err
	}
	answer := ExactMembership{Inside: m.NormSquared().Sign() == 0, Support: m.Support, Weights: m.Weights}
	if !answer.Inside {
		answer.Normal = m.Point
	}
	return answer, nil
}

// ExactAlternative is the answer to Gordan's alternative for rational vectors aᵢ:
// exactly one of Direction and Weights is not nil.
type ExactAlternative struct {
	// Direction is a d with ⟨aᵢ, d⟩ > 0 for every i: the minimum norm point, so
	// that ⟨aᵢ, d⟩ ≥ ‖d‖².
	Direction []*big.Rat
	// Support and Weights give a convex combination Σ Weights[i]·a[Support[i]] = 0
	// with positive weights.
	Support []int
	Weights []*big.Rat
}

// ExactDirection finds a direction d with ⟨p, d⟩ > 0 for every p in points, or a
// convex combination of points that is 0; by Gordan's theorem (1873) exactly one
// of them exists. There is no tolerance.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is nil.
func ExactDirection(points [][]*big.Rat) (ExactAlternative, error) {
	return ExactDirectionContext(context.Background(), points)
}

// ExactDirectionContext is [ExactDirection] with a context; if that ends first, there
// is its error and no answer.
func ExactDirectionContext(ctx context.Context, points [][]*big.Rat) (ExactAlternative, error) {
	m, err := ExactMinNormContext(ctx, points)
	if err != nil {
		return ExactAlternative{}, err
	}
	if m.NormSquared().Sign() > 0 {
		return ExactAlternative{Direction: m.Point}, nil
	}
	return ExactAlternative{Support: m.Support, Weights: m.Weights}, nil
}
