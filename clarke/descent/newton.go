package descent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Newton solves equations F(x) = 0, F: ℝⁿ → ℝⁿ locally Lipschitz, by the semismooth Newton method (L. Qi and J. Sun, "A
// nonsmooth version of Newton's method", Math. Programming 58, 1993): x ← x − tV⁻¹F(x), V the Jacobian of
// the branch that F takes along a direction in general position. Since then all switches with a row
// other than 0 are settled, V is the lexicographic derivative for every matrix of directions
// that starts with this one (K. Khan and P. Barton, "A vector forward mode of automatic
// differentiation for generalized derivative evaluation", Optim. Methods Softw. 30, 2015), and for
// piecewise smooth F a limiting Jacobian.
//
// With t = 1 it converges superlinearly from near a solution at which all limiting Jacobians are regular,
// quadratically if the pieces have Lipschitz Jacobians, and in one step from all points of a piece of
// an affine F that contains the solution. From afar t = 1, ½, … is the first that makes ½‖F‖² fall by the factor
// 1 − 2t·Decrease. Where F has kinks a step V⁻¹F need not be downhill, so another element is drawn then.
type Newton struct {
	Tolerance  float64 // of ‖F‖ in units of max(1, ‖x‖·‖V‖), ‖V‖ the longest row; 0 means 1e−13
	Decrease   float64 // below ½; 0 means 1e−4
	Iterations int     // 0 means 100
	Elements   int     // Jacobians tried at a point; 0 means 10
	Seed       uint64  // of the directions
}

const (
	newtonStream   = 0x6e6577746f6e
	mostNewtonHalf = 40 // halvings of a step
)

// The statuses of Newton, with Stalled, OutOfCalls and Interrupted.
const (
	Solved   Status = "solved"   // F(X) is 0 within the tolerance
	Singular Status = "singular" // all Jacobians that were drawn at X are singular
)

// Root is the best point that Newton found.
type Root struct {
	X, F       []float64
	Norm       float64   // ‖F‖
	Norms      []float64 // of the iterates from the start on
	Iterations int
	Calls      int // evaluations of F, with a Jacobian or without
	Status     Status
	Message    string // a sentence
	// Rank is that of the last Jacobian, up to rounding.
	Rank int
}

// Solve starts at a point, flat over the inputs of f. The outputs of f, flat, are the equations. Errors are
// *InputError for a program with more or fewer equations than inputs, a start at which they are not
// finite, or options that make no sense, and those of package ad.
func (o Newton) Solve(ctx context.Context, f *expr.Func, start []float64) (*Root, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	s, err := newEquations(f)
	if err != nil {
		return nil, err
	}
	if len(start) != s.n || !finite(start) {
		return nil, &InputError{"start", fmt.Sprintf("it must be %d finite numbers, one for each entry of the inputs", s.n)}
	}
	r := &Root{X: slices.Clone(start)}
	if r.F, err = s.value(r.X); err != nil {
		return nil, err
	}
	if r.Calls++; !finite(r.F) {
		return nil, &InputError{"start", "the equations have no finite value there; start inside their domain"}
	}
	r.Norm = kernel.Norm(r.F)
	r.Norms = []float64{r.Norm}
	return r, o.iterate(ctx, s, r, rand.New(rand.NewPCG(o.Seed, newtonStream)))
}

func (o Newton) complete() (Newton, error) {
	if err := checkOptions("Newton", o, o.Tolerance, o.Decrease, float64(o.Iterations), float64(o.Elements)); err != nil {
		return o, err
	}
	if o.Decrease >= .5 {
		return o, &InputError{"Newton.Decrease", fmt.Sprintf("it is %v; choose a number below 1/2, or 0 for the default", o.Decrease)}
	}
	defaultTo(&o.Tolerance, 1e-13)
	defaultTo(&o.Decrease, 1e-4)
	defaultTo(&o.Iterations, 100)
	defaultTo(&o.Elements, 10)
	return o, nil
}

func (o Newton) iterate(ctx context.Context, s *equations, r *Root, rng *rand.Rand) error {
	for r.Iterations < o.Iterations {
		moved, err := o.step(ctx, s, r, rng)
		if err != nil || !moved {
			return err
		}
		r.Iterations++
		r.Norms = append(r.Norms, r.Norm)
	}
	r.Status, r.Message = OutOfCalls, fmt.Sprintf("The limit of %d iterations was reached; ‖F‖ is %.2g.", o.Iterations, r.Norm)
	return nil
}

// step moves r, or ends the run.
func (o Newton) step(ctx context.Context, s *equations, r *Root, rng *rand.Rand) (moved bool, err error) {
	regular := false
	for range o.Elements {
		rows, err := s.element(r.X, rng)
		var nan *vm.NaNError
		if errors.As(err, &nan) {
			r.Status, r.Message = Singular, fmt.Sprintf("The Jacobian is undefined at the point (%v); ‖F‖ is %.2g.", nan, r.Norm)
			return false, nil
		}
		if err != nil {
			return false, err
		}
		r.Calls++
		size := max(1, float64(kernel.Norm(r.X)*longest(rows)))
		if r.Norm <= o.Tolerance*size {
			r.Status, r.Message = Solved, fmt.Sprintf("‖F‖ is %.2g after %d iterations.", r.Norm, r.Iterations)
			return false, nil
		}
		var d []float64
		d, r.Rank = leastSquares(ctx, rows, slices.Clone(r.F), s.n)
		if ctx.Err() != nil {
			r.Status, r.Message = Interrupted, "The run was interrupted."
			return false, nil
		}
		if r.Rank < s.n || !finite(d) {
			continue
		}
		regular = true
		if moved, err := o.search(s, r, d); err != nil || moved {
			return moved, err
		}
	}
	if !regular {
		r.Status = Singular
		r.Message = fmt.Sprintf("The %d Jacobians drawn at the point are singular, the last of rank %d for %d equations; ‖F‖ is %.2g.", o.Elements, r.Rank, s.n, r.Norm)
		return false, nil
	}
	r.Status, r.Message = Stalled, fmt.Sprintf("No Newton step decreases ‖F‖, which is %.2g.", r.Norm)
	return false, nil
}

// search backtracks from x − d.
func (o Newton) search(s *equations, r *Root, d []float64) (bool, error) {
	x := make([]float64, s.n)
	for t, i := 1.0, 0; i < mostNewtonHalf; t, i = t/2, i+1 {
		if move(x, r.X, -t, d); slices.Equal(x, r.X) {
			break
		}
		if !finite(x) {
			continue
		}
		value, err := s.value(x)
		if err != nil {
			return false, err
		}
		r.Calls++
		if norm := kernel.Norm(value); norm*norm <= float64((1-2*float64(t*o.Decrease))*float64(r.Norm*r.Norm)) && norm < r.Norm {
			r.X, r.F, r.Norm = x, value, norm
			return true, nil
		}
	}
	return false, nil
}
