package descent_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The values at the starts are those of the literature, and gradients are slopes of values.
func TestProblemsAreTheLiteratures(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, p := range slices.Concat(small, large()) {
		value, err := p.Evaluate(p.start, nil)
		require.NoError(t, err)
		require.InDelta(t, p.atStart, value, 1e-6, p.name)
		x, g := slices.Clone(p.start), make([]float64, len(p.start))
		for i := range x {
			x[i] += rng.NormFloat64() / 10
		}
		_, err = p.Evaluate(x, g)
		require.NoError(t, err)
		for i := range x {
			const h = 1e-7
			up, down := slices.Clone(x), slices.Clone(x)
			up[i] += h
			down[i] -= h
			high, _ := p.Evaluate(up, nil)
			low, _ := p.Evaluate(down, nil)
			require.InDelta(t, g[i], (high-low)/(2*h), 1e-4*(1+math.Abs(g[i])), "%s: %d", p.name, i)
		}
	}
}
