package exact_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// A partial run of all nodes agrees with a run of each of them alone, and lacks
// those that have no rational value.
func TestLawPartial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := optest.Programs(optest.Config{Jumps: true, Steps: 8}).Draw(t, "program")
		nodes := p.Func.Nodes()
		all, err := p.Func.Graph().Func(expr.In(p.Func.In()...), expr.Out(nodes...))
		require.NoError(t, err)
		got, err := exact.Partial(all, p.Rats()...)
		require.NoError(t, err)
		for i, n := range nodes {
			one, err := p.Func.Graph().Func(expr.In(p.Func.In()...), expr.Out(n))
			require.NoError(t, err)
			want := valueOf(one, p.Rats())
			require.Equal(t, want == nil, got[i] == nil, "%v", n)
			require.Equal(t, optest.Strings([][]*big.Rat{want}), optest.Strings([][]*big.Rat{got[i]}), "%v", n)
		}
	})
}

// valueOf is the value of a program of one output, nil if it has none.
func valueOf(f *expr.Func, x [][]*big.Rat) []*big.Rat {
	p, err := exact.Compile(f)
	if err != nil {
		return nil
	}
	out, err := p.Run(x...)
	if err != nil {
		return nil
	}
	return out[0]
}

// Divisions by zero and transcendental ops lose what depends on them only.
func TestPartialLosesWhatDepends(t *testing.T) {
	f, err := parse.Parse("[1/x, 1 + 1/x, exp(y), y/2, 1/(y - 3) + x, x*y]")
	require.NoError(t, err)
	stack := f.Out()[0]
	g, err := f.Graph().Func(expr.In(f.In()...), expr.Out(stack.Args()...))
	require.NoError(t, err)
	out, err := exact.Partial(g, []*big.Rat{new(big.Rat)}, []*big.Rat{big.NewRat(1, 3)})
	require.NoError(t, err)
	for i, want := range []string{"", "", "", "1/6", "-3/8", "0"} {
		if want == "" {
			require.Nil(t, out[i])
		} else {
			require.Equal(t, want, out[i][0].RatString())
		}
	}
	_, err = exact.Partial(g, []*big.Rat{new(big.Rat)})
	require.Error(t, err)
}
