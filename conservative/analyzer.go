package conservative

import (
	"context"
	"errors"
	"math"
	"math/big"
	"sync"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Analyzer computes the conservative field of one program at many points. It is
// safe for concurrent use.
type Analyzer struct {
	f, g   *expr.Func // the program, and its gradient with open slots
	o      Options
	slots  map[expr.Node]int // slot nodes → position among the slots of g
	finder *ad.Finder

	value, float *vm.Program // f, and g at one point
	valueExact   *exact.Program
	exact        *exact.Program
	exactly      error

	once     sync.Once
	lanes    *vm.Program // g at one point, for many slot values
	lanesErr error
}

// NewAnalyzer compiles the gradient of f, a program of one scalar output.
func NewAnalyzer(f *expr.Func, o Options) (*Analyzer, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	a := &Analyzer{f: f, o: o, slots: map[expr.Node]int{}}
	var err error
	if a.g, err = ad.Gradient(f); err != nil {
		return nil, err
	}
	if o.Tol > 0 {
		if a.g, err = ad.Wire(a.g, ad.Within(o.Tol)); err != nil {
			return nil, err
		}
	}
	for i, n := range a.g.Slots() {
		a.slots[n] = i
	}
	if a.finder, err = ad.NewFinder(a.g); err != nil {
		return nil, err
	}
	if a.value, err = vm.Compile(f, vm.Options{}); err != nil {
		return nil, err
	}
	if a.float, err = vm.Compile(a.g, vm.Options{}); err != nil {
		return nil, err
	}
	a.exact, a.exactly = exact.Compile(a.g)
	a.valueExact, _ = exact.Compile(f) // floats serve where it has no rational value
	return a, nil
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
	if a.exactly != nil || a.o.Tol > 0 {
		x = clarke.FloatPoint(x.Floats()...)
	}
	if refused != "" {
		return a.refused(x, refused)
	}
	d, err := a.field(ctx, x)
	var fault *exact.FaultError
	if errors.As(err, &fault) { // numbers that grow too long
		return a.field(ctx, clarke.FloatPoint(x.Floats()...))
	}
	return d, err
}

func (a *Analyzer) field(ctx context.Context, x clarke.Point) (*Field, error) {
	p := &at{a: a, x: x}
	if err := p.findKinks(); err != nil {
		return nil, err
	}
	d := &Field{Arithmetic: p.arithmetic(), Value: p.value, Kinks: p.kinks, at: p}
	return d, d.build(ctx)
}

// refused is the field of a program without one: the value only.
func (a *Analyzer) refused(x clarke.Point, why string) (*Field, error) {
	p := &at{a: a, x: x}
	value, err := p.evaluateValue()
	return &Field{
		Arithmetic: p.arithmetic(), Refused: why, Value: value, Why: "the program is not certified to be locally Lipschitz: " + why,
		Distance: math.NaN(), HullContainsZero: clarke.Unknown, ContainsZero: clarke.Unknown, ContainsZeroWhy: "there is no field", at: p,
	}, err
}

// evaluateValue computes f, in rationals where that is possible.
func (p *at) evaluateValue() (clarke.Vector, error) {
	if p.x.IsExact() && p.a.valueExact != nil {
		if out, err := p.a.valueExact.Run(p.x.Exact()...); err == nil {
			return clarke.Rational(out[0]), nil
		}
	}
	out := []float64{0}
	return clarke.Floats(out), p.a.value.Run([][]float64{out}, p.x.Floats()...)
}

// findKinks finds the active blocks and computes f(x). Slots that are not active
// may hold anything.
func (p *at) findKinks() (err error) {
	if p.x.IsExact() {
		p.kinks, err = p.a.finder.AtExact(p.x.Exact()...)
	} else {
		p.kinks, err = p.a.finder.At(p.x.Floats()...)
	}
	if err != nil {
		return err
	}
	p.value, err = p.evaluateValue()
	return err
}

func (p *at) arithmetic() string {
	if p.x.IsExact() {
		return "rational"
	}
	return "float64"
}

// zeroSlots returns rational values 0 for all slots.
func (a *Analyzer) zeroSlots() [][]*big.Rat {
	out := make([][]*big.Rat, len(a.slots))
	for n, i := range a.slots {
		out[i] = make([]*big.Rat, n.Shape().Size())
		for j := range out[i] {
			out[i][j] = new(big.Rat)
		}
	}
	return out
}
