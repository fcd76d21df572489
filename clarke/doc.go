// Package clarke computes the Clarke subdifferential ∂f(x) of a scalar program:
// the convex hull of the limits of gradients at nearby points where f is
// differentiable (F. H. Clarke, Optimization and Nonsmooth Analysis, 1983,
// Theorem 2.5.1). It depends on the function f only, unlike the set of package
// conservative, which depends on the program.
//
//	At         limiting gradients cell by cell, each with a direction that
//	           certifies it, and whether they are all
//	Element    one element of ∂f(x) at the cost of a few gradients
//	Sampler    gradients at random nearby points
//
// What is not known to be exact says so: see Subdifferential.Exact.
//
// Points and vectors come in two arithmetics. A point of rationals is computed
// with in rationals as far as the program allows it, kinks are then decided
// exactly and nothing is rounded; a point of floats is computed with in float64.
package clarke
