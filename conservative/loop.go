package conservative

import (
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// LoopIntegral is the integral of a rule along a closed polygon: both bounds are 0
// if the rule is conservative.
type LoopIntegral struct {
	Vertices []clarke.Point
	// Lower and Upper integrate the smallest and the largest ⟨v, γ′⟩, vectors of one
	// number: exactly in rationals, else up to the tolerance of slopes.
	Lower, Upper clarke.Vector
}

const (
	// loopCorners is how many corners polygons in general position have.
	loopCorners = 3
	// loopElements bounds the choices that are tried at each point of a loop.
	loopElements = 8
)

// loop integrates along a polygon in general position around x.
func (t *curveTester) loop(i int) *CurveWitness {
	var corners [][]*big.Rat
	for range loopCorners {
		corners = append(corners, t.corner(i))
	}
	return t.around(Loops, corners)
}

func (t *curveTester) corner(i int) []*big.Rat {
	return t.round(ratPlus(t.x, big.NewRat(1, 1), t.generic(t.radius(i))))
}

// innerLoop integrates along a polygon whose first side starts at x inside a stratum,
// and which returns through points in general position. A loop that stays in the
// stratum would not do: wrong rules at ties may be right for another function of the
// stratum, as the sum of all entries that tie is for their maximum.
func (t *curveTester) innerLoop(i int) *CurveWitness {
	of := t.stratum(i)
	if len(of) == 0 {
		return nil
	}
	tangents, err := t.equations(t.x, of, nil)
	if err != nil {
		return nil
	}
	from, ok := t.onto(t.x, of)
	if !ok {
		return nil
	}
	const bits = 10 // short numbers, so that floats stay in the stratum
	z := ratZeros(len(t.x))
	for _, c := range tangents.free() {
		z[c] = big.NewRat(t.rng.Int64N(2<<bits+1)-1<<bits, 1<<bits)
	}
	u := t.unit(tangents.kernel(z))
	if u == nil {
		return nil
	}
	return t.around(InnerLoops, [][]*big.Rat{from, t.round(ratPlus(from, t.radius(i), u)), t.corner(i), t.corner(i)})
}

// sides is what the sides of a loop have in common.
type sides struct {
	t            *curveTester
	family       CurveFamily
	lower, upper *big.Rat
	witness      *CurveWitness
	pieces       int // evaluated so far
	lost         bool
}

// around integrates along a closed polygon. A loop with an integral that is not 0
// has a side with a contradiction at almost every time of an interval, and that is
// the witness; if none is found, the loop is excluded.
func (t *curveTester) around(c CurveFamily, corners [][]*big.Rat) *CurveWitness {
	t.counts[c].Curves++
	if t.exactly && t.class.Kind > expr.PiecewiseAffine {
		t = t.rounded()
	}
	l := &sides{t: t, family: c, lower: new(big.Rat), upper: new(big.Rat)}
	for i := range corners {
		from, to := t.round(corners[i]), t.round(corners[(i+1)%len(corners)])
		d := ratPlus(to, big.NewRat(-1, 1), from)
		if t.exactly {
			l.walk(from, d)
		} else {
			l.bisect(clarke.Rational(from).Float, clarke.Rational(d).Float, 0, 1, 0)
		}
	}
	switch w := l.witness; {
	case w != nil:
		w.Loop = &LoopIntegral{Lower: t.vector(l.lower), Upper: t.vector(l.upper)}
		for _, p := range corners {
			w.Loop.Vertices = append(w.Loop.Vertices, t.point(p))
		}
		return w
	case l.lost:
		t.counts[c].Excluded++
	}
	return nil
}

// mostPieces bounds the work on one loop.
const mostPieces = 2048

// spent counts one more evaluation and reports whether the loop has to be given up.
func (l *sides) spent() bool {
	l.pieces++
	l.lost = l.lost || l.pieces > mostPieces || l.t.ctx.Err() != nil
	return l.lost
}

// extremes returns the smallest and the largest ⟨v, d⟩ at p.
func (l *sides) extremes(p, d []*big.Rat) (lo, hi *big.Rat, ok bool) {
	elements, err := l.t.elementsAt(p, loopElements)
	if err != nil {
		return nil, nil, false
	}
	for _, e := range elements {
		if e.v == nil {
			return nil, nil, false
		}
		y := ratDot(e.v, d)
		if lo == nil || y.Cmp(lo) < 0 {
			lo = y
		}
		if hi == nil || y.Cmp(hi) > 0 {
			hi = y
		}
	}
	return lo, hi, true
}

// value returns f at p.
func (l *sides) value(p []*big.Rat) (*big.Rat, bool) {
	out, err := l.t.run(l.t.value, l.t.at(l.t.round(p))...)
	if err != nil {
		return nil, false
	}
	return out[0][0], true
}

// add adds a piece's integrals.
func (l *sides) add(lo, hi *big.Rat, agrees bool) {
	l.lower.Add(l.lower, lo)
	l.upper.Add(l.upper, hi)
	if agrees {
		l.t.counts[l.family].Compared++
	}
}

// judge looks for a contradiction at a random time of a piece, and reports whether
// there is one. The first that is confirmed is the witness.
func (l *sides) judge(from, d []*big.Rat, a, b *big.Rat) bool {
	const cost = 16 // of a comparison, in pieces
	l.pieces += cost
	at := new(big.Rat).Sub(b, a)
	p := l.t.round(ratPlus(from, at.Add(at.Mul(at, l.t.time()), a), d))
	if l.witness == nil {
		l.witness = l.t.try(l.family, p, d)
		return l.witness != nil
	}
	s, ok := l.t.siteAt(p)
	if !ok {
		return false
	}
	_, ok = l.t.contradicts(s, d)
	return ok
}
