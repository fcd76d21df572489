package dataset

import (
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// surfaces are eight shapes in space, each a map from three uniform numbers to a point on
// it, of about unit size.
var surfaces = []func(u, v, w float64) [3]float64{
	sphere, cube, cylinder, cone, torus, disc, helix, tetrahedron,
}

// ShapeNames lists the classes of [Shapes].
var ShapeNames = []string{"sphere", "cube", "cylinder", "cone", "torus", "disc", "helix", "tetrahedron"}

// jitter is the deviation of the noise on every coordinate.
const jitter = 0.02

// Shapes returns point clouds: perClass sets of so many points on each of eight shapes,
// drawn from src, turned about all axes by a random rotation, scaled by a factor between 0.8
// and 1.25 and shaken a little. A row is the coordinates of its points, one after the other;
// rows of the classes take turns.
func Shapes(perClass, points int, src rand.Source) *Set {
	rng := rand.New(src)
	s := &Set{D: 3 * points, Classes: len(surfaces), N: perClass * len(surfaces)}
	for i := range s.N {
		k := i % len(surfaces)
		s.X = append(s.X, cloud(surfaces[k], points, rng)...)
		s.Labels = append(s.Labels, k)
	}
	return s
}

// symmetric is uniform in [−1, 1).
func symmetric(rng *rand.Rand) float64 { return float64(2*float64(rng.Float64())) - 1 }

func cloud(surface func(u, v, w float64) [3]float64, points int, rng *rand.Rand) []float64 {
	turn := rotation(rng)
	size := kernel.Exp(float64(symmetric(rng) * kernel.Log(1.25)))
	out := make([]float64, 3*points)
	noise := make([]float64, 3*points)
	random.Normals(noise, jitter, rng)
	for i := range points {
		p := surface(rng.Float64(), rng.Float64(), rng.Float64())
		for r := range 3 {
			sum := 0.0
			for c := range 3 {
				sum += float64(turn[r][c] * p[c])
			}
			out[3*i+r] = float64(size*sum) + noise[3*i+r]
		}
	}
	return out
}

// rotation is uniform: that of a uniform unit quaternion (Shoemake, Graphics Gems III, 1992).
func rotation(rng *rand.Rand) [3][3]float64 {
	q := make([]float64, 4)
	random.Sphere(q, 1, rng)
	w, x, y, z := q[0], q[1], q[2], q[3]
	twice := func(a, b, c, d, sign float64) float64 {
		return 2 * (float64(a*b) + float64(sign*float64(c*d)))
	}
	return [3][3]float64{
		{1 - twice(y, y, z, z, 1), twice(x, y, w, z, -1), twice(x, z, w, y, 1)},
		{twice(x, y, w, z, 1), 1 - twice(x, x, z, z, 1), twice(y, z, w, x, -1)},
		{twice(x, z, w, y, -1), twice(y, z, w, x, 1), 1 - twice(x, x, y, y, 1)},
	}
}

// circle returns cosine and sine of a turn's part u.
func circle(u float64) (cos, sin float64) {
	return kernel.Cos(2 * math.Pi * u), kernel.Sin(2 * math.Pi * u)
}

func sphere(u, v, _ float64) [3]float64 {
	z := float64(2*v) - 1
	r := math.Sqrt(max(0, 1-float64(z*z)))
	c, s := circle(u)
	return [3]float64{r * c, r * s, z}
}

func cube(u, v, w float64) [3]float64 {
	face := int(6 * w)
	p := [3]float64{float64(1.6*u) - .8, float64(1.6*v) - .8, .8}
	if face%2 == 1 {
		p[2] = -.8
	}
	return [3]float64{p[face/2], p[(face/2+1)%3], p[(face/2+2)%3]}
}

func cylinder(u, v, _ float64) [3]float64 {
	c, s := circle(u)
	return [3]float64{.6 * c, .6 * s, float64(2*v) - 1}
}

func cone(u, v, _ float64) [3]float64 {
	c, s := circle(u)
	r := math.Sqrt(v) // uniform on the mantle
	return [3]float64{.9 * r * c, .9 * r * s, 1 - float64(2*r)}
}

func torus(u, v, _ float64) [3]float64 {
	c, s := circle(u)
	a, b := circle(v)
	r := .7 + float64(.3*a)
	return [3]float64{r * c, r * s, .3 * b}
}

func disc(u, v, _ float64) [3]float64 {
	c, s := circle(u)
	r := math.Sqrt(v)
	return [3]float64{r * c, r * s, 0}
}

func helix(u, _, _ float64) [3]float64 {
	c, s := circle(2 * u)
	return [3]float64{.6 * c, .6 * s, float64(2*u) - 1}
}

func tetrahedron(u, v, w float64) [3]float64 {
	corners := [4][3]float64{{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}}
	without := int(4 * w)
	if u+v > 1 {
		u, v = 1-u, 1-v
	}
	weights := [3]float64{u, v, 1 - u - v}
	var p [3]float64
	at := 0
	for k, corner := range corners {
		if k == without {
			continue
		}
		for j := range p {
			p[j] += float64(.9 * float64(weights[at]*corner[j]))
		}
		at++
	}
	return p
}
