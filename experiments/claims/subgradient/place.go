package subgradient

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// place is a program of scalar inputs at a rational point.
type place struct {
	text  string
	f     *expr.Func
	x     []*big.Rat
	exact *exact.Program // nil if the program leaves the rationals
}

// at reads a program and the values of its inputs, in the order in which they
// first appear: numbers such as "-9/4".
func at(text string, values ...string) (place, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return place{}, err
	}
	if len(values) != len(f.In()) {
		return place{}, fmt.Errorf("%s has %d inputs, but %d values were given", text, len(f.In()), len(values))
	}
	p := place{text: text, f: f}
	if p.x, err = ratsOf(values); err != nil {
		return place{}, err
	}
	p.exact, err = exact.Compile(f)
	if err != nil {
		p.exact = nil // only what asks for exact values needs it
	}
	return p, nil
}

// point is x, one part for each input.
func (p place) point() clarke.Point { return pointOf(p.x) }

func pointOf(x []*big.Rat) clarke.Point {
	parts := make([][]*big.Rat, len(x))
	for i := range x {
		parts[i] = x[i : i+1]
	}
	return clarke.RationalPoint(parts...)
}

// value is f(x) in rationals.
func (p place) value(x []*big.Rat) (*big.Rat, error) {
	if p.exact == nil {
		return nil, fmt.Errorf("%s has no rational values", p.text)
	}
	y, err := p.exact.Run(pointOf(x).Exact()...)
	if err != nil {
		return nil, err
	}
	return y[0][0], nil
}

// clarke is ∂f(x), which has to be known exactly.
func (p place) clarke(ctx context.Context) (*clarke.Subdifferential, error) {
	s, err := clarke.At(ctx, p.f, p.point(), clarke.Options{})
	if err != nil {
		return nil, err
	}
	if !s.Exact || s.Round {
		return nil, fmt.Errorf("∂f of %s was not found exactly: %s", p.text, s.Why)
	}
	return s, nil
}

// moved is x + t·d.
func moved(x []*big.Rat, t *big.Rat, d []*big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i := range x {
		out[i] = new(big.Rat).Mul(t, d[i])
		out[i].Add(out[i], x[i])
	}
	return out
}

var one = big.NewRat(1, 1)

// inner is ⟨a, b⟩.
func inner(a, b []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for i := range a {
		sum.Add(sum, new(big.Rat).Mul(a[i], b[i]))
	}
	return sum
}

// difference is a − b.
func difference(a, b []*big.Rat) []*big.Rat { return moved(a, big.NewRat(-1, 1), b) }

// drawn are n random multiples of 1/1000 in [−1, 1].
func drawn(rng *rand.Rand, n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = big.NewRat(rng.Int64N(2001)-1000, 1000)
	}
	return out
}

// mixture is a random convex combination of points.
func mixture(rng *rand.Rand, points [][]*big.Rat) []*big.Rat {
	weights, total := make([]int64, len(points)), int64(0)
	for total == 0 {
		for i := range weights {
			weights[i] = rng.Int64N(100)
			total += weights[i]
		}
	}
	sum := drawn(rng, len(points[0]))
	for i := range sum {
		sum[i].SetInt64(0)
	}
	for i, p := range points {
		sum = moved(sum, big.NewRat(weights[i], total), p)
	}
	return sum
}

// exactOf are the rational vectors.
func exactOf(vectors []clarke.Vector) [][]*big.Rat {
	out := make([][]*big.Rat, len(vectors))
	for i, v := range vectors {
		out[i] = v.Exact
	}
	return out
}

// float is the nearest float64.
func float(r *big.Rat) float64 {
	v, _ := r.Float64()
	return v
}
