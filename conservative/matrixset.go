package conservative

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// jacobians computes elements of the conservative Jacobian of one program of any
// outputs, whose entries in order are the rows.
type jacobians struct {
	f      *expr.Func // the program, its outputs joined to one vector
	scalar *expr.Func // the sum of the outputs, which is as tame as they are
	tame   bool       // certified everywhere
	rows   int
	o      Options
	// g has two outputs, those of f and its Jacobian, with open slots.
	g       *expr.Func
	finder  *ad.Finder
	slots   map[expr.Node]int // slot nodes → position among the slots of g
	float   *vm.Program
	exact   *exact.Program
	exactly error // why there is no exact program
}

// newJacobians compiles the Jacobian of f.
func newJacobians(f *expr.Func, o Options) (*jacobians, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	dense, err := ad.Jacobian(f)
	if err != nil {
		return nil, err
	}
	var flat []expr.Node
	for _, n := range f.Out() {
		flat = append(flat, expr.Reshape(n, n.Shape().Size()))
	}
	joined := expr.Concat(flat...)
	j := &jacobians{rows: joined.Shape().Size(), o: o}
	if j.f, err = f.Graph().Func(expr.In(f.In()...), expr.Out(joined)); err != nil {
		return nil, err
	}
	if j.scalar, err = f.Graph().Func(expr.In(f.In()...), expr.Out(expr.Sum(joined))); err != nil {
		return nil, err
	}
	j.tame = j.scalar.Class().Certified()
	g, err := f.Graph().Func(expr.In(f.In()...), expr.Out(joined, dense.Out()[len(f.Out())]))
	if err == nil && o.Tol > 0 {
		g, err = ad.Wire(g, ad.Within(o.Tol))
	}
	if err != nil {
		return nil, err
	}
	return j, j.compile(g)
}

func (j *jacobians) compile(g *expr.Func) (err error) {
	j.g, j.slots = g, map[expr.Node]int{}
	for i, n := range g.Slots() {
		j.slots[n] = i
	}
	if j.finder, err = ad.NewFinder(g); err != nil {
		return err
	}
	j.exact, j.exactly = exact.Compile(g)
	j.float, err = vm.Compile(g, vm.Options{})
	return err
}

// wired returns the same with all slots closed.
func (j *jacobians) wired(w ad.Wiring) (*jacobians, error) {
	g, err := ad.Wire(j.g, w)
	switch {
	case err != nil:
		return nil, err
	case len(g.Slots()) > 0:
		return nil, &SystemError{fmt.Sprintf("the wiring leaves %d slots open; use a preset, AtSlot or Random", len(g.Slots()))}
	case len(g.In()) != len(j.f.In()):
		return nil, &SystemError{fmt.Sprintf("the wiring brings in %d inputs, which the point does not have; give constants as directions", len(g.In())-len(j.f.In()))}
	}
	closed := *j
	return &closed, closed.compile(g)
}

// columns lists the positions, within an element, of the columns that belong to
// the inputs listed, in that order, as a row-major matrix.
func (j *jacobians) columns(of []expr.Node) []int {
	start, width := map[expr.Node]int{}, 0
	for _, n := range j.f.Wrt() {
		start[n] = width
		width += n.Shape().Size()
	}
	var index []int
	for r := range j.rows {
		for _, n := range of {
			for c := range n.Shape().Size() {
				index = append(index, r*width+start[n]+c)
			}
		}
	}
	return index
}

// element runs the program and its Jacobian, with the given values of the active
// slots. Slots that are not active may hold anything.
func (j *jacobians) element(x clarke.Point, kinks []ad.Kink, s assignment) (value, element clarke.Vector, err error) {
	if x.IsExact() {
		slots := slotValues(j, kinks, s, new(big.Rat), big.NewRat)
		out, err := j.exact.Run(slices.Concat(x.Exact(), slots)...)
		if err != nil {
			return value, element, err
		}
		return clarke.Rational(out[0]), clarke.Rational(out[1]), nil
	}
	slots := slotValues(j, kinks, s, 0, func(p, q int64) float64 { return float64(p) / float64(q) })
	out := [][]float64{make([]float64, j.rows), make([]float64, j.rows*total(j.f.Wrt()))}
	if err := j.float.Run(out, slices.Concat(x.Floats(), slots)...); err != nil {
		return value, element, err
	}
	for i, v := range out[1] {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return clarke.Floats(out[0]), element, &NonFiniteError{i, v}
		}
	}
	return clarke.Floats(out[0]), clarke.Floats(out[1]), nil
}

// slotValues fills the slots of g.
func slotValues[T any](j *jacobians, kinks []ad.Kink, s assignment, zero T, of func(p, q int64) T) [][]T {
	slots := make([][]T, len(j.slots))
	for n, i := range j.slots {
		slots[i] = slices.Repeat([]T{zero}, n.Shape().Size())
	}
	for b, c := range s {
		into := slots[j.slots[kinks[b].Slot.Node]]
		for i, e := range kinks[b].Entries {
			into[e] = of(int64(c.weights[i]), int64(c.over))
		}
	}
	return slots
}

// total returns the number of entries of all nodes.
func total(nodes []expr.Node) int {
	n := 0
	for _, m := range nodes {
		n += m.Shape().Size()
	}
	return n
}
