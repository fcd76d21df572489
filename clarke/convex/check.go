package convex

import (
	"fmt"
	"math/big"
)

// The functions of this file recheck certificates in rational arithmetic, from
// their definitions. They use no part of the solvers, so that a mistake there
// cannot hide here. Certificates in floating point are rationals too: a direction
// or a normal may be checked as it is; weights hold only up to rounding, and
// [ExactRefutation] and its like make exact ones of them.

// CheckError says which condition a certificate fails.
type CheckError struct {
	Condition string // what should hold
	Index     int    // the point, weight or coordinate at fault, or −1
	Found     string // what stands there instead, or "" if there is nothing to show
}

// Error names the condition, the place and what was found there.
func (e *CheckError) Error() string {
	message := "convex: the certificate fails: " + e.Condition
	if e.Index >= 0 {
		message += fmt.Sprintf(", at %d", e.Index)
	}
	if e.Found != "" {
		message += ", found " + e.Found
	}
	return message
}

// CheckMinNorm checks that m is the minimum norm point of the hull of points: it is
// the combination of its support, which is affinely independent, with non-negative
// weights of sum 1, and ⟨x, p⟩ ≥ ⟨x, x⟩ for every point p.
func CheckMinNorm(points [][]*big.Rat, m ExactMinNormPoint) error {
	dim, err := validate("points", points, present)
	if err != nil {
		return err
	}
	if err := validatePoint("Point", -1, m.Point, dim, present); err != nil {
		return err
	}
	if err := checkCombination(points, m.Support, m.Weights, m.Point); err != nil {
		return err
	}
	if err := checkIndependent(points, m.Support); err != nil {
		return err
	}
	square := ratDot(m.Point, m.Point)
	for i, p := range points {
		if v := ratDot(m.Point, p); v.Cmp(square) < 0 {
			return &CheckError{"⟨x, p⟩ must be at least ⟨x, x⟩ = " + square.RatString() + " for every point p", i, v.RatString()}
		}
	}
	return nil
}

// CheckContains checks that v is in the hull of points, by the weights of m, or
// that it is not, by the normal of m.
func CheckContains(points [][]*big.Rat, v []*big.Rat, m ExactMembership) error {
	if !m.Inside {
		return CheckSeparation(points, v, m.Normal)
	}
	if err := validateWith(points, "v", v); err != nil {
		return err
	}
	return checkCombination(points, m.Support, m.Weights, v)
}

// CheckSeparation checks that a normal separates v strictly from the points:
// ⟨normal, p − v⟩ > 0 for every point p, so that v is not in their hull.
func CheckSeparation(points [][]*big.Rat, v, normal []*big.Rat) error {
	if err := validateWith(points, "v", v); err != nil {
		return err
	}
	if err := validatePoint("normal", -1, normal, len(v), present); err != nil {
		return err
	}
	level := ratDot(normal, v)
	for i, p := range points {
		if value := ratDot(normal, p); value.Cmp(level) <= 0 {
			return &CheckError{"⟨normal, p⟩ must be greater than ⟨normal, v⟩ = " + level.RatString() + " for every point p", i, value.RatString()}
		}
	}
	return nil
}

// CheckDirection checks that ⟨a, d⟩ > 0 for every row a. Without rows every
// direction will do.
func CheckDirection(rows [][]*big.Rat, d []*big.Rat) error {
	for i, a := range rows {
		if err := validatePoint("rows", i, a, len(d), present); err != nil {
			return err
		}
	}
	if err := validatePoint("d", -1, d, len(d), present); err != nil {
		return err
	}
	for i, a := range rows {
		if value := ratDot(a, d); value.Sign() <= 0 {
			return &CheckError{"⟨a, d⟩ must be positive for every row a", i, value.RatString()}
		}
	}
	return nil
}

// CheckRefutation checks that the convex combination Σ weights[i]·rows[support[i]]
// is 0, so that by Gordan's theorem no direction has a positive product with all rows.
func CheckRefutation(rows [][]*big.Rat, support []int, weights []*big.Rat) error {
	dim, err := validate("rows", rows, present)
	if err != nil {
		return err
	}
	zero := make([]*big.Rat, dim)
	for j := range zero {
		zero[j] = new(big.Rat)
	}
	return checkCombination(rows, support, weights, zero)
}

// CheckExtreme checks that the points of a proof, each once, are the extreme points
// of the hull: each of them has a normal whose product with all other points is
// larger, and each point that is none of them is a combination of them.
func CheckExtreme(points [][]*big.Rat, proof ExtremeProof) error {
	if _, err := validate("points", points, present); err != nil {
		return err
	}
	if len(proof.Normals) != len(proof.Extreme) {
		return &CheckError{"there must be a normal for each extreme point", -1, fmt.Sprint(len(proof.Normals))}
	}
	settled := make([]bool, len(points))
	for k, i := range proof.Extreme {
		if err := checkIndex(i, len(points)); err != nil {
			return err
		}
		if err := checkExposed(points, i, proof.Normals[k]); err != nil {
			return err
		}
		settled[i] = true
	}
	return checkInside(points, proof, settled)
}

// checkExposed checks that a normal has a larger product with all points that
// differ from point i.
func checkExposed(points [][]*big.Rat, i int, normal []*big.Rat) error {
	if err := validatePoint("Normals", i, normal, len(points[i]), present); err != nil {
		return err
	}
	level := ratDot(normal, points[i])
	for k, p := range points {
		if ratDot(normal, p).Cmp(level) <= 0 && !ratEqual(p, points[i]) {
			return &CheckError{fmt.Sprintf("the normal of extreme point %d must have a larger product with every other point", i), k, ""}
		}
	}
	return nil
}

// checkInside checks that all points that are not extreme are combinations of those
// that are, and that no two extreme points are equal.
func checkInside(points [][]*big.Rat, proof ExtremeProof, settled []bool) error {
	corners := make([][]*big.Rat, len(proof.Extreme))
	for k, i := range proof.Extreme {
		corners[k] = points[i]
		for _, other := range corners[:k] {
			if ratEqual(other, corners[k]) {
				return &CheckError{"extreme points must differ", i, ""}
			}
		}
	}
	for _, c := range proof.Inside {
		if err := checkIndex(c.Point, len(points)); err != nil {
			return err
		}
		if err := checkCombination(corners, c.Support, c.Weights, points[c.Point]); err != nil {
			return fmt.Errorf("point %d: %w", c.Point, err)
		}
		settled[c.Point] = true
	}
	for i, done := range settled {
		if !done {
			return &CheckError{"every point must be extreme or a combination", i, ""}
		}
	}
	return nil
}
