package descent

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// drawRows returns m vectors of n entries, the last of which may depend on those before.
func drawRows(t *rapid.T, m, n int) [][]float64 {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
	rows := make([][]float64, m)
	for i := range rows {
		rows[i] = make([]float64, n)
		random.Normals(rows[i], 1, rng)
	}
	if m > 1 && rapid.Bool().Draw(t, "dependent") {
		scale(rows[m-1], -3, rows[0])
		move(rows[m-1], rows[m-1], rng.Float64(), rows[m-2])
	}
	return rows
}

// A frame is an orthonormal basis of the span: what projections leave is orthogonal to all rows, combinations and preimages
// solve their equations, and dependent rows are refused.
func TestLawFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "n")
		rows := drawRows(t, rapid.IntRange(1, n).Draw(t, "m"), n)
		f, kept := &frame{}, [][]float64{}
		for _, r := range rows {
			if f.add(r) {
				kept = append(kept, r)
			}
		}
		var svd mat.SVD
		all := mat.NewDense(len(rows), n, nil)
		for i, r := range rows {
			all.SetRow(i, r)
		}
		require.True(t, svd.Factorize(all, mat.SVDNone))
		require.Equal(t, svd.Rank(1e-8), len(kept))
		v := drawRows(t, 1, n)[0]
		left, sum := append([]float64(nil), v...), make([]float64, n)
		f.project(left)
		for i, y := range f.combination(v) {
			move(sum, sum, y, kept[i])
		}
		for i, r := range kept {
			require.InDelta(t, 0, dot(left, r), 1e-9*(1+kernel.Norm(r)), "row %d", i)
		}
		move(sum, sum, 1, left)
		require.InDeltaSlice(t, v, sum, 1e-6)
		d := f.preimage(v[:len(kept)], n)
		for i, r := range kept {
			require.InDelta(t, v[i], dot(r, d), 1e-6*(1+kernel.Norm(d)))
		}
		f.project(d)
		require.InDelta(t, 0, kernel.Norm(d), 1e-6)
		require.False(t, f.add(kept[0]))
		if len(kept) > 1 {
			f.drop()
			require.True(t, f.add(kept[len(kept)-1]))
		}
	})
}

// A step lies in the ball and in the space, decreases the model by what it says, by at least what the best point along −g
// does, and is Newton's where that lies inside and H is positive definite.
func TestLawModelStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(t, "n")
		a, span := drawRows(t, n, n), &frame{}
		for _, r := range drawRows(t, rapid.IntRange(0, n-1).Draw(t, "m"), n) {
			span.add(r)
		}
		h := make([][]float64, n)
		for i := range h {
			h[i] = make([]float64, n+2)
			for j := range n {
				h[i][j] = (a[i][j] + a[j][i]) / 2
			}
		}
		definite := rapid.Bool().Draw(t, "definite")
		if definite {
			for i := range n {
				h[i][i] += 10
			}
		}
		g := drawRows(t, 1, n)[0]
		before := kernel.Norm(g)
		span.project(g)
		if kernel.Norm(g) < 1e-3*before {
			t.Skip("only rounding is left of g")
		}
		m := &model{g, h, span}
		radius := math.Pow(10, rapid.Float64Range(-6, 3).Draw(t, "log radius"))
		d, decrease := m.step(radius)
		value := func(d []float64) float64 { return dot(g, d) + dot(d, m.product(d))/2 }
		require.LessOrEqual(t, kernel.Norm(d), radius*(1+1e-9))
		projected := append([]float64(nil), d...)
		span.project(projected)
		require.InDeltaSlice(t, d, projected, 1e-9*(1+radius))
		require.InDelta(t, -value(d), decrease, 1e-9*(1+math.Abs(decrease)))
		norm, down := kernel.Norm(g), make([]float64, n)
		for _, part := range []float64{.001, .01, .1, .5, 1} {
			scale(down, -part*radius/norm, g)
			require.LessOrEqual(t, value(d), value(down)+1e-9*(1+math.Abs(value(d))))
		}
		if definite && kernel.Norm(d) < radius*(1-1e-6) {
			rest := m.product(d)
			move(rest, rest, 1, g)
			require.InDelta(t, 0, kernel.Norm(rest), 1e-8*norm)
		}
	})
}
