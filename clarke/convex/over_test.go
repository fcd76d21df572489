package convex

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

var background = context.Background()

// must is for constructors whose input is known to be good.
func must(set Set, err error) Set {
	if err != nil {
		panic(err)
	}
	return set
}

// requireNearest rechecks an answer by the oracle alone: the support points are the
// oracle's answers, they make the point, and the bounds bracket the distance.
func requireNearest(t require.TestingT, set Set, v []float64, n Nearest) {
	size := norm(v)
	made, again := make([]float64, len(v)), make([]float64, len(v))
	for i, p := range n.Support {
		set.Support(again, n.Directions[i])
		require.Equal(t, again, p)
		size = max(size, norm(p))
		floats.AddScaled(made, n.Weights[i], p)
	}
	require.LessOrEqual(t, len(n.Support), len(v)+1)
	require.InDelta(t, 1, floats.Sum(n.Weights), 1e-12)
	require.GreaterOrEqual(t, floats.Min(n.Weights), 0.0)
	require.InDeltaSlice(t, made, n.Point, 1e-13*(1+size))
	require.InDelta(t, floats.Distance(n.Point, v, 2), n.Norm, 1e-13*(1+size))
	require.LessOrEqual(t, n.Lower, n.Norm)
	require.Equal(t, n.Certified, n.Stopped == nil)
	if n.Lower == 0 {
		require.Nil(t, n.Normal)
		return
	}
	require.InDelta(t, 1, norm(n.Normal), 1e-14)
	set.Support(again, floats.ScaleTo(made, -1, n.Normal))
	require.GreaterOrEqual(t, floats.Dot(again, n.Normal)-floats.Dot(v, n.Normal), n.Lower-1e-14*size)
}

// On a composed polytope the answer is the one of exact arithmetic on the list of its
// corners, which nobody but the test knows.
func TestLawProjectOnComposedSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 4).Draw(t, "dimension")
		c := drawCorners(t, dim, 2)
		v := make([]float64, dim)
		for j, value := range rapid.SliceOfN(rapid.IntRange(-8, 8), dim, dim).Draw(t, "v") {
			v[j] = float64(value) / 2
		}
		n, err := Project(background, c.set, v, Options{})
		require.NoError(t, err)
		require.True(t, n.Certified)
		requireNearest(t, c.set, v, n)
		exact, err := ExactContains(rationals(c.points), rational(v))
		require.NoError(t, err)
		if exact.Inside {
			require.Zero(t, n.Norm)
		} else {
			normal := rounded(exact.Normal)
			require.InDelta(t, norm(normal), n.Norm, 1e-12)
			require.InDelta(t, n.Norm, n.Lower, 1e-12)
			require.InDeltaSlice(t, normal, floats.SubTo(make([]float64, dim), n.Point, v), 1e-12)
		}

		where, m, err := ContainsOver(background, c.set, v, Options{})
		require.NoError(t, err)
		require.Equal(t, map[bool]Location{true: Inside, false: Outside}[exact.Inside], where)
		if where == Outside {
			require.NoError(t, CheckSeparation(rationals(c.points), rational(v), rational(m.Normal)))
			require.GreaterOrEqual(t, 2*m.Lower, n.Norm)
		}
	})
}

func TestLawMinNormOverIsMinNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := smallIntegers(t, 6, 20, 4)
		want, err := MinNorm(points)
		require.NoError(t, err)
		n, err := MinNormOver(background, must(Polytope(points)), Options{})
		require.NoError(t, err)
		require.True(t, n.Certified)
		requireNearest(t, must(Polytope(points)), make([]float64, len(points[0])), n)
		require.InDeltaSlice(t, want.Point, n.Point, 1e-12)
	})
}

// The distance of two polytopes is that of brute force over all pairs of corners.
func TestLawDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 3).Draw(t, "dimension")
		a, b := drawCorners(t, dim, 1), drawCorners(t, dim, 1)
		n, err := Distance(background, a.set, b.set, Options{})
		require.NoError(t, err)
		differences := pairs(a.points, b.points, func(p, q []float64) []float64 {
			return floats.SubTo(make([]float64, dim), p, q)
		})
		exact, err := ExactMinNorm(rationals(differences))
		require.NoError(t, err)
		require.InDeltaSlice(t, rounded(exact.Point), n.Point, 1e-12)
	})
}

// Closed forms: the projections on a ball and a box, and the distance of two balls.
func TestLawClosedForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 6).Draw(t, "dimension")
		numbers := rapid.SliceOfN(rapid.Float64Range(-10, 10), dim, dim)
		v, c, radius := numbers.Draw(t, "v"), numbers.Draw(t, "c"), rapid.Float64Range(0, 5).Draw(t, "r")
		tol := math.Pow(10, -float64(rapid.IntRange(3, 9).Draw(t, "digits")))

		n, err := Project(background, must(Ball(c, radius)), v, Options{Tol: tol})
		require.NoError(t, err)
		require.True(t, n.Certified)
		requireNearest(t, must(Ball(c, radius)), v, n)
		want := max(0, floats.Distance(v, c, 2)-radius)
		require.LessOrEqual(t, n.Lower, want+1e-13)
		require.GreaterOrEqual(t, n.Norm, want-1e-13)
		require.LessOrEqual(t, n.Norm-n.Lower, tol+1e-12)

		n, err = Distance(background, must(Ball(c, radius)), must(Ball(v, 1)), Options{Tol: tol})
		require.NoError(t, err)
		require.True(t, n.Certified)
		want = max(0, floats.Distance(v, c, 2)-radius-1)
		require.LessOrEqual(t, n.Lower, want+1e-13)
		require.GreaterOrEqual(t, n.Norm, want-1e-13)

		upper := numbers.Draw(t, "upper")
		clamped := make([]float64, dim)
		for j := range upper {
			upper[j] = c[j] + math.Abs(upper[j])
			clamped[j] = min(max(v[j], c[j]), upper[j])
		}
		n, err = Project(background, must(Box(c, upper)), v, Options{})
		require.NoError(t, err)
		requireProjection(t, clamped, v, n)
	})
}

// The projection on the simplex by sorting (Held, Wolfe, Crowder, Math. Programming
// 6, 1974): x = (v − θ)₊ with Σ x = 1.
func TestLawProjectOnSimplex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 12).Draw(t, "dimension")
		v := rapid.SliceOfN(rapid.Float64Range(-2, 2), dim, dim).Draw(t, "v")
		// θ by bisection: the sum falls as θ grows.
		low, high := floats.Min(v)-1, floats.Max(v)
		want := make([]float64, dim)
		for range 200 {
			theta := (low + high) / 2
			for j := range v {
				want[j] = max(0, v[j]-theta)
			}
			if floats.Sum(want) > 1 {
				low = theta
			} else {
				high = theta
			}
		}
		n, err := Project(background, must(Simplex(dim)), v, Options{})
		require.NoError(t, err)
		requireProjection(t, want, v, n)
	})
}

// requireProjection compares with the exact projection, from which the point may be
// as far as its bounds say.
func requireProjection(t require.TestingT, want, v []float64, n Nearest) {
	require.True(t, n.Certified)
	require.InDelta(t, floats.Distance(want, v, 2), n.Norm, 1e-12)
	require.LessOrEqual(t, floats.Distance(want, n.Point, 2), math.Sqrt(n.Norm*n.Norm-n.Lower*n.Lower)+1e-12)
}

// ContainsOver stops at the first good normal, and calls nothing inside that is not.
func TestContainsOverIsQuickAndHonest(t *testing.T) {
	generators, centre := zonotope(rand.New(rand.NewPCG(3, 4)), 60, 20)
	set := zonotopeSum(generators, floats.ScaleTo(centre, 3, centre))
	full, err := MinNormOver(background, set, Options{})
	require.NoError(t, err)
	where, n, err := ContainsOver(background, set, make([]float64, 20), Options{})
	require.NoError(t, err)
	require.Equal(t, Outside, where)
	require.NoError(t, n.Stopped)
	require.Less(t, n.Cycles, full.Cycles/2)
	require.GreaterOrEqual(t, n.Lower, full.Norm/2)

	boundary := must(Ball([]float64{3, 4}, 5))
	where, n, err = ContainsOver(background, boundary, []float64{0, 0}, Options{Tol: 1e-4})
	require.NoError(t, err)
	require.Equal(t, Undecided, where)
	require.LessOrEqual(t, n.Norm, 1e-4)
	for location, name := range []string{"undecided", "inside", "outside"} {
		require.Equal(t, name, Location(location).String())
	}
}

func TestMinNormOverStops(t *testing.T) {
	generators, centre := zonotope(rand.New(rand.NewPCG(3, 3)), 60, 20)
	set := zonotopeSum(generators, centre)
	full, err := MinNormOver(background, set, Options{})
	require.NoError(t, err)
	require.True(t, full.Certified)
	require.Greater(t, full.Cycles, 10)

	n, err := MinNormOver(background, set, Options{MaxCycles: 6})
	require.NoError(t, err)
	require.ErrorIs(t, n.Stopped, ErrCycles)
	require.Equal(t, 6, n.Cycles)
	requireNearest(t, set, make([]float64, 20), n)
	require.LessOrEqual(t, n.Lower, full.Norm)
	require.GreaterOrEqual(t, n.Norm, full.Norm)

	cancelled, cancel := context.WithCancel(background)
	cancel()
	n, err = MinNormOver(cancelled, set, Options{})
	require.NoError(t, err)
	require.ErrorIs(t, n.Stopped, context.Canceled)
	require.LessOrEqual(t, n.Cycles, 2, "a first point is had anyhow, and nothing after it")
	requireNearest(t, set, make([]float64, 20), n)
}

// A ball has no finite search; rounding ends it where no tolerance does.
func TestCurvedSetWithoutTolerance(t *testing.T) {
	n, err := MinNormOver(background, must(Ball([]float64{3, 4, 0}, 1)), Options{})
	require.NoError(t, err)
	require.InDelta(t, 4, n.Norm, 1e-13)
	require.InDelta(t, 4, n.Lower, 1e-7)
	// 0 on the boundary is the worst case.
	n, err = MinNormOver(background, must(Ball([]float64{3, 4, 0}, 5)), Options{})
	require.NoError(t, err)
	require.Less(t, n.Norm, 1e-6)
	require.Zero(t, n.Lower)
}

// The first point is tiny, others are huge, or the other way round: the search
// finds its scale.
func TestMinNormOverScales(t *testing.T) {
	for _, e := range []float64{1e-300, 1e-160, 1, 1e150, 1e300} {
		lower, upper := []float64{e, -1e300, -e}, []float64{2 * e, e, 1e300}
		set := must(Box(lower, upper))
		n, err := MinNormOver(background, set, Options{})
		require.NoError(t, err)
		require.True(t, n.Certified)
		require.LessOrEqual(t, n.Norm, 1e290+e)
		for _, factor := range []float64{0x1p-1000, 0x1p1000} {
			n, err = MinNormOver(background, must(Ball([]float64{3 * factor, 4 * factor}, factor)), Options{Tol: 1e-6 * factor})
			require.NoError(t, err)
			require.True(t, n.Certified)
			require.InDelta(t, 4, n.Norm/factor, 1e-6)
		}
	}
}

// Points that overflow at the scale of the first one: x is then right to the
// precision that they allow, and the answer says so as for a list.
func TestMinNormOverOfOverflow(t *testing.T) {
	for _, huge := range [][]float64{{-1e300, 1.1e300}, {-1e160, 1e160}, {-1.7e308, 1.7e308}, {-1.7e308, -1.7e308}} {
		points := [][]float64{{1e-300, -.5e-300}, huge}
		want, err := MinNorm(points)
		require.NoError(t, err)
		n, err := MinNormOver(background, must(Polytope(points)), Options{})
		require.NoError(t, err)
		require.True(t, n.Certified)
		require.InDelta(t, want.Norm, n.Norm, 1e-13*norm(huge))
		require.LessOrEqual(t, n.Lower, n.Norm)
		for _, c := range append(n.Point, n.Weights...) {
			require.NoError(t, finite(c))
		}
		where, _, err := ContainsOver(background, must(Polytope(points)), []float64{0, 0}, Options{})
		require.NoError(t, err)
		require.NotEqual(t, Outside, where)
	}
}

// broken is an oracle that returns nonsense.
type broken struct{ value float64 }

func (broken) Dim() int { return 2 }

func (b broken) Support(dst, _ []float64) { dst[0], dst[1] = 0, b.value }

// restless claims a point farther out at each call.
type restless struct{ calls float64 }

func (*restless) Dim() int { return 2 }

func (r *restless) Support(dst, _ []float64) {
	r.calls++
	dst[0], dst[1] = 1+1/r.calls, 10*math.Sin(r.calls)
}

func TestBadOracles(t *testing.T) {
	for _, value := range []float64{math.NaN(), math.Inf(1)} {
		_, err := MinNormOver(background, broken{value}, Options{})
		require.ErrorIs(t, err, ErrNotFinite)
		_, _, err = ContainsOver(background, broken{value}, []float64{0, 0}, Options{})
		require.ErrorIs(t, err, ErrNotFinite)
	}
	_, err := MinNormOver(background, &loose{must(Simplex(2)), math.NaN()}, Options{})
	require.ErrorIs(t, err, ErrNotFinite)
	n, err := MinNormOver(background, &loose{must(Simplex(2)), math.Inf(1)}, Options{})
	require.NoError(t, err)
	require.ErrorIs(t, n.Stopped, ErrBounds)
	require.Zero(t, n.Lower)
	n, err = MinNormOver(background, &restless{}, Options{})
	require.NoError(t, err)
	require.Less(t, n.Cycles, 10_001)
	_, err = MinNormOver(background, nil, Options{})
	require.ErrorIs(t, err, ErrSet)
	_, err = MinNormOver(background, must(Simplex(2)), Options{Tol: -1})
	require.ErrorIs(t, err, ErrTolerance)
	_, err = MinNormOver(background, must(Simplex(2)), Options{MaxCycles: -1})
	require.ErrorIs(t, err, ErrBudget)
	_, err = Project(background, must(Simplex(2)), []float64{1}, Options{})
	require.ErrorIs(t, err, ErrDimension)
	_, err = Distance(background, must(Simplex(2)), must(Simplex(3)), Options{})
	require.ErrorIs(t, err, ErrDimension)
	_, _, err = ContainsOver(background, must(Simplex(2)), []float64{1, math.NaN()}, Options{})
	require.ErrorIs(t, err, ErrNotFinite)
}

// The answer is determined by the input, bit for bit.
func TestMinNormOverIsDeterministic(t *testing.T) {
	generators, centre := zonotope(rand.New(rand.NewPCG(3, 3)), 60, 20)
	a, err := MinNormOver(background, zonotopeSum(generators, centre), Options{})
	require.NoError(t, err)
	b, err := MinNormOver(background, zonotopeSum(generators, centre), Options{})
	require.NoError(t, err)
	require.Equal(t, a, b)
}
