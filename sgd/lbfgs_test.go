package sgd_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// What a line search returns satisfies the strong Wolfe conditions, and the number of
// evaluations is counted, for convex quadratics with any first step.
func TestLawStrongWolfe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := []float64{rapid.Float64Range(0.1, 10).Draw(t, "w0"), rapid.Float64Range(0.1, 10).Draw(t, "w1")}
		p := []sgd.Param{{Name: "x", Value: []float64{rapid.Float64Range(1, 5).Draw(t, "x0"), rapid.Float64Range(-5, -1).Draw(t, "x1")}, Grad: make([]float64, 2)}}
		rate, calls := rapid.Float64Range(1e-4, 100).Draw(t, "rate"), 0
		evaluate := func() (f float64, err error) {
			calls++
			for i, x := range p[0].Value {
				f += w[i] * (x*x + x*x*x*x) / 2
				p[0].Grad[i] = w[i] * (x + 2*x*x*x)
			}
			return f, nil
		}
		s, err := sgd.LBFGS{Iterations: 1, Evaluations: 100, History: 1, Change: 1e-12, StrongWolfe: true}.Start(p)
		require.NoError(t, err)
		before, _ := evaluate()
		start, g := append([]float64{}, p[0].Value...), append([]float64{}, p[0].Grad...)
		calls = 0
		require.NoError(t, s.(sgd.Searcher).Search(p, rate, before, evaluate))
		require.LessOrEqual(t, calls, 26)
		after, _ := evaluate()
		step := (p[0].Value[0] - start[0]) / -g[0] // along −g
		slope0, slope := -(g[0]*g[0] + g[1]*g[1]), -(g[0]*p[0].Grad[0] + g[1]*p[0].Grad[1])
		require.InDelta(t, start[1]-step*g[1], p[0].Value[1], 1e-9)
		require.LessOrEqual(t, after, before+1e-4*step*slope0+1e-9*before)
		require.LessOrEqual(t, math.Abs(slope), 0.9*math.Abs(slope0)*(1+1e-9))
	})
}

// Gradient evaluations of the search are counted in Gradients and in Epoch.
func TestSearchesAreCounted(t *testing.T) {
	c := config(t, squares, column(2, 0, 0, 2, 0, 2, 2, 0, 2), 4, 5, -5)
	c.Method, c.Schedule = sgd.LBFGS{Iterations: 1, Evaluations: 9, History: 5, StrongWolfe: true}, sgd.Constant(1)
	train := trainer(t, c)
	for s, err := range train.Steps(context.Background()) {
		require.NoError(t, err)
		require.GreaterOrEqual(t, s.Gradients, 8*(s.Number+1), "at least one evaluation besides the first, of four rows")
		require.Equal(t, float64(s.Gradients)/4, s.Epoch)
		if s.Number == 2 {
			break
		}
	}
	require.InDeltaSlice(t, []float64{1, 1}, train.Params()[0].Value, 1e-6)
	require.Zero(t, testing.AllocsPerRun(20, func() { _, _ = train.Next() }))
}

// A search that meets what is not finite ends the run with the parameters before the step.
func TestSearchFails(t *testing.T) {
	barrier := func(batch int) (*expr.Func, error) {
		g := expr.NewGraph()
		theta, a := g.Param("theta"), g.Data("a", batch)
		return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Sub(theta, expr.Mul(a, expr.Log(theta))))))
	}
	c := config(t, barrier, column(1, 1), 1, 3)
	c.Method, c.Schedule = sgd.LBFGS{Iterations: 5, History: 5}, sgd.Constant(10) // over the barrier at 0
	train := trainer(t, c)
	_, err := train.Next()
	var e *sgd.StepError
	require.ErrorAs(t, err, &e)
	require.Equal(t, []float64{3}, train.Params()[0].Value)
}

// Limited-memory BFGS with a line search on all rows: a quadratic in few evaluations.
func ExampleLBFGS() {
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: 3, Batch: 3, Order: sgd.Incremental}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	method := sgd.DefaultLBFGS()
	method.StrongWolfe = true
	train, err := sgd.NewTrainer(sgd.Config{
		Model: squares, Data: sgd.Data{Rows: 3, Columns: map[string][]float64{"a": {1, 0, 2, 5, 3, 1}}},
		Wiring: ad.AtKink(0), Method: method, Schedule: sgd.Constant(1),
		Sampler: sampler, Initial: map[string][]float64{"theta": {10, 10}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	step, err := train.Next()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f after %d component gradients\n", train.Params()[0].Value, step.Gradients)
	// Output: [2.0000 2.0000] after 12 component gradients
}

// Biases step a tenth as far as weights, and the gradient is clipped for both.
func ExampleGroups() {
	method := sgd.Clip{Norm: 1, Method: sgd.Groups{
		{Params: []string{"b"}, Method: sgd.SGD{}, Rate: 0.1},
		{Method: sgd.SGD{Momentum: 0.9, WeightDecay: 1e-4}, Rate: 1},
	}}
	params := []sgd.Param{
		{Name: "w", Value: []float64{0, 0}, Grad: []float64{30, 0}},
		{Name: "b", Value: []float64{0}, Grad: []float64{40}},
	}
	state, err := method.Start(params)
	if err != nil {
		fmt.Println(err)
		return
	}
	state.Update(params, 0.5)
	fmt.Printf("w %.3f, b %.3f\n", params[0].Value, params[1].Value)
	// Output: w [-0.300 0.000], b [-0.040]
}
