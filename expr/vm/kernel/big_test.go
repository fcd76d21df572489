package kernel

import (
	"math"
	"math/big"
	"sync"
)

// The oracle: elementary functions from their series in big.Float. Nothing here
// is shared with the kernels. Relative errors are far below 2⁻¹²⁰.

const places = 256

func num(x float64) *big.Float { return new(big.Float).SetPrec(places).SetFloat64(x) }

func add(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(places).Add(x, y) }
func sub(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(places).Sub(x, y) }
func mul(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(places).Mul(x, y) }
func quo(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(places).Quo(x, y) }

// scaled returns x·2^e.
func scaled(x *big.Float, e int) *big.Float { return new(big.Float).SetMantExp(x, e) }

// negligible reports whether x no longer counts beside y.
func negligible(x, y *big.Float) bool {
	return x.Sign() == 0 || y.Sign() != 0 && x.MantExp(nil) < y.MantExp(nil)-places
}

// nearest returns the integer nearest to x.
func nearest(x *big.Float) *big.Int {
	half := new(big.Float).SetFloat64(0.5)
	if x.Sign() < 0 {
		half.Neg(half)
	}
	n, _ := new(big.Float).SetPrec(x.Prec()).Add(x, half).Int(nil)
	return n
}

// ln2 is log 2 = 2·artanh(1/3).
var ln2 = sync.OnceValue(func() *big.Float {
	sum, term := num(0), quo(num(2), num(3))
	for n := 1; n == 1 || !negligible(term, sum); n += 2 {
		sum = add(sum, quo(term, num(float64(n))))
		term = quo(term, num(9))
	}
	return sum
})

// pi is Machin's 16·arctan(1/5) − 4·arctan(1/239), with the digits that reduce
// the largest float64.
var pi = sync.OnceValue(func() *big.Float {
	const places = 1600
	one := new(big.Int).Lsh(big.NewInt(1), places)
	arctan := func(inverse int64) *big.Int {
		sum, term, square := new(big.Int), new(big.Int).Quo(one, big.NewInt(inverse)), big.NewInt(inverse*inverse)
		for n := int64(1); term.Sign() != 0; n += 2 {
			if d := new(big.Int).Quo(term, big.NewInt(n)); n%4 == 1 {
				sum.Add(sum, d)
			} else {
				sum.Sub(sum, d)
			}
			term.Quo(term, square)
		}
		return sum
	}
	p := arctan(5)
	p.Mul(p, big.NewInt(4)).Sub(p, arctan(239)).Mul(p, big.NewInt(4))
	return scaled(new(big.Float).SetInt(p), -places)
})

// bigExp is e^x: x is reduced by log 2 and halved 8 times, for the series.
func bigExp(x *big.Float) *big.Float {
	const halvings = 8
	k := nearest(quo(x, ln2()))
	r := scaled(sub(x, mul(new(big.Float).SetInt(k), ln2())), -halvings)
	sum, term := num(1), num(1)
	for n := 1; !negligible(term, sum); n++ {
		term = quo(mul(term, r), num(float64(n)))
		sum = add(sum, term)
	}
	for range halvings {
		sum = mul(sum, sum)
	}
	return scaled(sum, int(k.Int64()))
}

// bigExpm1 is e^x − 1.
func bigExpm1(x *big.Float) *big.Float {
	if x.Sign() != 0 && x.MantExp(nil) > -30 {
		return sub(bigExp(x), num(1))
	}
	sum, term := num(0), num(1)
	for n := 1; n < 10; n++ {
		term = quo(mul(term, x), num(float64(n)))
		sum = add(sum, term)
	}
	return sum
}

// bigLog is log x by two steps of Halley's method.
func bigLog(x *big.Float) *big.Float {
	if near := sub(x, num(1)); near.Sign() == 0 || near.MantExp(nil) < -40 {
		return bigLog1p(near)
	}
	m := new(big.Float)
	e := x.MantExp(m)
	f, _ := m.Float64()
	y := add(num(math.Log(f)), mul(num(float64(e)), ln2()))
	for range 2 {
		t := bigExp(y)
		y = add(y, scaled(quo(sub(x, t), add(x, t)), 1))
	}
	return y
}

// bigLog1p is log(1 + x).
func bigLog1p(x *big.Float) *big.Float {
	if x.Sign() != 0 && x.MantExp(nil) > -30 {
		return bigLog(add(num(1), x))
	}
	sum, power := num(0), num(-1)
	for n := 1; n < 10; n++ {
		power = mul(power, new(big.Float).Neg(x))
		sum = add(sum, quo(power, num(float64(n))))
	}
	return sum
}

// bigSinCos reduces x by π/2 exactly enough and sums the series.
func bigSinCos(x float64) (sin, cos *big.Float) {
	half := scaled(pi(), -1)
	full := new(big.Float).SetPrec(half.Prec()).SetFloat64(x)
	k := nearest(new(big.Float).Quo(full, half))
	full.Sub(full, half.Mul(half, new(big.Float).SetPrec(half.Prec()).SetInt(k)))
	r := new(big.Float).SetPrec(places).Set(full)
	sin, cos = num(0), num(0)
	term := num(1)
	for n := 1; n < 12 || !negligible(term, cos); n += 2 {
		cos = add(cos, term)
		term = quo(mul(term, r), num(float64(n)))
		sin = add(sin, term)
		term = quo(mul(term, new(big.Float).Neg(r)), num(float64(n+1)))
	}
	switch new(big.Int).And(k, big.NewInt(3)).Int64() {
	case 1:
		return cos, sin.Neg(sin)
	case 2:
		return sin.Neg(sin), cos.Neg(cos)
	case 3:
		return cos.Neg(cos), sin
	}
	return sin, cos
}

// bigErf is 2/√π·e^(−x²) Σ 2ⁿx^(2n+1)/(1·3·5⋯(2n+1)), of positive terms.
func bigErf(x *big.Float) *big.Float {
	square := mul(x, x)
	sum, term := num(0), x
	for n := 0; !negligible(term, sum); n++ {
		sum = add(sum, term)
		term = quo(mul(scaled(term, 1), square), num(float64(2*n+3)))
	}
	return mul(sum, bigErfSlope(square))
}

// bigErfSlope is 2/√π·e^(−s).
func bigErfSlope(s *big.Float) *big.Float {
	root := new(big.Float).SetPrec(places).Sqrt(new(big.Float).SetPrec(places).Set(pi()))
	return quo(scaled(bigExp(new(big.Float).Neg(s)), 1), root)
}

func bigTanh(x *big.Float) *big.Float {
	e := bigExpm1(scaled(x, 1))
	return quo(e, add(e, num(2)))
}

func bigSigmoid(x *big.Float) *big.Float {
	return quo(num(1), add(num(1), bigExp(new(big.Float).Neg(x))))
}

func bigSoftplus(x *big.Float) *big.Float { return bigLog1p(bigExp(x)) }

func bigPow(x, y float64) *big.Float { return bigExp(mul(num(y), bigLog(num(x)))) }

// ulps returns the distance of got to want in units of the last place of a
// float64 at want.
func ulps(got float64, want *big.Float) float64 {
	if math.IsInf(got, 0) {
		got = math.Copysign(math.MaxFloat64, got) // beyond the largest float64 by half a unit
		if x := sub(want, num(got)); x.Sign() != 0 && (x.Sign() > 0) == (got > 0) {
			return 0
		}
	}
	e := max(want.MantExp(nil)-53, -1074)
	if want.Sign() == 0 {
		e = -1074
	}
	d, _ := scaled(sub(num(got), want), -e).Float64()
	return math.Abs(d)
}
