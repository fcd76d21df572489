package ad

import (
	"errors"

	"github.com/tamegrad/tamegrad/expr"
)

// Jacobian returns the program of f and its dense Jacobian, with open slots. Its
// inputs are those of f; its outputs those of f, then one matrix of M rows, the
// entries of all outputs in order, by N columns, the entries of all inputs of
// f.Wrt() in order.
//
// All columns are computed at once in forward mode if N ≤ M, else all rows in
// backward mode. Whatever does not depend on the direction, values and slopes
// and selectors, is computed once. So for a program of V operations the cost is
// at most about V + 2NV or V + 2MV for ops with constant slopes, and twice the
// second term with products of variables; the memory of a tangent is N or M
// times that of its value, and so is the identity matrix of the seeds.
//
// The error is a *SizeError if a tangent has too many axes or entries.
func Jacobian(f *expr.Func) (*expr.Func, error) {
	if total(f.Wrt()) <= total(f.Out()) {
		return JacobianForward(f)
	}
	return JacobianBackward(f)
}

// JacobianForward is Jacobian in forward mode, whatever the shape is.
func JacobianForward(f *expr.Func) (*expr.Func, error) {
	if err := differentiable(f); err != nil {
		return nil, err
	}
	open, err := Forward(f)
	if err != nil {
		return nil, err
	}
	columns, err := seeded(open, open.In()[len(f.In()):], open.Out()[len(f.Out()):])
	if err != nil {
		return nil, err
	}
	return f.Graph().Func(expr.In(f.In()...), expr.Out(f.Out()...), expr.Out(expr.Transpose(columns, 1, 0)))
}

// JacobianBackward is Jacobian in backward mode, whatever the shape is.
func JacobianBackward(f *expr.Func) (*expr.Func, error) {
	if err := differentiable(f); err != nil {
		return nil, err
	}
	open, err := Backward(f)
	if err != nil {
		return nil, err
	}
	rows, err := seeded(open, open.In()[len(f.In()):], open.Out()[len(f.Out()):])
	if err != nil {
		return nil, err
	}
	return f.Graph().Func(expr.In(f.In()...), expr.Out(f.Out()...), expr.Out(rows))
}

func differentiable(f *expr.Func) error {
	if len(f.Wrt()) == 0 {
		return errors.New("ad: the program has no input to differentiate; add one with Graph.Input or Graph.Param")
	}
	return nil
}

// total returns the number of entries of all nodes.
func total(nodes []expr.Node) int {
	n := 0
	for _, m := range nodes {
		n += m.Shape().Size()
	}
	return n
}

// seeded runs the linear part of a derivative for every unit vector of its seeds
// (tangents or cotangents) and returns the results in rows.
func seeded(f *expr.Func, seeds, results []expr.Node) (expr.Node, error) {
	n := total(seeds)
	units, err := identity(f.Graph(), seeds, n)
	if err != nil {
		return expr.Node{}, err
	}
	laned, err := replayed(results, seeds, units, n)
	if err != nil {
		return expr.Node{}, err
	}
	for i, m := range laned {
		laned[i] = expr.Reshape(m, n, results[i].Shape().Size())
	}
	if len(laned) == 1 {
		return laned[0], nil
	}
	return expr.Concat(laned...), nil
}

// identity returns, for each seed, its part of all n unit vectors: lane k of them
// is the k-th unit vector. Only the ones are stored in the program.
func identity(g *expr.Graph, seeds []expr.Node, n int) ([]expr.Node, error) {
	out := make([]expr.Node, len(seeds))
	lane := 0
	for i, s := range seeds {
		size := s.Shape().Size()
		wide, err := expr.NewShape(append([]int{n}, s.Shape().Dims()...)...)
		if err != nil || wide.Rank() > expr.MaxRank {
			return nil, &SizeError{s, n}
		}
		at := make([]int32, size)
		for j := range at {
			at[j] = int32((lane+j)*size + j)
		}
		ones := expr.BroadcastTo(g.Const(1), size)
		out[i] = expr.Assemble(wide, []expr.Node{ones}, [][]int32{at})
		lane += size
	}
	return out, nil
}
