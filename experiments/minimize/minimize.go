package minimize

import (
	"context"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr"
)

// Report is the answer to a request.
type Report struct {
	*descent.Result

	Name    string           // of what was minimised, for people
	Problem *problem.Problem // nil for expressions
	Inputs  []string         // the flat names of the coordinates of X
	// Polished is what the polish found, nil if none was asked for.
	Polished *descent.Refinement
	// Certified is nil if the certificate holds when it is computed anew, else the first
	// thing in it that does not.
	Certified error

	f *expr.Func
}

// checkTolerance is how far the numbers of a certificate may be off when they are added up
// anew, relative to the longest gradient.
const checkTolerance = 1e-9

// Minimize runs the method. A run that ends early, also for ctx, is an answer; errors mean bad
// input: *MethodError, *explain.PointError, *descent.InputError, or what is wrong with the
// program.
func Minimize(ctx context.Context, q Request) (*Report, error) {
	m, err := q.method()
	if err != nil {
		return nil, err
	}
	return q.minimize(ctx, m)
}

func (q Request) minimize(ctx context.Context, m descent.Method) (*Report, error) {
	f, name, start, err := q.program()
	if err != nil {
		return nil, err
	}
	oracle, err := descent.NewProgram(f, ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	result, err := m.Minimize(ctx, oracle, start, q.Limits)
	if err != nil {
		return nil, err
	}
	r := &Report{Result: result, Name: name, Problem: q.Problem, Inputs: explain.Names(f.In()), f: f}
	if q.Polish && result.Status != descent.Interrupted {
		if r.Polished, err = (descent.Polish{}).Refine(ctx, oracle, result); err != nil {
			return nil, err
		}
		r.Result = r.Polished.Result
	}
	if r.hasCertificate() {
		r.Certified = r.Certificate.Check(oracle, r.X, checkTolerance)
	}
	return r, nil
}

// hasCertificate is false for a run that ended before it had one.
func (r *Report) hasCertificate() bool { return len(r.Certificate.Points) > 0 }
