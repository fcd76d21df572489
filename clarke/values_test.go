package clarke_test

import (
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/expr/optest"
)

// function is a program that is known by its values only.
type function func(x []*big.Rat) []*big.Rat

// slope returns (f(x + td) − f(x))/t for every output: the directional
// derivative of a piecewise affine function if t is small.
func (f function) slope(x []*big.Rat, t *big.Rat, d []*big.Rat) []*big.Rat {
	there, here := f(along(x, t, d)), f(x)
	out := make([]*big.Rat, len(here))
	for i := range out {
		out[i] = minus(there[i], here[i])
		out[i].Quo(out[i], t)
	}
	return out
}

// jacobian returns the derivative at x, rows one after the other, found from
// values at x ± t·eᵢ and two more points; ok is false if they do not agree with
// one affine function.
func (f function) jacobian(x []*big.Rat, t *big.Rat) (j []*big.Rat, ok bool) {
	n, outputs, back := len(x), len(f(x)), new(big.Rat).Neg(t)
	columns := make([][]*big.Rat, n)
	mixed := zeroes(n)
	for i := range n {
		columns[i] = f.slope(x, t, unit(n, i))
		for k, v := range f.slope(x, back, unit(n, i)) {
			if v.Cmp(columns[i][k]) != 0 {
				return nil, false
			}
		}
		mixed[i].SetInt64(int64(3 - 2*i))
	}
	for k := range outputs {
		for i := range n {
			j = append(j, columns[i][k])
		}
		want := dot(j[k*n:], mixed)
		for _, h := range []*big.Rat{t, back} {
			if f.slope(x, h, mixed)[k].Cmp(want) != 0 {
				return nil, false
			}
		}
	}
	return j, true
}

// Curved programs are looked at along curves x + td + t²e + t³h, which see ties
// of second and third order. Numbers are so small that polynomials of degree
// mostDegree and moderate dyadic coefficients have their signs for t ↓ 0, and that
// no switch is crossed within a difference quotient.
var (
	curveTimes = []*big.Rat{optest.TwoTo(-60), optest.TwoTo(-71)}
	curveStep  = optest.TwoTo(-1100)
)

// on returns a point of a curve that starts at x.
func on(x []*big.Rat, curve [][]*big.Rat, t *big.Rat) []*big.Rat {
	power := t
	for _, d := range curve {
		x, power = along(x, power, d), times(power, t)
	}
	return x
}

// limit returns the limit of the derivative along a curve for t ↓ 0, found from
// values only: a number with few digits. ok is false if the program does not look
// differentiable there.
func (f function) limit(x []*big.Rat, curve ...[]*big.Rat) (j []*big.Rat, ok bool) {
	for i, t := range curveTimes {
		y := on(x, curve, t)
		up, down := f.quotients(y, curveStep), f.quotients(y, new(big.Rat).Neg(curveStep))
		if !equal(up, down) || i > 0 && !equal(up, j) {
			return nil, false
		}
		j = up
	}
	return j, true
}

func equal(a, b []*big.Rat) bool {
	return slices.EqualFunc(a, b, func(x, y *big.Rat) bool { return x.Cmp(y) == 0 })
}

// quotients returns difference quotients, rows one after the other, rounded.
func (f function) quotients(x []*big.Rat, h *big.Rat) []*big.Rat {
	n, here := len(x), f(x)
	j := make([]*big.Rat, n*len(here))
	for i := range n {
		for k, v := range f(along(x, h, unit(n, i))) {
			j[k*n+i] = rounded(new(big.Rat).Quo(minus(v, here[k]), h))
		}
	}
	return j
}

// rounded returns the nearest multiple of 2⁻⁴⁰.
func rounded(v *big.Rat) *big.Rat {
	v = sum(times(v, optest.TwoTo(40)), big.NewRat(1, 2))
	return times(new(big.Rat).SetInt(new(big.Int).Div(v.Num(), v.Denom())), optest.TwoTo(-40))
}

// randomCurve draws curves that begin along a short direction, often in a kink,
// and bend away.
func randomCurve(rng *rand.Rand, n int) [][]*big.Rat {
	bend := along(zeroes(n), big.NewRat(1, 4), randomInts(rng, n, 8))
	return [][]*big.Rat{randomInts(rng, n, 1), bend, randomInts(rng, n, 1<<20)}
}
