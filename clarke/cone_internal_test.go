package clarke

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A direction that rows of before found in float64 serves a further row only beyond its
// own rounding: here its middle entry is 0 but for that.
func TestConeSeesRoundingOfDirections(t *testing.T) {
	c, err := NewCone(t.Context(), 3)
	require.NoError(t, err)
	for _, side := range []float64{1, -1} {
		rows := []Vector{Floats([]float64{1, -1, 0}), Floats([]float64{0, 1, -1})}
		require.NoError(t, c.Within(rows, func() error {
			require.InDelta(t, 0, c.in.float[1], 1e-15)
			return c.Within([]Vector{Floats([]float64{0, side, 0})}, func() error {
				require.Greater(t, side*c.in.float[1], 0.1)
				return nil
			})
		}))
	}
	noise := heading{float: []float64{0.75, 0x1p-54, -0.75}}
	require.False(t, noise.prefers([]coneRow{{Vector: Floats([]float64{0, 1, 0})}}))
}
