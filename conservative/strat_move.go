package conservative

import (
	"math"
	"math/big"
	"slices"
)

const (
	// newtonSteps bounds the corrections of one point. A piecewise affine stratum needs
	// one for each bend on the way.
	newtonSteps = 6
	// longest bounds the bits of rational coordinates: on a curved stratum they double
	// with every correction, and seldom come to an end.
	longest = 1024
	// nudges bounds the neighbours in float64 of one point that are tried.
	nudges = 128
)

// onto moves p onto the stratum, by Newton's method on the components in the
// pivot coordinates. It fails where the stratum has no point nearby, or none in the
// tester's arithmetic.
func (t *curveTester) onto(p []*big.Rat, of []component) ([]*big.Rat, bool) {
	p = t.round(p)
	for step := 0; ; step++ {
		z, err := t.residual(p, of)
		_, size := ratLargest(z)
		switch {
		case err != nil:
			return nil, false
		case size.Sign() == 0:
			return p, true
		case t.exactly && (step == newtonSteps || isLong(p)):
			return nil, false
		case step == newtonSteps:
			return t.nudge(p, of)
		}
		e, err := t.equations(p, of, z)
		if err != nil || len(e.rows) == 0 {
			return nil, false
		}
		p = t.round(ratPlus(p, big.NewRat(1, 1), e.solution()))
	}
}

func isLong(p []*big.Rat) bool {
	return slices.ContainsFunc(p, func(v *big.Rat) bool { return v.Denom().BitLen() > longest })
}

// nudge looks among the neighbours of p in float64 for one at which all
// components come out as exactly 0: a rule shows what it does at ties at exact
// ties only.
func (t *curveTester) nudge(p []*big.Rat, of []component) ([]*big.Rat, bool) {
	for range nudges {
		q := make([]float64, len(p))
		for i := range p {
			q[i], _ = p[i].Float64()
			for range t.rng.IntN(4) {
				q[i] = math.Nextafter(q[i], math.Inf(2*t.rng.IntN(2)-1))
			}
		}
		if r := ratsOf(q); t.inside(r, of) {
			return r, true
		}
	}
	return nil, false
}

// secant returns a rational point of a curved stratum at a distance of about ‖u‖ from
// its point p: where the line along u, tilted somewhat across the stratum, meets it
// again. If the switches are at most quadratic along the line, and those that are
// not all 0 meet 0 together, then that point is rational.
func (t *curveTester) secant(p, u []*big.Rat, across *echelon, of []component) ([]*big.Rat, bool) {
	if !t.exactly || len(across.rows) == 0 {
		return nil, false
	}
	size := largestOf(u)
	tilt := new(big.Rat).Mul(size, t.eighths())
	pivot := across.pivots[t.rng.IntN(len(across.pivots))]
	d := ratPlus(ratUnit(len(u), pivot, tilt), size.Inv(size), u)
	ahead, err := t.residual(ratPlus(p, big.NewRat(1, 1), d), of)
	if err != nil {
		return nil, false
	}
	behind, err := t.residual(ratPlus(p, big.NewRat(-1, 1), d), of)
	if err != nil {
		return nil, false
	}
	for k := range of { // z(x + sd) = as + bs²
		a, b := new(big.Rat).Sub(ahead[k], behind[k]), new(big.Rat).Add(ahead[k], behind[k])
		if b.Sign() == 0 || a.Sign() == 0 {
			continue
		}
		q := ratPlus(p, a.Neg(a.Quo(a, b)), d)
		return q, t.inside(q, of)
	}
	return nil, false
}

func largestOf(u []*big.Rat) *big.Rat {
	_, size := ratLargest(u)
	return size
}

// ratUnit returns v times a unit vector.
func ratUnit(n, i int, v *big.Rat) []*big.Rat {
	u := ratZeros(n)
	u[i] = v
	return u
}

// eighths draws a non-zero multiple of 1/8 in [−1, 1].
func (t *curveTester) eighths() *big.Rat {
	k := int64(1 + t.rng.IntN(8))
	return big.NewRat(k*int64(1-2*t.rng.IntN(2)), 8)
}
