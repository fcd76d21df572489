package convex

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// This file is about sets that know their support function within bounds only.

// vague is a polytope whose oracle returns some corner, not always the best one, and
// knows the support function within slack.
type vague struct {
	Set
	rng   *rand.Rand
	slack float64
}

func (v *vague) SupportBound(dst, direction []float64) float64 {
	v.Set.Support(dst, direction)
	best := floats.Dot(dst, direction)
	wrong := make([]float64, len(dst))
	for j, d := range direction {
		wrong[j] = d + v.rng.NormFloat64()*v.slack/10
	}
	p := make([]float64, len(dst))
	if v.Set.Support(p, wrong); floats.Dot(p, direction) >= best-v.slack {
		copy(dst, p)
	}
	return best + v.slack*v.rng.Float64()*norm(direction)
}

// With an oracle that knows its support function within bounds only, the bracket
// still holds the distance, through all compositions, and ContainsOver never errs.
func TestLawBoundedOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		dim := rapid.IntRange(1, 5).Draw(t, "dimension")
		slack := math.Pow(10, -rapid.Float64Range(0, 6).Draw(t, "slack"))
		points := gaussian(rng, 12, dim, unitScale)
		v := gaussian(rng, 1, dim, func(int, int) float64 { return 1.5 })[0]
		exactSet := must(Polytope(points))
		var set Set = &vague{exactSet, rng, slack}
		switch rapid.IntRange(0, 5).Draw(t, "composition") {
		case 1:
			set = must(Sum(must(Point(make([]float64, dim))), set))
		case 2:
			set = must(Scale(-.5, must(Scale(-2, set))))
		case 3:
			set = must(Translate(must(Translate(set, v)), floats.ScaleTo(make([]float64, dim), -1, v)))
		case 4:
			set = must(Image(identity(dim), set))
		case 5:
			set = must(Product(set))
		}
		want, err := Project(background, exactSet, v, Options{})
		require.NoError(t, err)
		n, err := Project(background, set, v, Options{})
		require.NoError(t, err)
		require.LessOrEqual(t, n.Lower, want.Norm+1e-12)
		require.GreaterOrEqual(t, n.Norm, want.Norm-1e-12)
		require.Equal(t, n.Certified, n.Stopped == nil)

		where, _, err := ContainsOver(background, set, v, Options{})
		require.NoError(t, err)
		require.NotEqual(t, map[bool]Location{true: Outside, false: Inside}[want.Norm == 0], where)
	})
}

func identity(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n)
		rows[i][i] = 1
	}
	return rows
}

// Far from 0, bounds of the support function round more coarsely than the points
// themselves. Lower allows for that where bounds count, and is as sharp as the points
// where they do not.
func TestBoundsFarFromZero(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	for range 200 {
		far := gaussian(rng, 1, 3, func(int, int) float64 { return 1e8 })[0]
		points := each(gaussian(rng, 5, 3, unitScale), func(p []float64) []float64 { return floats.AddTo(p, p, far) })
		v := gaussian(rng, 1, 3, unitScale)[0]
		floats.Add(v, far)
		exact, err := ExactContains(rationals(points), rational(v))
		require.NoError(t, err)
		distance := norm(rounded(append(exact.Normal, new(big.Rat))))
		n, err := Project(background, &loose{must(Polytope(points)), 0}, v, Options{})
		require.NoError(t, err)
		require.LessOrEqual(t, n.Lower, distance)
		n, err = Project(background, must(Sum(must(Polytope(points)))), v, Options{})
		require.NoError(t, err)
		require.LessOrEqual(t, n.Lower, distance*(1+1e-15))
		require.InDelta(t, distance, n.Lower, 1e-12)
	}
}

// stubborn returns its first point whatever it is asked, but knows the maximum.
type stubborn struct {
	Set
	first []float64
}

func (s *stubborn) SupportBound(dst, direction []float64) float64 {
	s.Set.Support(dst, direction)
	defer copy(dst, s.first)
	return floats.Dot(dst, direction)
}

// Lower is not above the smallest product, in exact arithmetic, even if it comes from
// a bound that is rounded far from 0.
func TestBoundsAreRoundedDown(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 2))
	proved := 0
	for range 500 {
		far := gaussian(rng, 1, 3, func(int, int) float64 { return 1e8 })[0]
		points := each(gaussian(rng, 5, 3, unitScale), func(p []float64) []float64 { return floats.AddTo(p, p, far) })
		v := floats.AddTo(make([]float64, 3), far, []float64{5, 0, 0})
		n, err := Project(background, &stubborn{must(Polytope(points)), points[0]}, v, Options{})
		require.NoError(t, err)
		if n.Lower == 0 {
			continue
		}
		proved++
		for _, p := range rationals(points) {
			product, _ := exactDot(rational(n.Normal), exactMinus(p, rational(v))).Float64()
			require.GreaterOrEqual(t, product, n.Lower)
		}
	}
	require.Greater(t, proved, 100)
}

// A bound that is off by a tenth leaves a bracket of a tenth, and says so.
func TestBoundedOracleSaysWhatIsOpen(t *testing.T) {
	set := &loose{must(Box([]float64{1, -1}, []float64{2, 1})), .1}
	n, err := MinNormOver(background, set, Options{})
	require.NoError(t, err)
	require.ErrorIs(t, n.Stopped, ErrBounds)
	require.InDelta(t, 1, n.Norm, 1e-15)
	require.InDelta(t, .9, n.Lower, 1e-13)
	n, err = MinNormOver(background, set, Options{Tol: .2})
	require.NoError(t, err)
	require.True(t, n.Certified)
	where, n, err := ContainsOver(background, &loose{must(Box([]float64{1, -1}, []float64{2, 1})), 2}, []float64{0, 0}, Options{})
	require.NoError(t, err)
	require.Equal(t, Undecided, where)
	require.ErrorIs(t, n.Stopped, ErrBounds)
}

type loose struct {
	Set
	slack float64
}

func (l *loose) SupportBound(dst, direction []float64) float64 {
	l.Set.Support(dst, direction)
	return floats.Dot(dst, direction) + l.slack
}
