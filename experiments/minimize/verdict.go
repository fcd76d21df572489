package minimize

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Bounds on the verdict, which enumerates cells of kinks: it depends on the input only, never on a
// clock.
const (
	verdictCoordinates = 128
	exactCoordinates   = 16      // in rationals
	verdictEntries     = 1 << 15 // numbers computed by the program and its gradient
	verdictCells       = 1 << 11
	verdictWork        = 1 << 19 // cells, times kinks, times coordinates squared
)

// verdict says what is known of the point that was found itself, whatever the certificate says of
// points around it.
type verdict struct {
	kinks int                     // active at the point exactly
	set   *clarke.Subdifferential // Clarke's at the point, or nil
	why   string                  // set is nil
	near  *neighbour              // or nil
}

// verdict looks at the point. When ctx ends, it is what is known by then.
func (r *Report) verdict(ctx context.Context) (v verdict, err error) {
	back, err := ad.Backward(r.f)
	if err != nil {
		return v, err
	}
	n := entries(back)
	if n > verdictEntries || len(r.X) > verdictCoordinates {
		v.why = fmt.Sprintf("not looked at: Clarke's set is not computed above %d coordinates or %d intermediate numbers", verdictCoordinates, verdictEntries)
		return v, nil
	}
	if slices.ContainsFunc(r.X, func(x float64) bool { return x-x != 0 }) {
		return verdict{why: "no verdict: x is not finite"}, nil
	}
	rational := n <= mixed.Largest && len(r.X) <= exactCoordinates
	if v, err = r.at(ctx, back, r.point(rational)); err == nil && rational && r.hasNeighbours(v) {
		v.near, err = r.near(ctx, back)
	}
	return v, err
}

// at looks at a point.
func (r *Report) at(ctx context.Context, back *expr.Func, x clarke.Point) (v verdict, err error) {
	if v.kinks, err = active(back, x); err == nil {
		v.set, err = clarke.At(ctx, r.f, x, clarke.Options{Cells: cells(v.kinks, len(r.X))})
	}
	if hasNoValue(err) {
		return verdict{why: "no verdict: " + err.Error()}, nil
	}
	return v, err
}

// cells is how many cells are enumerated: a cell asks for a direction in an open cone of as many
// constraints as there are kinks.
func cells(kinks, n int) int {
	return min(verdictCells, 2+verdictWork/(max(kinks, 1)*n*n))
}

// hasNoValue reports whether an error says that the program, or a switch, has no value at the point.
func hasNoValue(err error) bool {
	var nan *vm.NaNError
	var fault *vm.FaultError
	return errors.As(err, &nan) || errors.As(err, &fault)
}

// point returns X as a point of the program: in rationals, since floats are rational, or in floats.
func (r *Report) point(rational bool) clarke.Point {
	v := clarke.Floats(r.X)
	if rational {
		exactly := make([]*big.Rat, len(r.X))
		for i, x := range r.X {
			exactly[i] = new(big.Rat).SetFloat64(x)
		}
		v = clarke.Rational(exactly)
	}
	return clarke.Split(v, r.f.In())
}

// active counts the active kinks of a backward program, in rationals if that is possible.
func active(back *expr.Func, x clarke.Point) (int, error) {
	finder, err := ad.NewFinder(back)
	if err != nil {
		return 0, err
	}
	one := clarke.Rational([]*big.Rat{big.NewRat(1, 1)})
	in := append(x[:len(x):len(x)], one)
	if x.IsExact() {
		kinks, err := finder.AtExact(in.Exact()...)
		var unsupported *exact.UnsupportedError
		if !mixed.IsFault(err) && !errors.As(err, &unsupported) {
			return len(kinks), err
		}
	}
	kinks, err := finder.At(in.Floats()...)
	return len(kinks), err
}

// text is the verdict for people.
func (v verdict) text() string {
	switch s := v.set; {
	case s == nil:
		return v.why
	case s.Refused != "":
		return "no verdict: " + s.Refused
	case v.kinks == 0:
		return fmt.Sprintf("no kink is active; f is smooth there, with a gradient of norm %.3g", s.Distance)
	case s.Minimality == clarke.LocalMinimum:
		return "a local minimum, proved cell by cell"
	case s.Minimality == clarke.NotLocalMinimum:
		return fmt.Sprintf("not a local minimum: f decreases along %s; %s", list(s.Descent.Float), v.criticality()) + v.precision()
	}
	return v.criticality() + v.precision()
}

// precision qualifies what is not computed in rationals.
func (v verdict) precision() string {
	if v.set.Arithmetic == "rational" {
		return ""
	}
	return "; up to rounding"
}

// hasNeighbours says whether there may be a stationary point next to one that is not known to be one.
func (r *Report) hasNeighbours(v verdict) bool {
	return v.set != nil && v.set.Refused == "" && v.set.ContainsZero != clarke.Yes && r.hasCertificate() && r.Certificate.Radius > 0
}

// besideText says how a point on no kink, with a gradient that is not small, fits a certificate that is: floats seldom lie on a
// kink, and the certificate joins gradients from its sides.
func (r *Report) besideText(v verdict) string {
	if v.kinks > 0 || !r.hasNeighbours(v) || v.set.Distance <= 2*r.Certificate.Distance {
		return ""
	}
	return fmt.Sprintf("; status and certificate are about points within %.3g of x, and the kinks between them", r.Certificate.Radius)
}

// criticality says whether 0 ∈ ∂f(x).
func (v verdict) criticality() string {
	s, kinks := v.set, fmt.Sprintf("%d active kinks", v.kinks)
	if v.kinks == 1 {
		kinks = "1 active kink"
	}
	switch s.ContainsZero {
	case clarke.Yes:
		return kinks + ", Clarke stationary: 0 ∈ ∂f(x)"
	case clarke.No:
		return fmt.Sprintf("%s, not stationary: 0 is at distance %.3g from ∂f(x)", kinks, s.Distance)
	}
	return fmt.Sprintf("%s; 0 is at distance at most %.3g from ∂f(x), which is not known exactly: %s", kinks, s.Distance, s.Why)
}
