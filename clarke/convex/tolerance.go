package convex

import "math"

// roundoff is the distance from 1 to the next float64.
const roundoff = 0x1p-52

// slack is the number of roundoffs per √dimension that a quantity of unit size
// may be off. A dot product of n terms carries a rounding error that grows like
// √n (N. Higham, T. Mary, "A new approach to probabilistic rounding error
// analysis", SIAM J. Sci. Comput. 41, 2019); the factor covers the handful of
// products and rotations between the points and the number that is judged.
const slack = 32

// updatesPerFactorisation bounds how many rotations act on a factorisation
// before it is computed afresh from the points. Rotations are backward stable
// and their errors add, so the loss stays well below slack.
const updatesPerFactorisation = 64

// longBase is how many times longer than the shortest member the base of a corral may
// be, which costs as much accuracy.
const longBase = 16

// idleCycles is how many times the size of a full corral the search may go on
// without a lower norm.
const idleCycles = 4

// underflow is the norm below which products with numbers of unit size lose
// digits or vanish: some way above the smallest normal number 2⁻¹⁰²².
const underflow = 0x1p-1000

// Tolerance is τ = 32 √n 2⁻⁵², the only tolerance that this package chooses by
// itself (n ≥ 1 is the dimension). All judgements are relative, so multiplying
// every point by the same number changes no decision. With u = x/‖x‖, the weights λ
// of x = Σ λᵢ pᵢ, and q the base of the support, which is its shortest point or at
// most 16 times as long,
//
//   - x counts as 0, and is returned as 0, if ‖x‖ ≤ τ Σ λᵢ ‖pᵢ‖, or if ‖x‖ is
//     below 2⁻¹⁰⁰⁰ once the largest coordinate is scaled to nearly 1;
//   - x counts as certified if ⟨u, p⟩ ≥ ‖x‖ − τ (‖p‖ + ‖q‖) for the point p of the
//     list with the smallest ⟨u, p⟩;
//   - points count as affinely dependent if the part of a difference p − q that is
//     orthogonal to the other differences is at most τ ‖p − q‖.
//
// Distances that callers allow ([Contains], [Extreme]) come on top.
func Tolerance(dimension int) float64 {
	return float64(slack * roundoff * math.Sqrt(float64(dimension)))
}
