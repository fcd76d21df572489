package expr

import "slices"

// fact is what the analysis knows of one entry as a function of the inputs.
type fact struct {
	// constant: near the point, or everywhere in the global reading.
	constant bool
	// kind is the class if it is above the piecewise polynomials. Below it is 0
	// and the next three fields tell: whether there are pieces, the degree of
	// the polynomials on them, and that of the polynomials that cut them out.
	kind        Kind
	pieces      bool
	degree, cut int
	level       Regularity
	why         reasonSet
	in          Interval
}

// maxDegree bounds the degrees that are counted; beyond it a polynomial is only
// called semialgebraic.
const maxDegree = 1 << 20

func constantFact(in Interval) fact {
	return fact{constant: true, level: LocallyLipschitz, in: in}
}

// class returns the smallest class of the fact. Pieces are polyhedra only if
// affine functions cut them out.
func (f fact) class() Kind {
	switch {
	case f.constant:
		return Affine
	case f.kind != 0:
		return f.kind
	case f.degree > 1 || f.cut > 1:
		return PiecewisePolynomial
	case f.pieces:
		return PiecewiseAffine
	}
	return Affine
}

// raise enlarges the class to one above the piecewise polynomials.
func (f *fact) raise(k Kind) {
	if k > PiecewisePolynomial {
		f.kind = f.kind.Join(k)
	}
}

// join returns the fact of a value that may be either, or depends on both.
func (a *analysis) join(f, g fact) fact {
	f.constant = f.constant && g.constant
	f.raise(g.kind)
	f.pieces = f.pieces || g.pieces
	f.degree, f.cut = max(f.degree, g.degree), max(f.cut, g.cut)
	f.level = min(f.level, g.level)
	f.why = a.reasons.union(f.why, g.why)
	f.in = f.in.hull(g.in)
	return f
}

// facts holds one fact for each entry of a node, or one for all.
type facts []fact

func (f facts) at(i int) fact {
	if len(f) == 1 {
		return f[0]
	}
	return f[i]
}

// all joins the facts of all entries.
func (f facts) all(a *analysis) fact {
	sum := f[0]
	for _, g := range f[1:] {
		sum = a.join(sum, g)
	}
	return sum
}

// compact keeps one fact if all entries have the same.
func (f facts) compact() facts {
	if slices.ContainsFunc(f, func(g fact) bool { return g != f[0] }) {
		return f
	}
	return f[:1]
}
