package sgd_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

func objective(t require.TestingT, model sgd.Model, data sgd.Data, theta ...float64) *sgd.Objective {
	o, err := sgd.NewObjective(model, data, ad.AtKink(0))
	require.NoError(t, err)
	require.NoError(t, o.Set([]sgd.Param{{Name: "theta", Value: theta}}))
	return o
}

// Loss and gradient are those of the mean, also over several chunks of rows.
func TestObjective(t *testing.T) {
	for _, n := range []int{1, 7, 256, 257, 600} {
		a := gaussian(2*n, uint64(n))
		o := objective(t, squares, column(2, a...), 1, -2)
		loss, want := 0.0, []float64{1, -2}
		for i := range n {
			x, y := 1-a[2*i], -2-a[2*i+1]
			loss += (x*x + y*y) / 2 / float64(n)
			want[0] -= a[2*i] / float64(n)
			want[1] -= a[2*i+1] / float64(n)
		}
		got, err := o.Evaluate(context.Background())
		require.NoError(t, err)
		require.InEpsilon(t, loss, got, 1e-12)
		require.InDeltaSlice(t, want, o.Params()[0].Grad, 1e-12)
		require.Equal(t, 2, o.Size())
		require.Zero(t, testing.AllocsPerRun(5, func() { _, _ = o.Evaluate(context.Background()) }))
	}
}

// For a smooth loss and a small ball the distance is ‖∇J‖ up to the radius; for
// the mean of |θ − a| it is the distance of 0 to the slopes met.
func TestCriticality(t *testing.T) {
	near := sgd.Neighbourhood{Radius: 1e-3, Points: 12}
	distance := func(o *sgd.Objective, n sgd.Neighbourhood) float64 {
		before := o.Params()[0].Value[0]
		m, err := o.Criticality(context.Background(), n, rand.NewPCG(1, 1))
		require.NoError(t, err)
		require.True(t, m.Certified)
		require.Equal(t, before, o.Params()[0].Value[0], "parameters are restored")
		return m.Norm
	}
	require.InDelta(t, 5, distance(objective(t, squares, column(2, 0, 0, 0, 0), 3, 4), near), 1e-3)
	kink := column(1, 0, 0, 1)
	require.InDelta(t, 0, distance(objective(t, medians, kink, 0), near), 1e-15)
	require.InDelta(t, 1./3, distance(objective(t, medians, kink, 0.5), near), 1e-15)
	require.InDelta(t, 1, distance(objective(t, medians, kink, 2), near), 1e-15)
	require.InDelta(t, 0, distance(objective(t, medians, kink, 0.5), sgd.Neighbourhood{Radius: 1, Points: 12}), 1e-15)
}

// The program relu(θ) − relu(−θ) is the identity, and its selection at 0 with
// relu′(0) = 0 is 0: stuck for backpropagation, at distance 1 from criticality.
func TestCriticalityOfAnArtificialPoint(t *testing.T) {
	identity := func(batch int) (*expr.Func, error) {
		g := expr.NewGraph()
		theta, a := g.Param("theta"), g.Data("a", batch)
		y := expr.Sub(expr.ReLU(theta), expr.ReLU(expr.Neg(theta)))
		return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Add(y, a))))
	}
	c := config(t, identity, column(1, 0, 0), 1, 0)
	c.CountKinks = true
	train := trainer(t, c)
	for range 10 {
		step, err := train.Next()
		require.NoError(t, err)
		require.Equal(t, 2, step.Kinks)
	}
	require.Zero(t, train.Params()[0].Value[0])
	o := objective(t, identity, c.Data, 0)
	m, err := o.Criticality(context.Background(), sgd.Neighbourhood{Radius: 1e-6, Points: 8}, rand.NewPCG(1, 1))
	require.NoError(t, err)
	require.Equal(t, 1.0, m.Norm)
}

func TestCriticalityErrors(t *testing.T) {
	o := objective(t, medians, column(1, 1), 0)
	src := rand.NewPCG(1, 1)
	for _, n := range []sgd.Neighbourhood{{}, {Radius: 1}, {Points: 1}, {Radius: math.NaN(), Points: 1}, {Radius: math.Inf(1), Points: 1}} {
		_, err := o.Criticality(context.Background(), n, src)
		var e *sgd.ConfigError
		require.ErrorAs(t, err, &e, "%+v", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := o.Criticality(ctx, sgd.Neighbourhood{Radius: 1, Points: 1}, src)
	require.ErrorIs(t, err, context.Canceled)
	require.Error(t, o.Set(nil))
	require.Error(t, o.Set([]sgd.Param{{Name: "x", Value: []float64{0}}}))
	_, err = sgd.NewObjective(medians, sgd.Data{}, ad.AtKink(0))
	require.ErrorContains(t, err, "no rows")
}

func ExampleObjective_Criticality() {
	model := func(batch int) (*expr.Func, error) {
		g := expr.NewGraph()
		theta, a := g.Param("theta"), g.Data("a", batch)
		return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Abs(expr.Sub(theta, a)))))
	}
	data := sgd.Data{Rows: 3, Columns: map[string][]float64{"a": {1, 2, 10}}}
	o, err := sgd.NewObjective(model, data, ad.AtKink(0))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, theta := range []float64{5, 2} {
		o.Params()[0].Value[0] = theta
		var m convex.MinNormPoint
		m, err = o.Criticality(context.Background(), sgd.Neighbourhood{Radius: 0.1, Points: 10}, rand.NewPCG(1, 2))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.3f\n", m.Norm)
	}
	// Output:
	// 0.333
	// 0.000
}
