package descent

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// line is a maximum of parabolas in one variable that open upwards.
type line [][3]float64

func (line) Dim() int { return 1 }

func (l line) Evaluate(x, gradient []float64) (float64, error) {
	best := math.Inf(-1)
	for _, p := range l {
		if f := p[0] + x[0]*(p[1]+x[0]*p[2]); f > best {
			best = f
			gradient[0] = p[1] + 2*x[0]*p[2]
		}
	}
	return best, nil
}

// A search down a function that is bounded below ends at a point that satisfies both conditions,
// whatever the kinks on its way and the length of d.
func TestLawLineSearchEndsAtWeakWolfe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f line
		for range rapid.IntRange(1, 5).Draw(t, "pieces") {
			c := rapid.Float64Range(-5, 5)
			f = append(f, [3]float64{c.Draw(t, "value"), c.Draw(t, "slope"), rapid.Float64Range(.01, 3).Draw(t, "curvature")})
		}
		r, from, err := begin(context.Background(), "test", f, []float64{rapid.Float64Range(-3, 3).Draw(t, "x")}, Limits{})
		require.NoError(t, err)
		slope := math.Abs(from.gradient[0])
		beside := []float64{from.x[0] - math.Copysign(1e-6, from.gradient[0])}
		if next, _ := f.Evaluate(beside, make([]float64, 1)); slope < .01 || next > from.f-.5e-6*slope {
			t.Skip("the start is nearly the minimum")
		}
		d := []float64{-from.gradient[0] * math.Exp2(float64(rapid.IntRange(-20, 20).Draw(t, "length")))}
		s := from.gradient[0] * d[0]
		search := newLineSearch(1)
		got, err := search.search(r, from, d, s)
		require.NoError(t, err)
		require.Equal(t, wolfe, got)
		gradient := make([]float64, 1)
		value, _ := f.Evaluate(search.best.x, gradient)
		step := (search.best.x[0] - from.x[0]) / d[0]
		require.Positive(t, step)
		require.LessOrEqual(t, value, from.f+1e-4*step*s*(1-1e-9))
		require.Greater(t, gradient[0]*d[0], .5*s)
	})
}

// A direction in which f rises yields nothing, in a bounded number of calls.
func TestLineSearchUphill(t *testing.T) {
	r, from, err := begin(context.Background(), "test", line{{0, 1, 0}, {0, -1, 0}}, []float64{0}, Limits{})
	require.NoError(t, err)
	found, err := newLineSearch(1).search(r, from, []float64{1}, -1)
	require.NoError(t, err)
	require.Equal(t, nothing, found)
	require.LessOrEqual(t, r.result.Calls, 1+maxBisections)
}
