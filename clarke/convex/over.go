package convex

import (
	"context"
	"errors"
	"fmt"
)

// Options bound a search over a [Set]. The zero value asks for the answer up to
// rounding errors.
type Options struct {
	// Tol is the width of the bracket Norm − Lower that suffices, in the units of
	// the coordinates, on top of rounding errors. A polytope needs none. A curved
	// set has no finite search without one; rounding ends it where Tol is 0.
	Tol float64
	// MaxCycles bounds the major cycles, each of which asks the oracle once; 0
	// stands for 10,000.
	MaxCycles int
}

// defaultCycles is the budget of a search that names none. Polytopes take a few
// cycles a dimension; the budget is there for oracles that never agree.
const defaultCycles = 10_000

// Reasons why a search ends without a certificate.
var (
	// ErrCycles: the budget of cycles is spent.
	ErrCycles = errors.New("convex: the budget of cycles is spent; the bounds hold, raise MaxCycles for better ones")
	// ErrBounds: the oracle's bounds are the obstacle.
	ErrBounds = errors.New("convex: the set knows its support function only within bounds, which leave the answer open")
	// ErrRounding: rounding errors hide all further progress.
	ErrRounding = errors.New("convex: rounding errors hide all further progress; the bounds hold, allow a larger Tol or use rationals")
)

// Nearest is the point of a set that is nearest to a point v (0 unless stated), with
// bounds of the distance.
type Nearest struct {
	// Point is the point of the set, v itself if the distance is 0 up to rounding. The
	// exact nearest point is within √(Norm² − Lower²) of it.
	Point []float64
	// Norm is ‖Point − v‖, an upper bound of the distance. It is 0 if v is in the
	// set up to rounding.
	Norm float64
	// Lower is a lower bound of the distance: Lower ≤ ⟨Normal, p − v⟩ for every p in
	// the set. It is the smallest product found, or the oracle's bound of it, less
	// Tolerance(n)·‖p − v‖ for rounding errors, and holds whether or not the search
	// came to its end. What an oracle errs by more than that, as a sum whose terms
	// cancel may, comes on top.
	Lower float64
	// Normal is the vector of norm 1 that proves Lower: (Point − v)/Norm as a rule.
	// It is nil, and Lower 0, if no direction was found that separates v from the set.
	Normal []float64
	// Support holds at most n+1 affinely independent points of the set, and
	// Weights their non-negative coefficients of sum 1: Point = Σ Weights[i]·Support[i]
	// up to rounding.
	Support [][]float64
	Weights []float64
	// Directions has, for each point of the support, the direction for which the
	// oracle returned it. An owner of the set who asks again for that direction learns
	// what the point is made of: summands, or a preimage.
	Directions [][]float64
	// Certified says that Norm − Lower is at most Tol plus rounding errors. Then
	// ⟨x, p⟩ ≥ ‖x‖² − ε for x = Point − v and all x, p relative to v, with
	// ε = Norm·(Norm − Lower).
	Certified bool
	// Stopped says why the search ended without a certificate: the context's error,
	// ErrCycles, ErrBounds or ErrRounding. It is nil if Certified, and if
	// [ContainsOver] knows enough without.
	Stopped error
	// Cycles counts calls of the oracle, the first one included.
	Cycles int
}

// MinNormOver returns the point of smallest Euclidean norm in a set, by Wolfe's
// algorithm (Math. Programming 11, 1976), which needs no more of a set than its
// support oracle. It ends for polytopes; for curved sets the bracket from Lower to
// Norm closes in the limit, and the search ends when it is as narrow as Tol.
// The cost is one call of the oracle a cycle plus O(nk) for a support of k.
//
// A search that ends early for its budget or its context has bounds that hold, see
// Nearest.Stopped. The error is an [*InputError] if the options are negative or not
// finite, or if the oracle returns NaN or infinite coordinates.
func MinNormOver(ctx context.Context, set Set, o Options) (Nearest, error) {
	if err := validateSets([]Set{set}, false); err != nil {
		return Nearest{}, err
	}
	return Project(ctx, set, make([]float64, set.Dim()), o)
}

// Project returns the point of a set that is nearest to v, as [MinNormOver] of the
// set moved by −v.
func Project(ctx context.Context, set Set, v []float64, o Options) (Nearest, error) {
	if err := validateQuery(set, v); err != nil {
		return Nearest{}, err
	}
	s, err := solveOver(ctx, set, v, o, false)
	if err != nil {
		return Nearest{}, err
	}
	return s.nearest(), nil
}

// Distance returns the minimum norm point of the difference {p − q : p in a, q in b},
// whose norm is the distance of the two sets. A Normal separates them:
// ⟨Normal, p⟩ ≥ ⟨Normal, q⟩ + Lower. The two points that are nearest to each other
// are the combinations, with the Weights, of a's answers for the Directions and of
// b's answers for the opposite ones.
func Distance(ctx context.Context, a, b Set, o Options) (Nearest, error) {
	if err := validateSets([]Set{a, b}, true); err != nil {
		return Nearest{}, err
	}
	mirrored, err := Scale(-1, b)
	if err != nil {
		return Nearest{}, err
	}
	difference, err := Sum(a, mirrored)
	if err != nil {
		return Nearest{}, err
	}
	return MinNormOver(ctx, difference, o)
}

// Location says where a point lies with respect to a set, as far as it is known.
type Location int

// The locations. Inside and Outside hold up to rounding errors.
const (
	Undecided Location = iota // at most Norm from the set
	Inside                    // a convex combination of points of the set
	Outside                   // separated by a hyperplane
)

// String returns the location in lower case.
func (l Location) String() string {
	return [...]string{"undecided", "inside", "outside"}[l]
}

// ContainsOver says whether v is in a set: Inside with the weights of a combination
// that is v up to rounding (Norm is 0 or as small as rounding errors), Outside with a
// Normal and the margin Lower > 0 by which it separates v from the set, or
// Undecided, at most Norm from the set, which is at most Tol unless the search was
// stopped. It stops at the first normal whose margin is half the distance or more;
// [Project] finds the distance.
func ContainsOver(ctx context.Context, set Set, v []float64, o Options) (Location, Nearest, error) {
	if err := validateQuery(set, v); err != nil {
		return Undecided, Nearest{}, err
	}
	s, err := solveOver(ctx, set, v, o, true)
	if err != nil {
		return Undecided, Nearest{}, err
	}
	return s.location(), s.nearest(), nil
}

func validateQuery(set Set, v []float64) error {
	if err := validateSets([]Set{set}, false); err != nil {
		return err
	}
	return validatePoint("v", -1, v, set.Dim(), finite)
}

func validateOptions(o Options) error {
	if err := validateTolerance(o.Tol); err != nil {
		return err
	}
	if o.MaxCycles < 0 {
		return &InputError{"MaxCycles", -1, -1, fmt.Sprint(o.MaxCycles), ErrBudget}
	}
	return nil
}
