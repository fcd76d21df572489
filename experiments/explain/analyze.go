package explain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Request says what to analyse.
type Request struct {
	Expression string
	At         Point
	Presets    []ad.Preset // nil means all
	Along      []*big.Rat  // direction of a directional derivative, or nil
	Support    []*big.Rat  // direction of support functions, or nil
	Tol        float64     // within which a kink counts as active; above 0 nothing is exact
	Seed       uint64      // of the directions in which limiting gradients are sought
}

// Analyze returns the report on a request. A program that is refused is a
// successful analysis; an error means bad input.
func Analyze(ctx context.Context, q Request) (*Report, error) {
	p, err := bind(q.Expression, q.At, q.Tol)
	if err != nil {
		return nil, err
	}
	if err := p.checkDirections(q); err != nil {
		return nil, err
	}
	r := &Report{
		Expression: q.Expression, At: p.ordered(q.At), Inputs: p.inputNames(), Exact: p.run.exact,
		Scalar: p.f.Out()[0].Shape().Rank() == 0,
	}
	if r.Class, err = p.class(); err != nil {
		return nil, err
	}
	r.Value, err = p.value()
	if err == nil {
		r.Kinks, err = p.kinks()
	}
	if err != nil && !isNaNSwitch(err) {
		return nil, err
	}
	r.Refused = refusal(r.Class, err)
	presets := q.Presets
	if presets == nil {
		presets = ad.Presets()
	}
	if r.Selections, err = p.selections(presets, r.Kinks); err != nil {
		return nil, err
	}
	r.Asked = q.Along != nil
	if r.Refused != "" {
		return r, nil
	}
	if err := p.derivatives(r, q); err != nil {
		return nil, err
	}
	if !r.Scalar {
		return r, nil
	}
	return r, p.sets(ctx, r, q)
}

// refusal is why the calculus of conservative fields does not apply.
func refusal(c expr.Class, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case c.Certified():
		return ""
	case len(c.Reasons) > 0:
		return c.Reasons[0].String()
	}
	return "the program is not certified locally Lipschitz and definable"
}

func isNaNSwitch(err error) bool {
	var nan *vm.NaNError
	return errors.As(err, &nan)
}

// checkDirections compares directions with the number of coordinates.
func (p *program) checkDirections(q Request) error {
	n := len(p.point().Float)
	for flag, d := range map[string][]*big.Rat{"--along": q.Along, "--support": q.Support} {
		if d != nil && len(d) != n {
			return fmt.Errorf("%s has %d numbers; the point has %d coordinates: %v", flag, len(d), n, p.inputNames())
		}
	}
	return nil
}

// ordered returns the point in the order of the program's inputs.
func (p *program) ordered(at Point) Point {
	out := make(Point, 0, len(at))
	for _, n := range p.f.In() {
		i := slices.IndexFunc(at, func(c Coordinate) bool { return c.Name == n.String() })
		out = append(out, at[i])
	}
	return out
}

func (p *program) class() (expr.Class, error) {
	x := make([][]*big.Rat, len(p.x))
	for i, v := range p.x {
		x[i] = v.Exact
	}
	return ad.ClassAtExact(p.f, x)
}

// kinks returns the active kinks of the gradient.
func (p *program) kinks() ([]ad.Kink, error) {
	finder, err := ad.NewFinder(p.back)
	if err != nil {
		return nil, err
	}
	active, err := p.find(finder)
	slices.SortStableFunc(active, func(a, b ad.Kink) int { return a.Node - b.Node })
	return active, err
}

func (p *program) find(finder *ad.Finder) ([]ad.Kink, error) {
	in := append(slices.Clone(p.x), p.units()[0])
	if p.run.exact {
		x := make([][]*big.Rat, len(in))
		for i, v := range in {
			x[i] = v.Exact
		}
		return finder.AtExact(x...)
	}
	x := make([][]float64, len(in))
	for i, v := range in {
		x[i] = v.Float
	}
	return finder.At(x...)
}

// derivatives adds what is known along directions.
func (p *program) derivatives(r *Report, q Request) (err error) {
	if r.Lexicographic, err = p.lexicographic(); err != nil || q.Along == nil {
		return err
	}
	d, err := p.directional(clarke.Rational(q.Along))
	r.Directional = &d
	return err
}
