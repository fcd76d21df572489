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

// Outputs that are scaled otherwise, units without twins and units with kinks are seen.
func TestLazySeesWrongRegimes(t *testing.T) {
	spoiled := func(readout network.Scaling, doubled bool, smooth network.Activation) []string {
		return claimtest.Sabotaged(t, lazy(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runLazy(ctx, c, readout, doubled, smooth)
		}, claim.Setting{Name: "widths", Value: "128,1024"}, claim.Setting{Name: "alphas", Value: "4,16,64"})
	}
	require.Empty(t, spoiled(network.NTK(), true, expr.Tanh))
	require.Contains(t, spoiled(network.MeanField(), true, expr.Tanh), "weights")
	require.Subset(t, spoiled(network.NTK(), false, expr.Tanh), []string{"zero", "twins"})
	require.Contains(t, spoiled(network.NTK(), true, expr.ReLU), "twins")
}

// Outputs of the linearised model by the recursion in the kernel, and its length by the sum of
// its moves.
func TestLinearisedByTheKernel(t *testing.T) {
	const steps = 30
	c := &claim.Context{Claim: "lazy-training", Seed: 4}
	s, err := conditioned(c, 4, 8)
	require.NoError(t, err)
	l := &lazyRuns{sample: s, kind: kind{expr.ReLU, network.NTK(), true}, rate: 0.25}
	r, err := l.newRun(64, 1, l.kind)
	require.NoError(t, err)
	require.NoError(t, r.draw(c.Source(claim.At("run", 1))))
	outputs, length, err := l.linearised(t.Context(), r, steps)
	require.NoError(t, err)
	_, jacobian, err := r.tangent.at(r.o)
	require.NoError(t, err)
	k, size := r.tangent.kernel(jacobian), r.tangent.size
	u, theta := make([]float64, s.n), make([]float64, size)
	for step := range steps + 1 {
		require.InDeltaSlice(t, u, outputs[step], 1e-12)
		if step == steps {
			break
		}
		rest := make([]float64, s.n)
		for i := range rest {
			rest[i] = u[i] - s.y[i]
			for j := range theta {
				theta[j] -= l.rate * rest[i] * jacobian[i*size+j]
			}
		}
		for i := range u {
			u[i] -= l.rate * dot(k[i*s.n:(i+1)*s.n], rest)
		}
	}
	require.InEpsilon(t, math.Sqrt(dot(theta, theta)), length, 1e-12)
}

// The kernel at the start, by hand: both layers, half of the units and their twins.
func TestTangentKernelByHand(t *testing.T) {
	c := &claim.Context{Claim: "lazy-training", Seed: 2}
	s := newSample(3, 4, c.Rand())
	const m = 10
	r, err := s.newRun(m, 1, kind{expr.ReLU, network.NTK(), true})
	require.NoError(t, err)
	require.NoError(t, r.draw(c.Source()))
	_, jacobian, err := r.tangent.at(r.o)
	require.NoError(t, err)
	w, a := r.o.Params()[0].Value, r.o.Params()[1].Value
	for i := range s.n {
		for j := range s.n {
			x, y := s.x[i*s.d:(i+1)*s.d], s.x[j*s.d:(j+1)*s.d]
			want := 0.0
			for u := range m {
				p, q := 0.0, 0.0
				for k := range s.d {
					p += x[k] * w[k*m+u]
					q += y[k] * w[k*m+u]
				}
				if p > 0 && q > 0 {
					want += (p*q + a[u]*a[u]*dot(x, y)) / m
				}
			}
			require.InDelta(t, want, r.tangent.kernel(jacobian)[i*s.n+j], 1e-12)
		}
	}
}

// Exponents of exact powers, with the range of groups.
func TestSlopeOver(t *testing.T) {
	sizes := []float64{1, 4, 16}
	got := slopeOver(sizes, [][]float64{{2, 2, 2}, {1, 1, 1}, {0.5, 0.5, 0.5}})
	require.InDelta(t, -0.5, got.Value, 1e-15)
	require.InDelta(t, -0.5, got.Lower, 1e-15)
	got = slopeOver(sizes, [][]float64{{1, 1, 1}, {1, 4, 2}, {1, 16, 4}})
	require.InDelta(t, 0, got.Lower, 1e-15)
	require.InDelta(t, 1, got.Upper, 1e-15)
}
