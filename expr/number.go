package expr

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Number is a constant with an exact rational meaning: the text 0.1 is 1/10 in
// exact arithmetic and the nearest float64 elsewhere. The zero value is 0.
type Number struct {
	f float64
	r *big.Rat // nil when f is exact
}

// Num returns the number whose exact value is the finite float64 f.
func Num(f float64) Number { return Number{f: f + 0} }

// Rational returns the number with the exact value r.
func Rational(r *big.Rat) Number {
	f, exact := r.Float64()
	if exact {
		return Num(f)
	}
	return Number{f: f, r: new(big.Rat).Set(r)}
}

// Ratio returns the number p/q, q not 0.
func Ratio(p, q int64) Number { return Rational(big.NewRat(p, q)) }

// Float returns the nearest float64.
func (n Number) Float() float64 { return n.f }

// Rat returns the exact value; the caller must not change it.
func (n Number) Rat() *big.Rat {
	if n.r != nil {
		return n.r
	}
	return new(big.Rat).SetFloat64(n.f)
}

// Finite reports whether the number is neither NaN nor infinite.
func (n Number) Finite() bool { return !math.IsNaN(n.f) && !math.IsInf(n.f, 0) }

// Equal reports whether two numbers have the same exact value.
func (n Number) Equal(m Number) bool {
	if n.r == nil || m.r == nil {
		return n.r == m.r && n.f == m.f
	}
	return n.r.Cmp(m.r) == 0
}

// Neg returns −n.
func (n Number) Neg() Number { return Rational(new(big.Rat).Neg(n.Rat())) }

// String returns the shortest exact text: an integer, a decimal if one ends,
// otherwise a fraction p/q.
func (n Number) String() string {
	if !n.Finite() {
		return strconv.FormatFloat(n.f, 'g', -1, 64)
	}
	if s, ok := n.integerText(); ok {
		return s
	}
	r := n.Rat()
	if r.IsInt() {
		return r.Num().String()
	}
	digits, exact := r.FloatPrec()
	if !exact {
		return r.String()
	}
	return strings.TrimRight(r.FloatString(digits), "0")
}

// integerText is the text of an integer that fits into a float64 exactly with all
// its neighbours; most attributes are.
func (n Number) integerText() (text string, ok bool) {
	const exact = 1 << 53
	if n.r != nil || n.f != math.Trunc(n.f) || math.Abs(n.f) > exact {
		return "", false
	}
	return strconv.FormatInt(int64(n.f), 10), true
}

// Attr holds the attributes of one node: numbers that are fixed when the node
// is built, in the order in which the text form lists them after the operands.
type Attr []Number

// Ints returns an attribute list of integers.
func Ints(v ...int) Attr {
	a := make(Attr, len(v))
	for i, x := range v {
		a[i] = Num(float64(x))
	}
	return a
}

// Int returns attribute i as an integer.
func (a Attr) Int(i int) int { return int(a[i].f) }

// IntsFrom returns the attributes from position i on as integers.
func (a Attr) IntsFrom(i int) []int {
	out := make([]int, 0, max(0, len(a)-i))
	for ; i < len(a); i++ {
		out = append(out, a.Int(i))
	}
	return out
}

// Equal reports whether two attribute lists have the same exact values.
func (a Attr) Equal(b Attr) bool { return slices.EqualFunc(a, b, Number.Equal) }
