package expr

// Kind is a class of functions in the sense of tame geometry. The order of the
// constants is a linear extension of the lattice; use Join to combine.
//
//	affine ⊂ piecewise affine ⊂ piecewise polynomial ⊂ semialgebraic
//	⊂ definable in ℝ_an or in ℝ_exp (incomparable) ⊂ ℝ_an,exp
//	⊂ its Pfaffian closure ⊂ anything
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

// String returns the class in words.
func (k Kind) String() string {
	return [...]string{
		"undeclared", "affine", "piecewise affine", "piecewise polynomial", "semialgebraic",
		"definable in R_an", "definable in R_exp", "definable in R_an,exp", "definable in the Pfaffian closure of R_an,exp",
		"not definable",
	}[k]
}

// Join returns the smallest class that contains both.
func (k Kind) Join(l Kind) Kind {
	lo, hi := min(k, l), max(k, l)
	if lo == DefinableAn && hi == DefinableExp {
		return DefinableAnExp
	}
	return hi
}
