package random_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/tamegrad/tamegrad/expr/random"
)

// distance is Kolmogorov's between a sample and a distribution function.
func distance(x []float64, cdf func(float64) float64) float64 {
	slices.Sort(x)
	worst, n := 0.0, float64(len(x))
	for i, v := range x {
		p := cdf(v)
		worst = max(worst, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
	}
	return worst
}

// limit is exceeded with a probability of 10⁻⁴ (Kolmogorov's law: 2·exp(−2·2.225²)).
func limit(n int) float64 { return 2.225 / math.Sqrt(float64(n)) }

func TestNormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 100_000)
	random.Normals(x, 3, rng)
	for i := range x {
		x[i] /= 3
	}
	require.Less(t, distance(x, distuv.UnitNormal.CDF), limit(len(x)))
	require.Greater(t, distance(x, distuv.Normal{Mu: 0.02, Sigma: 1}.CDF), limit(len(x)), "the test sees a small shift")
}

// A coordinate of a point of the sphere in ℝ³ is uniform (Archimedes), and so is
// the third power of the radius in its ball.
func TestSphereAndBall(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const n = 20_000
	for axis := range 3 {
		var on, in []float64
		for range n {
			p := make([]float64, 3)
			random.Sphere(p, 2, rng)
			require.InDelta(t, 4, p[0]*p[0]+p[1]*p[1]+p[2]*p[2], 1e-12)
			on = append(on, p[axis])
			random.Ball(p, 2, rng)
			in = append(in, math.Pow(math.Sqrt(p[0]*p[0]+p[1]*p[1]+p[2]*p[2])/2, 3))
		}
		require.Less(t, distance(on, func(x float64) float64 { return (x + 2) / 4 }), limit(n))
		require.Less(t, distance(in, func(x float64) float64 { return x }), limit(n))
	}
}

// The bits are part of the contract: run folders and seeds rely on them.
func TestBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	got := []uint64{math.Float64bits(random.Normal(rng)), math.Float64bits(random.Normal(rng))}
	p := make([]float64, 2)
	random.Ball(p, 1, rng)
	got = append(got, math.Float64bits(p[0]), math.Float64bits(p[1]))
	require.Equal(t, []uint64{0x3ff357d88857e136, 0x3feef22ba5c16a4c, 0xbfeb7b6759059be6, 0xbfcd384150b1d523}, got)
}

func TestEmpty(t *testing.T) {
	random.Ball(nil, 1, rand.New(rand.NewPCG(1, 1)))
	random.Sphere(nil, 1, rand.New(rand.NewPCG(1, 1)))
}
