package descent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
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
// (∇zᵢ at fixed |zⱼ| for j < i). The multiplier of zᵢ = 0 is cᵢτᵢ, and the second derivatives of P in x are those of the
// Lagrangian function. (The program's own with slots strictly inside their sets mean nothing: see ad.WireByPieces.)
// If the ∇zᵢ are independent, x* minimises f on M only if
//
//	∇ₓP(x, τ) = 0,   zᵢ(x, τ) = 0 for active i.
//
// These are n + |active| equations for x and the active τ, whose Jacobian is regular if the ∇zᵢ are
// independent, no cᵢ is 0, and the second derivative is regular on the tangent space of M. So Newton's
// method converges quadratically. A solution with all |τᵢ| ≤ 1 has 0 in the conservative field of the program,
// and, as the switches are independent, in ∂f(x) (Griewank and Walther, "First- and second-order
// optimality conditions for piecewise smooth objective functions", Optim. Methods Softw. 31, 2016);
// dependent rows leave the question to the certificate. Conversely a minimiser with independent switches has such τ, but a
// point that is only Clarke stationary need not: D is no convex set. The second order is not looked at, beyond that f does
// not rise.
//
// The answer need not be near x* for that: before, Refine follows the manifold of the kinks near it downhill (see [Auto]).
//
// Kinks without switches, those of norm2 at 0, of long orders and of jumps, are not identified: a minimiser on one is kept as
// it was. Refine compiles the program anew each time, and its equations are dense: with up to 1000 variables and
// switches together.
type Polish struct {
	// Radius is within what distance, |z|/‖∇z‖ in the units of x, a kink is taken to be active at
	// first; 0 means that of the certificate. Other guesses follow.
	Radius float64
}

// Refinement is what Polish made of a result.
type Refinement struct {
	// Result is the polished one: its status is Stationary, for a Distance of at most 10⁻⁹ in units of 1 plus the longest
	// gradient. The points of its certificate are looked for from 2⁻⁵⁰(1 + ‖X‖) on, and its Radius says how far they
	// are. X itself may lie off the kinks by its rounding. Where nothing was identified it is the result as it was.
	Result     *Result
	Identified bool
	Reason     string // a sentence
	// Active are the kinks on the manifold that act on f, in the order of the program.
	Active []ActiveKink
	// Residuals are the lengths of (∇ₓP, z) along the last run of Newton's method. They fall quadratically until
	// rounding unless the solution is degenerate.
	Residuals []float64
	// Proved says that 0 ∈ ∂f(X) was proved at X itself, by clarke.At in rationals. That takes a
	// minimiser that is a vector of floats, a program that is rational, and few kinks.
	Proved bool
}

// ActiveKink is a kink on whose switch the polished point lies.
type ActiveKink struct {
	Name   string  // of the switch, as in ad.AbsForm: "relu#3.s[2]"
	Switch float64 // its value at X, 0 up to rounding
	// Multiplier is τ in [−1, 1], the slope of |z| that makes the gradient 0: the slot is (1+τ)/2.
	Multiplier float64
}

// mostUnknowns bounds the dense equations: their matrix has the square of it.
const mostUnknowns = 1000

// farthestMove is how far Newton's method may lead, in units of 1 + ‖X‖: it may
// run off to another stationary point, or to infinity.
const farthestMove = 0.1

// mostPolishCalls bounds the oracle calls of a polish.
const mostPolishCalls = 1_000_000

// mostProved is for how many active kinks a proof is tried; it takes up to 2 to that power cells.
const mostProved = 8

// rounding is the part of 1 + |f| by which a polished value may exceed the one before: f is known no better.
const rounding = 0x1p-46

// Refine polishes a result of f. That nothing is identified, or that ctx ends first, is no error: then the result stays
// and Reason says why. Errors are *InputError for a result that does not fit f and those of the oracle.
func (p Polish) Refine(ctx context.Context, f Structured, from *Result) (*Refinement, error) {
	return p.refine(ctx, f, from, mostPolishCalls)
}

// refine is Refine for so many calls.
func (p Polish) refine(ctx context.Context, f Structured, from *Result, calls int) (*Refinement, error) {
	if err := fits(f); err != nil {
		return nil, err
	}
	if len(from.X) != f.Dim() || !finite(from.X) || !(p.Radius >= 0) {
		return nil, &InputError{"Polish", "the result must be a finite point of the function and the radius at least 0"}
	}
	form, err := ad.Lock(f.Func())
	if err != nil {
		return nil, err
	}
	if size := f.Dim() + len(form.Names); size > mostUnknowns {
		return kept(from, fmt.Sprintf("There are %d variables and switches, more than %d.", size, mostUnknowns)), nil
	}
	l, err := compileLocked(f.Func(), form)
	if err != nil {
		return nil, err
	}
	r, at, err := begin(ctx, from.Method, f, from.X, Limits{Calls: calls})
	if err == nil {
		var out *Refinement
		if out, err = (&refining{f, from, at.f, nil, r, &kkt{lockedProgram: l, ctx: ctx}}).refine(at, p.Radius); err == nil {
			return out, nil
		}
	}
	var end *stop
	if errors.As(err, &end) {
		return kept(from, "The polish ended before its answer was found. "+end.message), nil
	}
	if ctx.Err() != nil {
		return kept(from, "The polish was interrupted."), nil
	}
	return nil, err
}

func kept(from *Result, reason string) *Refinement { return &Refinement{Result: from, Reason: reason} }

// refining is a run of Polish.
type refining struct {
	f      Structured
	from   *Result
	before float64   // f there
	slid   []float64 // the point at the end of its way down the manifold
	*run
	*kkt
}

func (r *refining) refine(at *point, radius float64) (*Refinement, error) {
	s := newSlide(r.run, r.lockedProgram, at)
	if err := s.ended(s.descend()); err != nil {
		return nil, err
	}
	signs, err := r.signs(s.at.x)
	if err != nil {
		return nil, err
	}
	r.slid = s.at.x
	start := slices.Concat(r.slid, signs)
	sets, err := r.guess(start, radius)
	if err != nil {
		return nil, err
	}
	sets = distinct(append([][]int{s.active}, sets...))
	first := ""
	for _, set := range sets {
		r.v = slices.Clone(start)
		active, reason, err := r.identify(set)
		if err != nil {
			return nil, err
		}
		if reason == "" {
			var out *Refinement
			if out, reason, err = r.conclude(active); err != nil || reason == "" {
				return out, err
			}
		}
		if first == "" {
			first = reason
		}
	}
	return kept(r.from, fmt.Sprintf("No guess of the active kinks was confirmed; for the first, %s.", first)), nil
}

// guess lists sets of switches that may be active.
func (r *refining) guess(start []float64, radius float64) ([][]int, error) {
	_, distance, err := r.reach(start)
	if err != nil {
		return nil, err
	}
	both, err := r.straddled(r.from.Certificate)
	if radius == 0 {
		radius = r.from.Certificate.Radius
	}
	return guesses(distance, both, radius), err
}

// conclude checks a solution and makes the refinement of it; reason says what is wrong instead.
func (r *refining) conclude(active []int) (out *Refinement, reason string, err error) {
	x := slices.Clone(r.v[:r.n])
	value, reason, err := r.lower(x)
	if err != nil || reason != "" {
		return nil, reason, err
	}
	c, err := r.certify(asked{r.run}, x, active)
	if err != nil {
		return nil, "", err
	}
	if len(c.Points) == 0 || !small(c) {
		return nil, fmt.Sprintf("the hull of gradients around the solution has the distance %.2g from 0", c.Distance), nil
	}
	if last := r.residuals[len(r.residuals)-1]; last > stationaryTolerance*(1+longest(c.Gradients)) {
		return nil, fmt.Sprintf("Newton's method ends with the residual %.2g", last), nil
	}
	result := *r.from
	result.X, result.F, result.Certificate, result.Calls = x, value, c, r.from.Calls+r.run.result.Calls
	result.Status = Stationary
	result.Message = fmt.Sprintf("Newton's method on the manifold of %d active switches ends with the residual %.2g; gradients within %.2g of the point come within %.2g of 0.",
		len(active), r.residuals[len(r.residuals)-1], c.Radius, c.Distance)
	out = &Refinement{
		Result: &result, Identified: true, Reason: result.Message, Residuals: slices.Clone(r.residuals),
		Proved: len(active) <= mostProved && r.proved(x),
	}
	out.Active, err = r.kinks(x, active)
	return out, "", err
}

// lower returns f(x), and a reason if x is no improvement.
func (r *refining) lower(x []float64) (value float64, reason string, err error) {
	if d := distance(x, r.slid); d > farthestMove*(1+kernel.Norm(r.slid)) {
		return 0, fmt.Sprintf("the solution is %.2g away", d), nil
	}
	if value, err = r.run.at(x, nil); err != nil {
		return 0, "", err
	}
	if !(value <= r.before+float64(rounding*(1+math.Abs(r.before)))) {
		reason = fmt.Sprintf("f rises from %v to %v", r.before, value)
	}
	return value, reason, nil
}

// kinks describes the active switches that act on f at the solution.
func (r *refining) kinks(x []float64, active []int) (out []ActiveKink, err error) {
	z, err := r.values(x)
	if err != nil {
		return nil, err
	}
	weight, _, err := r.reach(r.v)
	for _, i := range active {
		if weight[i] > inert*slices.Max(weight) {
			out = append(out, ActiveKink{r.names[i], z[i], r.v[r.n+i]})
		}
	}
	return out, err
}

// proved says whether 0 ∈ ∂f(x) in rationals. Then the limiting gradients found have 0 in their hull, and it
// does not matter whether they are all.
func (r *refining) proved(x []float64) bool {
	var at [][]*big.Rat
	for _, in := range r.f.Func().In() {
		n := in.Shape().Size()
		row := make([]*big.Rat, n)
		for i := range row {
			row[i] = new(big.Rat).SetFloat64(x[i])
		}
		x, at = x[n:], append(at, row)
	}
	s, err := clarke.At(r.kkt.ctx, r.f.Func(), clarke.RationalPoint(at...), clarke.Options{Cells: 1 << mostProved})
	return err == nil && s.Arithmetic == "rational" && s.ContainsZero == clarke.Yes
}
