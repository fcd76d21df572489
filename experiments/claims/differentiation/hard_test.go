package differentiation

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Networks compute minⱼ Σ relu(l(x)), by plain loops, and have entries −1, 0, 1
// only.
func TestFormulaNetwork(t *testing.T) {
	for _, f := range allFormulas(8) {
		net, err := f.network()
		require.NoError(t, err)
		for _, n := range net.Nodes() {
			values, _ := n.IsConst()
			for _, v := range values {
				require.Contains(t, []float64{-1, 0, 1}, v.Float())
			}
		}
		for _, x := range [][]int64{{0, 0}, {2, 3}, {-1, 4}, {5, -3}, {-2, -1}, {3, 0}} {
			want := int64(1 << 40)
			for _, clause := range f.clauses {
				sum := int64(0)
				for _, l := range clause {
					v := x[max(l, -l)-1]
					if l < 0 {
						v = -v
					}
					sum += max(v, 0)
				}
				want = min(want, sum)
			}
			p, err := exact.Compile(net)
			require.NoError(t, err)
			got, err := p.Run(rationals(x))
			require.NoError(t, err)
			require.Zero(t, got[0][0].Cmp(new(big.Rat).SetInt64(want)), "%v at %v", f.clauses, x)
		}
	}
}

// A network that forgets the last clause decides another question.
func TestWrongNetworkFails(t *testing.T) {
	c := hard()
	outcome, err := runHard(context.Background(), contextOf(t, c), func(f formula) (*expr.Func, error) {
		if len(f.clauses) > 1 {
			f.clauses = f.clauses[:len(f.clauses)-1]
		}
		return f.network()
	})
	require.NoError(t, err)
	require.Subset(t, notPassing(t, c, outcome), []string{"small-formulas", "small-satisfiable"})
}

// The truth table knows textbook formulas.
func TestSatisfiable(t *testing.T) {
	require.False(t, contradiction(3).satisfiable())
	require.True(t, formula{2, [][]int{{1, 2}, {-1, -2}}}.satisfiable())
	require.False(t, formula{2, [][]int{{1, 2}, {-1, 2}, {1, -2}, {-1, -2}}}.satisfiable())
}
