package ad_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// Float64 computes rows and what passes kinks one by one, rationals by columns and by
// rows where these are fewer. Here inputs and kinks are more than rows, and fewer, for
// layers of kinks, for ranks, for permutations, and where outputs are not rational.
func TestTransposesOfLinearization(t *testing.T) {
	programs := map[string]*expr.Func{
		"two layers":   absLayers(t, 3, 7, 5),
		"wide first":   absLayers(t, 6, 3, 9, 2),
		"wide inputs":  absLayers(t, 12, 4),
		"three layers": absLayers(t, 2, 5, 5, 5),
	}
	for _, text := range []string{
		"sum(sort([x, 2*y, 3*x - y, abs(x)])*[1, 2, 4, 8]) + sum(topk([x, y, x + y, 2*x, abs(y)], 2))",
		"exp(max(x, 3*y, abs(x - y)) + relu(x) + relu(y) + relu(x + 2*y))",
		"[relu(abs(x) - abs(y)), exp(relu(y)) + relu(x)]",
	} {
		f, err := parse.Parse(text)
		require.NoError(t, err)
		programs[text] = f
	}
	for name, f := range programs {
		l, err := ad.NewLinearizer(f, 0)
		require.NoError(t, err)
		var zero [][]float64
		var exactly [][]*big.Rat
		for _, n := range f.In() {
			zero = append(zero, make([]float64, n.Shape().Size()))
			exactly = append(exactly, optest.ToRats(make([]float64, n.Shape().Size())))
		}
		want, err := l.At(t.Context(), zero...)
		require.NoError(t, err)
		got, err := l.AtExact(t.Context(), exactly...)
		require.NoError(t, err)
		require.Len(t, got.Kinks, len(want.Kinks))
		requireRows(t, name, want.Switch, got.Switch)
		requireRows(t, name, want.Output, got.Output)
	}
}

func requireRows(t *testing.T, name string, want, got []ad.Row) {
	require.Len(t, got, len(want), name)
	for i, r := range want {
		require.InDeltaSlice(t, r.X, got[i].X, 1e-9, name)
		coefficients := map[int]float64{}
		for _, c := range r.Terms {
			coefficients[c.Through] = c.Coefficient
		}
		last := -1
		for _, c := range got[i].Terms {
			require.Greater(t, c.Through, last, "ascending")
			require.InDelta(t, coefficients[c.Through], c.Coefficient, 1e-9, name)
			delete(coefficients, c.Through)
			last = c.Through
		}
		for _, c := range coefficients { // what rounding left of a 0
			require.InDelta(t, 0, c, 1e-9, name)
		}
	}
}
