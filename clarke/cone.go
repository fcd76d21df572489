package clarke

import (
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke/convex"
)

// cone is the open polyhedral cone {d : ⟨a, d⟩ > 0 for all rows a} with a
// direction in it. By Gordan's theorem it is empty if and only if a convex
// combination of the rows is 0.
type cone struct {
	rows []Vector
	d    Vector
}

// narrow adds rows and reports whether the cone still has a direction, which is
// that of before if it will do. widen takes the rows back.
func (c *cone) narrow(rows ...Vector) (nonempty bool, err error) {
	c.rows = append(c.rows, rows...)
	if c.d.Float != nil && prefers(c.d, rows) {
		return true, nil
	}
	d, ok, err := common(c.rows)
	if ok {
		c.d = d
	}
	return ok, err
}

// widen restores the state of n rows and their direction.
func (c *cone) widen(n int, d Vector) { c.rows, c.d = c.rows[:n], d }

// common returns a direction whose product with all rows is positive, if there
// is one. Of rational rows floats propose the answer, which is then checked, and
// only if that fails the question is asked in rationals.
func common(rows []Vector) (d Vector, ok bool, err error) {
	a, err := convex.Direction(Point(rows).Floats())
	if err != nil || !allRational(rows) {
		return Floats(a.Direction), a.Direction != nil, err
	}
	if a.Direction != nil {
		for _, bits := range roundings {
			if d := rounded(a.Direction, bits); prefers(d, rows) {
				return d, true, nil
			}
		}
	}
	exact, err := convex.ExactDirection(Point(rows).Exact())
	return Rational(exact.Direction), exact.Direction != nil, err
}

func allRational(rows []Vector) bool {
	for _, r := range rows {
		if !r.isExact() {
			return false
		}
	}
	return true
}

// roundings lists how many bits directions are tried with: short ones are easier
// to read and to check.
var roundings = []int{2, 6, 20, 52}

// rounded returns integers in the proportions of d, of so many bits.
func rounded(d []float64, bits int) Vector {
	_, e := math.Frexp(largest(d))
	out := make([]*big.Rat, len(d))
	for j, x := range d {
		out[j] = new(big.Rat).SetInt64(int64(math.RoundToEven(math.Ldexp(x, bits-e))))
	}
	return Rational(out)
}

// prefers reports whether the product with all rows is positive: exactly, or
// beyond rounding in float64.
func prefers(d Vector, rows []Vector) bool {
	for _, r := range rows {
		if r.Exact != nil && d.Exact != nil {
			if dotRat(r.Exact, d.Exact).Sign() <= 0 {
				return false
			}
		} else if !positive(r.Float, d.Float) {
			return false
		}
	}
	return true
}

func dotRat(a, b []*big.Rat) *big.Rat {
	sum, term := new(big.Rat), new(big.Rat)
	for j, x := range a {
		if x.Sign() != 0 && b[j].Sign() != 0 {
			sum.Add(sum, term.Mul(x, b[j]))
		}
	}
	return sum
}

func positive(r, d []float64) bool {
	sum, size := 0.0, 0.0
	for j, x := range r {
		sum += float64(x * d[j])
		size += math.Abs(x * d[j])
	}
	return sum > size*convex.Tolerance(len(r))
}
