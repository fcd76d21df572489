package descent

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is √x, written by hand.
type root struct{}

func (root) Dim() int { return 1 }

func (root) Evaluate(x, gradient []float64) (float64, error) {
	if gradient != nil {
		gradient[0] = .5 / math.Sqrt(x[0])
	}
	return math.Sqrt(x[0]), nil
}

// roots is root as a Batch.
type roots struct{ root }

func (roots) EvaluateAll(_ context.Context, points [][]float64, values []float64, gradients [][]float64) error {
	for i, x := range points {
		values[i], _ = root{}.Evaluate(x, gradients[i])
	}
	return nil
}

// A Batch has the values, the gradients and the count of the points one by one, and no value is NaN.
func TestAllIsOneByOne(t *testing.T) {
	for _, f := range []Oracle{root{}, roots{}} {
		r, _, err := begin(context.Background(), "test", f, []float64{1}, Limits{Calls: 5})
		require.NoError(t, err)
		values, gradients := make([]float64, 2), [][]float64{{0}, {0}}
		require.NoError(t, r.all([][]float64{{4}, {-1}}, values, gradients))
		require.Equal(t, []float64{2, math.Inf(1)}, values)
		require.Equal(t, .25, gradients[0][0])
		require.Equal(t, 3, r.result.Calls)
		var limit *stop
		require.ErrorAs(t, r.all(make([][]float64, 3), make([]float64, 3), make([][]float64, 3)), &limit)
		require.Equal(t, OutOfCalls, limit.status)
		require.Equal(t, 3, r.result.Calls)
	}
}
