package conservative

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
)

const (
	// confirmations is how many further points of the curve must show the
	// contradiction.
	confirmations = 2
	// confirmTries bounds the search for them, nearer and nearer.
	confirmTries = 8
)

// confirm looks at further points of the curve through the site with velocity g.u
// that stays inside the stratum. Some near ones must show a contradiction, too:
// otherwise the site is isolated on the curve.
func (t *curveTester) confirm(c CurveFamily, s *site, g *gap) (*CurveWitness, bool) {
	var further []clarke.Point
	curved := false
	for try := range confirmTries {
		p, bent, ok := t.ahead(s, ratPlus(ratZeros(len(g.u)), t.near(try), g.u))
		if !ok {
			continue
		}
		curved = curved || bent
		if r, ok := t.inStratum(s, p); ok {
			if _, ok := t.contradicts(r, g.u); ok {
				further = append(further, t.point(p))
			}
		}
		if len(further) == confirmations {
			return t.witness(c, s, g, further, curved), true
		}
	}
	return nil, false
}

// ahead returns the point of the stratum at a step from the site, and whether it is
// beside the straight line.
func (t *curveTester) ahead(s *site, step []*big.Rat) (p []*big.Rat, bent, ok bool) {
	p = t.round(ratPlus(s.p, big.NewRat(1, 1), step))
	if t.inside(p, s.of) {
		return p, false, true
	}
	if p, ok = t.onto(p, s.of); !ok {
		p, ok = t.secant(s.p, step, s.tangents, s.of)
	}
	return p, true, ok
}

// inStratum looks at p, if the same kinks are active there as at the site.
func (t *curveTester) inStratum(s *site, p []*big.Rat) (*site, bool) {
	r, ok := t.siteAt(p)
	return r, ok && sameStratum(r.kinks, s.kinks)
}

// contradicts returns the contradiction at a site along the velocity next to u that
// the stratum has there.
func (t *curveTester) contradicts(s *site, u []*big.Rat) (*gap, bool) {
	if u = t.unit(s.tangents.kernel(u)); u == nil {
		return nil, false
	}
	g, settled := t.compare(s, u)
	return g, settled && g != nil
}

// sameStratum reports whether the same kinks are active.
func sameStratum(a, b []ad.Kink) bool {
	return slices.EqualFunc(a, b, func(k, l ad.Kink) bool {
		return k.Slot == l.Slot && slices.Equal(k.Entries, l.Entries)
	})
}

// witness states the contradiction, if possible at a point and along a velocity that
// are easier to read.
func (t *curveTester) witness(c CurveFamily, s *site, g *gap, further []clarke.Point, curved bool) *CurveWitness {
	if r, h, ok := t.shorter(s, g); ok {
		further = append(further, t.point(s.p))
		s, g = r, h
	}
	w := &CurveWitness{
		Family: c, Arithmetic: t.arithmetic(), Inputs: t.f.In(),
		Point: t.point(s.p), Direction: t.vector(g.u...), Stratum: s.kinks, Ties: t.ties(s), Curved: curved,
		Confirmed: further, Slope: t.vector(g.slope), Choices: len(s.elements),
	}
	if g.lowest != nil {
		w.Lowest, w.Highest, w.Vector = t.vector(g.lowest), t.vector(g.highest), t.vector(g.worst.v...)
	}
	t.explain(w, s, g)
	return w
}

// shorter looks for a contradiction at the point of the stratum next to a rounded one,
// along a coordinate if possible.
func (t *curveTester) shorter(s *site, g *gap) (*site, *gap, bool) {
	const bits = 6
	for k := 1; k <= bits && t.ctx.Err() == nil; k++ {
		p, ok := t.onto(roundedTo(s.p, k), s.of)
		if !ok {
			continue
		}
		r, ok := t.inStratum(s, p)
		if !ok {
			continue
		}
		free := s.tangents.free()
		for _, i := range free[:min(len(free), mostTangents)] {
			if h, ok := t.contradicts(r, ratUnit(len(p), i, big.NewRat(1, 1))); ok {
				return r, h, true
			}
		}
		if h, ok := t.contradicts(r, g.u); ok {
			return r, h, true
		}
	}
	return nil, nil, false
}

// roundedTo returns the multiples of 2⁻ᵏ at or below the entries.
func roundedTo(p []*big.Rat, k int) []*big.Rat {
	out := make([]*big.Rat, len(p))
	for i, v := range p {
		n := new(big.Int).Lsh(v.Num(), uint(k))
		out[i] = new(big.Rat).SetFrac(n.Div(n, v.Denom()), new(big.Int).Lsh(big.NewInt(1), uint(k)))
	}
	return out
}
