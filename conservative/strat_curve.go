package conservative

import (
	"math/big"
	"slices"
)

// mostComponents bounds the equations of the strata that are drawn.
const mostComponents = 32

// stratum draws the equations that curve number i keeps: of all kinks that are
// active at x first, then of each single one if they are not many, then of random
// ones. Of entries that tie every other stratum keeps some only.
func (t *curveTester) stratum(i int) []component {
	var kept []block
	switch {
	case i == 0:
		kept = t.blocks
	case i <= len(t.blocks) && len(t.blocks) < t.o.Curves:
		kept = t.blocks[i-1 : i]
	default:
		for _, k := range t.rng.Perm(len(t.blocks)) {
			if len(kept) == 0 || t.rng.IntN(2) == 0 {
				kept = append(kept, t.blocks[k])
			}
		}
	}
	var out []component
	for _, b := range kept {
		if i > 0 {
			b = t.part(b)
		}
		if more := b.components(); len(out)+len(more) <= mostComponents || out == nil {
			out = append(out, more...)
		}
	}
	return out
}

// part keeps, with even chance, at least two of more entries that tie.
func (t *curveTester) part(b block) block {
	n := len(b.entries)
	if !b.tied || n < 3 || t.rng.IntN(2) == 0 {
		return b
	}
	of := b.entries
	b.entries = nil
	for _, k := range t.rng.Perm(n)[:2+t.rng.IntN(n-2)] {
		b.entries = append(b.entries, of[k])
	}
	return b
}

// innerCurve draws a curve that leaves x inside a stratum, and compares at two
// points of it.
func (t *curveTester) innerCurve(i int) *CurveWitness {
	of := t.stratum(i)
	if len(of) == 0 {
		return nil
	}
	tangents, err := t.equations(t.x, of, nil)
	if err != nil {
		return nil
	}
	u := t.unit(tangents.kernel(t.generic(big.NewRat(1, 1))))
	if u == nil {
		return nil // the stratum is the point alone
	}
	r := t.radius(i)
	for range 2 {
		by := new(big.Rat).Mul(t.time(), r)
		if w := t.innerPoint(of, tangents, ratPlus(ratZeros(len(u)), by, u)); w != nil {
			return w
		}
	}
	return nil
}

// innerPoint compares at the point of the stratum next to x + u, in float64 if the
// stratum has no rational point there.
func (t *curveTester) innerPoint(of []component, tangents *echelon, u []*big.Rat) *CurveWitness {
	p, ok := t.onto(ratPlus(t.x, big.NewRat(1, 1), u), of)
	if !ok {
		p, ok = t.secant(u, tangents, of)
	}
	if !ok && t.exactly {
		r := t.rounded()
		return r.innerPoint(of, tangents, u)
	}
	if !ok || slices.EqualFunc(p, t.x, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 }) {
		t.counts[InnerArcs].Excluded++
		return nil
	}
	s, ok := t.siteAt(p)
	if !ok {
		t.counts[InnerArcs].Excluded++
		return nil
	}
	return t.innerSite(s)
}

// innerSite compares along tangents of the stratum, and all choices with each other.
func (t *curveTester) innerSite(s *site) *CurveWitness {
	c := InnerArcs
	if t.isStraight(s) {
		c = InnerSegments
	}
	if t.draws(c) {
		t.counts[c].Curves++
		for u := range t.tangents(s) {
			if w := t.judge(c, s, u); w != nil {
				return w
			}
		}
	}
	if t.draws(Projections) {
		return t.project(s)
	}
	return nil
}

// isStraight reports whether the stratum contains a segment through the site in a
// random direction along it.
func (t *curveTester) isStraight(s *site) bool {
	u := t.unit(s.tangents.kernel(t.generic(big.NewRat(1, 1))))
	if u == nil {
		return true
	}
	for range 2 {
		if !t.inside(t.round(ratPlus(s.p, t.near(0), u)), s.of) {
			return false
		}
	}
	return true
}

// near draws a length: the shorter, the later the try.
func (t *curveTester) near(try int) *big.Rat {
	r := ratOf(t.o.Radius)
	return r.Mul(r.Mul(r, t.time()), ratPower(-6-2*try))
}

// mostTangents bounds the coordinate directions that are tried at a site.
const mostTangents = 6

// tangents yields velocities along the stratum: those of some coordinates, which
// are easy to read, and two in general position.
func (t *curveTester) tangents(s *site) func(yield func([]*big.Rat) bool) {
	return func(yield func([]*big.Rat) bool) {
		free := s.tangents.free()
		t.rng.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
		for _, i := range free[:min(len(free), mostTangents)] {
			if !yield(s.tangents.kernel(ratUnit(len(s.p), i, big.NewRat(1, 1)))) {
				return
			}
		}
		for range 2 {
			if !yield(s.tangents.kernel(t.generic(big.NewRat(1, 1)))) {
				return
			}
		}
	}
}

// project holds all elements against each other along the stratum: their
// difference must be normal to it. In float64 it need be so up to rounding; compare
// tells in the end.
func (t *curveTester) project(s *site) *CurveWitness {
	if len(s.elements) < 2 {
		return nil
	}
	t.counts[Projections].Curves++
	first := s.elements[0].v
	for _, e := range s.elements[1:] {
		if first == nil || e.v == nil {
			continue
		}
		difference := ratPlus(e.v, big.NewRat(-1, 1), first)
		if i := s.tangents.seen(difference); i >= 0 {
			return t.judge(Projections, s, s.tangents.kernel(ratUnit(len(s.p), i, big.NewRat(1, 1))))
		}
		t.counts[Projections].Compared++
	}
	return nil
}
