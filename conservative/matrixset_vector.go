package conservative

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
)

// solveIn is solve in the arithmetic of both matrices, which is the same; regular
// is false if B is singular.
func solveIn(ctx context.Context, m int, b, c clarke.Vector) (x clarke.Vector, regular bool, err error) {
	if b.Exact != nil {
		x, _, err := rationals.solve(ctx, m, b.Exact, c.Exact)
		return clarke.Rational(x), x != nil, err
	}
	r, _, err := float64s.solve(ctx, m, b.Float, c.Float)
	return clarke.Floats(r), r != nil, err
}

// productIn is product in the arithmetic of all three, which is the same.
func productIn(m int, a, x, b clarke.Vector) clarke.Vector {
	if a.Exact != nil && x.Exact != nil {
		return clarke.Rational(rationals.product(m, a.Exact, x.Exact, b.Exact))
	}
	return clarke.Floats(float64s.product(m, a.Float, x.Float, b.Float))
}

// entriesOf returns the listed entries of v, in order.
func entriesOf(v clarke.Vector, index []int) clarke.Vector {
	if v.Exact != nil {
		return clarke.Rational(pick(v.Exact, index))
	}
	return clarke.Floats(pick(v.Float, index))
}

// exactly returns the rational values of the entries.
func exactly(v clarke.Vector) []*big.Rat {
	if v.Exact != nil {
		return v.Exact
	}
	out := make([]*big.Rat, len(v.Float))
	for i, x := range v.Float {
		out[i] = new(big.Rat).SetFloat64(x)
	}
	return out
}

// negativeIn returns −v.
func negativeIn(v clarke.Vector) clarke.Vector {
	if v.Exact != nil {
		return clarke.Rational(rationals.minus(rationals.zeros(len(v.Exact)), v.Exact))
	}
	return clarke.Floats(float64s.minus(float64s.zeros(len(v.Float)), v.Float))
}

// minusIn returns a − b, rational if both are.
func minusIn(a, b clarke.Vector) clarke.Vector {
	if a.Exact != nil && b.Exact != nil {
		return clarke.Rational(rationals.minus(a.Exact, b.Exact))
	}
	return clarke.Floats(float64s.minus(a.Float, b.Float))
}

// identityMinus returns I − A.
func identityMinus(m int, a clarke.Vector) clarke.Vector {
	if a.Exact != nil {
		return clarke.Rational(rationals.minus(rationals.identity(m), a.Exact))
	}
	return clarke.Floats(float64s.minus(float64s.identity(m), a.Float))
}

// meanIn returns the mean of vectors of one arithmetic.
func meanIn(list []clarke.Vector) clarke.Vector {
	if list[0].Exact != nil {
		return clarke.Rational(rationals.mean(clarke.Point(list).Exact()))
	}
	return clarke.Floats(float64s.mean(clarke.Point(list).Floats()))
}
