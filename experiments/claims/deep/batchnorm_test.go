package deep

import (
	"context"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// A normalisation with ε and a method with momentum are seen.
func TestBatchNormSeesWrongLayers(t *testing.T) {
	spoiled := func(epsilon float64, method sgd.Method) []string {
		return claimtest.Sabotaged(t, batchNorm(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runBatchNorm(ctx, c, epsilon, method)
		})
	}
	require.Empty(t, spoiled(0, sgd.SGD{}))
	require.Equal(t, []string{"longer"}, spoiled(0, sgd.SGD{Momentum: 0.1}))
	require.Equal(t, []string{"longer"}, spoiled(0, sgd.SGD{WeightDecay: 1e-4}))
	all := spoiled(1e-3, sgd.SGD{})
	require.Equal(t, []string{"orthogonal", "powers-of-two", "three", "longer", "jump", "undefined", "constant", "slope-3", "slope-6", "slope-12"}, all)
}

// The slope 1/√ε by the derivative ε/(t² + ε)^(3/2) of t/√(t² + ε) with 200 bits.
func TestSlopeInBigFloats(t *testing.T) {
	for _, at := range []float64{0, 0.25, -1.5} {
		const epsilon = 1. / 64
		sum := new(big.Float).SetPrec(200).SetFloat64(at)
		sum.Mul(sum, sum)
		sum.Add(sum, big.NewFloat(epsilon))
		root := new(big.Float).SetPrec(200).Sqrt(sum)
		slope, _ := new(big.Float).Quo(big.NewFloat(epsilon), new(big.Float).Mul(sum, root)).Float64()
		value, _ := new(big.Float).Quo(big.NewFloat(at), root).Float64()
		y, s, err := pairOutput(t.Context(), epsilon, at)
		require.NoError(t, err)
		require.InDelta(t, value, y, 1e-15)
		require.InEpsilon(t, slope, s, 1e-13)
	}
	require.Equal(t, 8., math.Ldexp(1, 3))
}
