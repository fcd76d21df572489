package subgradient

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
)

// What the frameworks' conventions make of the example: JAX's abs′(0) = 1 goes up,
// PyTorch's 0 goes down.
func TestIncreasesByPreset(t *testing.T) {
	p, err := at(stepText, "1", "0")
	require.NoError(t, err)
	for _, test := range []struct {
		preset ad.Preset
		rate   float64
	}{{ad.JAX, 15}, {ad.PyTorch, -1}, {ad.GoMLX, 15}} {
		least, most, err := increases(p, test.preset.Wiring(), 10)
		require.NoError(t, err)
		require.Equal(t, test.rate, least, test.preset.Name)
		require.Equal(t, test.rate, most, test.preset.Name)
	}
}

// Another element than the one of smallest norm breaks the check.
func TestOtherElementsDoNotDescend(t *testing.T) {
	p, err := at(stepText, "1", "0")
	require.NoError(t, err)
	rate, err := rateAgainst(p, rationals([]int64{1, 4})[0])
	require.NoError(t, err)
	require.Equal(t, "15/17", rate.RatString())
	rate, err = leastNormRate(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, "-1", rate.RatString())
}

// Where 0 is critical there is no rate.
func TestLeastNormRateAtCriticalPoints(t *testing.T) {
	p, err := at("abs(x) - abs(y)", "0", "0")
	require.NoError(t, err)
	rate, err := leastNormRate(t.Context(), p)
	require.NoError(t, err)
	require.Nil(t, rate)
}
