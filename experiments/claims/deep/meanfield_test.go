package deep

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// The scaling of the kernel regime, and steps that do not grow with the width, are seen.
func TestMeanFieldSeesWrongScalings(t *testing.T) {
	spoiled := func(readout network.Scaling, steps func(m float64) float64) []string {
		return claimtest.Sabotaged(t, meanField(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runMeanField(ctx, c, readout, steps)
		}, claim.Setting{Name: "widths", Value: "64,256,1024,2048"}, claim.Setting{Name: "runs", Value: "400"}, claim.Setting{Name: "starts", Value: "3000"})
	}
	one := func(float64) float64 { return 1 }
	require.Equal(t, []string{"start", "fluctuations", "moves"}, spoiled(network.NTK(), one)[:3])
	require.Subset(t, spoiled(network.MeanField(), one), []string{"moves", "far"})
}

// The variance of a unit, E a²·E max(z, 0)² for normal numbers, by quadrature.
func TestVarianceOfUnits(t *testing.T) {
	const step = 1e-3
	half := 0.0
	for z := step / 2; z < 10; z += step {
		half += z * z * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * step
	}
	require.InDelta(t, 0.5, half, 1e-6)
}

// The deviation of a sample by hand.
func TestDeviation(t *testing.T) {
	require.InDelta(t, math.Sqrt(10./3), deviation([]float64{1, 2, 4, 5}), 1e-15)
}

// A step of the mean field moves units alike for any width that has the same f: two copies of a
// network are the same network.
func TestMovesDoNotDependOnWidth(t *testing.T) {
	c := &claim.Context{Claim: "mean-field", Seed: 3}
	s := newSample(5, 3, c.Rand())
	k := kind{readout: network.MeanField(), activation: expr.ReLU}
	small, err := s.newRun(7, 1, k)
	require.NoError(t, err)
	large, err := s.newRun(14, 1, k)
	require.NoError(t, err)
	require.NoError(t, small.draw(c.Source()))
	for i, p := range large.o.Params() {
		q := small.o.Params()[i]
		columns := len(q.Value) / q.Shape[0]
		if i == 1 {
			copy(p.Value, q.Value)
			copy(p.Value[7:], q.Value)
			continue
		}
		for j := range p.Value {
			p.Value[j] = q.Value[j/14*columns+j%7]
		}
	}
	require.NoError(t, small.train(t.Context(), fieldRate*7, 20))
	require.NoError(t, large.train(t.Context(), fieldRate*14, 20))
	for j, v := range large.o.Params()[0].Value {
		require.InDelta(t, small.o.Params()[0].Value[j/14*7+j%7], v, 1e-12)
	}
}
