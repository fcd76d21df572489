package descent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Polish makes the answer of a method exact up to rounding, if the kinks that are active at the minimiser can
// be identified from it.
//
// Write f by absolute values of switches z (ad.Lock) and let P(x, τ) be the program in which each |zᵢ| is
// replaced by τᵢzᵢ. It is smooth, and f(x) = P(x, τ) wherever τᵢ = sign zᵢ(x) for zᵢ(x) ≠ 0, whatever
// the other τᵢ are. So near x* the function f is smooth on the active manifold M = {zᵢ = 0 for active i}, where it
// is P for τᵢ = sign zᵢ(x*) at the other switches, and P is its own Lagrangian there: with the adjoint
// cᵢ of |zᵢ|
//
//	∂P/∂τᵢ = cᵢ·zᵢ   and, on M,   ∇ₓP(x, τ) = ∇ₓP(x, 0) + Σ τᵢcᵢ∇zᵢ.
//
// The multiplier of zᵢ = 0 is cᵢτᵢ, and the second derivatives of P in x are those of the Lagrangian
// function, which a slot strictly inside its set, being of first order only, would miss in the program itself.
// x* minimises f on M if, with independent ∇zᵢ,
//
//	∇ₓP(x, τ) = 0,   zᵢ(x, τ) = 0 for active i.
//
// These are n + |active| equations for x and the active τ, whose Jacobian is regular if the ∇zᵢ are
// independent, no cᵢ is 0, and the second derivative is regular on the tangent space of M. So Newton's
// method converges quadratically. A solution with all |τᵢ| ≤ 1 has 0 in the conservative field of the program,
// and, as the switches are independent, in ∂f(x) (Griewank and Walther, "First- and second-order
// optimality conditions for piecewise smooth objective functions", Optim. Methods Softw. 31, 2016);
// dependent rows leave the question to the certificate.
type Polish struct {
	// Radius is within what distance, |z|/‖∇z‖ in the units of x, a kink is taken to be active at
	// first; 0 means that of the certificate. Other guesses follow.
	Radius float64
}

// Refinement is what Polish made of a result.
type Refinement struct {
	// Result is the polished one: its status is Stationary, and all points of its certificate are
	// within rounding of X. Where nothing was identified it is the result as it was.
	Result     *Result
	Identified bool
	Reason     string // a sentence
	// Active are the kinks on the manifold, in the order of the program; only those that act on f.
	Active []ActiveKink
	// Residual is the length of (∇ₓP, z) at the solution.
	Residual float64
}

// ActiveKink is a kink on whose switch the polished point lies.
type ActiveKink struct {
	Name   string  // of the switch, as in ad.AbsForm: "relu#3.s[2]"
	Switch float64 // its value at X, 0 up to rounding
	// Multiplier is τ in [−1, 1], the slope of |z| that makes the gradient 0: the slot is (1+τ)/2.
	Multiplier float64
}

// rounding is the part of 1 + |f| by which a polished value may exceed the one before: f is known no better.
const rounding = 0x1p-46

// Refine polishes a result of f. That nothing is identified is no error: then the result stays and Reason says
// why. Errors are *InputError for a result that does not fit f, those of the oracle and that of ctx.
func (p Polish) Refine(ctx context.Context, f *Program, from *Result) (*Refinement, error) {
	if len(from.X) != f.Dim() || !finite(from.X) || !(p.Radius >= 0) {
		return nil, &InputError{"Polish", "the result must be a finite point of the function and the radius at least 0"}
	}
	l, err := lock(f.Func())
	var form *ad.NoAbsNormalError
	if errors.As(err, &form) {
		return kept(from, fmt.Sprintf("The kinks have no switches to lock: %v.", err)), nil
	}
	if err != nil {
		return nil, err
	}
	signs, err := l.signs(from.X)
	if err != nil {
		return undefinedAt(from, err)
	}
	k := &kkt{lockedProgram: l, ctx: ctx}
	start := slices.Concat(from.X, signs)
	sets, err := k.guess(p, start, from)
	if err != nil {
		return undefinedAt(from, err)
	}
	reason := ""
	for _, set := range sets {
		k.v = slices.Clone(start)
		active, residual, why, err := k.identify(set)
		if err != nil && ctx.Err() == nil {
			why, err = err.Error(), nil // a switch is NaN beyond the domain
		}
		if err != nil {
			return nil, err
		}
		if why == "" {
			var r *Refinement
			if r, why, err = k.conclude(f, from, active, residual); err != nil || why == "" {
				return r, err
			}
		}
		if reason == "" {
			reason = why
		}
	}
	return kept(from, fmt.Sprintf("No guess of the active kinks was confirmed; for the first, %s.", reason)), nil
}

func kept(from *Result, reason string) *Refinement { return &Refinement{Result: from, Reason: reason} }

// undefinedAt keeps a result at which a switch is NaN.
func undefinedAt(from *Result, err error) (*Refinement, error) {
	var nan *vm.NaNError
	if errors.As(err, &nan) {
		return kept(from, fmt.Sprintf("A switch is undefined at the point: %v.", err)), nil
	}
	return nil, err
}

// guess lists sets of switches that may be active.
func (k *kkt) guess(p Polish, start []float64, from *Result) ([][]int, error) {
	k.v = start
	_, distance, err := k.reach()
	if err != nil {
		return nil, err
	}
	both, err := k.straddled(from.Certificate)
	if err != nil {
		return nil, err
	}
	radius := p.Radius
	if radius == 0 {
		radius = from.Certificate.Radius
	}
	return guesses(distance, both, radius), nil
}

// conclude checks a solution and makes the refinement of it; why says what is wrong instead.
func (k *kkt) conclude(f *Program, from *Result, active []int, residual float64) (r *Refinement, why string, err error) {
	x := slices.Clone(k.v[:k.n])
	value, err := f.Evaluate(x, nil)
	if err != nil {
		return nil, "", err
	}
	before, err := f.Evaluate(from.X, nil)
	if err != nil {
		return nil, "", err
	}
	if !(value <= before+float64(rounding*(1+math.Abs(before)))) {
		return nil, fmt.Sprintf("f rises from %v to %v", before, value), nil
	}
	c, calls, err := k.certify(f, x, active)
	if err != nil {
		return nil, "", err
	}
	if len(c.Points) == 0 || !(c.Distance <= stationaryTolerance*(1+longest(c.Gradients))) {
		return nil, fmt.Sprintf("the pieces around the point have the distance %.2g from 0", c.Distance), nil
	}
	r = &Refinement{Identified: true, Residual: residual}
	out := *from
	out.X, out.F, out.Certificate, out.Calls = x, value, c, from.Calls+calls+2
	out.Status = Stationary
	out.Message = fmt.Sprintf("Newton's method on the manifold of %d kinks ends with the residual %.2g; gradients within %.2g of the point come within %.2g of 0.", len(active), residual, c.Radius, c.Distance)
	r.Result, r.Reason = &out, out.Message
	z, err := k.values(x)
	for _, i := range active {
		r.Active = append(r.Active, ActiveKink{k.names[i], z[i], k.v[k.n+i]})
	}
	return r, "", err
}
