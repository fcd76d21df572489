package subgradient

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
)

// The all-ties rule and a selection outside of the field have errors that the
// integral sees; the field has none.
func TestChainErrorsSeeWrongRules(t *testing.T) {
	p, err := at("max([x, y])", "0", "0")
	require.NoError(t, err)
	end := vector{big.NewRat(1, 1), big.NewRat(1, 1)}
	wrong, err := allTies(p)
	require.NoError(t, err)
	_, high, err := chainErrors(t.Context(), p, wrong, 3, p.x, end)
	require.NoError(t, err)
	require.Equal(t, "1", high.RatString())
	field, err := wholeField(p)
	require.NoError(t, err)
	low, high, err := chainErrors(t.Context(), p, field, 3, p.x, end)
	require.NoError(t, err)
	require.Zero(t, low.Sign())
	require.Zero(t, high.Sign())
}

// A curve that crosses a kink has the error of the quadrature: |x| from −1/3 to 1
// with one node, at 1/3, where the slope is 1: 4/3 for a change of 2/3.
func TestChainErrorOfACrossing(t *testing.T) {
	p, err := at("abs(x)", "-1/3")
	require.NoError(t, err)
	field, err := wholeField(p)
	require.NoError(t, err)
	for nodes, want := range map[int]string{1: "2/3", 4: "0"} {
		_, high, err := chainErrors(t.Context(), p, field, nodes, p.x, vector{big.NewRat(1, 1)})
		require.NoError(t, err)
		require.Equal(t, want, high.RatString())
	}
}

// The field at a kink spreads, so that the best and the worst selection differ
// off strata: at 0 along e₁.
func TestWholeFieldSpreads(t *testing.T) {
	p, err := at("max(x, y) + min(x, y)", "0", "0")
	require.NoError(t, err)
	field, err := wholeField(p)
	require.NoError(t, err)
	low, high, err := field(t.Context(), p.x, vector{big.NewRat(1, 1), new(big.Rat)})
	require.NoError(t, err)
	require.Equal(t, "0", low.RatString())
	require.Equal(t, "2", high.RatString())
}

// Every segment lies in the stratum of a kink: its middle is on one.
func TestStrataHaveKinks(t *testing.T) {
	for _, s := range strata {
		p, err := at(s.text, s.from...)
		require.NoError(t, err)
		to, err := ratsOf(s.to)
		require.NoError(t, err)
		middle := moved(p.x, big.NewRat(1, 3), difference(to, p.x))
		g, err := ad.Gradient(p.f)
		require.NoError(t, err)
		finder, err := ad.NewFinder(g)
		require.NoError(t, err)
		kinks, err := finder.AtExact(pointOf(middle).Exact()...)
		require.NoError(t, err)
		require.NotEmpty(t, kinks, s.text)
	}
}
