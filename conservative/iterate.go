package conservative

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// Iteration is x₊ = F(x, θ), for a program F of a state x and parameters θ with as
// many outputs as the state has entries. It is safe for concurrent use.
//
// Differentiating every step gives the piggyback iteration
//
//	J₊ = A·J + B,  [A B] ∈ J_F(x, θ),
//
// with A the derivative by the state and B that by the parameters (J. Bolte,
// E. Pauwels, S. Vaiter, "Automatic differentiation of nonsmooth iterative
// algorithms", NeurIPS 2022). Matrices are flat and row-major, with one row for
// each entry of the state in the order given, and one column for each entry of
// the other inputs of F.Wrt().
type Iteration struct {
	s             *squareSystem
	Rows, Columns int
}

// NewIteration compiles the iteration of f; the state lists some inputs of
// f.Wrt(), whose entries in order are those of all outputs. The error is a
// *SystemError if the sizes do not fit.
func NewIteration(f *expr.Func, state []expr.Node, o Options) (*Iteration, error) {
	s, err := newSquareSystem(f, state, o)
	if err != nil {
		return nil, err
	}
	return &Iteration{s, s.rows, len(s.known) / s.rows}, nil
}

// Iterate is one step of a piggyback iteration.
type Iterate struct {
	Step     int           // k, counted from 0
	State    clarke.Vector // x_k, the entries of all state inputs in order
	Jacobian clarke.Vector // J_k
}

// Piggyback runs the iteration from a point, which has a value for every input of
// F, with elements of J_F chosen by a schedule. It yields steps 0, 1, 2, … for as
// long as they are asked for, and ends after the first error. J₀ is 0 if start is
// the zero Vector, as for an initial state that does not depend on θ.
//
// It computes in rationals if the point, J₀ and the program are rational; numbers
// may then grow until an *exact.FaultError ends it. A point at which F is not
// certified locally Lipschitz is a *RefusedError.
func (it *Iteration) Piggyback(ctx context.Context, at clarke.Point, start clarke.Vector, c Schedule) iter.Seq2[Iterate, error] {
	return func(yield func(Iterate, error) bool) {
		r, err := it.begin(at, start, c)
		for err == nil {
			if err = ctx.Err(); err != nil {
				break
			}
			if !yield(r.now, nil) {
				return
			}
			err = r.advance()
		}
		yield(Iterate{}, err)
	}
}

// piggyback is an iteration under way.
type piggyback struct {
	s   *squareSystem
	c   Schedule
	x   clarke.Point
	now Iterate
}

func (it *Iteration) begin(x clarke.Point, start clarke.Vector, c Schedule) (*piggyback, error) {
	if err := x.Check(it.s.scalar); err != nil {
		return nil, err
	}
	size := it.Rows * it.Columns
	switch {
	case c.choose == nil:
		return nil, &SystemError{"the schedule is empty; use Wired, Scheduled or Drawn"}
	case start.Float == nil:
		start = clarke.Rational(rationals.zeros(size))
	case len(start.Float) != size:
		return nil, &SystemError{fmt.Sprintf("the first Jacobian has %d entries; %d × %d are needed", len(start.Float), it.Rows, it.Columns)}
	}
	s := *it.s
	if c.wiring != nil {
		j, err := it.s.wired(*c.wiring)
		if err != nil {
			return nil, err
		}
		s.jacobians = j
	}
	if x = s.inArithmetic(x); !x.IsExact() || start.Exact == nil {
		x, start = clarke.FloatPoint(x.Floats()...), clarke.Floats(start.Float)
	}
	r := &piggyback{s: &s, c: c, x: x, now: Iterate{Jacobian: start}}
	r.now.State = s.stateOf(x)
	return r, nil
}

// advance takes one step of states and Jacobians.
func (r *piggyback) advance() error {
	refused, err := r.s.refusal(r.x)
	if err != nil {
		return err
	}
	if refused != "" {
		return &RefusedError{fmt.Sprintf("%s, at step %d", refused, r.now.Step)}
	}
	kinks, err := r.s.kinks(r.x)
	if err != nil {
		return err
	}
	choices, err := r.c.choose(kinks, r.now.Step)
	if err != nil {
		return err
	}
	next, element, err := r.s.element(r.x, kinks, choices)
	if err != nil {
		return err
	}
	a, b := entriesOf(element, r.s.unknown), entriesOf(element, r.s.known)
	r.now = Iterate{r.now.Step + 1, next, productIn(r.s.rows, a, r.now.Jacobian, b)}
	r.x = r.s.withState(r.x, next)
	return nil
}

// stateOf picks the state out of a point.
func (s *squareSystem) stateOf(x clarke.Point) clarke.Vector {
	var parts []clarke.Vector
	for _, n := range s.unknowns {
		parts = append(parts, x[slices.Index(s.f.In(), n)])
	}
	return clarke.Concat(parts)
}

// withState returns the point with another state.
func (s *squareSystem) withState(x clarke.Point, state clarke.Vector) clarke.Point {
	x = slices.Clone(x)
	for i, part := range clarke.Split(state, s.unknowns) {
		x[slices.Index(s.f.In(), s.unknowns[i])] = part
	}
	return x
}
