package conservative

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Analyzer computes the conservative field of one program at many points. It is
// safe for concurrent use.
type Analyzer struct {
	f          *expr.Func
	o          Options
	linearizer *ad.Linearizer
	value      *vm.Program
	exact      *exact.Program // nil if f has no rational value
}

// NewAnalyzer compiles what the fields of f need. The outputs of f may have any
// shapes; it must have inputs to differentiate and no open slots.
func NewAnalyzer(f *expr.Func, o Options) (*Analyzer, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if len(f.Slots()) > 0 {
		return nil, &clarke.InputError{Why: "the program has open slots, so it is a derivative; give the program itself"}
	}
	a := &Analyzer{f: f, o: o}
	var err error
	if a.linearizer, err = ad.NewLinearizer(f, o.Tol); err != nil {
		return nil, err
	}
	a.exact, _ = exact.Compile(f)
	a.value, err = vm.Compile(f, vm.Options{})
	return a, err
}

// OptionError says that an option has no meaning.
type OptionError struct{ Option, Why string }

func (e *OptionError) Error() string { return "conservative: option " + e.Option + " " + e.Why }

func (o *Options) complete() error {
	if !(o.Tol >= 0) || math.IsInf(o.Tol, 0) {
		return &OptionError{"Tol", "must be finite and at least 0"}
	}
	if o.MaxSlots < 0 || o.MaxSlots > largestSlots {
		return &OptionError{"MaxSlots", "must be between 1 and 20, or 0 for 16"}
	}
	if o.MaxSlots == 0 {
		o.MaxSlots = defaultSlots
	}
	return nil
}

// At returns the field at x, see the function At.
func (a *Analyzer) At(ctx context.Context, x clarke.Point) (*Field, error) {
	refused, err := clarke.Refusal(a.f, x)
	if err != nil {
		return nil, err
	}
	d := &Field{Refused: refused, ContainsZero: clarke.Unknown, HullContainsZero: clarke.Unknown, options: a.o}
	if refused != "" {
		d.Why = (&RefusedError{refused}).Error()
		d.ContainsZeroWhy = "there is no field"
		d.Arithmetic, d.Distance = "float64", math.NaN()
		if x.IsExact() && a.o.Tol == 0 && a.linearizer.SwitchesExactly() == nil {
			d.Arithmetic = "rational"
		}
		d.Value, err = a.evaluate(x)
		return d, err
	}
	lin, err := a.linearize(ctx, x)
	switch {
	case ctx.Err() != nil:
		d.Arithmetic, d.Distance = "float64", math.Inf(1)
		d.Why = "the search ended before it began: " + context.Cause(ctx).Error()
		d.ContainsZeroWhy = d.Why
		return d, nil
	case err != nil:
		return nil, err
	}
	if err := d.adopt(lin); err != nil {
		return nil, err
	}
	if d.exact == nil {
		x = clarke.FloatPoint(x.Floats()...)
	}
	if d.Value, err = a.evaluate(x); err != nil {
		return nil, err
	}
	return d, d.build(ctx)
}

// linearize works in rationals where that is asked for and possible.
func (a *Analyzer) linearize(ctx context.Context, x clarke.Point) (*ad.Linearization, error) {
	if x.IsExact() && a.o.Tol == 0 {
		lin, err := a.linearizer.AtExact(ctx, x.Exact()...)
		var fault *exact.FaultError
		var unsupported *exact.UnsupportedError
		if err == nil || !errors.As(err, &fault) && !errors.As(err, &unsupported) {
			return lin, err
		}
	}
	return a.linearizer.At(ctx, x.Floats()...)
}

// evaluate computes f, in rationals where that is possible.
func (a *Analyzer) evaluate(x clarke.Point) (clarke.Vector, error) {
	if x.IsExact() && a.exact != nil {
		if out, err := a.exact.Run(x.Exact()...); err == nil {
			var flat []*big.Rat
			for _, v := range out {
				flat = append(flat, v...)
			}
			return clarke.Rational(flat), nil
		}
	}
	out := make([][]float64, len(a.f.Out()))
	for i, n := range a.f.Out() {
		out[i] = make([]float64, n.Shape().Size())
	}
	err := a.value.Run(out, x.Floats()...)
	var flat []float64
	for _, v := range out {
		flat = append(flat, v...)
	}
	return clarke.Floats(flat), err
}

// NonFiniteError says that a derivative is not finite.
type NonFiniteError struct {
	Coordinate int // of the gradient, or of the Jacobian row by row
	Value      float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("conservative: the gradient is %v at coordinate %d; look for an overflow or an infinite slope", e.Value, e.Coordinate)
}

// finite looks for the first number of a linearisation that is not finite.
func finite(lin *ad.Linearization) error {
	at := 0
	for _, rows := range [][]ad.Row{lin.Output, lin.Switch} {
		for i := range rows {
			for j, v := range rows[i].X {
				if v-v != 0 {
					return &NonFiniteError{at + j, v}
				}
			}
			for _, t := range rows[i].Terms {
				if t.Coefficient-t.Coefficient != 0 {
					return &NonFiniteError{at, t.Coefficient}
				}
			}
			if at += len(rows[i].X); at >= len(lin.Output)*len(rows[i].X) {
				at = 0
			}
		}
	}
	return nil
}
