package deep

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// A method with another bias, and a wrong combination of support vectors, are seen.
func TestMarginSeesWrongDirections(t *testing.T) {
	spoiled := func(method sgd.Method, solve func([][]float64) (*margin, error)) []string {
		return claimtest.Sabotaged(t, directional(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runDirectional(ctx, c, method, solve)
		}, claim.Setting{Name: "steps", Value: "400000"})
	}
	require.Empty(t, spoiled(sgd.SGD{}, maximumMargin))
	require.Equal(t, []string{"offset", "direction", "loss"}, spoiled(sgd.Adagrad{}, maximumMargin), "its speed is that of log k too")
	require.Equal(t, []string{"offset", "direction"}, spoiled(sgd.SGD{}, func(z [][]float64) (*margin, error) {
		m, err := maximumMargin(z)
		if m != nil && len(m.alpha) == 2 {
			m.alpha[0], m.alpha[1] = m.alpha[0]/2, m.alpha[1]+m.alpha[0]/2
		}
		return m, err
	}))
	require.Subset(t, spoiled(sgd.SGD{}, func(z [][]float64) (*margin, error) {
		m, err := maximumMargin(z)
		if m != nil {
			m.direction[0] *= 1.2
		}
		return m, err
	}), []string{"speed", "offset"})
}

// The maximum margin is the least norm of ŵ with all products at least 1: at two points, or at
// one, of which all are tried here.
func TestMarginByTrials(t *testing.T) {
	for seed := range uint64(20) {
		s := drawn(t, seed)
		best := math.Inf(1)
		try := func(w []float64) {
			for _, z := range s.z {
				if !(dot(w, z) >= 1-1e-12) {
					return
				}
			}
			best = min(best, kernel.Norm(w))
		}
		for i, u := range s.z {
			try([]float64{u[0] / dot(u, u), u[1] / dot(u, u)})
			for _, v := range s.z[:i] {
				d := u[0]*v[1] - u[1]*v[0]
				try([]float64{(v[1] - u[1]) / d, (u[0] - v[0]) / d})
			}
		}
		require.InEpsilon(t, best, kernel.Norm(s.direction), 1e-12)
		p, err := convex.MinNorm(s.z)
		require.NoError(t, err)
		require.InEpsilon(t, 1/best, p.Norm, 1e-12)
	}
}

// At the expansion a step is ŵ/k and the mean loss ‖ŵ‖²/(ηnk), by the program's gradient.
func TestExpansionSolvesTheRecursion(t *testing.T) {
	s := drawn(t, 7)
	o, err := sgd.NewObjective(linear(planar, network.Logistic).Objective, s.rows, ad.AtKink(0))
	require.NoError(t, err)
	const k = 1 << 60
	copy(o.Params()[0].Value, s.expansion(k))
	loss, err := o.Evaluate(t.Context())
	require.NoError(t, err)
	require.InEpsilon(t, dot(s.direction, s.direction), s.rate*loss*k, 1e-8)
	for i, g := range o.Params()[0].Grad {
		require.InDelta(t, s.direction[i], -s.rate*g*k, 1e-8)
	}
}

func drawn(t *testing.T, seed uint64) *separableData {
	s, err := drawSeparable(&claim.Context{Claim: "maximum-margin", Values: claim.Values{"rows": 6, "steps": 1000000}, Seed: seed}, maximumMargin)
	require.NoError(t, err)
	return s
}
