package subgradient

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

func minimiserCalled(t *testing.T, name string) minimiser {
	t.Helper()
	for _, m := range minimisers {
		if m.name == name {
			return m
		}
	}
	require.Fail(t, "no such problem", name)
	return minimiser{}
}

// Beside the minimiser 0 is not in the set.
func TestDistanceIsPositiveBesideTheMinimiser(t *testing.T) {
	for _, m := range minimisers {
		if m.values == nil {
			continue
		}
		x, err := ratsOf(m.values)
		require.NoError(t, err)
		m.values = append([]string(nil), m.values...)
		m.values[0] = x[0].Add(x[0], big.NewRat(1, 100)).RatString()
		s, err := m.at(t.Context())
		require.NoError(t, err, m.name)
		require.Greater(t, s.Distance, 1e-3, m.name)
	}
}

// The known weights solve the equations, and a wrong one is seen.
func TestMultipliers(t *testing.T) {
	for _, m := range minimisers {
		if m.multipliers == nil {
			continue
		}
		total := 0.0
		sum := make([]float64, len(m.multipliers[0].gradient))
		for _, k := range m.multipliers {
			total += k.weight
			for j := range sum {
				sum[j] += float64(k.weight * k.gradient[j])
			}
		}
		require.InDelta(t, 1, total, 1e-15, m.name)
		for _, x := range sum {
			require.InDelta(t, 0, x, 1e-14, m.name)
		}
	}
	dem := minimiserCalled(t, "dem")
	s, err := dem.at(t.Context())
	require.NoError(t, err)
	wrong := append([]multiplier(nil), dem.multipliers...)
	wrong[0].weight = 0.5
	off, err := weightError(s.Vertices, wrong)
	require.NoError(t, err)
	require.Greater(t, off, 0.1)
}

// A minimum is not taken for a point with a way down.
func TestCriticalRefusesMinima(t *testing.T) {
	for text, want := range map[string]bool{"abs(x) + abs(y)": false, "abs(x) - abs(y)": true, "x + abs(y)": false} {
		p, err := at(text, "0", "0")
		require.NoError(t, err)
		s, err := p.clarke(t.Context())
		require.NoError(t, err)
		down, err := critical(p, s, big.NewRat(1, 8))
		require.NoError(t, err)
		require.Equal(t, want, down, text)
	}
}
