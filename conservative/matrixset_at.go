package conservative

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// matrixSet is the conservative Jacobian J_F(x) of a program at a point, with
// what is known of it.
type matrixSet struct {
	j       *jacobians
	x       clarke.Point
	refused string // why there is no set; only the value is given then
	value   clarke.Vector
	kinks   []ad.Kink
	// elements are distinct elements of J_F(x), in lexicographic order: if complete
	// those at all products of extreme points, whose hull is conv J_F(x), see Field;
	// else samples, and why says so.
	elements []clarke.Vector
	complete bool
	why      string
}

// at returns the set at x, in rationals if that is possible.
func (j *jacobians) at(ctx context.Context, x clarke.Point) (*matrixSet, error) {
	refused, err := j.refusal(x)
	if err != nil {
		return nil, err
	}
	m := &matrixSet{j: j, x: j.inArithmetic(x), refused: refused}
	err = m.fill(ctx)
	var fault *exact.FaultError
	if errors.As(err, &fault) { // a division by zero, or numbers that grow too long
		m = &matrixSet{j: j, x: clarke.FloatPoint(x.Floats()...), refused: refused}
		err = m.fill(ctx)
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

// inArithmetic returns x in the arithmetic that the Jacobian is computed in there.
func (j *jacobians) inArithmetic(x clarke.Point) clarke.Point {
	if x.IsExact() && j.exactly == nil && j.o.Tol == 0 {
		return x
	}
	return clarke.FloatPoint(x.Floats()...)
}

func (m *matrixSet) arithmetic() string {
	if m.x.IsExact() {
		return "rational"
	}
	return "float64"
}

func (m *matrixSet) fill(ctx context.Context) (err error) {
	m.value, _, err = m.j.element(m.x, nil, nil)
	var nonFinite *NonFiniteError
	switch {
	case m.refused != "" && errors.As(err, &nonFinite):
		return nil
	case m.refused != "" || err != nil:
		return err
	}
	if m.kinks, err = m.j.kinks(m.x); err != nil {
		return err
	}
	return m.enumerate(ctx)
}

// kinks returns the active blocks.
func (j *jacobians) kinks(x clarke.Point) ([]ad.Kink, error) {
	if x.IsExact() {
		return j.finder.AtExact(x.Exact()...)
	}
	return j.finder.At(x.Floats()...)
}

// Bounds of what is enumerated: entries of all matrices, so that the steps that no
// context interrupts stay short, and elements drawn where there are more.
const (
	mostEntries = 1 << 21
	mostDrawn   = 256
)

// enumerate evaluates the products of extreme points, or the centre of all sets
// and random elements if there are too many.
func (m *matrixSet) enumerate(ctx context.Context) (err error) {
	n, finite := countProducts(m.kinks)
	dim := m.j.rows * total(m.j.f.Wrt())
	switch {
	case !finite:
		m.why = "an active norm takes any vector of a ball, so the hull is no polytope"
	case n > 1<<m.j.o.MaxSlots || n > mostEntries/dim:
		m.why = fmt.Sprintf("the active kinks have more combinations of extreme choices than the budget of %d", min(1<<m.j.o.MaxSlots, mostEntries/dim))
	}
	var next func() assignment
	if m.complete = m.why == ""; m.complete {
		next = productsOf(m.kinks)
	} else {
		n, next = mostDrawn, m.drawn()
	}
	for range n {
		if err := ctx.Err(); err != nil {
			m.complete, m.why = false, "the search was stopped"
			return err
		}
		_, e, err := m.j.element(m.x, m.kinks, next())
		if err != nil {
			return err
		}
		m.elements = append(m.elements, e)
	}
	slices.SortFunc(m.elements, compare)
	m.elements = slices.CompactFunc(m.elements, equal)
	return nil
}

// drawn returns a function that gives the centre of all slots' sets, then random
// values, the same at every call of drawn.
func (m *matrixSet) drawn() func() assignment {
	rng, first := rand.New(rand.NewPCG(0, 0x6d617472)), true
	return func() (s assignment) {
		if !first {
			return drawAssignment(m.kinks, rng)
		}
		first = false
		for i := range m.kinks {
			s = append(s, centre(&m.kinks[i]))
		}
		return s
	}
}

// drawAssignment draws a value for every block: with even chance an extreme point,
// else a random convex combination of three of them.
func drawAssignment(kinks []ad.Kink, rng *rand.Rand) (s assignment) {
	for i := range kinks {
		c := corner(&kinks[i], rng)
		if rng.IntN(2) == 0 {
			c = mixture(&kinks[i], rng)
		}
		s = append(s, c)
	}
	return s
}

// countProducts returns the number of products of extreme points, at most 2^32;
// finite is false if a block has no finite number of them.
func countProducts(kinks []ad.Kink) (n int, finite bool) {
	n = 1
	for i := range kinks {
		if kinks[i].Pieces == 0 {
			return 0, false
		}
		n = min(n*min(kinks[i].Pieces, 1<<21), 1<<32)
	}
	return n, true
}

// productsOf returns a function that gives one product of extreme points after the
// other, the last block varying fastest.
func productsOf(kinks []ad.Kink) func() assignment {
	var of [][]choice
	for i := range kinks {
		of = append(of, nil)
		for v := range kinks[i].Vertices() {
			of[i] = append(of[i], choice{v, 1})
		}
	}
	digits := make([]int, len(kinks))
	return func() (s assignment) {
		for b, d := range digits {
			s = append(s, of[b][d])
		}
		for b := len(digits) - 1; b >= 0; b-- {
			if digits[b]++; digits[b] < len(of[b]) {
				break
			}
			digits[b] = 0
		}
		return s
	}
}
