package minimize

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// neighbour is a stationary point of simple coordinates near the answer. A method ends beside the kinks of such a point,
// and only on them can it be told whether the point is a minimum.
type neighbour struct {
	verdict
	x    []float64
	away float64 // its distance from the answer
}

// nearby is how far from X a neighbour's coordinates may be, in radii of the certificate: the radius is small where the points
// of the certificate are close to X, but all of them may be off the kinks.
const nearby = 4

// near returns the point whose coordinates are the simplest rationals near X, if it lies on kinks and is proved to be Clarke
// stationary; else nil.
func (r *Report) near(ctx context.Context, back *expr.Func) (*neighbour, error) {
	within := new(big.Rat).SetFloat64(nearby * r.Certificate.Radius)
	var exactly []*big.Rat
	for _, v := range r.X {
		x := new(big.Rat).SetFloat64(v)
		exactly = append(exactly, simplest(new(big.Rat).Sub(x, within), new(big.Rat).Add(x, within)))
	}
	flat := clarke.Rational(exactly)
	v, err := r.at(ctx, back, clarke.Split(flat, r.f.In()))
	if err != nil || v.set == nil || v.kinks == 0 || v.set.ContainsZero != clarke.Yes || v.set.Arithmetic != "rational" {
		return nil, err
	}
	apart := make([]float64, len(r.X))
	for i, x := range flat.Float {
		apart[i] = x - r.X[i]
	}
	return &neighbour{v, flat.Float, kernel.Norm(apart)}, nil
}

// simplest returns the rational of the least denominator in [low, high], and of those the one nearest to 0: the continued
// fractions of the ends begin alike, and end there.
func simplest(low, high *big.Rat) *big.Rat {
	switch {
	case high.Sign() < 0:
		x := simplest(new(big.Rat).Neg(high), new(big.Rat).Neg(low))
		return x.Neg(x)
	case low.Sign() <= 0:
		return new(big.Rat)
	}
	whole := new(big.Int).Quo(low.Num(), low.Denom())
	floor := new(big.Rat).SetInt(whole)
	if floor.Cmp(low) == 0 {
		return floor
	}
	above := new(big.Rat).Add(floor, big.NewRat(1, 1))
	if above.Cmp(high) <= 0 {
		return above
	}
	rest := simplest(inverse(high, floor), inverse(low, floor))
	return floor.Add(floor, rest.Inv(rest))
}

// inverse is 1/(x − floor).
func inverse(x, floor *big.Rat) *big.Rat {
	d := new(big.Rat).Sub(x, floor)
	return d.Inv(d)
}
