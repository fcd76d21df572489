package convex

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

func newAtom(label int, point []float64) atom { return atom{label, point, norm(point)} }

// requireFactorised checks that QᵀQ = 1 and QR is the matrix of differences.
func requireFactorised(t require.TestingT, c *corral) {
	for i, column := range c.r {
		difference := floats.SubTo(make([]float64, len(c.members[0].point)), c.members[i+1].point, c.members[0].point)
		size := floats.Norm(difference, 2)
		for k, entry := range column {
			floats.AddScaled(difference, -entry, c.q[k])
		}
		require.Less(t, floats.Norm(difference, 2), 1e-13*size)
		for k, q := range c.q {
			want := 0.0
			if k == i {
				want = 1
			}
			require.InDelta(t, want, floats.Dot(c.q[i], q), 1e-13)
		}
	}
}

func TestLawCorralUpdates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		points := gaussian(rng, 40, 8, func(i, _ int) float64 { return float64(1 + i%5) })
		var c corral
		c.reset(newAtom(0, points[0]), nil)
		for i, p := range points[1:] {
			for len(c.members) > 1 && (len(c.members) == 9 || rng.IntN(3) == 0) {
				c.remove(rng.IntN(len(c.members)))
				requireFactorised(t, &c)
			}
			c.insert(newAtom(i+1, p))
			requireFactorised(t, &c)
		}
	})
}

// The base is never much longer than another member, whether a short point comes or
// the origin moves.
func TestBaseIsShort(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	requireShort := func(c *corral) {
		for _, m := range c.members {
			require.LessOrEqual(t, c.members[0].norm, longBase*m.norm)
		}
		requireFactorised(t, c)
	}
	for range 100 {
		points := gaussian(rng, 5, 6, func(i, _ int) float64 { return math.Pow(10, float64(-i)) })
		var c corral
		c.reset(newAtom(0, points[0]), nil)
		for i, p := range points[1:] {
			c.insert(newAtom(i+1, p))
			requireShort(&c)
		}
		origin := floats.ScaleTo(make([]float64, 6), .999, points[rng.IntN(5)])
		c.aim(origin)
		requireShort(&c)
	}
}

func TestManyUpdatesDoNotDrift(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	points := gaussian(rng, 2000, 6, unitScale)
	var c corral
	c.reset(newAtom(0, points[0]), nil)
	for i, p := range points[1:] {
		c.insert(newAtom(i+1, p))
		if len(c.members) > 5 {
			c.remove(1 + rng.IntN(4))
		}
	}
	requireFactorised(t, &c)
}

// A dependent member gets coefficient 0 and is the one that the minor cycle drops.
func TestDependentMemberIsDropped(t *testing.T) {
	var s solver
	s.begin(newAtom(0, []float64{1, 1}), nil)
	s.corral.insert(newAtom(1, []float64{1, -1}))
	s.corral.insert(newAtom(2, []float64{1, 3}))
	s.corral.insert(newAtom(3, []float64{1, 1}))
	s.minor()
	labels, weights := s.support()
	require.Equal(t, []int{0, 1}, labels)
	require.InDeltaSlice(t, []float64{.5, .5}, weights, 1e-15)
	require.InDeltaSlice(t, []float64{1, 0}, s.x, 1e-15)
	requireFactorised(t, &s.corral)
}

// cube is [1, 2]ⁿ seen through its linear minimisation only.
type cube struct{ dim int }

func (b cube) lowest(direction []float64) candidate {
	p, label := make([]float64, b.dim), 0
	for j := range p {
		p[j] = 1
		if direction[j] < 0 {
			p[j], label = 2, label|1<<j
		}
	}
	return candidate{newAtom(label, p), floats.Dot(p, direction)}
}

func TestSolverOnOracle(t *testing.T) {
	var s solver
	set := cube{30}
	from := make([]float64, 30)
	for j := range from {
		from[j] = float64(j%2) - .5
	}
	s.begin(set.lowest(from).atom, nil)
	s.solve(set)
	require.True(t, s.certified)
	require.InDelta(t, math.Sqrt(30), s.norm, 1e-12)
}

// wobbling is an oracle whose answers are worse than it claims: it offers a point
// that is a little below the hyperplane on one call and out of the corral on the
// next, as rounding might.
type wobbling struct{ calls int }

func (w *wobbling) lowest(direction []float64) candidate {
	w.calls++
	p := []float64{1, 1e-9 * float64(1-2*(w.calls%2)) * float64(w.calls)}
	return candidate{newAtom(w.calls%2, p), floats.Dot(p, direction)}
}

func TestSolverEndsOnInconsistentOracle(t *testing.T) {
	var s solver
	w := &wobbling{}
	s.begin(newAtom(7, []float64{1, 1e-9}), nil)
	s.solve(w)
	require.Less(t, w.calls, 100)
	require.InDelta(t, 1, s.norm, 1e-9)
}

func TestStalls(t *testing.T) {
	var s solver
	s.begin(newAtom(3, []float64{1}), nil)
	s.norm = 1
	require.False(t, s.stalls(), "the first corral sets the record")
	for range idleCycles * 3 {
		require.False(t, s.stalls(), "the corral may still move")
	}
	require.True(t, s.stalls(), "no decrease for long enough")
	s.norm = .5
	require.False(t, s.stalls(), "a decrease starts afresh")
}
