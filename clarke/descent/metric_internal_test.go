package descent

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Both estimates are the product form H ← (I − ρsyᵀ)H(I − ρysᵀ) + ρssᵀ of the BFGS update from a
// multiple of the identity: that of the first pair for the full matrix, of the last for the limited one.
func TestLawMetricIsProductForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		memory := rapid.IntRange(1, 5).Draw(t, "memory")
		full, limited := newMetric(n, 0), newMetric(n, memory)
		var s, y [][]float64
		for range rapid.IntRange(1, 7).Draw(t, "updates") {
			a, b := drawPair(t, n)
			s, y = append(s, a), append(y, b)
			full.update(a, b)
			limited.update(a, b)
		}
		last := len(s) - 1
		from := max(0, len(s)-memory)
		g := drawVector(t, n)
		near(t, product(s, y, dot(s[0], y[0])/dot(y[0], y[0]), g), applied(full, g))
		near(t, product(s[from:], y[from:], dot(s[last], y[last])/dot(y[last], y[last]), g), applied(limited, g))
		near(t, s[last], applied(full, y[last])) // the secant equation
		near(t, s[last], applied(limited, y[last]))
		full.reset()
		limited.reset()
		require.Equal(t, g, applied(full, g))
		require.Equal(t, g, applied(limited, g))
	})
}

func applied(h metric, g []float64) []float64 {
	dst := make([]float64, len(g))
	h.apply(dst, g)
	return dst
}

// product is Hg by the product form, from the last pair inwards.
func product(s, y [][]float64, gamma float64, g []float64) []float64 {
	out := slices.Clone(g)
	if len(s) == 0 {
		scale(out, gamma, out)
		return out
	}
	k := len(s) - 1
	rho := 1 / dot(s[k], y[k])
	move(out, out, -rho*dot(s[k], g), y[k])
	out = product(s[:k], y[:k], gamma, out)
	move(out, out, rho*(dot(s[k], g)-dot(y[k], out)), s[k])
	return out
}

// drawPair draws s and y at an angle well below 90°.
func drawPair(t *rapid.T, n int) (s, y []float64) {
	s, y = drawVector(t, n), drawVector(t, n)
	if dot(s, y) < 0 {
		scale(y, -1, y)
	}
	move(y, y, 1, s)
	return s, y
}

func drawVector(t *rapid.T, n int) []float64 {
	v := rapid.SliceOfN(rapid.Float64Range(-1, 1), n, n).Draw(t, "vector")
	v[0] += math.Copysign(1, v[0])
	return v
}

func near(t require.TestingT, want, got []float64) {
	require.LessOrEqual(t, distance(want, got), 1e-9*(1+math.Sqrt(dot(want, want))))
}
