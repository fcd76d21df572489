package convex

import (
	"math/big"
	"slices"
)

// ExtremeProof is a list of extreme points that proves itself, see [CheckExtreme].
type ExtremeProof struct {
	// Extreme holds the indices of the extreme points as [ExactExtreme] returns them.
	Extreme []int
	// Normals has for each of them a vector n with ⟨n, p⟩ > ⟨n, e⟩ for the extreme
	// point e and every point p that differs from it; it is 0 if there is no such p.
	Normals [][]*big.Rat
	// Inside has a combination of extreme points for each of the other points.
	Inside []InsidePoint
}

// InsidePoint is a point that is a convex combination of extreme points:
// points[Point] = Σ Weights[i]·points[Extreme[Support[i]]].
type InsidePoint struct {
	Point   int
	Support []int // indices in Extreme
	Weights []*big.Rat
}

// ExactExtremeProof returns the extreme points of the convex hull of points, as
// [ExactExtreme] does, with a proof. Normals exist since every vertex of a polytope
// is exposed: the nearest point of the hull of the other ones gives one. The cost is
// one minimum norm problem a point.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is nil.
func ExactExtremeProof(points [][]*big.Rat) (ExtremeProof, error) {
	kept, err := ExactExtreme(points)
	if err != nil {
		return ExtremeProof{}, err
	}
	proof := ExtremeProof{Extreme: kept}
	corners, isCorner := make([][]*big.Rat, len(kept)), make([]bool, len(points))
	for k, i := range kept {
		corners[k], isCorner[i] = points[i], true
	}
	for k, corner := range corners {
		normal, err := exposing(slices.Delete(slices.Clone(corners), k, k+1), corner)
		if err != nil {
			return ExtremeProof{}, err
		}
		proof.Normals = append(proof.Normals, normal)
	}
	for i, p := range points {
		if isCorner[i] {
			continue
		}
		m, err := ExactContains(corners, p)
		if err != nil {
			return ExtremeProof{}, err
		}
		proof.Inside = append(proof.Inside, InsidePoint{i, m.Support, m.Weights})
	}
	return proof, nil
}

// exposing returns a normal that separates a corner from the others.
func exposing(others [][]*big.Rat, corner []*big.Rat) ([]*big.Rat, error) {
	if len(others) > 0 {
		m, err := ExactContains(others, corner)
		return m.Normal, err
	}
	zero := make([]*big.Rat, len(corner))
	for j := range zero {
		zero[j] = new(big.Rat)
	}
	return zero, nil
}
