// Package random draws from the distributions that the other packages need.
// Unlike those of package math/rand, the numbers have the same bits on every
// machine and whatever instructions the compiler may use: no sum of products is
// left to it, and logarithms and powers are those of package kernel.
package random

import (
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Normal draws from N(0, 1) by the polar method (Marsaglia and Bray, SIAM Review
// 6, 1964). The second number of each pair is not used, so there is no state but
// the generator's.
func Normal(rng *rand.Rand) float64 {
	for {
		u, v := uniform(rng), uniform(rng)
		s := math.FMA(u, u, float64(v*v))
		if s > 0 && s < 1 {
			return float64(u * math.Sqrt(-2*kernel.Log(s)/s))
		}
	}
}

// uniform draws from [−1, 1).
func uniform(rng *rand.Rand) float64 { return float64(2*float64(rng.Float64())) - 1 }

// Normals fills dst with independent draws from N(0, sigma²).
func Normals(dst []float64, sigma float64, rng *rand.Rand) {
	for i := range dst {
		dst[i] = float64(sigma * Normal(rng))
	}
}

// Sphere draws uniformly from the sphere of the given radius around 0: a normal
// vector has a uniform direction (Muller, CACM 2, 1959). An empty dst stays empty.
func Sphere(dst []float64, radius float64, rng *rand.Rand) {
	square := 0.0
	for square == 0 && len(dst) > 0 {
		for i := range dst {
			dst[i] = Normal(rng)
			square += float64(dst[i] * dst[i])
		}
	}
	scale := radius / math.Sqrt(square)
	for i := range dst {
		dst[i] *= scale
	}
}

// Ball draws uniformly from the ball of the given radius around 0: a point of the
// sphere with U^(1/n) of the radius.
func Ball(dst []float64, radius float64, rng *rand.Rand) {
	Sphere(dst, float64(radius*kernel.Pow(rng.Float64(), 1/float64(len(dst)))), rng)
}
