package ad

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
)

// numbers is the arithmetic of a model.
type numbers[T any] struct {
	of       func(p, q int64) T
	add, mul func(a, b T) T
	quo      func(a, b T) T
	isZero   func(a T) bool
	// same reports whether two computations of one number agree; size is the
	// sum of the magnitudes of what was added up, and of the direction, since
	// rows may be what rounding left of a 0.
	same   func(a, b T, size float64) bool
	float  func(a T) float64
	exact  func(a T) *big.Rat // nil in float64
	runs   func(p *program, in [][]T) ([][]T, error)
	zeroes func(n int) []T
	// worth is how many runs the transpose of a probe must save to be made, one more program. transposes
	// reports whether it runs.
	worth      int
	transposes func(p *program) bool
}

// roundingOfModel is the relative error that two ways of computing a number in
// float64 may differ by when a linearisation is checked against its program.
const roundingOfModel = 0x1p-30

var floatNumbers = numbers[float64]{
	of:     func(p, q int64) float64 { return float64(p) / float64(q) },
	add:    func(a, b float64) float64 { return a + b },
	mul:    func(a, b float64) float64 { return a * b },
	quo:    func(a, b float64) float64 { return a / b },
	isZero: func(a float64) bool { return a == 0 },
	same:   func(a, b, size float64) bool { return math.Abs(a-b) <= roundingOfModel*size },
	float:  func(a float64) float64 { return a },
	exact:  func(float64) *big.Rat { return nil },
	runs: func(p *program, in [][]float64) ([][]float64, error) {
		f, err := p.float()
		if err != nil {
			return nil, err
		}
		return runFloats(f, in)
	},
	zeroes: func(n int) []float64 { return make([]float64, n) },
	// To derive and compile a transpose takes as long as some hundred runs of it.
	worth:      1 << 7,
	transposes: func(*program) bool { return true },
}

var ratNumbers = numbers[*big.Rat]{
	of:     big.NewRat,
	add:    func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) },
	mul:    func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) },
	quo:    func(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) },
	isZero: func(a *big.Rat) bool { return a.Sign() == 0 },
	same:   func(a, b *big.Rat, _ float64) bool { return a.Cmp(b) == 0 },
	float:  func(a *big.Rat) float64 { f, _ := a.Float64(); return f },
	exact:  func(a *big.Rat) *big.Rat { return a },
	runs:   func(p *program, in [][]*big.Rat) ([][]*big.Rat, error) { return p.exact.Run(in...) },
	zeroes: func(n int) []*big.Rat {
		out := make([]*big.Rat, n)
		for i := range out {
			out[i] = new(big.Rat)
		}
		return out
	},
	worth:      1,
	transposes: func(p *program) bool { return p.exactly == nil },
}

// model is a linearisation in the making, in one arithmetic.
type model[T any] struct {
	*numbers[T]
	ctx               context.Context // of the one computation
	kinks             []Kink
	levels            []int // first block of every level of kinks, then their number
	slots             []expr.Node
	slotOf            map[expr.Node]int // position in slots
	members, throughs []int
	switches, outputs []modelRow[T]

	// A direction and slots in general position, with the tangents of the members
	// and of what passes there.
	dx     []T
	lambda [][]T // by block and entry
	zdot   []T
	v      []T
	rng    *rand.Rand
}

// run runs a program unless the context has ended.
func (m *model[T]) run(p *program, in [][]T) ([][]T, error) {
	if err := m.ctx.Err(); err != nil {
		return nil, err
	}
	return m.runs(p, in)
}

type modelRow[T any] struct {
	x     []T
	terms []modelTerm[T]
}

type modelTerm[T any] struct {
	through int
	c       T
}

func newModel[T any](ctx context.Context, a *numbers[T], l *Linearizer, kinks []Kink, levels []int) *model[T] {
	m := &model[T]{numbers: a, ctx: ctx, kinks: kinks, levels: append(levels, len(kinks)), slots: l.slots, slotOf: map[expr.Node]int{}, members: []int{0}, throughs: []int{0}}
	for i, n := range l.slots {
		m.slotOf[n] = i
	}
	for b := range kinks {
		m.members = append(m.members, m.members[b]+kinks[b].Tied())
		m.throughs = append(m.throughs, m.throughs[b]+kinks[b].Throughs())
	}
	m.rng = rand.New(rand.NewPCG(genericSeed, 0))
	m.draw(total(l.f.Wrt()))
	return m
}

// genericSeed is that of the point in general position at which coefficients are
// read off; they do not depend on it.
const genericSeed = 0x67656e65

// draw chooses a direction of odd integers and slots between 0 and 1.
func (m *model[T]) draw(n int) {
	m.dx = m.zeroes(n)
	for i := range m.dx {
		m.dx[i] = m.of(2*m.rng.Int64N(1<<10)+1-(1<<10), 1)
	}
	m.lambda = make([][]T, len(m.kinks))
	for b := range m.kinks {
		m.lambda[b] = m.zeroes(len(m.kinks[b].Entries))
		for e := range m.lambda[b] {
			m.lambda[b][e] = m.of(2*m.rng.Int64N(128)+1, 256)
		}
	}
}

// evaluate returns the tangent of a row along dx, given what passes the kinks,
// and the sum of the magnitudes of its terms.
func (m *model[T]) evaluate(r *modelRow[T]) (sum T, size float64) {
	sum = m.of(0, 1)
	plus := func(a, b T) {
		p := m.mul(a, b)
		sum, size = m.add(sum, p), size+math.Abs(m.float(p))
	}
	for i, c := range r.x {
		if !m.isZero(c) {
			plus(c, m.dx[i])
		}
	}
	for _, t := range r.terms {
		plus(t.c, m.v[t.through])
	}
	return sum, size
}

// pass computes the tangents of block b's members and of what passes it.
func (m *model[T]) pass(b int) {
	lo, hi := m.members[b], m.members[b+1]
	for i := lo; i < hi; i++ {
		z, _ := m.evaluate(&m.switches[i])
		m.zdot = append(m.zdot, z)
	}
	n := hi - lo
	for t := range m.throughs[b+1] - m.throughs[b] {
		sum := m.of(0, 1)
		for k := range n {
			sum = m.add(sum, m.mul(m.lambda[b][t*n+k], m.zdot[lo+k]))
		}
		m.v = append(m.v, sum)
	}
}

// rounded returns the model in float64.
func (m *model[T]) rounded() *model[float64] {
	to := &model[float64]{numbers: &floatNumbers, ctx: m.ctx, kinks: m.kinks, levels: m.levels, slots: m.slots, slotOf: m.slotOf, members: m.members, throughs: m.throughs, rng: m.rng}
	to.dx, to.zdot, to.v = m.floats(m.dx), m.floats(m.zdot), m.floats(m.v)
	for b := range m.lambda {
		to.lambda = append(to.lambda, m.floats(m.lambda[b]))
	}
	for i := range m.switches {
		r := modelRow[float64]{x: m.floats(m.switches[i].x)}
		for _, t := range m.switches[i].terms {
			r.terms = append(r.terms, modelTerm[float64]{t.through, m.float(t.c)})
		}
		to.switches = append(to.switches, r)
	}
	return to
}

func (m *model[T]) floats(x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = m.float(v)
	}
	return out
}

// publish returns the linearisation; float has the outputs if m has none.
func (m *model[T]) publish(float *model[float64]) *Linearization {
	l := &Linearization{Kinks: m.kinks, members: m.members, throughs: m.throughs}
	for i := range m.switches {
		l.Switch = append(l.Switch, m.row(&m.switches[i]))
	}
	for i := range m.outputs {
		l.Output = append(l.Output, m.row(&m.outputs[i]))
	}
	if m.outputs == nil && float != nil {
		for i := range float.outputs {
			l.Output = append(l.Output, float.row(&float.outputs[i]))
		}
	}
	return l
}

func (m *model[T]) row(r *modelRow[T]) Row {
	row := Row{X: m.floats(r.x)}
	if len(r.x) > 0 && m.exact(r.x[0]) != nil {
		for _, v := range r.x {
			row.Exact = append(row.Exact, m.exact(v))
		}
	}
	for _, t := range r.terms {
		row.Terms = append(row.Terms, Term{t.through, m.float(t.c), m.exact(t.c)})
	}
	return row
}
