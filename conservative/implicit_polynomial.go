package conservative

import (
	"bytes"
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
)

// Bounds of the search: matrices whose extreme ones are looked for, and, in one
// determinant polynomial, matrices, their size, and additions of terms.
const (
	mostDistinct = 1024
	mostMatrices = 64
	mostRows     = 12
	mostTerms    = 1 << 18
)

// search looks for a singular matrix in the hull, all of whose corners have
// determinants of one sign, or proves that there is none. On the simplex of
// weights, det Σ wᵢBᵢ is a homogeneous polynomial whose coefficients are, up to
// positive factors, its Bernstein coefficients (the mixed discriminants of the
// matrices): if all have the sign of the corners or are 0, it does not vanish. Else
// the simplex is halved along an edge, whose middle is a new corner.
func (h *matrixHull) search(cells int) (found *Singular, proved bool, why string, err error) {
	const toomany = "all %d matrices B have determinants of one sign, but the determinant has too many terms to be followed over their hull"
	if len(h.b) > mostDistinct {
		return nil, false, fmt.Sprintf(toomany, len(h.b)), nil
	}
	e, err := h.extreme()
	if err != nil {
		return nil, false, "", err
	}
	if n := len(e.b); n > mostMatrices || h.m > mostRows || terms(n, h.m) > mostTerms {
		return nil, false, fmt.Sprintf(toomany, n), nil
	}
	open := []*matrixHull{e}
	for seen := 0; len(open) > 0; seen++ {
		if seen == cells {
			return nil, false, fmt.Sprintf("no singular B was found in %d pieces of the hull, nor proved absent", cells), nil
		}
		cell := open[len(open)-1]
		open = open[:len(open)-1]
		worst, any, err := cell.worst()
		switch {
		case err != nil:
			return nil, false, "", err
		case !any:
			continue
		}
		i, j := cell.longest(worst)
		middle, found, err := cell.middle(i, j)
		if err != nil || found != nil {
			return found, false, "", err
		}
		open = append(open, cell.replaced(i, middle), cell.replaced(j, middle))
	}
	return nil, true, "the determinant is a polynomial on the hull with coefficients of one sign", nil
}

// terms bounds the additions of determinant: subsets of columns, times entries,
// times monomials.
func terms(n, m int) int {
	monomials := 1
	for i := 1; i <= m; i++ {
		monomials = monomials * (n + i - 1) / i
		if monomials > mostTerms {
			return monomials
		}
	}
	return (m << m) * n * monomials
}

// monomial has the exponents of the variables.
type monomial [mostMatrices]uint8

// times returns the product with variable i.
func (w monomial) times(i int) monomial {
	w[i]++
	return w
}

// determinant returns the coefficients of det Σ wᵢBᵢ, by Laplace's expansion along
// rows: that of the first rows and a subset of as many columns comes from those
// with a column less.
func (h *matrixHull) determinant() (map[monomial]*big.Rat, error) {
	minors := make([]map[monomial]*big.Rat, 1<<h.m)
	minors[0] = map[monomial]*big.Rat{{}: big.NewRat(1, 1)}
	for columns := 1; columns < len(minors); columns++ {
		if err := h.ctx.Err(); err != nil {
			return nil, err
		}
		minors[columns] = map[monomial]*big.Rat{}
		row := bits.OnesCount(uint(columns)) - 1
		for c := range h.m {
			if columns>>c&1 == 0 {
				continue
			}
			minor := minors[columns&^(1<<c)]
			h.expand(minors[columns], minor, row*h.m+c, bits.OnesCount(uint(columns>>(c+1)))%2 == 1)
		}
	}
	return minors[len(minors)-1], nil
}

// expand adds to sum the minor times an entry Σ wᵢBᵢ[entry], or subtracts it.
func (h *matrixHull) expand(sum, minor map[monomial]*big.Rat, entry int, minus bool) {
	for i, v := range h.b {
		b := v.Exact
		if b[entry].Sign() == 0 {
			continue
		}
		for w, x := range minor {
			term := new(big.Rat).Mul(x, b[entry])
			if minus {
				term.Neg(term)
			}
			if old, ok := sum[w.times(i)]; ok {
				term.Add(term, old)
			}
			sum[w.times(i)] = term
		}
	}
}

// worst returns the monomial whose coefficient has the sign opposite to the
// corners' and the largest size, the last of equal ones; there may be none.
func (h *matrixHull) worst() (at monomial, found bool, err error) {
	p, err := h.determinant()
	if err != nil {
		return at, false, err
	}
	for w, x := range p {
		if x.Sign() != -h.dets[0].Sign() {
			continue
		}
		order := 1
		if found {
			order = x.Cmp(p[at]) * x.Sign()
		}
		if order > 0 || order == 0 && bytes.Compare(w[:], at[:]) > 0 {
			at, found = w, true
		}
	}
	return at, found, nil
}

// longest returns the longest edge between corners that occur in the monomial.
// There are two at least, since the coefficients of powers are determinants of
// corners.
func (h *matrixHull) longest(w monomial) (from, to int) {
	var best *big.Rat
	for i := range h.b {
		for j := range i {
			if w[i] == 0 || w[j] == 0 {
				continue
			}
			if d := largestDifference(h.b[i].Exact, h.b[j].Exact); best == nil || d.Cmp(best) > 0 {
				best, from, to = d, i, j
			}
		}
	}
	return from, to
}

func largestDifference(a, b []*big.Rat) *big.Rat {
	largest := new(big.Rat)
	for i := range a {
		d := new(big.Rat).Sub(a[i], b[i])
		if d.Abs(d).Cmp(largest) > 0 {
			largest = d
		}
	}
	return largest
}

// matrixVertex is a matrix of a hull.
type matrixVertex struct {
	b       clarke.Vector
	weights combination
	det     *big.Rat
}

// middle returns the middle of an edge, or a singular matrix on the edge.
func (h *matrixHull) middle(i, j int) (matrixVertex, *Singular, error) {
	half := big.NewRat(1, 2)
	v := matrixVertex{b: clarke.Rational(h.point(i, j, half)), weights: h.weightsAt(i, j, half)}
	var err error
	if v.det, err = h.det(v.b.Exact); err != nil {
		return v, nil, err
	}
	if v.det.Sign() == h.dets[i].Sign() {
		return v, nil, nil
	}
	found, err := h.replaced(j, v).between(i, j)
	return v, found, err
}

// replaced returns the hull with another corner at place i.
func (h *matrixHull) replaced(i int, v matrixVertex) *matrixHull {
	out := &matrixHull{ctx: h.ctx, m: h.m, b: slices.Clone(h.b), weights: slices.Clone(h.weights), dets: slices.Clone(h.dets)}
	out.b[i], out.weights[i], out.dets[i] = v.b, v.weights, v.det
	return out
}
