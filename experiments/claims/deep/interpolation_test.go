package deep

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// Steps that are too short for the bound, and a limit that is not that of the kernel, are seen.
func TestOverparametrisedSeesWrongRates(t *testing.T) {
	spoiled := func(faster, larger float64) []string {
		return claimtest.Sabotaged(t, overparametrised(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runOverparametrised(ctx, c, faster, larger)
		}, claim.Setting{Name: "width", Value: "400"})
	}
	require.Empty(t, spoiled(1, 1))
	require.Subset(t, spoiled(0.01, 1), []string{"bound", "rate", "sgd"})
	require.Contains(t, spoiled(1, 1.5), "kernel")
}

// The arc-cosine kernel by the share of directions in the plane of two inputs that activate
// both, and math.Acos.
func TestArcKernel(t *testing.T) {
	x := []float64{1, 0, 0.6, 0.8, -0.28, 0.96}
	k := arcKernel(x, 3)
	const parts = 1 << 16
	for i := range 3 {
		for j := range 3 {
			count := 0
			for p := range parts {
				s, c := math.Sincos(2 * math.Pi * (float64(p) + 0.5) / parts)
				if c*x[2*i]+s*x[2*i+1] > 0 && c*x[2*j]+s*x[2*j+1] > 0 {
					count++
				}
			}
			require.InDelta(t, dot(x[2*i:2*i+2], x[2*j:2*j+2])*float64(count)/parts, k[3*i+j], 1e-4)
		}
	}
	for _, c := range []float64{-0.999, -0.5, 0, 0.1, 0.9999} {
		require.InDelta(t, math.Acos(c), angle(c), 1e-12)
	}
}

// The kernel with sliding units from pre-activations alone, without Jacobians.
func TestSlidingKernelByHand(t *testing.T) {
	c := overparametrised()
	values, err := c.Resolve(claim.Quick, []claim.Setting{{Name: "width", Value: "300"}})
	require.NoError(t, err)
	w, err := newWide(&claim.Context{Claim: c.Name, Values: values, Seed: 6}, 1)
	require.NoError(t, err)
	p, err := w.descend(t.Context(), w.eta)
	require.NoError(t, err)
	require.Positive(t, p.slides)

	// Again to where the training ends: descend has made further steps.
	start(w.o, w.initial)
	require.NoError(t, descend(t.Context(), w.o, sgd.SGD{}, w.eta, int(16/(w.eta*w.lambda)), func(int, float64) bool { return true }))
	n, m := len(w.y), w.width
	on := make([][]bool, watched+1)
	require.NoError(t, descend(t.Context(), w.o, sgd.SGD{}, w.eta, watched, func(k int, _ float64) bool {
		for i := range n {
			for r := range m {
				z := 0.0
				for j, x := range w.input(i) {
					z += x * w.o.Params()[0].Value[j*m+r]
				}
				on[k] = append(on[k], z > 0)
			}
		}
		return true
	}))
	slides := func(i, r int) bool {
		changes := 0
		for k := range watched {
			if on[k][i*m+r] != on[k+1][i*m+r] {
				changes++
			}
		}
		return changes > 1
	}
	kernel, count := make([]float64, n*n), 0
	for r := range m {
		var at [][]float64
		sliding := make([]bool, n)
		for i := range n {
			if sliding[i] = slides(i, r); sliding[i] {
				count++
				at = orthonormal(at, w.input(i))
			}
		}
		for i := range n {
			for j := range n {
				if !sliding[i] && !sliding[j] && on[watched][i*m+r] && on[watched][j*m+r] {
					kernel[i*n+j] += dot(orthogonal(w.input(i), at), w.input(j)) / float64(m)
				}
			}
		}
	}
	lambda, err := eigenvalues(n, kernel)
	require.NoError(t, err)
	require.Equal(t, count, p.slides)
	require.InEpsilon(t, lambda[0], p.least, 1e-9)
}
