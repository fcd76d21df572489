package ad_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// Float64 computes rows and what passes few kinks one by one, rationals by columns and by
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

// With many parallel kinks float64 takes the transposes too. Of Σ |aᵢ·x| the rows are aᵢ, and of what passes
// the output takes twice.
func TestTransposesOfManyKinks(t *testing.T) {
	const n, k = 3, 400
	a := make([]float64, k*n)
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range a {
		a[i] = float64(rng.IntN(201) - 100)
	}
	g := expr.NewGraph()
	x := g.Input("x", n)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.Abs(expr.MatMul(g.Tensor(a, k, n), x)))))
	require.NoError(t, err)
	l, err := ad.NewLinearizer(f, 0)
	require.NoError(t, err)
	m, err := l.At(t.Context(), make([]float64, n))
	require.NoError(t, err)
	require.Len(t, m.Switch, k)
	sum := make([]float64, n)
	for i, r := range m.Switch {
		require.Equal(t, a[i*n:(i+1)*n], r.X)
		require.Empty(t, r.Terms)
		for j, v := range r.X {
			sum[j] -= v
		}
	}
	require.Len(t, m.Output, 1)
	require.InDeltaSlice(t, sum, m.Output[0].X, 1e-9)
	require.Len(t, m.Output[0].Terms, k)
	for _, c := range m.Output[0].Terms {
		require.InDelta(t, 2, c.Coefficient, 1e-12)
	}
}
