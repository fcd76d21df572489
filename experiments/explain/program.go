package explain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// program is an expression bound to a point.
type program struct {
	f       *expr.Func
	back    *expr.Func      // ad.Backward(f), kinks open
	x       []clarke.Vector // one for each input
	entries int             // numbers that back computes
	run     evaluator
}

// PointError says that a point does not give what an expression needs.
type PointError struct {
	Name string // of the input
	Why  string // what is wrong, and the mend
}

func (e *PointError) Error() string { return e.Why }

// errNoInputs is for constant expressions.
var errNoInputs = errors.New("expression: it has no inputs, so there is nothing to differentiate; use a name such as x")

// instance returns the program that is asked for, with inputs of the point's
// shapes.
func (q *Request) instance() (*expr.Func, error) {
	if q.Program != nil {
		return instantiate(q.Program, q.At)
	}
	return parseFor(q.Expression, q.At)
}

// bind puts a program at a point, which has a value for each of its inputs.
//
// Above 0, tol makes kinks active within that distance of a tie; arithmetic is
// float64 then.
func bind(f *expr.Func, at Point, tol float64) (_ *program, err error) {
	p := &program{f: f}
	for _, n := range f.In() {
		i, _ := at.find(n.String())
		p.x = append(p.x, clarke.Rational(at[i].Values))
	}
	if p.back, err = ad.Backward(f); err != nil {
		return nil, err
	}
	if tol > 0 {
		if p.back, err = ad.Wire(p.back, ad.Within(tol)); err != nil {
			return nil, err
		}
	}
	if err := p.checkSize(); err != nil {
		return nil, err
	}
	p.run.exact = tol == 0 && p.entries <= exactEntries && p.rational()
	return p, nil
}

// parseFor reads the expression with inputs of the point's shapes; the point has
// a value for each of them and no others.
func parseFor(expression string, at Point) (*expr.Func, error) {
	shapes := map[string][]int{}
	for _, c := range at {
		shapes[c.Name] = c.Dims
	}
	f, err := parse.Parse(expression, parse.Shapes(shapes))
	if err != nil {
		var mistake *parse.Error
		if errors.As(err, &mistake) && mistake.Line == 0 && strings.HasPrefix(mistake.Msg, "a shape is given") {
			return nil, superfluous(expression, at, mistake)
		}
		return nil, fmt.Errorf("expression: %w", err)
	}
	for _, n := range f.In() {
		if _, ok := at.find(n.String()); !ok {
			return nil, &PointError{n.String(), fmt.Sprintf("there is no value for %s, which the expression reads; add one, such as 0", n)}
		}
	}
	if len(f.In()) == 0 {
		return nil, errNoInputs
	}
	return f, nil
}

// superfluous names the value that no input of the expression takes. It has to
// read the expression once more, with the values that are left.
func superfluous(expression string, at Point, mistake *parse.Error) error {
	for i, c := range at {
		if !strings.Contains(mistake.Msg, fmt.Sprintf("given for %q", c.Name)) {
			continue
		}
		_, err := parseFor(expression, slices.Delete(slices.Clone(at), i, i+1))
		if errors.Is(err, errNoInputs) {
			return err
		}
		_, inputs, _ := strings.Cut(mistake.Msg, "its inputs are ")
		return &PointError{c.Name, fmt.Sprintf("there is a value for %s, which the expression does not read; its inputs are %s", c.Name, inputs)}
	}
	return fmt.Errorf("expression: %w", mistake)
}

// rational reports whether value and derivatives can be computed in rationals
// at the point. A division by zero, say, leaves it to float64.
func (p *program) rational() bool {
	if _, err := exact.Compile(p.back); err != nil {
		return false
	}
	mid, err := ad.Wire(p.back, ad.AtSlot(0.5))
	if err != nil {
		return false
	}
	_, err = evaluator{exact: true}.run(mid, append(slices.Clone(p.x), p.unit(0))...)
	var fault *exact.FaultError
	return !errors.As(err, &fault)
}

// outputs is the number of entries of the value.
func (p *program) outputs() int { return size(p.f.Out()) }

// scalar reports whether the value is one number without axes.
func (p *program) scalar() bool { return p.f.Out()[0].Shape().Rank() == 0 }

// unit is the cotangent that picks output entry i.
func (p *program) unit(i int) clarke.Vector {
	r := make([]*big.Rat, p.outputs())
	for j := range r {
		r[j] = new(big.Rat)
	}
	r[i].SetInt64(1)
	return clarke.Rational(r)
}

// value returns f(x).
func (p *program) value() (clarke.Vector, error) {
	out, err := p.run.run(p.f, p.x...)
	switch {
	case isRunFault(err):
		return p.noValue(), err
	case err != nil:
		return clarke.Vector{}, err
	}
	return out[0], nil
}

// noValue is the value where the program has none.
func (p *program) noValue() clarke.Vector {
	v := make([]float64, p.f.Out()[0].Shape().Size())
	for i := range v {
		v[i] = math.NaN()
	}
	return clarke.Floats(v)
}

// rows runs a wired backward program: one row for each output entry.
func (p *program) rows(ctx context.Context, back *expr.Func) ([]clarke.Vector, error) {
	run, err := p.run.compile(back)
	if err != nil {
		return nil, err
	}
	var rows []clarke.Vector
	for i := range p.outputs() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out, err := run(append(slices.Clone(p.x), p.unit(i)))
		if err != nil {
			return nil, err
		}
		rows = append(rows, clarke.Concat(out[1:]))
	}
	return rows, nil
}

// lexicographic returns the lexicographic Jacobian along the coordinates.
func (p *program) lexicographic(ctx context.Context) ([]clarke.Vector, error) {
	w, err := ad.Wire(p.back, ad.Along(ad.Coordinates(p.f)...))
	if err != nil {
		return nil, err
	}
	return p.rows(ctx, w)
}

// directional returns f′(x; d).
func (p *program) directional(d clarke.Vector) (clarke.Vector, error) {
	g, err := ad.Directional(p.f)
	if err != nil {
		return clarke.Vector{}, err
	}
	out, err := p.run.run(g, append(slices.Clone(p.x), clarke.Split(d, p.f.In())...)...)
	if err != nil {
		return clarke.Vector{}, err
	}
	return out[1], nil
}
