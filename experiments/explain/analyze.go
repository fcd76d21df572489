package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Request says what to analyse.
type Request struct {
	Expression string      // in the grammar of package parse
	Program    *expr.Func  // in place of an expression, if not nil
	At         Point       // a value for each input, in any order
	Presets    []ad.Preset // nil means all
	Along      []*big.Rat  // direction of a directional derivative, or nil
	Support    []*big.Rat  // direction of support functions, or nil
	Tol        float64     // within which a kink counts as active; above 0 nothing is exact
	Seed       uint64      // of the directions in which limiting gradients are sought
}

// Analyze returns the report on a request. A program that is refused is a
// successful analysis; an error means bad input, or that ctx has ended.
//
// A vector-valued expression gets Jacobians instead of gradients and no sets;
// Report.Note says so.
//
// Of a program in place of an expression the inputs Wrt() are the coordinates;
// the others are constants. Its Expression in the report is text that says the
// same.
func Analyze(ctx context.Context, q Request) (*Report, error) {
	f, err := q.instance()
	if err != nil {
		return nil, err
	}
	if q.Program != nil {
		q.Expression = expr.Format(f)
	}
	p, err := bind(f, q.At, q.Tol)
	if err != nil {
		return nil, err
	}
	if err := p.checkDirections(q); err != nil {
		return nil, err
	}
	r, err := p.analyze(ctx, q)
	if p.run.exact && isFault(err) {
		p.run.exact = false
		return p.analyze(ctx, q)
	}
	return r, err
}

// isFault reports whether a rational run came upon something that has no
// rational value, or a number that grows too long.
func isFault(err error) bool {
	var fault *exact.FaultError
	return errors.As(err, &fault) || errors.Is(err, errMixed)
}

// analyze works in one arithmetic.
func (p *program) analyze(ctx context.Context, q Request) (*Report, error) {
	r := &Report{
		Expression: q.Expression, At: p.ordered(q.At), Inputs: p.inputNames(), Exact: p.run.exact,
		Scalar: p.scalar(), Note: p.note(), AskedAlong: q.Along != nil, presets: q.Presets,
	}
	if q.Support != nil {
		d := clarke.Rational(q.Support)
		r.Support = &Support{Direction: d}
	}
	if err := p.local(r); err != nil {
		return nil, err
	}
	if err := p.selections(ctx, r); err != nil || r.Refused != "" {
		return r, err
	}
	if err := p.derivatives(ctx, r, q); err != nil {
		return nil, err
	}
	if r.Note != "" {
		return r, nil
	}
	return r, p.sets(ctx, r, q)
}

// local adds the class, the value and the active kinks.
func (p *program) local(r *Report) (err error) {
	if r.Class, err = p.class(); err != nil {
		return err
	}
	r.Value, err = p.value()
	if err == nil {
		r.Kinks, err = p.kinks()
	}
	if err != nil && !isRunFault(err) {
		return err
	}
	r.Refused = refusal(r.Class, err)
	return nil
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

// isRunFault reports whether a run came upon a number that an op cannot take.
func isRunFault(err error) bool {
	var nan *vm.NaNError
	var fault *vm.FaultError
	return errors.As(err, &nan) || errors.As(err, &fault)
}

// DirectionError says that a direction does not fit the point.
type DirectionError struct {
	Flag   string // of the command line
	Length int    // of the direction
	Inputs []string
}

func (e *DirectionError) Error() string {
	return fmt.Sprintf("%s: the direction has %d numbers; give %d, for %s", e.Flag, e.Length, len(e.Inputs), shortList(e.Inputs))
}

// checkDirections compares directions with the number of coordinates.
func (p *program) checkDirections(q Request) error {
	n := size(p.f.In())
	if q.Along != nil && len(q.Along) != n {
		return &DirectionError{"--along", len(q.Along), p.inputNames()}
	}
	if q.Support != nil && len(q.Support) != n {
		return &DirectionError{"--support", len(q.Support), p.inputNames()}
	}
	return nil
}

// ordered returns the point in the order of the program's inputs.
func (p *program) ordered(at Point) Point {
	out := make(Point, 0, len(at))
	for _, n := range p.f.In() {
		i, _ := at.find(n.String())
		out = append(out, at[i])
	}
	return out
}

// class judges large programs in float64, which is all that they are run in.
func (p *program) class() (expr.Class, error) {
	if p.entries > exactEntries {
		return ad.ClassAt(p.f, clarke.Point(p.x).Floats())
	}
	return ad.ClassAtExact(p.f, clarke.Point(p.x).Exact())
}

// kinks returns the active kinks of the gradient, sorted by node and position.
func (p *program) kinks() ([]ad.Kink, error) {
	finder, err := ad.NewFinder(p.back)
	if err != nil {
		return nil, err
	}
	active, err := p.find(finder)
	slices.SortStableFunc(active, func(a, b ad.Kink) int {
		return cmp.Or(a.Node-b.Node, slices.Compare(a.Index, b.Index), slices.Compare(a.Entries, b.Entries))
	})
	return active, err
}

func (p *program) find(finder *ad.Finder) ([]ad.Kink, error) {
	in := clarke.Point(append(slices.Clone(p.x), p.unit(0)))
	if p.run.exact {
		return finder.AtExact(in.Exact()...)
	}
	return finder.At(in.Floats()...)
}

// derivatives adds what is known along directions.
func (p *program) derivatives(ctx context.Context, r *Report, q Request) (err error) {
	if r.Note == "" || !r.Scalar && p.small() {
		if r.Lexicographic, err = p.lexicographic(ctx); err != nil {
			return err
		}
	}
	if q.Along == nil {
		return nil
	}
	d, err := p.directional(clarke.Rational(q.Along))
	r.Directional = &d
	return err
}
