package codegen_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr"
)

// chainGradient is the gradient of a chain as PyTorch takes it.
func chainGradient(t testing.TB, c workload.Chain, n int) *expr.Func {
	f := c.Program(n)
	return gradientOf(t, f.Graph(), f.Out()[0], f.In()...)
}

func gradientOf(t testing.TB, g *expr.Graph, y expr.Node, in ...expr.Node) *expr.Func {
	p, err := g.Func(expr.In(in...), expr.Out(y))
	require.NoError(t, err)
	d, err := ad.Gradient(p)
	require.NoError(t, err)
	d, err = ad.Wire(d, ad.PyTorch.Wiring())
	require.NoError(t, err)
	return d
}

func textOf(t testing.TB, f *expr.Func, o codegen.Options) string {
	var out bytes.Buffer
	require.NoError(t, codegen.Write(&out, f, o))
	return out.String()
}

// The chains have the bits of the executor too, with sums and extrema over many entries.
func TestChainsHaveTheBitsOfTheExecutor(t *testing.T) {
	var all []written
	for _, c := range workload.Chains {
		const n = 1000
		all = appendWritten(t, all, c.Func, chainGradient(t, c, n), [][]float64{c.Start(n)})
	}
	requireBits(t, all)
}
