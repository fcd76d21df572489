package expr_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// A severed program has the values of the program where the nodes cut off do: here all
// nodes of any program in turn, with the same bits.
func TestLawSever(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.NotDefinable, Steps: 6})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		nodes := p.Func.Nodes()
		all, err := p.Func.Graph().Func(expr.In(p.Func.In()...), expr.Out(nodes...))
		require.NoError(t, err)
		values := optest.Float(t, all, p.At...)
		cut, at := p.Func.In(), append([][]float64{}, p.At...)
		for i, n := range nodes {
			if !n.IsInput() && rapid.Bool().Draw(t, "cut") {
				cut, at = append(cut, n), append(at, values[i])
			}
		}
		severed, err := p.Func.Sever(cut...)
		require.NoError(t, err)
		require.Len(t, severed.In(), len(cut))
		require.Equal(t, optest.Float(t, p.Func, p.At...), optest.Float(t, severed, at...))
	})
}

func TestSeverNeedsAllInputs(t *testing.T) {
	f, err := parse.Parse("relu(x) + y")
	require.NoError(t, err)
	_, err = f.Sever(f.In()[0])
	require.ErrorContains(t, err, "y: it is copied without a node that stands for it")
}
