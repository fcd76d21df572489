package expr

import (
	"fmt"
	"strings"
)

// Kind is a class of functions in the sense of tame geometry. The order of the
// constants is a linear extension of the lattice; use Join to combine.
//
//	affine ⊂ piecewise affine ⊂ piecewise polynomial ⊂ semialgebraic
//	⊂ definable in ℝ_an or in ℝ_exp (incomparable) ⊂ ℝ_an,exp
//	⊂ its Pfaffian closure ⊂ anything
//
// All but the last are o-minimal (van den Dries and Miller 1996 for ℝ_an and
// ℝ_an,exp, Wilkie 1996 for ℝ_exp, Speissegger 1999 for Pfaffian closures).
type Kind int8

// The classes. Undeclared is the zero value and refused in an Op.
const (
	Undeclared Kind = iota
	Affine
	PiecewiseAffine
	PiecewisePolynomial
	Semialgebraic
	DefinableAn
	DefinableExp
	DefinableAnExp
	Pfaffian
	NotDefinable
)

var kindNames = [...]string{
	"undeclared", "affine", "piecewise affine", "piecewise polynomial", "semialgebraic",
	"definable in R_an", "definable in R_exp", "definable in R_an,exp", "definable in the Pfaffian closure of R_an,exp",
	"not definable",
}

// String returns the class in words.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind %d", int8(k))
	}
	return kindNames[k]
}

// Join returns the smallest class that contains both.
func (k Kind) Join(l Kind) Kind {
	lo, hi := min(k, l), max(k, l)
	if lo == DefinableAn && hi == DefinableExp {
		return DefinableAnExp
	}
	return hi
}

// Within reports whether the class is contained in l.
func (k Kind) Within(l Kind) bool { return k.Join(l) == l }

// Regularity is what is certified about the continuity of a function.
type Regularity int8

// The degrees of certainty, each containing the one before. Unproved does not
// mean false.
const (
	Unproved Regularity = iota
	Continuous
	LocallyLipschitz
)

// Class says how tame a program is: the smallest class that the analysis can
// prove, and whether the program is certified continuous and locally Lipschitz.
// Func.Class gives the global reading, Func.ClassAt that of the germ at a point.
type Class struct {
	Kind Kind
	// Degree bounds that of the polynomial pieces; it is −1 above the class of
	// piecewise polynomials.
	Degree int
	// Continuous and Lipschitz, which means locally Lipschitz, are certified if
	// true; Reasons tells why not otherwise.
	Continuous, Lipschitz bool
	// Reasons lists the nodes that spoil a certificate or definability, in
	// topological order, one reason a node.
	Reasons []Reason
}

// Reason tells what a node lacks for a certificate.
type Reason struct {
	Node Node
	Why  string
	Mend string // what to write instead, or "" if nothing is known to help
}

// String returns the node, the reason and the advice, as in
// "sqrt#3: the argument of sqrt …; norm2(v) is the spelling …".
func (r Reason) String() string {
	text := fmt.Sprintf("%v: %s", r.Node, r.Why)
	if r.Mend != "" {
		text += "; " + r.Mend
	}
	return text
}

// Certified reports whether the program is certified locally Lipschitz and
// definable: what conservative calculus needs.
func (c Class) Certified() bool { return c.Lipschitz && c.Kind != NotDefinable }

// Refused returns the first reason why the program is not certified, or "".
func (c Class) Refused() string {
	if len(c.Reasons) == 0 {
		return ""
	}
	return c.Reasons[0].String()
}

// Why returns all reasons, a line each, or "".
func (c Class) Why() string {
	lines := make([]string, len(c.Reasons))
	for i, r := range c.Reasons {
		lines[i] = r.String()
	}
	return strings.Join(lines, "\n")
}

// String returns the class in words, with the degree of polynomial pieces.
func (c Class) String() string {
	if c.Kind == PiecewisePolynomial {
		return fmt.Sprintf("%v of degree %d", c.Kind, c.Degree)
	}
	return c.Kind.String()
}
