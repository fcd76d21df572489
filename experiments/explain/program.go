package explain

import (
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// program is an expression bound to a point.
type program struct {
	f    *expr.Func
	back *expr.Func      // ad.Backward(f), kinks open
	x    []clarke.Vector // one for each input
	unit []clarke.Vector // the cotangents that pick each output entry
	run  evaluator
}

// bind parses the expression for inputs of the point's shapes.
//
// Above 0, tol makes kinks active within that distance of a tie; arithmetic is
// float64 then.
func bind(expression string, at Point, tol float64) (*program, error) {
	shapes := map[string][]int{}
	for _, c := range at {
		shapes[c.Name] = c.Dims
	}
	f, err := parse.Parse(expression, parse.Shapes(shapes))
	if err != nil {
		return nil, fmt.Errorf("expression: %w", err)
	}
	p := &program{f: f}
	for _, n := range f.In() {
		in, _ := n.Input()
		i := slices.IndexFunc(at, func(c Coordinate) bool { return c.Name == in.Name })
		if i < 0 {
			return nil, fmt.Errorf("--at gives no value for %s; add %s=0, say", in.Name, in.Name)
		}
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
	p.run.exact = tol == 0 && p.rational()
	p.unit = p.units()
	return p, nil
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
	_, err = runExact(mid, append(slices.Clone(p.x), p.units()[0]))
	var fault *exact.FaultError
	return !errors.As(err, &fault)
}

// outputs is the number of entries of the value.
func (p *program) outputs() int { return p.f.Out()[0].Shape().Size() }

func (p *program) units() []clarke.Vector {
	m := p.outputs()
	out := make([]clarke.Vector, m)
	for i := range out {
		r := make([]*big.Rat, m)
		for j := range r {
			r[j] = new(big.Rat)
		}
		r[i].SetInt64(1)
		out[i] = clarke.Rational(r)
	}
	return out
}

// point returns the coordinates as one vector.
func (p *program) point() clarke.Vector { return concat(p.x) }

// value returns f(x).
func (p *program) value() (clarke.Vector, error) {
	out, err := p.run.run(p.f, p.x...)
	if err != nil {
		return clarke.Vector{}, err
	}
	return out[0], nil
}

// rows runs a wired backward program: one row for each output entry.
func (p *program) rows(back *expr.Func, more ...clarke.Vector) ([]clarke.Vector, error) {
	var rows []clarke.Vector
	for _, u := range p.unit {
		in := append(append(slices.Clone(p.x), u), more...)
		out, err := p.run.run(back, in...)
		if err != nil {
			return nil, err
		}
		rows = append(rows, concat(out[1:]))
	}
	return rows, nil
}

// lexicographic returns the lexicographic Jacobian along the coordinates.
func (p *program) lexicographic() ([]clarke.Vector, error) {
	w, err := ad.Wire(p.back, ad.Along(ad.Coordinates(p.f)...))
	if err != nil {
		return nil, err
	}
	return p.rows(w)
}

// directional returns f′(x; d).
func (p *program) directional(d clarke.Vector) (clarke.Vector, error) {
	g, err := ad.Directional(p.f)
	if err != nil {
		return clarke.Vector{}, err
	}
	out, err := p.run.run(g, append(slices.Clone(p.x), split(d, p.f.In())...)...)
	if err != nil {
		return clarke.Vector{}, err
	}
	return out[1], nil
}

// inputNames returns the flat names of the coordinates: x or x[0], x[1], ….
func (p *program) inputNames() []string {
	var names []string
	for _, n := range p.f.In() {
		in, _ := n.Input()
		for i := range n.Shape().Size() {
			names = append(names, in.Name+indexText(n.Shape(), i))
		}
	}
	return names
}

// indexText writes a flat position as [i][j]…, nothing for a scalar.
func indexText(s expr.Shape, flat int) string {
	text := ""
	for _, i := range multiIndex(s, flat) {
		text += fmt.Sprintf("[%d]", i)
	}
	return text
}

func multiIndex(s expr.Shape, flat int) []int {
	out := make([]int, s.Rank())
	for a := s.Rank() - 1; a >= 0; a-- {
		out[a] = flat % s.Dim(a)
		flat /= s.Dim(a)
	}
	return out
}
