package explain

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// place is a program at a point.
type place struct {
	*program
	given Point // in the order of the program's inputs
	// x is the point, rounded to float64 if no rational arithmetic is wanted: for
	// large programs, and within a tolerance.
	x clarke.Point
}

// at puts a program at a point, which has a value for each of its inputs.
func (p *program) at(point Point) place {
	out := place{program: p}
	for _, n := range p.f.In() {
		i, _ := point.find(n.String())
		out.given = append(out.given, point[i])
		out.x = append(out.x, clarke.Rational(point[i].Values))
	}
	if out.isLarge() || p.tol > 0 {
		out.x = clarke.FloatPoint(out.x.Floats()...)
	}
	return out
}

// analyze makes the report.
func (p place) analyze(ctx context.Context, q Request) (*Report, error) {
	r := &Report{
		Expression: p.text, At: p.given, Tol: q.Tol, Inputs: p.inputs,
		Scalar: p.scalar(), Outputs: p.outputs(),
	}
	if q.Support != nil {
		r.Support = &Support{Direction: clarke.Rational(q.Support)}
	}
	if q.Along != nil {
		r.Along = &Along{Direction: clarke.Rational(q.Along)}
	}
	if err := p.local(r); err != nil {
		return nil, err
	}
	r.Note = p.note(r)
	if err := p.selections(ctx, r); err != nil || r.Refused != "" {
		return r, err
	}
	if err := p.derivatives(ctx, r); err != nil || !p.hasSets(r) {
		return r, err
	}
	return r, p.sets(ctx, r)
}

// local adds the class, the value and the active kinks.
func (p place) local(r *Report) (err error) {
	if r.Class, err = p.class(); err != nil {
		return err
	}
	out, err := run(p.value, p.x...)
	if err == nil {
		r.Value = out[0]
		r.Kinks, err = p.kinks()
	} else {
		r.Value = p.noValue()
	}
	if err != nil && !isRunFault(err) {
		return err
	}
	r.Exact = r.Value.Exact != nil
	r.Refused = refusal(r.Class, err)
	return nil
}

// class judges large programs in float64, which is all that they are run in.
func (p place) class() (expr.Class, error) {
	if p.isLarge() {
		return ad.ClassAt(p.f, p.x.Floats())
	}
	var x [][]*big.Rat
	for _, c := range p.given {
		x = append(x, c.Values)
	}
	return ad.ClassAtExact(p.f, x)
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

// noValue is the value where the program has none.
func (p place) noValue() clarke.Vector {
	v := make([]float64, p.outputs())
	for i := range v {
		v[i] = math.NaN()
	}
	return clarke.Floats(v)
}

// kinks returns the active kinks of the gradient, sorted by node and position.
// They are decided in rationals where that is possible.
func (p place) kinks() ([]ad.Kink, error) {
	active, err := p.findKinks()
	slices.SortStableFunc(active, func(a, b ad.Kink) int {
		return cmp.Or(a.Node-b.Node, slices.Compare(a.Index, b.Index), slices.Compare(a.Entries, b.Entries))
	})
	return active, err
}

func (p place) findKinks() ([]ad.Kink, error) {
	in := append(slices.Clone(p.x), p.unit(0))
	if in.IsExact() {
		active, err := p.finder.AtExact(in.Exact()...)
		var unsupported *exact.UnsupportedError
		if !mixed.IsFault(err) && !errors.As(err, &unsupported) {
			return active, err
		}
	}
	return p.finder.At(in.Floats()...)
}

// unit is the cotangent that picks output entry i, in the arithmetic of x.
func (p place) unit(i int) clarke.Vector {
	u := make([]*big.Rat, p.outputs())
	for j := range u {
		u[j] = new(big.Rat)
	}
	u[i].SetInt64(1)
	v := clarke.Rational(u)
	if !p.x.IsExact() {
		v.Exact = nil
	}
	return v
}

// rows runs a wired backward program: one row for each output entry.
func (p place) rows(ctx context.Context, back *mixed.Program) ([]clarke.Vector, error) {
	var rows []clarke.Vector
	for i := range p.outputs() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out, err := run(back, append(slices.Clone(p.x), p.unit(i))...)
		if err != nil {
			return nil, err
		}
		rows = append(rows, clarke.Concat(out))
	}
	return rows, nil
}

// derivatives adds what is known along directions.
func (p place) derivatives(ctx context.Context, r *Report) error {
	if p.small() {
		back, err := p.lexicographic()
		if err != nil {
			return err
		}
		if r.Lexicographic, err = p.rows(ctx, back); err != nil {
			return err
		}
	}
	if r.Along == nil {
		return nil
	}
	g, err := p.directional()
	if err != nil {
		return err
	}
	d := clarke.Split(r.Along.Direction, p.f.In())
	out, err := run(g, slices.Concat(p.x, d)...)
	if err == nil {
		r.Along.Derivative = &out[0]
	}
	return err
}
