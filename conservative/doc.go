// Package conservative computes the conservative field D(x) of a program: all
// vectors that backpropagation can return at x when every kink may return any
// element of its own Clarke set (J. Bolte, E. Pauwels, "Conservative set valued
// fields, automatic differentiation, stochastic gradient methods and deep
// learning", Math. Programming 188, 2021). It depends on the program, not only
// on the function f that it computes, and only ∂f(x) ⊂ conv D(x) holds in
// general: for relu(x) − relu(−x) at 0, D is [0, 2] and ∂f is {1}.
//
//	At               the field at a point: structure, vertices, least element, 0 ∈ D
//	Field.Support    the support function of conv D, exact or between bounds
//	Field.Contains   v ∈ D itself, with slots or a certificate
//	Bounds           ∂f(x) between limiting gradients and conv D
//	Audit            what a framework returns: in ∂f, in D, in neither, whose fault,
//	                 and the smallest repair
//	Implicit         the conservative Jacobian of y(x) with F(x, y) = 0
//	NewIteration     the derivatives of x₊ = F(x, θ) step by step, and their limit
//	                 set
//
// "0 ∈ D" and "0 ∈ conv D" are different questions with answers of their own,
// see Field.
//
// CheckCurves tests whether a derivative is conservative at all: the field, a
// framework's selection or a rule of one's own, by the chain rule along curves, above
// all along those that stay inside the strata of kinks. CheckMembership asks whether
// what a rule returns is in the field.
package conservative
