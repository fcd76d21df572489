package sgd_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/sgd"
)

// A row without a gradient keeps its values and moments; the other one moves in all
// its entries by the formula, with the bias correction of all steps.
func TestSparseAdamRows(t *testing.T) {
	p := []sgd.Param{{Name: "w", Shape: []int{2, 2}, Value: []float64{1, 2, 3, 4}, Grad: make([]float64, 4)}}
	s, err := sgd.SparseAdam{Beta1: 0.5, Beta2: 0.75, Epsilon: 0.1}.Start(p)
	require.NoError(t, err)
	want := []float64{1, 2, 3, 4}
	var m, v [4]float64
	for k := 1; k <= 6; k++ {
		row := 2 * (k % 2)
		clear(p[0].Grad)
		p[0].Grad[row] = float64(k) // the other entry of the row is 0 and decays
		for j := row; j < row+2; j++ {
			m[j] = (m[j] + p[0].Grad[j]) / 2
			v[j] = (3*v[j] + p[0].Grad[j]*p[0].Grad[j]) / 4
			rate := 0.2 * math.Sqrt(1-math.Pow(0.75, float64(k))) / (1 - math.Pow(0.5, float64(k)))
			want[j] -= rate * m[j] / (math.Sqrt(v[j]) + 0.1)
		}
		s.Update(p, 0.2)
		closeTo(t, want, p[0].Value)
	}
}
