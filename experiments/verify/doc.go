// Package verify rechecks the objects that explain prints, in rationals and without
// the searches that found the answers: it uses neither package clarke nor package
// conservative. What it uses is the program itself, run in exact arithmetic at the
// point and near it, and brute force.
//
//   - A limiting gradient is checked by its definition: the gradient is evaluated at
//     x + td for a tiny rational t, where it must not depend on any choice at a kink.
//   - Elements of the conservative field are evaluated for all combinations of
//     extreme choices at kinks, up to MaxProducts of them.
//   - That no limiting gradient is missing is checked for as many combinations: each
//     is refuted by a combination of rows of switches that is 0 (Gordan 1873), or its
//     gradient is in the hull of the vertices.
//   - Statements about hulls of points are certified by weights or by normals, which
//     are checked by multiplication, see convex.CheckContains.
//   - 0 ∉ D is checked by splitting the sets of choices until the hulls of the
//     corners of all parts avoid 0, which g being multi-affine proves.
//
// Where a check would be a search, or compute too many numbers, the result says "not
// rechecked" and why; it never passes silently.
package verify
