package subgradient

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
)

type vector = []*big.Rat

// strata are programs with a segment inside the stratum of some of their kinks.
var strata = []struct {
	text     string
	from, to []string
}{
	{"max(x, y) + min(x, y)", []string{"0", "0"}, []string{"1", "1"}},
	{"3*abs(x - y) + relu(y - x) + x", []string{"0", "0"}, []string{"2", "2"}},
	{"relu(x) - relu(-x) + y", []string{"0", "0"}, []string{"0", "1"}},
	{"relu(x + y) - relu(x) - relu(y)", []string{"0", "1"}, []string{"0", "3"}},
	{"relu(relu(x + y) - relu(x - y) + z) - z", []string{"0", "0", "1"}, []string{"0", "0", "2"}},
	{"relu(x - relu(y)) - relu(y - relu(x)) + 2*z", []string{"0", "0", "0"}, []string{"0", "0", "1"}},
	{"max([x, y, z])", []string{"0", "0", "0"}, []string{"1", "1", "1"}},
	{"let s = sort([x, y, z]); s[0] - 2*s[1] + 4*s[2]", []string{"1", "1", "0"}, []string{"3", "3", "-1"}},
	{"median([x, y, z]) - 2*min(x, z)", []string{"0", "0", "0"}, []string{"1", "1", "1"}},
	{"norminf([x, y, z])", []string{"1", "1", "-1"}, []string{"2", "2", "-2"}},
	{"max(abs(x), abs(y)) - abs(x - y)", []string{"1", "1"}, []string{"2", "2"}},
}

// slopes returns the smallest and the largest ⟨v, d⟩ that a rule gives at x.
type slopes func(ctx context.Context, x, d vector) (low, high *big.Rat, err error)

// wholeField gives the extremes over the conservative field.
func wholeField(p place) (slopes, error) {
	analyzer, err := conservative.NewAnalyzer(p.f, conservative.Options{})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, x, d vector) (low, high *big.Rat, err error) {
		field, err := analyzer.At(ctx, pointOf(x))
		if err != nil {
			return nil, nil, err
		}
		if high, err = support(ctx, field, d); err != nil {
			return nil, nil, err
		}
		if low, err = support(ctx, field, difference(origin(len(d)), d)); err != nil {
			return nil, nil, err
		}
		return new(big.Rat).Neg(low), high, nil
	}, nil
}

// support is the support function of conv D, which has to be known.
func support(ctx context.Context, field *conservative.Field, d vector) (*big.Rat, error) {
	value, err := field.Support(ctx, clarke.Rational(d), 0)
	if err != nil {
		return nil, err
	}
	if !value.Closed || value.Lower.Exact == nil {
		return nil, fmt.Errorf("the support function of the field was not found exactly")
	}
	return value.Lower.Exact[0], nil
}

// chainErrors integrates the extreme slopes along a polygon, by the midpoint rule
// with so many nodes on each side, and returns the integrals minus the change
// of f.
func chainErrors(ctx context.Context, p place, rule slopes, nodes int, corners ...vector) (low, high *big.Rat, err error) {
	from, err := p.value(corners[0])
	if err != nil {
		return nil, nil, err
	}
	to, err := p.value(corners[len(corners)-1])
	if err != nil {
		return nil, nil, err
	}
	low = new(big.Rat).Sub(from, to)
	high = new(big.Rat).Set(low)
	for i := 1; i < len(corners); i++ {
		d := difference(corners[i], corners[i-1])
		for j := range nodes {
			t := big.NewRat(int64(2*j+1), int64(2*nodes))
			least, most, err := rule(ctx, moved(corners[i-1], t, d), d)
			if err != nil {
				return nil, nil, err
			}
			weight := big.NewRat(1, int64(nodes))
			low.Add(low, new(big.Rat).Mul(least, weight))
			high.Add(high, new(big.Rat).Mul(most, weight))
		}
	}
	return low, high, nil
}
