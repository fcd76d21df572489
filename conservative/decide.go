package conservative

import (
	"cmp"
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
)

// Membership answers v ∈ D, which need not be convex.
type Membership struct {
	Verdict clarke.Verdict
	Why     string
	// Slots has for every kink the values of its entries for which g is v, if the
	// answer is yes: rational, in float64 the g of the floats is v up to rounding.
	// See Field.Element. Nil if they were not found although the answer is proved.
	Slots []clarke.Vector
	// Certificate proves a no that holds although v is in conv D.
	Certificate *Certificate
}

// decide answers 0 ∈ D.
func (d *Field) decide(ctx context.Context) error {
	m := d.membership(ctx, d.zero(), d.HullContainsZero)
	d.ContainsZero, d.ContainsZeroWhy, d.ZeroSlots, d.ZeroCertificate = m.Verdict, m.Why, m.Slots, m.Certificate
	return nil
}

// Contains answers v ∈ D. For programs with one scalar output it is decided by
// splitting the choices at kinks by the signs of the adjoints that arrive there,
// unknown only if a budget ends, or if v is too near a curved boundary; for others
// only if v is not in conv D, or D is convex, or a simple choice gives v.
func (d *Field) Contains(ctx context.Context, v clarke.Vector) (Membership, error) {
	if err := d.absent(); err != nil {
		return Membership{}, err
	}
	if err := d.checkVector(v); err != nil {
		return Membership{}, err
	}
	inHull, err := d.HullContainsWithin(ctx, v)
	if err != nil {
		return Membership{}, err
	}
	return d.membership(ctx, v, inHull), nil
}

func (d *Field) membership(ctx context.Context, v clarke.Vector, inHull clarke.Verdict) Membership {
	middle, it := d.middle(), "it"
	if v.IsZero() {
		it = "0"
	}
	switch {
	case inHull == clarke.No:
		return Membership{Verdict: clarke.No, Why: it + " is not in conv D"}
	case minus(d.at(middle), v).IsZero():
		return Membership{Verdict: clarke.Yes, Why: "one choice at the kinks gives " + it, Slots: d.listed(valuesOf(ratNumbers, middle))}
	case d.Affine && inHull == clarke.Yes:
		m := Membership{Verdict: clarke.Yes, Why: it + " is in conv D and D is convex: no choice at a kink multiplies another"}
		if a, err := d.nearestBySupport(ctx, v); err == nil && a.inside == clarke.Yes {
			m.Slots = d.listed(a.mixed(d.shape()))
		}
		return m
	case d.float.m > 1:
		return Membership{Verdict: clarke.Unknown, Why: it + " is in conv D, which may be larger than D; a program with several outputs is not searched"}
	}
	return d.search(ctx, v, it)
}

// search decides membership by splitting.
func (d *Field) search(ctx context.Context, v clarke.Vector, it string) Membership {
	return searched(ctx, d.meeting([]clarke.Vector{v}), d, v, it)
}

// searchNearly is search for a vector that was rounded: the answer is one within a distance.
func (d *Field) searchNearly(ctx context.Context, v clarke.Vector, distance float64) Membership {
	return searched(ctx, d.meetingNearly([]clarke.Vector{v}, distance), d, v, "it")
}

func searched(ctx context.Context, m *meeting, d *Field, v clarke.Vector, it string) Membership {
	switch m.run(ctx) {
	case clarke.Yes:
		return Membership{Verdict: clarke.Yes, Why: "one choice at the kinks gives " + it, Slots: d.listed(m.found)}
	case clarke.No:
		return Membership{
			Verdict: clarke.No, Why: "no choice at the kinks gives " + it + ", whatever the signs of the adjoints that arrive there",
			Certificate: &Certificate{v, m.leaves, m.cuts, m.system, m.tolerance},
		}
	}
	return Membership{Verdict: clarke.Unknown, Why: "the search is open: " + m.open}
}

// partWork is the budget of updates in bounds and linear programs for one part. It is about
// what a dozen kinks need.
const partWork = 1 << 12

// meeting prepares a search for an element of D in the hull of targets.
func (d *Field) meeting(targets []clarke.Vector) *meeting {
	if d.exact == nil {
		return d.meetingNearly(targets, convex.Tolerance(d.float.n)*d.float.size())
	}
	return d.meetingOf(d.exact.system, targets, new(big.Rat))
}

// meetingNearly allows for a distance, with the numbers of the linearisation as floats have
// them.
func (d *Field) meetingNearly(targets []clarke.Vector, distance float64) *meeting {
	return d.meetingOf(newSystem(floatedNumbers, d.lin), targets, new(big.Rat).SetFloat64(distance))
}

func (d *Field) meetingOf(s *system[*big.Rat], targets []clarke.Vector, tolerance *big.Rat) *meeting {
	m := &meeting{system: s, tolerance: tolerance, budget: partWork * cmp.Or(d.options.MaxParts, defaultParts)}
	m.held = m.wholeRegion().held
	for _, v := range targets {
		m.targets = append(m.targets, floatedNumbers.values(v))
	}
	return m
}

// listed returns slots, one vector for each kink. Where a slot multiplies 0 it is
// some value of its set.
func (d *Field) listed(at slots[*big.Rat]) []clarke.Vector {
	middle := valuesOf(ratNumbers, d.middle())
	out := make([]clarke.Vector, len(at))
	for b, lambda := range at {
		if lambda == nil {
			lambda = middle[b]
		}
		out[b] = clarke.Rational(lambda)
	}
	return out
}

// Element returns g at slots, one vector for each kink with a value for each of
// its Entries. Values outside the slot sets are taken as they are: a framework's
// choice may be such.
func (d *Field) Element(at []clarke.Vector) (clarke.Vector, error) {
	if err := d.absent(); err != nil {
		return clarke.Vector{}, err
	}
	if len(at) != len(d.Kinks) {
		return clarke.Vector{}, &VectorError{"of slots must have one entry for each active kink"}
	}
	exact := d.exact != nil
	for b := range at {
		if len(at[b].Float) != len(d.Kinks[b].Entries) {
			return clarke.Vector{}, &VectorError{"of a kink's slot must have one value for each of its entries"}
		}
		exact = exact && at[b].Exact != nil
	}
	if exact {
		return clarke.Rational(d.exact.element(slotsOf(ratNumbers, at))), nil
	}
	return clarke.Floats(d.float.element(slotsOf(floatNumbers, at))), nil
}

func slotsOf[T any](a *numbers[T], at []clarke.Vector) slots[T] {
	out := make(slots[T], len(at))
	for b := range at {
		out[b] = a.values(at[b])
	}
	return out
}

// size bounds the terms that elements are sums of.
func (p *parts[T]) size() float64 {
	size := 0.0
	for o, y := range p.y {
		for _, c := range y {
			size = max(size, abs(p.float(c)))
		}
		bounds := p.relax(context.Background(), p.liveBlocks(), p.wholeRegion()).bounds[o]
		for _, b := range p.liveBlocks() {
			e := &p.blocks[b]
			reach, row := 0.0, 0.0
			for t := e.from; t < e.to; t++ {
				reach = max(reach, abs(p.float(bounds[t].lo)), abs(p.float(bounds[t].hi)))
			}
			for k := e.lo; k < e.hi; k++ {
				for _, c := range p.z[k] {
					row = max(row, abs(p.float(c)))
				}
			}
			size += float64(reach * row)
		}
	}
	return size
}

func abs(x float64) float64 { return max(x, -x) }
