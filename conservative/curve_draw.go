package conservative

import (
	"math/big"
	"slices"
)

// timeBits is the length of random times: isolated events are met with
// probability 2⁻³⁰ each.
const timeBits = 30

// time draws a number in (0, 1) in general position.
func (t *curveTester) time() *big.Rat {
	return big.NewRat(2*t.rng.Int64N(1<<(timeBits-1))+1, 1<<timeBits)
}

// generic draws a vector with entries in [−r, r] in general position.
func (t *curveTester) generic(r *big.Rat) []*big.Rat {
	const bits = 20
	v := make([]*big.Rat, len(t.x))
	for i := range v {
		v[i] = big.NewRat(t.rng.Int64N(2<<bits+1)-1<<bits, 1<<bits)
		v[i].Mul(v[i], r)
	}
	return v
}

// radius is the scale of curve number i.
func (t *curveTester) radius(i int) *big.Rat {
	r := ratOf(t.o.Radius)
	return r.Mul(r, ratPower(-2*(i%4)))
}

// draws reports whether a family is asked for.
func (t *curveTester) draws(c CurveFamily) bool {
	return len(t.o.Families) == 0 || slices.Contains(t.o.Families, c)
}

// search draws the curves, and ends with the first contradiction.
func (t *curveTester) search() *CurveWitness {
	kinds := []struct {
		families []CurveFamily
		draw     func(i int) *CurveWitness
	}{
		{[]CurveFamily{Segments}, t.segment},
		{[]CurveFamily{InnerSegments, InnerArcs, Projections}, t.innerCurve},
		{[]CurveFamily{Arcs}, t.arc},
		{[]CurveFamily{Loops}, t.loop},
		{[]CurveFamily{InnerLoops}, t.innerLoop},
	}
	for i := range t.o.Curves {
		for _, k := range kinds {
			if t.ctx.Err() != nil {
				return nil
			}
			if slices.ContainsFunc(k.families, t.draws) {
				if w := k.draw(i); w != nil {
					return w
				}
			}
		}
	}
	return nil
}

// segment compares at two points of a segment: every other one begins at x.
func (t *curveTester) segment(i int) *CurveWitness {
	t.counts[Segments].Curves++
	from, d := t.x, t.generic(t.radius(i))
	if i%2 == 1 {
		from = ratPlus(t.x, big.NewRat(1, 1), t.generic(t.radius(i)))
	}
	return t.along(Segments, from, d, ratZeros(len(d)))
}

// arc does the same on a parabola.
func (t *curveTester) arc(i int) *CurveWitness {
	t.counts[Arcs].Curves++
	from := ratPlus(t.x, big.NewRat(1, 1), t.generic(t.radius(i)))
	return t.along(Arcs, from, t.generic(t.radius(i)), t.generic(t.radius(i)))
}

// along compares at two points of from + td + t²e/2.
func (t *curveTester) along(c CurveFamily, from, d, e []*big.Rat) *CurveWitness {
	for range 2 {
		s := t.time()
		velocity := ratPlus(d, s, e)
		p := ratPlus(ratPlus(from, s, d), s.Quo(new(big.Rat).Mul(s, s), big.NewRat(2, 1)), e)
		if w := t.try(c, p, velocity); w != nil {
			return w
		}
	}
	return nil
}

// try compares at one point of a curve of the given family.
func (t *curveTester) try(c CurveFamily, p, velocity []*big.Rat) *CurveWitness {
	s, ok := t.siteAt(t.round(p))
	if !ok {
		t.counts[c].Excluded++
		return nil
	}
	return t.judge(c, s, velocity)
}

// judge compares at a site, counts, and returns the witness of a contradiction that
// is confirmed on the curve.
func (t *curveTester) judge(c CurveFamily, s *site, u []*big.Rat) *CurveWitness {
	if u = t.unit(u); u == nil {
		return nil
	}
	g, ok := t.compare(s, u)
	if ok && g != nil {
		w, confirmed := t.confirm(c, s, g)
		if confirmed {
			t.counts[c].Compared++
			return w
		}
		ok = false
	}
	if ok {
		t.counts[c].Compared++
	} else {
		t.counts[c].Excluded++
	}
	return nil
}

// unit returns u over its largest entry, nil if u is 0.
func (t *curveTester) unit(u []*big.Rat) []*big.Rat {
	size := largestOf(u)
	if size.Sign() == 0 {
		return nil
	}
	return t.round(ratPlus(ratZeros(len(u)), size.Inv(size), u))
}
