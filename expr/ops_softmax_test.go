package expr_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

func runSoftmax(t *testing.T, build func(x expr.Node) expr.Node, x ...float64) []float64 {
	g := expr.NewGraph()
	in := g.Input("x", len(x))
	f, err := g.Func(expr.In(in), expr.Out(build(in)))
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	out := make([]float64, f.Out()[0].Shape().Size())
	require.NoError(t, p.Run([][]float64{out}, x))
	return out
}

func TestLogSumExp(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		x    []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{0, 0}, math.Ln2},
		{[]float64{1000, 1000}, 1000 + math.Ln2},
		{[]float64{-1000, -1000}, -1000 + math.Ln2},
		{[]float64{0, -60}, math.Exp(-60)},
		{[]float64{-60, 0, -inf}, math.Exp(-60)},
		{[]float64{-inf, -inf}, -inf},
		{[]float64{inf, 3}, inf},
		{make([]float64, 20), math.Log(20)},
	} {
		got := runSoftmax(t, expr.LogSumExp, c.x...)[0]
		if math.IsInf(c.want, 0) {
			require.Equal(t, c.want, got)
		} else {
			require.InEpsilon(t, c.want, got, 1e-15, "%v", c.x)
		}
	}
	for _, x := range [][]float64{{math.NaN(), 1}, {1, math.NaN()}, {inf, math.NaN()}} {
		require.True(t, math.IsNaN(runSoftmax(t, expr.LogSumExp, x...)[0]))
		for _, y := range runSoftmax(t, expr.Softmax, x...) {
			require.True(t, math.IsNaN(y))
		}
	}
}

func TestSoftmax(t *testing.T) {
	require.Equal(t, []float64{0.25, 0.25, 0.25, 0.25}, runSoftmax(t, expr.Softmax, 7, 7, 7, 7))
	require.Equal(t, []float64{1, 0}, runSoftmax(t, expr.Softmax, 1000, -1000))
	require.InDeltaSlice(t, []float64{1. / 7, 2. / 7, 4. / 7},
		runSoftmax(t, expr.Softmax, 0, math.Ln2, 2*math.Ln2), 1e-15)
}

// The Hessian of logsumexp is diag(p) − ppᵀ, in both modes.
func TestSoftmaxDerivatives(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.LogSumExp(x)))
	require.NoError(t, err)
	df, err := ad.Gradient(f)
	require.NoError(t, err)
	require.Empty(t, df.Slots(), "logsumexp has no kinks")
	gradient, err := g.Func(expr.In(x), expr.Out(df.Out()[1]))
	require.NoError(t, err)
	forward, err := ad.Forward(gradient)
	require.NoError(t, err)
	backward, err := ad.Backward(gradient)
	require.NoError(t, err)
	at, v := []float64{0, math.Ln2, 2 * math.Ln2}, []float64{1, 2, -1}
	p, dot := []float64{1. / 7, 2. / 7, 4. / 7}, 1./7
	for _, h := range []*expr.Func{forward, backward} {
		code, err := vm.Compile(h, vm.Options{})
		require.NoError(t, err)
		out := [][]float64{make([]float64, 3), make([]float64, 3)}
		require.NoError(t, code.Run(out, at, v))
		require.InDeltaSlice(t, p, out[0], 1e-15)
		for i := range v {
			require.InDelta(t, p[i]*(v[i]-dot), out[1][i], 1e-15)
		}
	}
}

func TestSoftmaxNeedsVectors(t *testing.T) {
	for _, build := range []func(expr.Node) expr.Node{expr.LogSumExp, expr.Softmax} {
		g := expr.NewGraph()
		x := g.Input("x")
		_, err := g.Func(expr.In(x), expr.Out(build(x)))
		require.ErrorContains(t, err, "it needs a vector")
	}
}

func ExampleLogSumExp() {
	g := expr.NewGraph()
	x := g.Input("x", 2)
	f, err := g.Func(expr.In(x), expr.Out(expr.LogSumExp(x)))
	if err != nil {
		fmt.Println(err)
		return
	}
	df, err := ad.Gradient(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := vm.Compile(df, vm.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	value, gradient := []float64{0}, []float64{0, 0}
	err = p.Run([][]float64{value, gradient}, []float64{1000, 1000})
	fmt.Printf("%.4f %v %d slots %v\n", value[0], gradient, len(df.Slots()), err)
	// Output: 1000.6931 [0.5 0.5] 0 slots <nil>
}
