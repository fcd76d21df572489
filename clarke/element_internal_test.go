package clarke

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr/parse"
)

// settled is the condition on which a direction is kept.
func TestSettled(t *testing.T) {
	for _, c := range []struct {
		text    string
		d       []int64
		settled bool
		why     string
	}{
		{"relu(x) - relu(y)", []int64{1, 1}, true, "both tangents differ from 0"},
		{"relu(x) - relu(y)", []int64{0, 1}, false, "the tangent of x is 0 and its row is not"},
		{"relu(x - x) + y", []int64{1, 1}, true, "a row of 0 needs no direction"},
		{"relu(relu(x)) + y", []int64{-1, 1}, true, "the row of the outer switch is 0 along x < 0"},
		{"relu(relu(x)) + y", []int64{0, 1}, false, "the inner switch is not settled"},
		{"relu(relu(x) - relu(y))", []int64{-1, -1}, true, "both inner branches are 0"},
		{"relu(relu(x) - relu(y))", []int64{1, 1}, false, "x − y is tied along the diagonal"},
		{"max(x, y, x + 0*y)", []int64{1, 0}, true, "equal entries stay tied, which does not matter"},
		{"max(x, y, 2*x)", []int64{1, 1}, true, "2x wins alone"},
		{"max(x, y, 2*x)", []int64{-1, -1}, false, "x and y tie"},
		{"sum(topk([x, y], 1))", []int64{1, 1}, false, "the order of x and y is not settled"},
		{"x*abs(y) + y", []int64{0, 1}, true, "x is no switch"},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err)
		e, err := NewElement(f)
		require.NoError(t, err)
		x := RationalPoint([]*big.Rat{new(big.Rat)}, []*big.Rat{new(big.Rat)})
		d := Rational([]*big.Rat{big.NewRat(c.d[0], 1), big.NewRat(c.d[1], 1)})
		rng := rand.New(rand.NewPCG(1, 1))
		got, err := e.settled(x, d, e.draw(rng, true))
		require.NoError(t, err)
		require.Equal(t, c.settled, got, "%s along %v: %s", c.text, c.d, c.why)
		floats, err := e.settled(FloatPoint(x.Floats()...), Floats(d.Float), e.draw(rng, false))
		require.NoError(t, err)
		require.Equal(t, c.settled, floats, "%s along %v: %s", c.text, c.d, c.why)
	}
}

func TestRootOf(t *testing.T) {
	require.Equal(t, 1.5, rootOf(big.NewRat(9, 4)))
	require.Zero(t, rootOf(new(big.Rat)))
	huge := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 1200))
	require.Equal(t, 0x1p600, rootOf(huge))
	require.Equal(t, 0x1p-600, rootOf(huge.Inv(huge)))
}
