package conservative

import (
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// site is a point of a curve with what the rule says there.
type site struct {
	p        []*big.Rat
	kinks    []ad.Kink   // of f, active
	of       []component // the equations of the stratum
	tangents *echelon    // whose kernel is the tangent space of the stratum
	elements []element
}

// element is a vector that the rule may return: for some values of the slots that
// it leaves open.
type element struct {
	slots [][]*big.Rat
	v     []*big.Rat // nil if it is not a number
}

// mostElements is how many combinations of extreme choices are all tried at a site.
// If there are more, as many choices are drawn: half of them extreme, the others in
// general position. A multi-affine function that is not constant is not constant on
// the latter, with probability 1.
const mostElements = 32

// siteAt looks at p. It fails where f is not certified locally Lipschitz, or where
// numbers are not finite or too long.
func (t *curveTester) siteAt(p []*big.Rat) (*site, bool) {
	if !t.class.Certified() {
		if refused, err := clarke.Refusal(t.f, t.point(p)); err != nil || refused != "" {
			return nil, false
		}
	}
	s := &site{p: p}
	kinks, blocks, err := t.active(p)
	if err != nil {
		return nil, false
	}
	s.kinks = kinks
	for i := range blocks {
		s.of = append(s.of, blocks[i].components()...)
	}
	if s.tangents, err = t.equations(p, s.of, nil); err != nil {
		return nil, false
	}
	s.elements, err = t.elementsAt(p, mostElements)
	return s, err == nil
}

// elementsAt returns what the rule may return at p, for so many choices at most.
func (t *curveTester) elementsAt(p []*big.Rat, most int) ([]element, error) {
	kinks, err := t.find(t.own, p)
	if err != nil {
		return nil, err
	}
	var out []element
	for _, s := range t.choices(kinks, most) {
		e := element{slots: t.slotsOf(kinks, s)}
		if e.v, err = t.vectorAt(p, e.slots); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// choices lists all combinations of extreme choices if they are few, else random
// choices.
func (t *curveTester) choices(kinks []ad.Kink, most int) (list []assignment) {
	n, finite := countProducts(kinks)
	next := func() assignment { return drawAssignment(kinks, t.rng) }
	if finite && n <= most {
		next = productsOf(kinks) // lists all extreme points: those of ten tied entries would be millions
	} else {
		n = most
	}
	for range n {
		list = append(list, next())
	}
	return list
}

// slotsOf returns the values of the rule's open slots; those at which no kink is
// active are 0.
func (t *curveTester) slotsOf(kinks []ad.Kink, s assignment) [][]*big.Rat {
	out := make([][]*big.Rat, len(t.open))
	for i, n := range t.open {
		out[i] = ratZeros(n.Shape().Size())
	}
	for b, c := range s {
		values := out[slices.Index(t.open, kinks[b].Slot.Node)]
		for j, e := range kinks[b].Entries {
			values[e] = big.NewRat(int64(c.weights[j]), int64(c.over))
		}
	}
	return out
}

// floatSlots is slotsOf in float64.
func (t *curveTester) floatSlots(kinks []ad.Kink, s assignment) [][]float64 {
	out := make([][]float64, len(t.open))
	for i, n := range t.open {
		out[i] = make([]float64, n.Shape().Size())
	}
	for b, c := range s {
		values := out[slices.Index(t.open, kinks[b].Slot.Node)]
		for j, e := range kinks[b].Entries {
			values[e] = float64(c.weights[j]) / float64(c.over)
		}
	}
	return out
}

// vectorAt runs the rule; the vector is nil if it is not a number. A division by
// zero in rationals may be in a branch that is not taken: float64 tells.
func (t *curveTester) vectorAt(p []*big.Rat, slots [][]*big.Rat) ([]*big.Rat, error) {
	out, err := t.run(t.slopes, slices.Concat(t.at(p), slots)...)
	var fault *exact.FaultError
	if errors.As(err, &fault) {
		r := t.rounded()
		if _, rounded := r.run(t.slopes, slices.Concat(r.at(r.round(p)), slots)...); errors.Is(rounded, errNotANumber) {
			return nil, nil
		}
	}
	switch {
	case errors.Is(err, errNotANumber):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return slices.Concat(out[1:]...), nil
}

// gap is a contradiction of the chain rule at a site.
type gap struct {
	u               []*big.Rat // the velocity
	lowest, highest *big.Rat   // slopes that the rule predicts; nil if one is not a number
	slope           *big.Rat   // the true one
	worst           *element   // the element whose slope is farthest from it
}

// compare holds the chain rule at a site for the velocity u. There is no gap if it
// holds; ok is false where the true slope is not known.
func (t *curveTester) compare(s *site, u []*big.Rat) (g *gap, ok bool) {
	g = &gap{u: u}
	size := new(big.Rat)
	predicted := make([]*big.Rat, len(s.elements))
	for i, e := range s.elements {
		if e.v == nil {
			g.worst = &s.elements[i]
			continue
		}
		predicted[i] = ratDot(e.v, u)
		if sum := absoluteDot(e.v, u); sum.Cmp(size) > 0 {
			size = sum
		}
	}
	var slack *big.Rat
	if g.slope, slack, ok = t.slope(s.p, u, size); !ok || g.worst != nil {
		return g, ok
	}
	off := new(big.Rat)
	for i, y := range predicted {
		if g.lowest == nil || y.Cmp(g.lowest) < 0 {
			g.lowest = y
		}
		if g.highest == nil || y.Cmp(g.highest) > 0 {
			g.highest = y
		}
		if d := ratDistance(y, g.slope); d.Cmp(off) > 0 {
			off, g.worst = d, &s.elements[i]
		}
	}
	if off.Cmp(slack) <= 0 {
		return nil, true
	}
	return g, true
}

// absoluteDot returns Σ|xᵢyᵢ|.
func absoluteDot(x, y []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for i := range x {
		if x[i].Sign() != 0 && y[i].Sign() != 0 {
			term := new(big.Rat).Mul(x[i], y[i])
			sum.Add(sum, term.Abs(term))
		}
	}
	return sum
}
