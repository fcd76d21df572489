// Package convex answers geometric questions about compact convex sets: the point
// nearest to the origin or to another point, membership, extreme points, a common
// descent direction, the distance between two sets, hulls and areas in the plane.
//
// One algorithm serves them all, Wolfe's minimum norm point (P. Wolfe, "Finding
// the nearest point in a polytope", Math. Programming 11, 1976, 128–149). For a
// compact convex set K, the point x of K with the smallest Euclidean norm is the
// only point of K that satisfies
//
//	⟨x, p⟩ ≥ ‖x‖²  for every p in K,
//
// so x certifies itself, and the other questions are instances:
//
//   - v is in K if and only if the minimum norm point of K − v is 0; otherwise it is
//     the normal of a hyperplane that separates v from K ([Contains], [ContainsOver]);
//   - an open cone {d : ⟨aᵢ, d⟩ > 0 for all i} is non-empty if and only if the
//     minimum norm point of conv {aᵢ} is not 0, and then that point lies in the cone:
//     Gordan's theorem of the alternative ([Direction], [Cone]);
//   - a point is extreme if and only if it is not in the hull of the others
//     ([Extreme]).
//
// A set comes in one of two forms. A polytope may be a list of points, of which the
// support of an answer names a few by index. Any other set is a [Set], known by its
// support oracle alone: balls, boxes, hypersimplices, Birkhoff polytopes, and sums,
// products and linear images of them ([Ball], [Box], [Hypersimplex], [Birkhoff],
// [Sum], [Product], [Image] and so on). A zonotope of 200 generators has more vertices
// than anybody can list, and takes some hundred calls of its oracle. An oracle may
// know its support function within bounds only ([Bounded]); what is said of
// distances then stays true.
//
// A question about a list has two answers. The functions on float64 work to the rounding
// level documented with [Tolerance] and return what is needed to recheck them.
// The functions whose names start with Exact take rationals, use no tolerance,
// always terminate and return exact answers; floating point serves them only as
// a guess of where to start. The functions whose names start with Check recheck a
// certificate in rationals, from its definition and without any solver.
//
// A point is a slice of coordinates, a list of m points in dimension n is m
// slices of length n. The lists are never modified or kept. Units are those of the
// coordinates unless stated.
package convex
