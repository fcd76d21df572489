package descent_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// A certificate that is changed anywhere, or is that of another point, is refused.
func TestCheckRefusesWhatDoesNotHold(t *testing.T) {
	p := program(t, "abs(x) + 2*abs(x - y) + (y - 1)^2")
	r := minimize(t, descent.GradientSampling{}, p, []float64{3, -2}, descent.Limits{})
	require.Equal(t, descent.Stationary, r.Status)
	require.Greater(t, len(r.Certificate.Points), 1)
	require.NoError(t, r.Certificate.Check(p, r.X, 1e-9))
	require.Error(t, r.Certificate.Check(p, []float64{r.X[0] + 1, r.X[1]}, 1e-9), "the points are far from there")
	for name, change := range map[string]func(c *descent.Certificate){
		"a gradient":      func(c *descent.Certificate) { c.Gradients[0] = []float64{c.Gradients[0][0] + .1, c.Gradients[0][1]} },
		"a weight":        func(c *descent.Certificate) { c.Weights[0] += .1 },
		"a negative one":  func(c *descent.Certificate) { c.Weights[0], c.Weights[1] = -.1, c.Weights[1]+c.Weights[0]+.1 },
		"the radius":      func(c *descent.Certificate) { c.Radius /= 2 },
		"no radius":       func(c *descent.Certificate) { c.Radius = nan },
		"the combination": func(c *descent.Certificate) { c.MinNorm[1] += .1 },
		"the distance":    func(c *descent.Certificate) { c.Distance += .1 },
		"a point less":    func(c *descent.Certificate) { c.Points = c.Points[1:] },
		"no points":       func(c *descent.Certificate) { *c = descent.Certificate{} },
		"a short point":   func(c *descent.Certificate) { c.Points[0] = c.Points[0][:1] },
		"a short vector":  func(c *descent.Certificate) { c.MinNorm = c.MinNorm[:1] },
		"a short direction": func(c *descent.Certificate) {
			c.Directions = make([][]float64, len(c.Points))
			c.Directions[0] = []float64{1}
		},
	} {
		c := r.Certificate
		c.Points, c.Gradients = slices.Clone(c.Points), slices.Clone(c.Gradients)
		c.Weights, c.MinNorm = slices.Clone(c.Weights), slices.Clone(c.MinNorm)
		change(&c)
		require.Error(t, c.Check(p, r.X, 1e-9), name)
	}
}

// What Stationary promises, also where float64 has few points around the minimum.
func TestLawStationaryIsWithinTolerances(t *testing.T) {
	const radius, tolerance = 1e-3, 1e-2
	rapid.Check(t, func(t *rapid.T) {
		f, start := drawVee(t)
		scale := math.Pow(10, float64(rapid.IntRange(0, 13).Draw(t, "magnitude")))
		for j := range start {
			f.z[j] *= scale
			start[j] += f.z[j]
		}
		for _, m := range []descent.Method{
			descent.BFGS{Radius: radius, Tolerance: tolerance},
			descent.GradientSampling{Radius: radius, Tolerance: tolerance},
			descent.Subgradient{Radius: radius, Tolerance: tolerance},
			descent.INGD{Radius: radius, Tolerance: tolerance},
			descent.Goldstein{Radius: radius, Tolerance: tolerance},
		} {
			r := minimize(t, m, f, start, descent.Limits{Calls: 3000})
			if r.Status != descent.Stationary {
				continue
			}
			size := 0.0
			for _, x := range r.X {
				size += x * x
			}
			size = math.Sqrt(size)
			require.LessOrEqual(t, r.Certificate.Distance, tolerance, m.Name())
			require.LessOrEqual(t, r.Certificate.Radius, max(radius*(1+1e-12), 0x1p-46*size)+0x1p-52*size, m.Name())
		}
	})
}
