package clarke

import (
	"context"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke/convex"
)

// Cone is an open polyhedral cone {d : ⟨a, d⟩ > 0 for all rows a} with a
// direction in it, in a search that adds rows and takes them back. By Gordan's theorem it is empty if and only if a convex
// combination of the rows is 0. Of rational rows floats propose a direction or a
// combination, which is then checked, and only if that fails the question is
// asked in rationals. A Cone may be used by one goroutine at a time.
type Cone struct {
	ctx    context.Context
	floats *convex.Cone
	rows   []coneRow
	in     heading // unset: any direction will do
}

// coneRow is a row with integers in its proportions, if they are short.
type coneRow struct {
	Vector
	short []int64
}

// heading is a direction: integers if it was checked against rational rows.
type heading struct {
	float []float64
	short []int64
	exact []*big.Rat // if it is too long for short
}

// NewCone returns a cone in ℝⁿ without rows, which is all of ℝⁿ.
func NewCone(ctx context.Context, n int) (*Cone, error) {
	c, err := convex.NewCone(n)
	return &Cone{ctx: ctx, floats: c}, err
}

// vector returns the direction, the zero Vector if any will do.
func (c *Cone) vector() Vector {
	switch {
	case c.in.exact != nil:
		return Rational(c.in.exact)
	case c.in.short != nil:
		out := make([]*big.Rat, len(c.in.short))
		for i, x := range c.in.short {
			out[i] = new(big.Rat).SetInt64(x)
		}
		return Rational(out)
	}
	return Vector{Float: c.in.float}
}

// Within runs a function while the cone has further rows, if it is not empty then. The
// error is that of the function, of rows that do not fit or are not finite, or of the
// context, which leaves the question open.
func (c *Cone) Within(rows []Vector, then func() error) error {
	n, d := len(c.rows), c.in
	nonempty := true
	var err error
	if len(rows) > 0 {
		nonempty, err = c.narrow(rows...)
	}
	if err == nil && nonempty {
		err = then()
	}
	c.widen(n, d)
	return err
}

// narrow adds rows and reports whether the cone still has a direction, which is
// that of before if it will do. widen takes the rows back. The error may be that of
// the context.
func (c *Cone) narrow(rows ...Vector) (nonempty bool, err error) {
	from := len(c.rows)
	rational := true
	for _, r := range rows {
		if err := c.floats.Push(r.Float); err != nil {
			return false, err
		}
		c.rows = append(c.rows, coneRow{r, shortened(r.Exact)})
	}
	for _, r := range c.rows {
		rational = rational && r.Exact != nil
	}
	if c.in.float != nil && c.in.prefers(c.rows[from:]) {
		return true, nil
	}
	if c.opposed(from) {
		return false, nil
	}
	a := c.floats.Direction()
	if !rational {
		if a.Direction != nil {
			c.in = heading{float: append([]float64{}, a.Direction...)}
		}
		return a.Direction != nil, nil
	}
	return c.confirm(a)
}

// opposed reports whether one of the new rows is a negative multiple of another:
// the commonest way for a cone to be empty, as for relu(x) and relu(−x).
func (c *Cone) opposed(from int) bool {
	for i := from; i < len(c.rows); i++ {
		for _, r := range c.rows[:i] {
			if opposite(r.short, c.rows[i].short) {
				return true
			}
		}
	}
	return false
}

func opposite(a, b []int64) bool {
	for i, x := range a {
		if b == nil || x != -b[i] {
			return false
		}
	}
	return a != nil
}

// widen restores the state of n rows and their direction.
func (c *Cone) widen(n int, in heading) {
	for range len(c.rows) - n {
		c.floats.Pop()
	}
	c.rows, c.in = c.rows[:n], in
}

// confirm turns the answer of floats into a proved one.
func (c *Cone) confirm(a convex.Alternative) (nonempty bool, err error) {
	if a.Direction != nil {
		for _, bits := range roundings {
			if d := rounded(a.Direction, bits); d.prefers(c.rows) {
				c.in = d
				return true, nil
			}
		}
	}
	rows := make([][]*big.Rat, len(c.rows))
	for i, r := range c.rows {
		rows[i] = r.Exact
	}
	if a.Direction == nil {
		if _, proved := convex.ExactRefutation(rows, a.Support); proved {
			return false, nil
		}
	}
	exact, err := convex.ExactDirectionContext(c.ctx, rows)
	if exact.Direction == nil || err != nil {
		return false, err
	}
	c.in = heading{float: Rational(exact.Direction).Float, exact: exact.Direction}
	return true, nil
}

// roundings lists how many bits directions are tried with: short ones are easier
// to read and to check.
var roundings = []int{2, 6, 20, 52}

// Products of short numbers add up in 64 bits: rows have shortRow bits,
// directions at most shortDirection and no more than 2^10 entries.
const (
	shortRow       = 30
	shortDirection = 21
	shortEntries   = 1 << 10
)

// rounded returns integers in the proportions of d, of so many bits.
func rounded(d []float64, bits int) heading {
	_, e := math.Frexp(largest(d))
	h := heading{float: make([]float64, len(d))}
	for j, x := range d {
		h.float[j] = math.RoundToEven(math.Ldexp(x, bits-e))
	}
	for _, x := range h.float {
		if bits < shortDirection {
			h.short = append(h.short, int64(x))
		} else {
			h.exact = append(h.exact, new(big.Rat).SetInt64(int64(x)))
		}
	}
	return h
}

// shortened returns integers in the proportions of a rational row, if they are
// short, else nil.
func shortened(r []*big.Rat) []int64 {
	if len(r) == 0 || len(r) > shortEntries {
		return nil
	}
	common := big.NewInt(1)
	for _, x := range r {
		if q := x.Denom(); !x.IsInt() {
			g := new(big.Int).GCD(nil, nil, common, q)
			common.Mul(common, g.Quo(q, g))
		}
	}
	out, p := make([]int64, len(r)), new(big.Int)
	for i, x := range r {
		if p.Mul(x.Num(), common); !x.IsInt() {
			p.Quo(p, x.Denom())
		}
		if p.BitLen() > shortRow {
			return nil
		}
		out[i] = p.Int64()
	}
	return primitive(out)
}

// primitive divides integers by their greatest common divisor.
func primitive(x []int64) []int64 {
	g := int64(0)
	for _, v := range x {
		for v != 0 {
			g, v = v, g%v
		}
	}
	if g < 0 {
		g = -g
	}
	for i := range x {
		if g > 1 {
			x[i] /= g
		}
	}
	return x
}

// prefers reports whether the product with all rows is positive: exactly, or
// beyond rounding where one side is in float64. The entries of a heading that was
// found in float64 are known up to the rounding of its longest one, so that what an
// entry far below that makes positive does not count.
func (h heading) prefers(rows []coneRow) bool {
	for _, r := range rows {
		if !h.isPositive(r) {
			return false
		}
	}
	return true
}

func (h heading) isPositive(r coneRow) bool {
	switch {
	case r.Exact == nil || h.short == nil && h.exact == nil:
		return clearly(r.Float, h.float)
	case r.short != nil && h.short != nil:
		sum := int64(0)
		for i, x := range r.short {
			sum += x * h.short[i]
		}
		return sum > 0
	}
	return dotRat(r.Exact, h.rationals()).Sign() > 0
}

func (h heading) rationals() []*big.Rat {
	if h.exact != nil {
		return h.exact
	}
	out := make([]*big.Rat, len(h.short))
	for i, x := range h.short {
		out[i] = new(big.Rat).SetInt64(x)
	}
	return out
}

// prefers reports whether the product of a direction with all rows is positive.
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

// positive reports whether the product of a row and a direction whose entries are
// exact, each by itself, is positive beyond its own rounding.
func positive(r, d []float64) bool {
	sum, size := product(r, d)
	return sum > size*convex.Tolerance(len(r))
}

// clearly reports whether the product is positive beyond rounding of the size of the
// row and of the direction.
func clearly(r, d []float64) bool {
	sum, _ := product(r, d)
	return sum > largest(r)*largest(d)*convex.Tolerance(len(r))
}

// product returns ⟨r, d⟩ and the sum of its terms' sizes.
func product(r, d []float64) (sum, size float64) {
	for j, x := range r {
		sum += float64(x * d[j])
		size += math.Abs(x * d[j])
	}
	return sum, size
}
