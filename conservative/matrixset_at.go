package conservative

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// matrixSet is the conservative Jacobian J_F(x) of a program at a point, with
// what is known of it.
type matrixSet struct {
	at      *at
	refused string // why there is none; the value only is given then
	value   clarke.Vector
	// elements are distinct elements of J_F(x), in no order that matters: if
	// complete those at all products of extreme points, whose hull is conv J_F(x),
	// see Field; else samples, and why says so.
	elements []clarke.Vector
	complete bool
	why      string
	// affine says that the Jacobian is proved affine in all slots jointly, so that
	// J_F(x) is convex.
	affine bool
}

// at returns the set at x, in rationals if that is possible.
func (j *jacobians) at(ctx context.Context, x clarke.Point) (*matrixSet, error) {
	refused, err := j.refusal(x)
	if err != nil {
		return nil, err
	}
	if !j.rational(x) {
		x = clarke.FloatPoint(x.Floats()...)
	}
	m, err := j.set(ctx, x, refused)
	var fault *exact.FaultError
	if errors.As(err, &fault) { // numbers that grow too long
		return j.set(ctx, clarke.FloatPoint(x.Floats()...), refused)
	}
	return m, err
}

// refusal is clarke.Refusal of the outputs.
func (j *jacobians) refusal(x clarke.Point) (string, error) {
	if j.tame {
		return "", x.Check(j.scalar)
	}
	return clarke.Refusal(j.scalar, x)
}

// rational reports whether the Jacobian is computed in rationals at x.
func (j *jacobians) rational(x clarke.Point) bool {
	return x.IsExact() && j.a.exactly == nil && j.a.o.Tol == 0
}

func (j *jacobians) set(ctx context.Context, x clarke.Point, refused string) (*matrixSet, error) {
	m := &matrixSet{at: &at{a: j.a, x: x}, refused: refused}
	var err error
	if m.value, err = j.value(x); err != nil || refused != "" {
		return m, err
	}
	if m.at.kinks, err = j.kinks(x); err != nil {
		return m, err
	}
	if err := m.enumerate(ctx, j.rows*total(j.a.f.Wrt())); err != nil {
		return m, err
	}
	slices.SortFunc(m.elements, compare)
	m.elements = slices.CompactFunc(m.elements, func(a, b clarke.Vector) bool { return compare(a, b) == 0 })
	return m, nil
}

// total returns the number of entries of all nodes.
func total(nodes []expr.Node) int {
	n := 0
	for _, m := range nodes {
		n += m.Shape().Size()
	}
	return n
}

// value computes the outputs at x, in the arithmetic of x.
func (j *jacobians) value(x clarke.Point) (clarke.Vector, error) {
	if x.IsExact() && j.a.valueExact != nil {
		out, err := j.a.valueExact.Run(x.Exact()...)
		if err != nil {
			return clarke.Vector{}, err
		}
		return clarke.Rational(out[0]), nil
	}
	out := make([]float64, j.rows)
	return clarke.Floats(out), j.a.value.Run([][]float64{out}, x.Floats()...)
}

func (j *jacobians) kinks(x clarke.Point) ([]ad.Kink, error) {
	if x.IsExact() {
		return j.a.finder.AtExact(x.Exact()...)
	}
	return j.a.finder.At(x.Floats()...)
}

// mostEntries bounds the entries of all matrices of a set, so that the steps that
// no context interrupts stay short.
const mostEntries = 1 << 21

// enumerate evaluates the products of extreme points, or samples if there are too
// many; dim is the number of entries of a matrix.
func (m *matrixSet) enumerate(ctx context.Context, dim int) (err error) {
	n, finite := m.at.countCorners()
	switch {
	case !finite:
		m.why = "an active norm takes any vector of a ball, so the hull is no polytope"
	case n > 1<<m.at.a.o.MaxSlots:
		m.why = fmt.Sprintf("the active kinks have %s combinations of extreme choices; the budget is 2^%d", atMost(n), m.at.a.o.MaxSlots)
	case n > mostEntries/dim:
		m.why = fmt.Sprintf("%d combinations of extreme choices with %d entries each are more than memory is given to", n, dim)
	default:
		return m.all(ctx, n)
	}
	rng := rand.New(rand.NewPCG(m.at.a.o.Seed, 0x6d617472))
	if m.elements, err = m.at.evaluate(ctx, m.at.samples(rng, sampled)); err != nil {
		return err
	}
	middle, err := m.at.evaluate(ctx, m.at.middle())
	m.elements = append(m.elements, middle...)
	return err
}

func (m *matrixSet) all(ctx context.Context, n int) (err error) {
	c := m.at.corners()
	if m.elements, err = m.at.evaluate(ctx, plan{n, c.at}); err != nil {
		return err
	}
	m.complete = true
	m.affine, _ = m.at.affine()
	if !m.affine && m.at.x.IsExact() {
		m.affine, _ = c.separable(m.elements)
	}
	return nil
}

// single runs the program and its Jacobian once, with the given values of the
// active slots.
func (p *at) single(s assignment) (value, element clarke.Vector, err error) {
	if p.x.IsExact() {
		slots := p.a.zeroSlots()
		for b, c := range s {
			into := slots[p.a.slots[p.kinks[b].Slot.Node]]
			for i, e := range p.kinks[b].Entries {
				into[e] = big.NewRat(int64(c.weights[i]), int64(c.over))
			}
		}
		out, err := p.a.exact.Run(slices.Concat(p.x.Exact(), slots)...)
		if err != nil {
			return value, element, err
		}
		return clarke.Rational(out[0]), clarke.Rational(slices.Concat(out[1:]...)), nil
	}
	slots := buffers(p.a.g.Slots())
	for b, c := range s {
		into := slots[p.a.slots[p.kinks[b].Slot.Node]]
		for i, e := range p.kinks[b].Entries {
			into[e] = float64(c.weights[i]) / float64(c.over)
		}
	}
	out := buffers(p.a.g.Out())
	if err := p.a.float.Run(out, slices.Concat(p.x.Floats(), slots)...); err != nil {
		return value, element, err
	}
	element = clarke.Floats(slices.Concat(out[1:]...))
	for i, x := range element.Float {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return value, element, &NonFiniteError{i, x}
		}
	}
	return clarke.Floats(out[0]), element, nil
}

// buffers returns zeros for every node.
func buffers(nodes []expr.Node) [][]float64 {
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		out[i] = make([]float64, n.Shape().Size())
	}
	return out
}

// ofRankOne reports whether every active block changes the Jacobian by matrices
// u·rᵀ only, where for all choices in the block one of the two vectors is the
// same up to scale, whatever is chosen in the other blocks.
//
// A block acts where its op is differentiated and nowhere else: the change of the
// Jacobian is U·E·V, with V the tangents of the op's operands, U the derivative
// of the outputs by the op's, and E the change of the op's own derivative. An
// entry of a Step and a row of a Rank act on one entry of the op's output, so u
// is a column of U. Two tied entries of a Permutation change places: E is
// ±(1, −1)ᵀ(1, −1), perhaps with one row missing, and rᵀ is the difference of two
// rows of V. All ops of package expr are of that form; a user's own op is not
// trusted.
func (m *matrixSet) ofRankOne() bool {
	for i := range m.at.kinks {
		k := &m.at.kinks[i]
		op := k.Slot.Owner.Op()
		own, known := expr.Lookup(op.Name)
		switch {
		case !known || own != op:
			return false
		case k.Slot.Kind == expr.PermutationSlot && k.Count != 2:
			return false
		case k.Slot.Kind == expr.DirectionSlot && len(k.Entries) != 1:
			return false
		}
	}
	return true
}
