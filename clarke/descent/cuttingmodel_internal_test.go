package descent

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawModel(t *rapid.T) *cuttingModel {
	n := rapid.IntRange(1, 5).Draw(t, "n")
	m := newCuttingModel(n)
	m.cuts = []cut{{y: &point{gradient: drawVector(t, n)}}} // that of the centre
	for range rapid.IntRange(1, 8).Draw(t, "cuts") {
		m.cuts = append(m.cuts, cut{&point{gradient: drawVector(t, n)}, rapid.Float64Range(0, 10).Draw(t, "error")})
	}
	m.s = rapid.Float64Range(.01, 100).Draw(t, "s")
	require.NoError(t, m.solve(context.Background()))
	return m
}

// λ solves min ½‖Σλᵢgᵢ‖² + Σλᵢαᵢ/t over the simplex if and only if ⟨gᵢ, ĝ⟩ + αᵢ/t ≥ ‖ĝ‖² + α̂/t for every i, with
// ĝ = Σλᵢgᵢ and α̂ = Σλᵢαᵢ.
func TestLawModelIsProximal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		g, alpha, sum := make([]float64, len(m.g)), 0.0, 0.0
		for i, w := range m.solution.Weights {
			require.GreaterOrEqual(t, w, 0.0)
			move(g, g, w, m.support[i].y.gradient)
			alpha += w * m.support[i].alpha
			sum += w
		}
		require.InDelta(t, 1, sum, 1e-12)
		inverse := m.s * m.s * alpha // 1/t*
		for _, c := range m.cuts {
			size := 1 + dot(c.y.gradient, c.y.gradient) + m.s*m.s*100
			require.GreaterOrEqual(t, dot(c.y.gradient, g)+c.alpha*inverse, dot(g, g)+alpha*inverse-1e-12*size)
		}
	})
}

// The decrease that the model promises for t ≤ t* is at most its own: max over i of −αᵢ − t⟨gᵢ, ĝ⟩ ≤ −t‖p‖².
func TestLawModelDecreases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		step := min(m.longest(), 1e3) * rapid.Float64Range(.01, 1).Draw(t, "part")
		for _, c := range m.cuts {
			size := 1 + step*(1+dot(c.y.gradient, c.y.gradient)+m.s*m.s*100)
			require.LessOrEqual(t, -c.alpha-step*dot(c.y.gradient, m.g), -m.decrease(step)+1e-12*size)
		}
	})
}

// tune finds an s for each t.
func TestLawModelTunes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		want := rapid.Float64Range(.01, 100).Draw(t, "t")
		require.NoError(t, m.tune(context.Background(), want))
		if m.alpha > 1e-9 {
			require.GreaterOrEqual(t, m.longest(), want)
			require.LessOrEqual(t, m.longest(), 4*want*(1+1e-9))
		}
	})
}

// What is not needed goes first by its error; the cuts of p, the last one and that of the centre stay.
func TestModelKeeps(t *testing.T) {
	m := newCuttingModel(1)
	x := &point{x: []float64{0}, gradient: []float64{1}}
	m.add(x, x)
	for i := range 6 {
		y := &point{x: []float64{float64(i + 1)}, gradient: []float64{2}, f: -float64(i)}
		m.add(y, x)
	}
	m.support = m.cuts[1:2]
	m.keep(4, x)
	var kept []float64
	for _, c := range m.cuts {
		kept = append(kept, c.y.x[0])
	}
	require.Equal(t, []float64{0, 1, 2, 6}, kept)
	m.keep(0, x)
	require.Len(t, m.cuts, 3)
	require.False(t, m.nonconvex)
	m.add(&point{x: []float64{-1}, gradient: []float64{5}, f: 1}, x)
	require.True(t, m.nonconvex)
	require.Equal(t, 6.0, m.last().alpha) // |0 − 1 − 5·1|
}
