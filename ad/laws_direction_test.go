package ad_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// Directional derivatives are the limits of difference quotients: for
// piecewise affine programs their values below the first switch crossing.
func TestLawDirectional(t *testing.T) {
	each(t, []string{"affine"}, func(t *rapid.T, p optest.Program) { optest.CheckDirectional(t, p, true) })
	each(t, []string{"polynomial", "vector", "any"}, func(t *rapid.T, p optest.Program) { optest.CheckDirectional(t, p, false) })
}

// tiny is far below the distance of any point of small dyadic numbers to the
// switches that are not active there.
var tiny = optest.TwoTo(-256)

// beside is the gradient at x + tiny·d. Kinks that are active even there have
// rows that are 0, so that the wiring does not matter.
func beside(t *rapid.T, p optest.Program, d [][]*big.Rat) [][]string {
	open, err := ad.Gradient(p.Func)
	require.NoError(t, err)
	g, err := ad.Wire(open, ad.AtSlot(0.5))
	require.NoError(t, err)
	return optest.Strings(optest.Exact(t, g, optest.Moved(p.Func, p.Rats(), tiny, d)...)[1:])
}

// ladder is the direction e₁ + εe₂ + ε²e₃ + …
func ladder(wrt []expr.Node, epsilon *big.Rat) [][]*big.Rat {
	power := big.NewRat(1, 1)
	out := make([][]*big.Rat, len(wrt))
	for i, n := range wrt {
		for range n.Shape().Size() {
			out[i] = append(out[i], power)
			power = new(big.Rat).Mul(power, epsilon)
		}
	}
	return out
}

func TestLawLexicographic(t *testing.T) {
	each(t, []string{"affine"}, func(t *rapid.T, p optest.Program) {
		f, err := ad.Lexicographic(p.Func)
		require.NoError(t, err)
		got := optest.Exact(t, f, p.Rats()...)[1:]
		require.Equal(t, beside(t, p, ladder(p.Func.Wrt(), tiny)), optest.Strings(got))
	})
}

// The first entry of the lexicographic gradient is f′(x; e₁), also where the
// program is not piecewise affine.
func TestLawLexicographicStartsWithDirectional(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		lexicographic, err := ad.Lexicographic(p.Func)
		require.NoError(t, err)
		directional, err := ad.Directional(p.Func)
		require.NoError(t, err)
		e1 := ladder(p.Func.Wrt(), new(big.Rat))
		got := optest.Exact(t, lexicographic, p.Rats()...)[1][0]
		want := optest.Exact(t, directional, optest.Join(p.Rats(), e1)...)[1][0]
		require.Equal(t, want.RatString(), got.RatString())
	})
}

func TestLawElementAlong(t *testing.T) {
	each(t, []string{"affine"}, func(t *rapid.T, p optest.Program) {
		f, err := ad.ElementAlong(p.Func)
		require.NoError(t, err)
		d := optest.AllToRats(optest.GenericFor(t, p.Func.Wrt(), "d"))
		got := optest.Exact(t, f, optest.Join(p.Rats(), d)...)[1:]
		require.Equal(t, beside(t, p, d), optest.Strings(got))
	})
}
