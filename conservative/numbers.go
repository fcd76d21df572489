package conservative

import (
	"encoding/binary"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
)

// numbers is the arithmetic of a system: float64 or *big.Rat. A rational is not
// changed once made, entries of a buffer that axpy writes to aside.
type numbers[T any] struct {
	of                 func(p, q int64) T
	add, sub, mul, quo func(a, b T) T
	compare            func(a, b T) int
	sign               func(a T) int
	float              func(a T) float64
	dot                func(a, b []T) T
	axpy               func(y []T, c T, x []T) // y += c·x
	// root returns the square root of a number that is not negative: in rationals
	// itself if it is rational, else a number above it by a relative error of at
	// most 2⁻⁵⁰.
	root func(a T) T
	// short returns a number of at most 64 digits or so that is not below a if up,
	// else not above: a itself unless it is a long rational.
	short func(a T, up bool) T
	// key appends bytes that tell a number from all others, whatever follows them.
	key    func(to []byte, a T) []byte
	zeroes func(n int) []T
	vector func(v []T) clarke.Vector
	values func(v clarke.Vector) []T
	row    func(r *ad.Row) []T
	weight func(t *ad.Term) T
}

var floatNumbers = &numbers[float64]{
	of:      func(p, q int64) float64 { return float64(p) / float64(q) },
	add:     func(a, b float64) float64 { return a + b },
	sub:     func(a, b float64) float64 { return a - b },
	mul:     func(a, b float64) float64 { return a * b },
	quo:     func(a, b float64) float64 { return a / b },
	compare: compareFloats,
	sign:    func(a float64) int { return compareFloats(a, 0) },
	float:   func(a float64) float64 { return a },
	dot:     dot,
	axpy:    axpy,
	root:    math.Sqrt,
	short:   func(a float64, _ bool) float64 { return a },
	key:     floatKey,
	zeroes:  func(n int) []float64 { return make([]float64, n) },
	vector:  clarke.Floats,
	values:  func(v clarke.Vector) []float64 { return v.Float },
	row:     func(r *ad.Row) []float64 { return r.X },
	weight:  func(t *ad.Term) float64 { return t.Coefficient },
}

// floatKey is short for 0, of any sign, which most numbers are.
func floatKey(to []byte, a float64) []byte {
	if a == 0 {
		return append(to, 0)
	}
	return binary.LittleEndian.AppendUint64(append(to, 1), math.Float64bits(a))
}

// ratKey marks what follows: a 0, two words, or two long integers.
func ratKey(to []byte, a *big.Rat) []byte {
	p, q := a.Num(), a.Denom()
	switch {
	case a.Sign() == 0:
		return append(to, 0)
	case p.IsInt64() && q.IsInt64():
		to = binary.LittleEndian.AppendUint64(append(to, 1), uint64(p.Int64()))
		return binary.LittleEndian.AppendUint64(to, uint64(q.Int64()))
	}
	to = append(p.Append(append(to, 2), 62), '/')
	return append(q.Append(to, 62), ' ')
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// dot adds products in four interleaved sums.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+1] * b[i+1])
		s2 += float64(a[i+2] * b[i+2])
		s3 += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func axpy(y []float64, c float64, x []float64) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += float64(c * v)
	}
}

var ratNumbers = &numbers[*big.Rat]{
	of:      big.NewRat,
	add:     func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) },
	sub:     func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) },
	mul:     func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) },
	quo:     func(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) },
	compare: (*big.Rat).Cmp,
	sign:    (*big.Rat).Sign,
	float:   func(a *big.Rat) float64 { f, _ := a.Float64(); return f },
	dot:     ratDot,
	axpy:    ratAxpy,
	root:    ratRoot,
	short:   ratShort,
	key:     ratKey,
	zeroes:  zeroRats,
	vector:  clarke.Rational,
	values:  func(v clarke.Vector) []*big.Rat { return v.Exact },
	row:     func(r *ad.Row) []*big.Rat { return r.Exact },
	weight:  func(t *ad.Term) *big.Rat { return t.Exact },
}

func zeroRats(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

func ratDot(a, b []*big.Rat) *big.Rat {
	sum, term := new(big.Rat), new(big.Rat)
	for i, x := range a {
		if x.Sign() != 0 && b[i].Sign() != 0 {
			sum.Add(sum, term.Mul(x, b[i]))
		}
	}
	return sum
}

func ratAxpy(y []*big.Rat, c *big.Rat, x []*big.Rat) {
	if c.Sign() == 0 {
		return
	}
	term := new(big.Rat)
	for i, v := range x {
		if v.Sign() != 0 {
			y[i].Add(y[i], term.Mul(c, v))
		}
	}
}

// ratRoot: the root of p/q is the root of pq over q.
func ratRoot(a *big.Rat) *big.Rat {
	const bits = 64
	square := new(big.Int).Mul(a.Num(), a.Denom())
	root := new(big.Int).Sqrt(square)
	if new(big.Int).Mul(root, root).Cmp(square) == 0 {
		return new(big.Rat).SetFrac(root, a.Denom())
	}
	shift := uint(max(0, bits-square.BitLen()/2))
	root.Sqrt(square.Lsh(square, 2*shift))
	root.Add(root, big.NewInt(1))
	return new(big.Rat).SetFrac(root, new(big.Int).Lsh(a.Denom(), shift))
}

// ratShort keeps numbers of up to 512 bits, which simple programs do not exceed.
func ratShort(a *big.Rat, up bool) *big.Rat {
	const long, digits = 512, 64
	if a.Num().BitLen()+a.Denom().BitLen() <= long {
		return a
	}
	shift := digits - a.Num().BitLen() + a.Denom().BitLen() // a·2^shift has 64 bits
	scaled := func(p *big.Int, by int) *big.Int {
		if by < 0 {
			return p
		}
		return new(big.Int).Lsh(p, uint(by))
	}
	whole, rest := new(big.Int).DivMod(scaled(a.Num(), shift), scaled(a.Denom(), -shift), new(big.Int))
	if up && rest.Sign() != 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(scaled(whole, -shift), scaled(big.NewInt(1), shift))
}

// rationalOf returns floats as the rationals that they are.
func rationalOf(x []float64) []*big.Rat {
	out, numbers := make([]*big.Rat, len(x)), make([]big.Rat, len(x))
	for i, v := range x {
		out[i] = &numbers[i]
		if v != 0 {
			out[i].SetFloat64(v)
		}
	}
	return out
}

// floatedNumbers reads the floats of a linearisation as rationals, so that a
// search in rationals serves both arithmetics.
var floatedNumbers = func() *numbers[*big.Rat] {
	n := *ratNumbers
	n.row = func(r *ad.Row) []*big.Rat { return rationalOf(r.X) }
	n.weight = func(t *ad.Term) *big.Rat { return rationalOf([]float64{t.Coefficient})[0] }
	n.values = func(v clarke.Vector) []*big.Rat {
		if v.Exact != nil {
			return v.Exact
		}
		return rationalOf(v.Float)
	}
	return &n
}()
