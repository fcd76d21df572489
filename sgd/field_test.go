package sgd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// For the mean of |θ − a| the field at θ is the interval between the shares of a's below and
// above: critical where θ is a median.
func TestFieldMonitor(t *testing.T) {
	m, err := sgd.NewFieldMonitor(medians, column(1, 3, 1, 4, 1, 5), conservative.Options{})
	require.NoError(t, err)
	for _, c := range []struct {
		theta, low, high float64
		kinks            int
		critical         clarke.Verdict
	}{
		{3, -.2, .2, 1, clarke.Yes},
		{1, -1, -.2, 2, clarke.No},
		{4.5, .6, .6, 0, clarke.No},
	} {
		d, err := m.At(t.Context(), []sgd.Param{{Name: "theta", Value: []float64{c.theta}}})
		require.NoError(t, err)
		require.Equal(t, c.critical, d.HullContainsZero)
		tied := 0
		for i := range d.Kinks {
			tied += d.Kinks[i].Tied()
		}
		require.Equal(t, c.kinks, tied)
		require.InDelta(t, max(0, c.low, -c.high), d.Distance, 1e-15)
		require.InDelta(t, c.low, d.Vertices[0].Float[0], 1e-15)
		require.InDelta(t, c.high, d.Vertices[len(d.Vertices)-1].Float[0], 1e-15)
	}
}

// A spurious critical point: relu(θ) − relu(−θ) is θ, whose derivative is 1, and 0 is in D.
func TestFieldMonitorIsOfTheProgram(t *testing.T) {
	spurious := func(batch int) (*expr.Func, error) {
		g := expr.NewGraph()
		theta, a := g.Param("theta"), g.Data("a", batch)
		x := expr.Mul(theta, a)
		return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Sub(expr.ReLU(x), expr.ReLU(expr.Neg(x))))))
	}
	m, err := sgd.NewFieldMonitor(spurious, column(1, 1), conservative.Options{})
	require.NoError(t, err)
	d, err := m.At(t.Context(), []sgd.Param{{Name: "theta", Value: []float64{0}}})
	require.NoError(t, err)
	require.Equal(t, clarke.Yes, d.ContainsZero)
}

func TestFieldMonitorErrors(t *testing.T) {
	_, err := sgd.NewFieldMonitor(nil, column(1, 1), conservative.Options{})
	require.ErrorContains(t, err, "a field needs a model")
	_, err = sgd.NewFieldMonitor(medians, column(2, 1, 2), conservative.Options{})
	require.ErrorContains(t, err, `column "a" has 2 entries; 1 rows of 1 make 1`)
	m, err := sgd.NewFieldMonitor(medians, column(1, 1), conservative.Options{})
	require.NoError(t, err)
	_, err = m.At(t.Context(), []sgd.Param{{Name: "w", Value: []float64{0}}})
	require.ErrorContains(t, err, `parameter 0 is "w" of size 1; the model has "theta" of size 1`)
}
