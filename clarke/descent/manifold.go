package descent

import (
	"context"
	"errors"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// Structured is an Oracle that knows its program, as [Program] does, and so where its kinks are.
type Structured interface {
	Oracle
	// Func returns a program of f: x is flat over its inputs in their order.
	Func() *expr.Func
}

// Counting is a Structured oracle that wants to know of what methods ask its program themselves: values of switches and
// rows of second derivatives, which cost as much as calls and count as calls.
type Counting interface {
	Structured
	Count(calls int)
}

// manifold descends along the kinks of a program. Where a valley of f is a curve that many kinks have in common, as
// in Nesterov's functions, methods that only see gradients make tiny steps. It is an active set method (R. Womersley and R.
// Fletcher, "An algorithm for composite nonsmooth optimization problems", J. Optim. Theory Appl. 48, 1986) for the locked
// program P of [Polish].
//
// It keeps x on M = {zᵢ = 0 for active i}. A step is one of Newton's method for P on the tangent space of M, within a trust
// region, for the multipliers τ of least squares; then back to M, which is the second order correction of R. Fletcher ("Second
// order corrections for non-differentiable optimization", Lecture Notes in Math. 912, 1982). f itself decides on it. A kink
// that a step crosses in vain becomes active. One is released when f falls faster off it than along M: for its adjoint c > 0
// at the rate c(|τ| − 1)‖∇z‖, and for c < 0, where it is a ridge, at |c|(1 + |τ|)‖∇z‖.
//
// It ends where no step helps, nor one off a single kink of a corner, with the certificate of a polish. That need be no
// minimum: kinks whose gradients depend on each other, and kinks without switches, end it as well.
type manifold struct {
	f      Oracle
	locked *lockedProgram
}

const (
	// nearManifold is within what distance of the start, in the units of x, a kink may be active, and the radius of the
	// certificate. It is the default Radius of BFGS. Down to nearestManifold less is tried.
	nearManifold, nearestManifold = 1e-4, 1e-20
	// firstRegion is the first radius of the trust region, and lastRegion the last, in units of 1 + ‖x‖.
	firstRegion, lastRegion = 0.1, 0x1p-50
	// mostChords bounds the steps back to the manifold, which fail if they leave ‖z‖ above offManifold(1 + ‖x‖).
	mostChords  = 20
	offManifold = 1e-8
	// cornerRadius, in units of 1 + ‖x‖, is within what distance kinks meet at a corner, of which mostSides are tried.
	cornerRadius = 1e-12
	mostSides    = 16
	// manifoldTolerance is that of the certificate. It is the default Tolerance of BFGS.
	manifoldTolerance = 1e-6
	// mostNumbers bounds those in the rows of second derivatives, each as many as the program computes: 32 MB.
	mostNumbers = 1 << 22
	// valueRounding is the part of 1 + |f| below which a decrease is rounding.
	valueRounding = 0x1p-52
)

// newManifold returns nil for an oracle that is not Structured, or has more variables and switches than most, or computes
// too many numbers.
func newManifold(f Oracle, most int) (*manifold, error) {
	s, ok := f.(Structured)
	if !ok || f.Dim() > most {
		return nil, nil
	}
	if err := fits(s); err != nil {
		return nil, err
	}
	entries := 0
	for _, node := range s.Func().Nodes() {
		entries += node.Shape().Size()
	}
	if entries*f.Dim() > mostNumbers {
		return nil, nil
	}
	form, err := ad.Lock(s.Func())
	if err != nil {
		return nil, err
	}
	if rows := f.Dim() + len(form.Names); rows > most || rows*entries > mostNumbers {
		return nil, nil
	}
	locked, err := compileLocked(s.Func(), form)
	return &manifold{f, locked}, err
}

// fits checks that the program has the variables of the oracle.
func fits(f Structured) error {
	n := 0
	for _, in := range f.Func().In() {
		n += in.Shape().Size()
	}
	if n != f.Dim() || len(f.Func().Wrt()) != len(f.Func().In()) {
		return &InputError{"Structured", fmt.Sprintf("its program has %d variables, all to be differentiated, and the oracle %d; return a program of the same function", n, f.Dim())}
	}
	return nil
}

// Name implements Method.
func (*manifold) Name() string { return "manifold" }

// Minimize implements Method. Its calls are also those of the switches, and one for each row of second derivatives.
func (m *manifold) Minimize(ctx context.Context, _ Oracle, start []float64, l Limits) (*Result, error) {
	r, at, err := begin(ctx, m.Name(), m.f, start, l)
	if err != nil {
		return r.end(err)
	}
	s := newSlide(r, m.locked, at)
	err = s.certified(s.descend())
	var known cloud
	known.add(s.at.x, s.at.gradient)
	return r.conclude(err, &known, 0)
}

// ended is nil if a run ended because it stalled.
func (s *slide) ended(err error) error {
	var end *stop
	if errors.As(err, &end) && end.status == Stalled {
		return nil
	}
	return err
}

// certified ends a run that stalled with a certificate, if there is one.
func (s *slide) certified(ended error) error {
	if err := s.ended(ended); err != nil {
		return err
	}
	c, err := s.kkt.certify(asked{s.run}, s.result.X, s.active)
	if err != nil {
		return err
	}
	if len(c.Points) > 0 && c.Distance <= manifoldTolerance && c.Radius <= resolvable(s.result.X, nearManifold) {
		return s.stationary(c)
	}
	return ended
}

// asked is the oracle of a run, which counts its calls.
type asked struct{ *run }

// Dim implements Oracle.
func (a asked) Dim() int { return a.f.Dim() }

// Evaluate implements Oracle.
func (a asked) Evaluate(x, gradient []float64) (float64, error) { return a.at(x, gradient) }
