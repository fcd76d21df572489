package sgd_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd"
)

func rates(s sgd.Schedule, steps int) []float64 {
	out := make([]float64, steps)
	for k := range out {
		out[k] = s.Rate(sgd.Progress{Step: k, Epoch: k / 2})
	}
	return out
}

func TestSchedules(t *testing.T) {
	for name, c := range map[string]struct {
		s    sgd.Schedule
		want []float64
	}{
		"constant":       {sgd.Constant(0.5), []float64{0.5, 0.5, 0.5, 0.5, 0.5}},
		"1/k":            {sgd.Power{C: 12, P: 1}, []float64{12, 6, 4, 3, 2.4}},
		"power 0":        {sgd.Power{C: 3}, []float64{3, 3, 3, 3, 3}},
		"steps":          {sgd.Steps{Start: 8, Factor: 0.5, At: []int{1, 3, 4}}, []float64{8, 4, 4, 2, 1}},
		"cosine":         {sgd.Cosine{Max: 3, Min: 1, Over: 4}, []float64{3, 2 + math.Sqrt2/2, 2, 2 - math.Sqrt2/2, 1}},
		"cosine of 0":    {sgd.Cosine{Max: 3, Min: 1}, []float64{1, 1, 1, 1, 1}},
		"warm-up":        {sgd.WarmUp{Over: 3, Then: sgd.Constant(4)}, []float64{1, 2, 3, 4, 4}},
		"warm-up of 1/k": {sgd.WarmUp{Over: 1, Then: sgd.Power{C: 12, P: 1}}, []float64{6, 6, 4, 3, 2.4}},
		"epochs":         {sgd.PerEpoch{sgd.Power{C: 12, P: 1}}, []float64{12, 12, 6, 6, 4}},
	} {
		require.InDeltaSlice(t, c.want, rates(c.s, 5), 1e-14, name)
	}
}

func TestLawCosineFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sgd.Cosine{Max: 1, Min: rapid.Float64Range(0, 1).Draw(t, "min"), Over: rapid.IntRange(0, 50).Draw(t, "over")}
		old := 1.0
		for k, r := range rates(s, 60) {
			require.LessOrEqual(t, r, old, "step %d", k)
			require.GreaterOrEqual(t, r, s.Min-1e-16)
			old = r
		}
	})
}

func ExampleWarmUp() {
	s := sgd.WarmUp{Over: 2, Then: sgd.Steps{Start: 0.3, Factor: 0.1, At: []int{4}}}
	for k := range 6 {
		fmt.Printf("%.2f ", s.Rate(sgd.Progress{Step: k}))
	}
	// Output: 0.10 0.20 0.30 0.30 0.03 0.03
}
