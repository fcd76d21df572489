package conservative

import (
	"math/big"
	"slices"
)

// mostComponents bounds the equations of the strata that are drawn.
const mostComponents = 32

// stratum draws the equations that curve number i keeps: of all kinks that are
// active at x first; then of single ones, all of them if they are not many, else one
// of each selector in turn; then of random ones, and of entries that tie some only.
func (t *curveTester) stratum(i int) []component {
	kept := t.blocks
	if i > 0 {
		kept = t.someBlocks(i - 1)
	}
	var out []component
	for _, b := range kept {
		if more := b.components(); len(out)+len(more) <= mostComponents || out == nil {
			out = append(out, more...)
		}
	}
	return out
}

func (t *curveTester) someBlocks(i int) []kinkBlock {
	if len(t.blocks) == 0 {
		return nil
	}
	if i < len(t.blocks) && len(t.blocks) < t.o.Curves {
		return t.blocks[i : i+1]
	}
	keys := t.activeKeys()
	first := t.blockOf(keys[i%len(keys)])
	if len(t.blocks) >= t.o.Curves && i/len(keys)%2 == 0 {
		return []kinkBlock{first}
	}
	const few = 8 // others if there are many, else half of them
	kept := []kinkBlock{t.part(first)}
	for _, k := range t.rng.Perm(len(t.blocks)) {
		if t.rng.IntN(max(2, len(t.blocks)/few)) == 0 {
			kept = append(kept, t.part(t.blocks[k]))
		}
	}
	return kept
}

// activeKeys lists the keys of the blocks, each once.
func (t *curveTester) activeKeys() (keys []int) {
	for _, b := range t.blocks {
		if !slices.Contains(keys, b.key) {
			keys = append(keys, b.key)
		}
	}
	return keys
}

// blockOf draws a block of a key.
func (t *curveTester) blockOf(key int) kinkBlock {
	for _, k := range t.rng.Perm(len(t.blocks)) {
		if t.blocks[k].key == key {
			return t.blocks[k]
		}
	}
	return t.blocks[0]
}

// part keeps, with even chance, a few of the entries that tie, at least two.
func (t *curveTester) part(b kinkBlock) kinkBlock {
	const few = 8
	n := len(b.entries)
	if !b.tied || n < 3 || t.rng.IntN(2) == 0 {
		return b
	}
	of := b.entries
	b.entries = nil
	for _, k := range t.rng.Perm(n)[:2+t.rng.IntN(min(n-2, few))] {
		b.entries = append(b.entries, of[k])
	}
	return b
}

// innerCurve draws a curve through x inside a stratum, and compares at two points to
// either side.
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
	const nearer = 64 // times, to see what is active at x before anything else is
	r := t.radius(i)
	for _, scale := range []*big.Rat{big.NewRat(1, 1), big.NewRat(-1, 1), big.NewRat(1, nearer), big.NewRat(-1, nearer)} {
		by := new(big.Rat).Mul(t.time(), r)
		if by.Mul(by, scale); t.ctx.Err() != nil {
			return nil
		}
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
		p, ok = t.secant(t.x, u, tangents, of)
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
