package differentiation

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// plain is backpropagation with relu′(0) = 0.
func plain(f *expr.Func) (*expr.Func, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	return ad.Wire(g, ad.AtKink(0))
}

// Backpropagation in the place of branch locking or of the lexicographic
// derivative is found out.
func TestWrongElementsFail(t *testing.T) {
	c := cheap()
	judge := func(r rules) []string {
		checks, err := elementChecks(context.Background(), contextOf(t, c), r)
		require.NoError(t, err)
		return notPassing(t, c, claim.Outcome{Checks: checks})
	}
	require.Empty(t, judge(elementRules))

	wrong := elementRules
	wrong.element = func(f *expr.Func, at clarke.Point, rng *rand.Rand) (v, d clarke.Vector, err error) {
		_, d, err = elementRules.element(f, at, rng)
		if err != nil {
			return v, d, err
		}
		g, err := plain(f)
		if err != nil {
			return v, d, err
		}
		var x []*big.Rat
		for _, in := range at.Exact() {
			x = append(x, in...)
		}
		out, err := runExact(g, x)
		if err != nil {
			return v, d, err
		}
		entries := make([]*big.Rat, len(x))
		for i := range entries {
			entries[i] = out[1+i][0]
		}
		return clarke.Rational(entries), d, nil
	}
	require.Equal(t, []string{"element-known", "element-random", "element-slope"}, judge(wrong))

	wrong = elementRules
	wrong.lexicographic = plain
	require.Equal(t, []string{"lexicographic-known", "lexicographic-random"}, judge(wrong))
}

// The compass difference of |x| + 2x + |y|/2 is (2, 0).
func TestCompass(t *testing.T) {
	f, err := parse.Parse("abs(x) + 2*x + abs(y)/2")
	require.NoError(t, err)
	v, err := atZero(f).compass()
	require.NoError(t, err)
	require.Equal(t, []float64{2, 0}, v.Float)
}
