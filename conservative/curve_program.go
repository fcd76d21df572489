package conservative

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// curveTester tests one rule on one program near one point. Numbers are rational
// in both arithmetics; in float64 they are values of floats, and only the runs
// of programs round.
type curveTester struct {
	ctx  context.Context
	f    *expr.Func
	rule Rule
	o    CurveOptions
	rng  *rand.Rand

	exactly bool
	inputs  [][]*big.Rat // the point
	floats  [][]float64  // the same
	moves   []bool       // which inputs are f.Wrt()
	x       []*big.Rat   // what those are, flat
	class   expr.Class   // of f, globally

	value  *twofold    // f
	sizes  *vm.Program // magnitudes of f in float64
	slopes *twofold    // the rule's gradient
	open   []expr.Node // its slots
	own    *ad.Finder  // of the kinks at which the rule leaves a choice
	strata *strata
	blocks []kinkBlock // what is active at x

	counts *[families]CurveCount
	blur   *float64 // the largest difference of slopes that was within rounding, where that decided
}

func newCurveTester(ctx context.Context, f *expr.Func, x clarke.Point, rule Rule, o CurveOptions) (*curveTester, error) {
	t := &curveTester{ctx: ctx, f: f, rule: rule, o: o, class: f.Class(), counts: new([families]CurveCount), blur: new(float64)}
	t.rng = rand.New(rand.NewPCG(o.Seed, 0x63757276))
	for i := range t.counts {
		t.counts[i].Family = CurveFamily(i)
	}
	g, err := rule.gradient(f)
	if err != nil {
		return nil, err
	}
	if t.value, err = compileTwofold(f); err != nil {
		return nil, err
	}
	sizes, err := ad.Magnitudes(f)
	if err != nil {
		return nil, err
	}
	if t.sizes, err = vm.Compile(sizes, vm.Options{}); err != nil {
		return nil, err
	}
	if t.slopes, err = compileTwofold(g); err != nil {
		return nil, err
	}
	t.open = g.Slots()
	if t.own, err = ad.NewFinder(g); err != nil {
		return nil, err
	}
	if t.strata, err = newStrata(f, g, o.Tol); err != nil {
		return nil, err
	}
	t.exactly = x.IsExact() && t.value.exact != nil && t.slopes.exact != nil && t.strata.isExact()
	t.place(x)
	return t, nil
}

// place makes x the point of the tester, in its arithmetic.
func (t *curveTester) place(x clarke.Point) {
	t.inputs, t.floats, t.moves, t.x = nil, x.Floats(), nil, nil
	wrt := t.f.Wrt()
	for i, n := range t.f.In() {
		v := x[i].Exact
		if v == nil || !t.exactly {
			v = ratsOf(x[i].Float)
		}
		moves := slices.Contains(wrt, n)
		if t.inputs, t.moves = append(t.inputs, v), append(t.moves, moves); moves {
			t.x = append(t.x, v...)
		}
	}
}

// rounded returns the same tester in float64.
func (t *curveTester) rounded() *curveTester {
	r := *t
	r.exactly = false
	r.place(clarke.RationalPoint(t.inputs...))
	return &r
}

func (t *curveTester) arithmetic() string {
	if t.exactly {
		return "rational"
	}
	return "float64"
}

// at returns all inputs where those of f.Wrt() have the entries p.
func (t *curveTester) at(p []*big.Rat) [][]*big.Rat {
	in := slices.Clone(t.inputs)
	for i, moves := range t.moves {
		if moves {
			in[i], p = p[:len(in[i])], p[len(in[i]):]
		}
	}
	return in
}

// point is the same for others to see.
func (t *curveTester) point(p []*big.Rat) clarke.Point {
	x := clarke.RationalPoint(t.at(p)...)
	if !t.exactly {
		return clarke.FloatPoint(x.Floats()...)
	}
	return x
}

// vector is a list of numbers for others to see.
func (t *curveTester) vector(v ...*big.Rat) clarke.Vector {
	out := clarke.Rational(v)
	if !t.exactly {
		out.Exact = nil
	}
	return out
}

// round returns the nearest point of the tester's arithmetic; what is too large for
// it becomes the largest number.
func (t *curveTester) round(p []*big.Rat) []*big.Rat {
	if t.exactly {
		return p
	}
	f := clarke.Rational(p).Float
	for i, v := range f {
		f[i] = max(min(v, math.MaxFloat64), -math.MaxFloat64)
	}
	return ratsOf(f)
}

// twofold is a program compiled for both arithmetics.
type twofold struct {
	f     *expr.Func
	exact *exact.Program // nil if it has no rational values
	float *vm.Program
}

func compileTwofold(f *expr.Func) (*twofold, error) {
	p := &twofold{f: f}
	if e, err := exact.Compile(f); err == nil {
		p.exact = e
	}
	var err error
	p.float, err = vm.Compile(f, vm.Options{})
	return p, err
}

// errNotANumber says that a run gave a number that is not finite.
var errNotANumber = errors.New("conservative: not a number")

// run returns the outputs. Rationals are not to be changed.
func (t *curveTester) run(p *twofold, in ...[]*big.Rat) ([][]*big.Rat, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	if t.exactly {
		return p.exact.Run(in...)
	}
	out := make([][]float64, len(p.f.Out()))
	for i, n := range p.f.Out() {
		out[i] = make([]float64, n.Shape().Size())
	}
	if err := p.float.Run(out, clarke.RationalPoint(in...).Floats()...); err != nil {
		return nil, err
	}
	rats := make([][]*big.Rat, len(out))
	for i, row := range out {
		for _, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, errNotANumber
			}
		}
		rats[i] = ratsOf(row)
	}
	return rats, nil
}

// ratsOf returns the values of finite floats.
func ratsOf(x []float64) []*big.Rat {
	out := ratZeros(len(x))
	for i, v := range x {
		if v != 0 {
			out[i] = new(big.Rat).SetFloat64(v)
		}
	}
	return out
}
