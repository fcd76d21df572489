package differentiation

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
)

// Another program in the place of the graph is seen: a tree by its field, and
// a network of other layers by its values.
func TestWrongGraphFails(t *testing.T) {
	c, sizes := layersAndGraph(), []int{2, 3, 2, 1}
	programs, err := threePrograms(sizes)
	require.NoError(t, err)
	compare := func() []string {
		outcome, err := compareForms(context.Background(), contextOf(t, c), sizes, programs)
		require.NoError(t, err)
		return notPassing(t, c, outcome)
	}
	require.Empty(t, compare())
	programs[1] = programs[2]
	require.Equal(t, []string{"equal-fields"}, compare())
	programs[1] = wrongGraph(t, sizes)
	require.Subset(t, compare(), []string{"different-values", "gradients", "equal-fields"})
}

// A point is at the kink of the first unit of each hidden layer, and the sum
// there is 0 by a computation of its own.
func TestKinkPoint(t *testing.T) {
	sizes := []int{3, 2, 2, 1}
	for i := range 20 {
		at := kinkPoint(contextOf(t, layersAndGraph()).Rand(claim.At("trial", i)), sizes).Floats()
		h := at[len(at)-1]
		for layer := range 2 {
			w, b := at[2*layer], at[2*layer+1]
			next := make([]float64, 2)
			for j := range next {
				next[j] = b[j]
				for k := range h {
					next[j] += float64(w[2*k+j] * h[k])
				}
			}
			require.Zero(t, next[0])
			h = []float64{max(next[0], 0), max(next[1], 0)}
		}
	}
}

func TestDeepTreesAreRefused(t *testing.T) {
	c := layersAndGraph()
	values, err := c.Resolve(claim.Quick, []claim.Setting{{Name: "hidden", Value: "2,2,2,2"}})
	require.NoError(t, err)
	_, err = c.Run(context.Background(), &claim.Context{Claim: c.Name, Values: values})
	require.ErrorContains(t, err, "at most 3 widths")
}

// wrongGraph takes the absolute value of the output.
func wrongGraph(t *testing.T, sizes []int) *expr.Func {
	t.Helper()
	f, err := ofUnits(sizes, true)
	require.NoError(t, err)
	wrong, err := f.Graph().Func(expr.In(f.In()...), expr.Out(expr.Abs(f.Out()[0])))
	require.NoError(t, err)
	return wrong
}
