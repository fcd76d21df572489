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
		p := t.round(ratPlus(s.p, t.near(try), g.u))
		if !t.inside(p, s.of) {
			var ok bool
			if p, ok = t.onto(p, s.of); !ok {
				continue
			}
			curved = true
		}
		if _, _, ok := t.again(s, g, p); ok {
			further = append(further, t.point(p))
		}
		if len(further) == confirmations {
			return t.witness(c, s, g, further, curved), true
		}
	}
	return nil, false
}

// again reports whether there is a contradiction at p too, inside the stratum of the
// site and along the same velocity as nearly as the stratum allows.
func (t *curveTester) again(s *site, g *gap, p []*big.Rat) (*site, *gap, bool) {
	r, ok := t.siteAt(p)
	if !ok || !sameStratum(r.kinks, s.kinks) {
		return nil, nil, false
	}
	u := t.unit(r.tangents.kernel(g.u))
	if u == nil {
		return nil, nil, false
	}
	h, settled := t.compare(r, u)
	return r, h, settled && h != nil
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
	for k := 1; k <= bits; k++ {
		p, ok := t.onto(roundedTo(s.p, k), s.of)
		if !ok {
			continue
		}
		for _, i := range append(s.tangents.free(), -1) {
			along := *g
			if i >= 0 {
				along.u = ratUnit(len(p), i, big.NewRat(1, 1))
			}
			if r, h, ok := t.again(s, &along, p); ok {
				return r, h, true
			}
			if t.ctx.Err() != nil {
				return nil, nil, false
			}
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
