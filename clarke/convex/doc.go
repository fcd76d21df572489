// Package convex answers geometric questions about polytopes given by their
// points: the point nearest to the origin, membership, extreme points, a common
// descent direction, the distance between two polytopes.
//
// One algorithm serves them all, Wolfe's minimum norm point (P. Wolfe, "Finding
// the nearest point in a polytope", Math. Programming 11, 1976, 128–149). For a
// finite set P and K = conv P, the point x of K with the smallest Euclidean norm
// is the only point of K that satisfies
//
//	⟨x, p⟩ ≥ ‖x‖²  for every p in P,
//
// so x certifies itself, and the other questions are instances:
//
//   - v ∈ conv P if and only if the minimum norm point of P − v is 0; otherwise it
//     is the normal of a hyperplane that separates v from P ([Contains]);
//   - an open cone {d : ⟨aᵢ, d⟩ > 0 for all i} is non-empty if and only if the
//     minimum norm point of {aᵢ} is not 0, and then that point lies in the cone:
//     Gordan's theorem of the alternative ([Direction]);
//   - a point is extreme if and only if it is not in the hull of the others
//     ([Extreme]).
//
// Every question has two answers. The functions on float64 work to the rounding
// level documented with [Tolerance] and return what is needed to recheck them.
// The functions whose names start with Exact take rationals, use no tolerance,
// always terminate and return exact answers; floating point serves them only as
// a guess of where to start.
//
// A point is a slice of coordinates, a list of m points in dimension n is m
// slices of length n. The lists are never modified or kept. Units are those of the
// coordinates unless stated.
package convex
