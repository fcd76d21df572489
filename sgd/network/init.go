package network

import (
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Initialiser draws the initial values of a parameter.
type Initialiser func(dst []float64, rng *rand.Rand)

// Zero is the initialiser 0.
func Zero(dst []float64, _ *rand.Rand) { clear(dst) }

// One is the initialiser 1.
func One(dst []float64, _ *rand.Rand) {
	for i := range dst {
		dst[i] = 1
	}
}

// normal returns the initialiser N(0, deviation²).
func normal(deviation float64) Initialiser {
	return func(dst []float64, rng *rand.Rand) { random.Normals(dst, deviation, rng) }
}

// He returns the initialiser N(0, 2/in) for weights of units with in inputs,
// which keeps the mean square of activations through relu layers (He, Zhang,
// Ren and Sun, ICCV 2015, equation 10).
func He(in int) Initialiser { return normal(math.Sqrt(2 / float64(in))) }

// Glorot returns the initialiser that is uniform in ±√(6/(in + out)), which balances the
// variances of activations and of gradients through linear layers (X. Glorot, Y. Bengio,
// AISTATS 2010, equation 16).
func Glorot(in, out int) Initialiser {
	limit := math.Sqrt(6 / float64(in+out))
	return func(dst []float64, rng *rand.Rand) {
		for i := range dst {
			dst[i] = limit * (float64(2*float64(rng.Float64())) - 1)
		}
	}
}

// Orthogonal returns the initialiser of matrices with in rows and out columns whose
// columns are orthonormal, or rows if there are fewer of them: normal ones made
// orthonormal by Gram and Schmidt's method, twice (A. M. Saxe, J. L. McClelland, S.
// Ganguli, ICLR 2014).
func Orthogonal(in, out int) Initialiser {
	return func(dst []float64, rng *rand.Rand) {
		random.Normals(dst, 1, rng)
		count, length, step, stride := out, in, 1, out
		if in < out {
			count, length, step, stride = in, out, out, 1
		}
		vectors := make([][]float64, count)
		for i := range vectors {
			vectors[i] = make([]float64, length)
			for j := range vectors[i] {
				vectors[i][j] = dst[i*step+j*stride]
			}
			orthonormalise(vectors[i], vectors[:i])
			for j, v := range vectors[i] {
				dst[i*step+j*stride] = v
			}
		}
	}
}

// orthonormalise makes v a unit vector orthogonal to others, which are orthonormal.
func orthonormalise(v []float64, others [][]float64) {
	for range 2 {
		for _, u := range others {
			c := 0.0
			for j, x := range u {
				c += float64(x * v[j])
			}
			for j := range v {
				v[j] -= float64(c * u[j])
			}
		}
		norm := kernel.Norm(v)
		for j := range v {
			v[j] /= norm
		}
	}
}

// Scaling says how the weights of a layer with in inputs and out units start, and by
// which factor their product with the inputs is multiplied in the program. The zero value
// is He's initial values and no factor.
type Scaling struct {
	Init   func(in, out int) Initialiser
	Factor func(in int) float64
}

// NTK is the scaling of A. Jacot, F. Gabriel and C. Hongler (NeurIPS 2018): weights N(0, 1)
// and the factor 1/√in, so that the tangent kernel has a limit as widths grow, at which
// single weights do not move.
func NTK() Scaling {
	return Scaling{standard, func(in int) float64 { return 1 / math.Sqrt(float64(in)) }}
}

// MeanField is the scaling of output layers of S. Mei, A. Montanari and P.-M. Nguyen (PNAS
// 115, 2018): weights N(0, 1) and the factor 1/in, so that units move and their
// distribution has a limit. Step sizes are to grow with the width.
func MeanField() Scaling {
	return Scaling{standard, func(in int) float64 { return 1 / float64(in) }}
}

func standard(int, int) Initialiser { return normal(1) }
