package optest

import (
	"math/big"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

// Float runs f in the executor. Inputs are followed by slots.
func Float(t require.TestingT, f *expr.Func, in ...[]float64) [][]float64 {
	out, err := float(t, f, in)
	require.NoError(t, err)
	return out
}

// float is Float with the error of the run.
func float(t require.TestingT, f *expr.Func, in [][]float64) ([][]float64, error) {
	out := buffers(f.Out(), 1)
	return out, compiled(t, f).Run(out, in...)
}

// buffers returns room for the values of nodes, lanes times.
func buffers(nodes []expr.Node, lanes int) [][]float64 {
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		out[i] = make([]float64, n.Shape().Size()*lanes)
	}
	return out
}

// Exact runs f in rationals. Inputs are followed by slots.
func Exact(t require.TestingT, f *expr.Func, in ...[]*big.Rat) [][]*big.Rat {
	p, err := compiledExactly(f)
	require.NoError(t, err)
	out, err := p.Run(in...)
	require.NoError(t, err)
	return out
}

// IsRational reports whether f can run in rationals.
func IsRational(f *expr.Func) bool {
	_, err := compiledExactly(f)
	return err == nil
}

// Join returns the lists one after the other, in new memory.
func Join[T any](lists ...[]T) []T { return slices.Concat(lists...) }
