package conservative

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
)

// approach is the point of conv D nearest to some v, as far as it is known.
type approach struct {
	point           clarke.Vector // of conv D, relative to v
	distance, lower float64
	inside          clarke.Verdict
	// made has, for rational approaches through the support function, the slots of
	// the points and their weights in the combination that point is.
	made    []slots[*big.Rat]
	support []int
	weights []*big.Rat
}

// nearest finds the point of conv D − v nearest to 0: from the vertices if they
// are known, else through the support function. A rational answer is proved.
func (d *Field) nearest(ctx context.Context, v clarke.Vector) (approach, error) {
	switch {
	case d.Complete:
		return d.nearestOfVertices(ctx, v)
	}
	return d.nearestBySupport(ctx, v)
}

func (d *Field) nearestBySupport(ctx context.Context, v clarke.Vector) (approach, error) {
	if d.exact != nil && v.Exact != nil {
		return d.nearestExactly(ctx, v)
	}
	set := d.set(ctx, d.allowance())
	n, err := d.projectOn(ctx, set, v.Float)
	if err != nil {
		return approach{}, err
	}
	a := approach{point: clarke.Floats(difference(n.Point, v.Float)), distance: n.Norm, lower: n.Lower, inside: clarke.Unknown}
	for i, w := range n.Directions {
		a.made = append(a.made, d.rationalSlots(set.answer(w).slots))
		a.support, a.weights = append(a.support, i), append(a.weights, rationalOf(n.Weights[i:i+1])...)
	}
	switch {
	case n.Lower > 0:
		a.inside = clarke.No
	case n.Norm == 0:
		a.inside = clarke.Yes
	}
	return a, nil
}

func difference(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

func (d *Field) nearestOfVertices(ctx context.Context, v clarke.Vector) (approach, error) {
	points := make([]clarke.Vector, len(d.Vertices))
	for i, p := range d.Vertices {
		points[i] = minus(p, v)
	}
	m, err := clarke.MinNormContext(ctx, points)
	a := approach{point: m.Point, distance: m.Distance, inside: clarke.Unknown}
	switch {
	case err != nil && ctx.Err() == nil:
		return a, err
	case m.IsZero():
		a.inside = clarke.Yes
	case err == nil:
		a.inside, a.lower = clarke.No, a.distance
	}
	return a, nil
}

// minus subtracts vectors, in rationals if both are rational.
func minus(p, q clarke.Vector) clarke.Vector {
	if p.Exact == nil || q.Exact == nil {
		return clarke.Floats(difference(p.Float, q.Float))
	}
	out := make([]*big.Rat, len(p.Exact))
	for i, x := range p.Exact {
		out[i] = new(big.Rat).Sub(x, q.Exact[i])
	}
	return clarke.Rational(out)
}

// curvedBits is the accuracy of the search over a hull with curved faces,
// relative to its size, which no finite search makes exact.
const curvedBits = 0x1p-40

// project is the search in float64.
func (d *Field) project(ctx context.Context, v []float64) (convex.Nearest, error) {
	return d.projectOn(ctx, d.set(ctx, d.allowance()), v)
}

func (d *Field) projectOn(ctx context.Context, set answering, v []float64) (convex.Nearest, error) {
	return convex.Project(ctx, set, v, convex.Options{Tol: d.curvedTolerance()})
}

// answering is a set that tells what the points of its oracle are made of.
type answering interface {
	convex.Set
	answer(direction []float64) highest[float64]
}

// set is conv D in float64 by its support oracle, for one search.
func (d *Field) set(ctx context.Context, left *allowance) answering {
	h := hull{d.float, ctx, left}
	if len(d.float.tangles) > 0 {
		return tangledHull{h, &kept[highest[float64]]{}}
	}
	return h
}

// curvedTolerance is 0 for polytopes.
func (d *Field) curvedTolerance() float64 {
	curved, size := false, math.Sqrt(dot(d.float.base, d.float.base))
	for b := range d.float.blocks {
		e := &d.float.blocks[b]
		curved = curved || d.float.shape.free[b] && e.kind == expr.DirectionSlot && e.members() > 1
	}
	for i := range d.float.summands {
		for _, g := range d.float.summands[i].generators {
			size += math.Sqrt(dot(g, g))
		}
	}
	if !curved {
		return 0
	}
	return size * curvedBits
}

// exactCycles bounds the rounds of the search in rationals, each of which solves
// a problem with all points so far: floats find the right ones as a rule.
const exactCycles = 64

// nearestExactly starts from the points that floats end with. In each round the
// point of their hull nearest to v is exact, and the support function in
// rationals either proves it, or gives a better point.
func (d *Field) nearestExactly(ctx context.Context, v clarke.Vector) (a approach, err error) {
	left := d.allowance()
	set := d.set(ctx, left)
	n, err := d.projectOn(ctx, set, v.Float)
	if err != nil {
		return a, err
	}
	var points []clarke.Vector
	add := func(at slots[*big.Rat]) {
		a.made, points = append(a.made, at), append(points, minus(clarke.Rational(d.exact.element(at)), v))
	}
	add(valuesOf(ratNumbers, d.middle()))
	for _, w := range n.Directions {
		add(d.rationalSlots(set.answer(w).slots))
	}
	a.inside = clarke.Unknown
	for range exactCycles {
		m, err := clarke.MinNormContext(ctx, points)
		if err != nil && ctx.Err() == nil {
			return a, err
		}
		a.support, a.weights = m.Support, m.Weights.Exact
		if a.point, a.distance = m.Point, m.Distance; m.IsZero() {
			a.lower, a.inside = 0, clarke.Yes
			return a, nil
		}
		square := ratDot(m.Point.Exact, m.Point.Exact)
		w := negated(m.Point.Exact)
		h := d.exact.support(ctx, w, left.call(d.exact.regions()))
		left.spend(h.regions)
		// h(−x) − ⟨v, −x⟩ + ‖x‖² ≤ 0 proves x.
		margin := new(big.Rat).Sub(h.upper, ratDot(v.Exact, w))
		margin.Add(margin, square)
		below := new(big.Rat).Sub(square, margin)
		if below.Sign() > 0 {
			a.inside = clarke.No
			f, _ := below.Float64()
			a.lower = max(a.lower, f/a.distance)
		}
		if margin.Sign() <= 0 {
			a.lower = a.distance
			return a, nil
		}
		better := minus(clarke.Rational(h.element), v)
		if ratDot(better.Exact, m.Point.Exact).Cmp(square) >= 0 || a.distance-a.lower <= d.curvedTolerance() || ctx.Err() != nil {
			return a, nil
		}
		add(h.slots)
	}
	return a, nil
}

// mixed returns the combination of the slots, which gives the same combination of
// elements if g is affine in all slots jointly.
func (a *approach) mixed(s *structure) slots[*big.Rat] {
	out := make(slots[*big.Rat], len(s.free))
	for b, free := range s.free {
		for i, p := range a.support {
			at := a.made[p][b]
			switch {
			case out[b] == nil && !free:
				out[b] = at
			case free && out[b] == nil:
				out[b] = zeroRats(len(at))
			}
			if free {
				ratAxpy(out[b], a.weights[i], at)
			}
		}
	}
	return out
}

func negated(x []*big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i, v := range x {
		out[i] = new(big.Rat).Neg(v)
	}
	return out
}

// rationalSlots turns slots in float64 into rational ones inside their sets:
// extreme points are integers, and vectors of a ball are shortened if rounding
// has made them too long.
func (d *Field) rationalSlots(at slots[float64]) slots[*big.Rat] {
	out := make(slots[*big.Rat], len(at))
	for b, lambda := range at {
		e := &d.float.blocks[b]
		if lambda == nil { // it multiplies 0
			lambda, _ = d.float.best(b, make([]float64, e.members()*(e.to-e.from)))
		}
		out[b] = rationalOf(lambda)
		if e.kind != expr.DirectionSlot {
			continue
		}
		if square := ratDot(out[b], out[b]); square.Cmp(big.NewRat(1, 1)) > 0 {
			root := ratRoot(square)
			for k, x := range out[b] {
				out[b][k] = new(big.Rat).Quo(x, root)
			}
		}
	}
	return out
}

// HullContains reports whether v is in conv D: exactly if both are rational, else
// up to rounding. It is Unknown only if the support function could not be closed,
// or if v is so near the boundary of a hull with curved faces that floats do not
// tell.
func (d *Field) HullContains(v clarke.Vector) (clarke.Verdict, error) {
	return d.HullContainsWithin(context.Background(), v)
}

// HullContainsWithin is HullContains with a context; when that ends the answer
// may be Unknown.
func (d *Field) HullContainsWithin(ctx context.Context, v clarke.Vector) (clarke.Verdict, error) {
	if d.absent() != nil {
		return clarke.Unknown, nil
	}
	if err := d.checkVector(v); err != nil {
		return clarke.Unknown, err
	}
	if d.isVertex(v) {
		return clarke.Yes, nil
	}
	a, err := d.nearest(ctx, v)
	return a.inside, err
}

// isVertex reports whether v is one of the vertices, which ascend lexicographically.
func (d *Field) isVertex(v clarke.Vector) bool {
	_, found := slices.BinarySearchFunc(d.Vertices, v, func(p, q clarke.Vector) int {
		if p.Exact == nil || q.Exact == nil {
			return slices.Compare(p.Float, q.Float)
		}
		return slices.CompareFunc(p.Exact, q.Exact, (*big.Rat).Cmp)
	})
	return found
}

// VectorError says that a vector or a direction does not fit the field.
type VectorError struct{ Why string }

func (e *VectorError) Error() string { return "conservative: the vector " + e.Why }

func (d *Field) checkVector(v clarke.Vector) error {
	n := d.float.n * d.float.m
	if len(v.Float) != n || v.Exact != nil && len(v.Exact) != n {
		return &VectorError{fmt.Sprintf("has %d entries; elements of the field have %d", len(v.Float), n)}
	}
	for i, x := range v.Float {
		if x-x != 0 {
			return &VectorError{fmt.Sprintf("is %v at entry %d; it must be finite", x, i)}
		}
	}
	return nil
}
