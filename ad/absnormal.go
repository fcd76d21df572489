package ad

import (
	"errors"
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// AbsForm is the abs-normal form of a program as a program of the point
// (Griewank, On stable piecewise linearization and generalized algorithmic
// differentiation, Optim. Methods Softw. 28, 2013; Griewank and Walther). With s
// switching variables z, n inputs x and m outputs y, all flat,
//
//	z = c + Z·x + L·|z|    L strictly lower triangular
//	y = b + J·x + Y·|z|
//
// is the piecewise linearisation at the point: it has the value and the
// directional derivatives of the program there, its error is of second order,
// and for a piecewise affine program it is the program itself, everywhere.
// (ADOL-C writes J and Y the other way round.)
type AbsForm struct {
	// Func computes, from the inputs of the program, c, Z, L, b, J and Y. It has
	// no slots and runs in rationals if the program does.
	Func *expr.Func
	// Names are those of the switching variables: the kink's slot and the entry,
	// as in "relu#3.s[2]". They stand in the order of the nodes, for one node in
	// the order of its slots, then of entries. The order depends on nothing but
	// the program. The slot of a maximum has one variable for each entry but the
	// first: amax#3.w[j] compares entry j with the largest before it.
	Names []string

	program *vm.Program
	inputs  []expr.Node // to differentiate
	at      []int       // their positions in Func.In()
}

// AbsNormal returns the abs-normal form of f with respect to the inputs f.Wrt().
// Each kink is rewritten by absolute values, relu(z) as (z + |z|)/2, in a form that
// is derived from the slopes of its op, so a user's own scalar kink has one too;
// norm1 and norminf are written by abs, and the largest or smallest entry of an
// axis as nested maxima in the order of entries. The Jacobian of the rewritten
// program, which is smooth in x and |z|, is the form.
//
// The error is a *NoAbsNormalError for programs with an op that has no such form:
// norm2, orders and ranks between the first and the last, jumps.
func AbsNormal(f *expr.Func) (*AbsForm, error) {
	if err := differentiable(f); err != nil {
		return nil, err
	}
	r := newAbsRewriter(f)
	if err := r.write(); err != nil {
		return nil, err
	}
	if len(r.symbols) == 0 {
		return nil, errors.New("ad: the program has no switching variable: no kink depends on its inputs; its linearisation is the Jacobian")
	}
	out, err := r.matrices()
	if err != nil {
		return nil, err
	}
	form := &AbsForm{Names: r.names, inputs: f.Wrt()}
	if form.Func, err = f.Graph().Func(expr.In(f.In()...), expr.Out(out...)); err != nil {
		return nil, err
	}
	for i, n := range f.In() {
		for _, x := range form.inputs {
			if n == x {
				form.at = append(form.at, i)
			}
		}
	}
	form.program, err = vm.Compile(form.Func, vm.Options{})
	return form, err
}

// NoAbsNormalError names a node that cannot be written by absolute values.
type NoAbsNormalError struct {
	Node   expr.Node
	Reason string
}

func (e *NoAbsNormalError) Error() string {
	return fmt.Sprintf("ad: no abs-normal form: %v %s", e.Node, e.Reason)
}

// matrices returns c, Z, L, b, J and Y.
func (r *absRewriter) matrices() ([]expr.Node, error) {
	g, wrt := r.f.Graph(), r.f.Wrt()
	s, n, m := total(r.symbols), total(wrt), total(r.f.Out())
	var roots []expr.Node
	roots = append(roots, r.switches...)
	for _, y := range r.f.Out() {
		roots = append(roots, r.twin(y).symbolic)
	}
	smooth, err := g.Func(expr.In(r.f.In()...), expr.In(r.symbols...), expr.Out(roots...))
	if err != nil {
		return nil, err
	}
	jacobian, err := Jacobian(smooth)
	if err != nil {
		return nil, err
	}
	absolute := make([]expr.Node, len(r.actual))
	for i, z := range r.actual {
		absolute[i] = expr.Abs(z)
	}
	full, err := replayed(jacobian.Out()[len(roots):], r.symbols, absolute, 0)
	if err != nil {
		return nil, err
	}
	upper, lower := rowRange(full[0], 0, s), rowRange(full[0], s, s+m)
	x, z, abs, y := flatten(wrt), flatten(r.actual), flatten(absolute), flatten(r.f.Out())
	zx, zu := expr.Slice(upper, 0, n), expr.Slice(upper, n, n+s)
	yx, yu := expr.Slice(lower, 0, n), expr.Slice(lower, n, n+s)
	return []expr.Node{remainder(z, zx, x, zu, abs), zx, zu, remainder(y, yx, x, yu, abs), yx, yu}, nil
}

// remainder is the constant of an affine function of x and |z| with a given value.
func remainder(value, ofX, x, ofAbs, abs expr.Node) expr.Node {
	return expr.Sub(value, expr.Add(expr.MatMul(ofX, x), expr.MatMul(ofAbs, abs)))
}

var slice = primitive("slice")

// rowRange returns rows lo ≤ i < hi of a matrix.
func rowRange(x expr.Node, lo, hi int) expr.Node { return slice.Apply(expr.Ints(2, lo, hi, 1), x) }

// flatten joins the entries of all nodes in one vector.
func flatten(nodes []expr.Node) expr.Node {
	flat := make([]expr.Node, len(nodes))
	for i, n := range nodes {
		flat[i] = expr.Reshape(n, n.Shape().Size())
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return expr.Concat(flat...)
}
