package convex

import "slices"

// Set is a non-empty compact convex set K in ℝⁿ, seen through its support oracle.
// That is all the solvers of this package ask of a set, so that one with too many
// extreme points to list, or with curved faces, costs no more than its oracle.
//
// The sets that the constructors return keep scratch space: a set, or sets made of
// it, may be used by one goroutine at a time.
type Set interface {
	// Dim returns n ≥ 1.
	Dim() int
	// Support writes to dst a point p of the set, extreme as a rule, that
	// maximises ⟨p, direction⟩. Both slices have length n and do not overlap. The
	// direction is finite and may be 0, when any point will do. Equal directions
	// must give equal points, with errors of rounding size only; a set that cannot
	// maximise as well as that must be [Bounded].
	Support(dst, direction []float64)
}

// Bounded is a set whose oracle may miss the maximum: the point that it returns
// is in the set and is a lower bound of the support function, and it knows an
// upper bound too. Distances of such a set are bracketed by what the bounds allow.
// All composed sets are Bounded and pass the bounds of their parts on.
type Bounded interface {
	Set
	// SupportBound does what Support does, as well as it can, and returns an upper
	// bound of the maximum of ⟨p, direction⟩ over the set, infinite if it has none.
	SupportBound(dst, direction []float64) (upper float64)
}

// SupportValue returns the support function h(d) = max ⟨p, d⟩ over the set for a
// direction of its dimension, in units of both: a lower and an upper bound, which
// are equal unless the set is [Bounded].
//
// The error is an [*InputError] if the direction has another dimension or is not
// finite.
func SupportValue(set Set, direction []float64) (lower, upper float64, err error) {
	if err := validatePoint("direction", -1, direction, set.Dim(), finite); err != nil {
		return 0, 0, err
	}
	p := make([]float64, set.Dim())
	upper = supportBound(set, p, direction)
	lower = inner(p, direction)
	return lower, max(lower, upper), nil
}

// supportBound asks the oracle, and for a bound of the support function: the
// product itself if the set is not Bounded.
func supportBound(set Set, dst, direction []float64) (upper float64) {
	if isBounded(set) {
		return set.(Bounded).SupportBound(dst, direction)
	}
	set.Support(dst, direction)
	return inner(dst, direction)
}

// isBounded says whether a set's oracle may miss the maximum. A composed set has
// the method for the sake of its parts, and its bounds count only if theirs do.
func isBounded(set Set) bool {
	if c, ok := set.(interface{ passesBounds() bool }); ok {
		return c.passesBounds()
	}
	_, ok := set.(Bounded)
	return ok
}

// composed is the part that all composed sets share: whether a part is Bounded.
type composed bool

func (c composed) passesBounds() bool { return bool(c) }

func composedOf(parts ...Set) composed { return composed(slices.ContainsFunc(parts, isBounded)) }
