package clarke

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// Vector is a list of numbers: the nearest float64s always, and the numbers
// themselves in rational arithmetic. It is not changed once made.
type Vector struct {
	Float []float64
	Exact []*big.Rat // nil in float64 arithmetic
}

// Rational returns the vector of the given rationals, which it keeps.
func Rational(r []*big.Rat) Vector {
	v := Vector{Float: make([]float64, len(r)), Exact: r}
	if r == nil {
		v.Exact = []*big.Rat{}
	}
	for i, x := range r {
		v.Float[i], _ = x.Float64()
	}
	return v
}

// Floats returns the vector of the given floats, which it keeps.
func Floats(f []float64) Vector { return Vector{Float: f} }

// isExact reports whether the vector is rational.
func (v Vector) isExact() bool { return v.Exact != nil || len(v.Float) == 0 }

// isRounded reports whether the floats say all: no entry is a rational between
// two of them.
func (v Vector) isRounded() bool {
	for _, x := range v.Exact {
		if _, exact := x.Float64(); !exact {
			return false
		}
	}
	return true
}

// IsZero reports whether all entries are exactly 0.
func (v Vector) IsZero() bool {
	if v.Exact != nil {
		for _, x := range v.Exact {
			if x.Sign() != 0 {
				return false
			}
		}
		return true
	}
	for _, x := range v.Float {
		if x != 0 {
			return false
		}
	}
	return true
}

// Concat joins vectors end to end; all are in one arithmetic.
func Concat(parts []Vector) Vector {
	var out Vector
	for _, p := range parts {
		out.Float = append(out.Float, p.Float...)
		out.Exact = append(out.Exact, p.Exact...)
	}
	return out
}

// Split cuts a flat vector into one part for each node.
func Split(v Vector, nodes []expr.Node) []Vector {
	out := make([]Vector, len(nodes))
	at := 0
	for i, n := range nodes {
		end := at + n.Shape().Size()
		out[i].Float = v.Float[at:end]
		if v.Exact != nil {
			out[i].Exact = v.Exact[at:end]
		}
		at = end
	}
	return out
}

// Point is where a program is looked at: the values of its inputs in order,
// flat and row-major. It is rational if all of them are.
type Point []Vector

// RationalPoint returns the point of the given inputs.
func RationalPoint(in ...[]*big.Rat) Point {
	p := make(Point, len(in))
	for i, r := range in {
		p[i] = Rational(r)
	}
	return p
}

// FloatPoint returns the point of the given inputs.
func FloatPoint(in ...[]float64) Point {
	p := make(Point, len(in))
	for i, f := range in {
		p[i] = Floats(f)
	}
	return p
}

// IsExact reports whether the point is rational.
func (p Point) IsExact() bool {
	for _, v := range p {
		if !v.isExact() {
			return false
		}
	}
	return true
}

// Floats returns the inputs as floats, and Exact as rationals.
func (p Point) Floats() [][]float64 {
	out := make([][]float64, len(p))
	for i, v := range p {
		out[i] = v.Float
	}
	return out
}

// Exact returns the inputs of a rational point.
func (p Point) Exact() [][]*big.Rat {
	out := make([][]*big.Rat, len(p))
	for i, v := range p {
		out[i] = v.Exact
	}
	return out
}

// InputError says that a point or a program cannot be used.
type InputError struct {
	Input string // its name, or "" if the program itself is at fault
	Why   string
}

func (e *InputError) Error() string {
	if e.Input == "" {
		return "clarke: " + e.Why
	}
	return fmt.Sprintf("clarke: input %s %s", e.Input, e.Why)
}

// checkScalar is Check for what is there for gradients only.
func (p Point) checkScalar(f *expr.Func) error {
	if out := f.Out(); len(out) != 1 || out[0].Shape().Rank() != 0 {
		return &InputError{"", fmt.Sprintf("the program has %d outputs, the first of shape %v; a gradient needs one scalar output, so pick or combine entries", len(out), out[0].Shape())}
	}
	return p.Check(f)
}

// Check reports the first thing that keeps the sets of f at x from having a
// meaning: f must have inputs to differentiate and no open slots, and x finite
// values of the right sizes.
func (p Point) Check(f *expr.Func) error {
	switch {
	case len(f.Slots()) > 0:
		return &InputError{"", "the program has open slots, so it is a derivative; give the program itself"}
	case len(f.Wrt()) == 0:
		return &InputError{"", "the program has no input to differentiate; declare a variable or a parameter"}
	case len(p) != len(f.In()):
		return &InputError{"", fmt.Sprintf("the point has %d inputs; the program has %d", len(p), len(f.In()))}
	}
	for i, n := range f.In() {
		if err := p[i].check(n); err != nil {
			return err
		}
	}
	return nil
}

func (v Vector) check(n expr.Node) error {
	if size := n.Shape().Size(); len(v.Float) != size || v.Exact != nil && len(v.Exact) != size {
		return &InputError{n.String(), fmt.Sprintf("has %d entries; it needs %d", len(v.Float), size)}
	}
	for i, x := range v.Float {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return &InputError{n.String(), fmt.Sprintf("is %v at entry %d; points must be finite", x, i)}
		}
	}
	for i, x := range v.Exact {
		if x == nil {
			return &InputError{n.String(), fmt.Sprintf("is nil at entry %d; use new(big.Rat) for 0", i)}
		}
	}
	return nil
}
