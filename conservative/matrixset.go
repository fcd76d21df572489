package conservative

import (
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// jacobians computes the conservative Jacobian of one program of any outputs,
// whose entries in order are the rows.
type jacobians struct {
	// a has the program with its outputs joined to one vector, and in place of the
	// gradient the Jacobian, cut into one block of columns for every input of
	// f.Wrt(). So evaluating it gives the blocks one after the other.
	a      *Analyzer
	scalar *expr.Func // the sum of all outputs, which is as tame as they are
	tame   bool       // certified everywhere
	rows   int
}

// newJacobians compiles the Jacobian of f.
func newJacobians(f *expr.Func, o Options) (*jacobians, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	j, err := ad.Jacobian(f)
	if err != nil {
		return nil, err
	}
	var flat, blocks []expr.Node
	for _, n := range f.Out() {
		flat = append(flat, expr.Reshape(n, n.Shape().Size()))
	}
	dense, at := j.Out()[len(f.Out())], 0
	for _, n := range f.Wrt() {
		blocks = append(blocks, expr.Slice(dense, at, at+n.Shape().Size()))
		at += n.Shape().Size()
	}
	joined := expr.Concat(flat...)
	value, err := f.Graph().Func(expr.In(f.In()...), expr.Out(joined))
	if err != nil {
		return nil, err
	}
	g, err := f.Graph().Func(expr.In(f.In()...), expr.Out(joined), expr.Out(blocks...))
	if err != nil {
		return nil, err
	}
	if o.Tol > 0 {
		if g, err = ad.Wire(g, ad.Within(o.Tol)); err != nil {
			return nil, err
		}
	}
	scalar, err := f.Graph().Func(expr.In(f.In()...), expr.Out(expr.Sum(joined)))
	if err != nil {
		return nil, err
	}
	a, err := compileJacobian(value, g, o)
	return &jacobians{a, scalar, scalar.Class().Certified(), joined.Shape().Size()}, err
}

// compileJacobian is what NewAnalyzer does, for a given derivative g of f.
func compileJacobian(f, g *expr.Func, o Options) (*Analyzer, error) {
	a := &Analyzer{f: f, g: g, o: o, slots: map[expr.Node]int{}}
	for i, n := range g.Slots() {
		a.slots[n] = i
	}
	var err error
	if a.finder, err = ad.NewFinder(g); err != nil {
		return nil, err
	}
	if a.value, err = vm.Compile(f, vm.Options{}); err != nil {
		return nil, err
	}
	if a.float, err = vm.Compile(g, vm.Options{}); err != nil {
		return nil, err
	}
	a.exact, a.exactly = exact.Compile(g)
	a.valueExact, _ = exact.Compile(f)
	return a, nil
}

// wired returns the Jacobian with its slots closed.
func (j *jacobians) wired(w ad.Wiring) (*jacobians, error) {
	g, err := ad.Wire(j.a.g, w)
	switch {
	case err != nil:
		return nil, err
	case len(g.Slots()) > 0:
		return nil, &SystemError{fmt.Sprintf("the wiring leaves %d slots open; use a preset, AtSlot or Random", len(g.Slots()))}
	case len(g.In()) != len(j.a.f.In()):
		return nil, &SystemError{fmt.Sprintf("the wiring brings in %d inputs, which the point does not have; give constants as directions", len(g.In())-len(j.a.f.In()))}
	}
	a, err := compileJacobian(j.a.f, g, j.a.o)
	return &jacobians{a, j.scalar, j.tame, j.rows}, err
}

// columns lists the positions, within an element, of the columns that belong to
// the inputs listed, in that order, as a row-major matrix.
func (j *jacobians) columns(of []expr.Node) []int {
	start, at := map[expr.Node]int{}, 0
	for _, n := range j.a.f.Wrt() {
		start[n] = at
		at += j.rows * n.Shape().Size()
	}
	var index []int
	for r := range j.rows {
		for _, n := range of {
			size := n.Shape().Size()
			for c := range size {
				index = append(index, start[n]+r*size+c)
			}
		}
	}
	return index
}
