package convex

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// corners lists the extreme points of a set (and maybe more), by hand and without its oracle.
type corners struct {
	set    Set
	points [][]float64
}

// drawCorners draws a polytope of a dimension with integer corners, composed in all
// ways that the package knows.
func drawCorners(t *rapid.T, dim, depth int) corners {
	numbers := func(label string) []float64 {
		var v []float64
		for _, c := range rapid.SliceOfN(rapid.IntRange(-3, 3), dim, dim).Draw(t, label) {
			v = append(v, float64(c))
		}
		return v
	}
	kind := rapid.IntRange(0, 3+5*min(depth, 1)).Draw(t, "kind")
	switch kind {
	case 0:
		points := [][]float64{numbers("p"), numbers("q"), numbers("r")}
		return corners{must(Polytope(points)), points}
	case 1:
		a, b := numbers("a"), numbers("b")
		return corners{must(Segment(a, b)), [][]float64{a, b}}
	case 2:
		lower, upper := numbers("lower"), numbers("upper")
		for j := range lower {
			lower[j], upper[j] = min(lower[j], upper[j]), max(lower[j], upper[j])
		}
		return corners{must(Box(lower, upper)), boxCorners(lower, upper)}
	case 3:
		k := rapid.IntRange(0, dim).Draw(t, "k")
		return corners{must(Hypersimplex(dim, k)), hypersimplexCorners(dim, k)}
	case 4:
		a, b := drawCorners(t, dim, depth-1), drawCorners(t, dim, depth-1)
		return corners{must(Sum(a.set, b.set)), pairs(a.points, b.points, func(p, q []float64) []float64 {
			return floats.AddTo(make([]float64, dim), p, q)
		})}
	case 5:
		a, v := drawCorners(t, dim, depth-1), numbers("v")
		return corners{must(Translate(a.set, v)), each(a.points, func(p []float64) []float64 {
			return floats.AddTo(make([]float64, dim), p, v)
		})}
	case 6:
		a, c := drawCorners(t, dim, depth-1), float64(rapid.IntRange(-2, 2).Draw(t, "c"))
		return corners{must(Scale(c, a.set)), each(a.points, func(p []float64) []float64 {
			return floats.ScaleTo(make([]float64, dim), c, p)
		})}
	case 7:
		from := rapid.IntRange(1, 3).Draw(t, "from")
		rows := smallMatrix(t, dim, from)
		a := drawCorners(t, from, depth-1)
		return corners{must(Image(rows, a.set)), each(a.points, func(p []float64) []float64 { return times(rows, p) })}
	}
	if dim == 1 {
		return drawCorners(t, dim, 0)
	}
	cut := rapid.IntRange(1, dim-1).Draw(t, "cut")
	a, b := drawCorners(t, cut, depth-1), drawCorners(t, dim-cut, depth-1)
	return corners{must(Product(a.set, b.set)), pairs(a.points, b.points, func(p, q []float64) []float64 {
		return append(slices.Clone(p), q...)
	})}
}

func smallMatrix(t *rapid.T, rows, columns int) (m [][]float64) {
	for range rows {
		var row []float64
		for _, c := range rapid.SliceOfN(rapid.IntRange(-2, 2), columns, columns).Draw(t, "matrix") {
			row = append(row, float64(c))
		}
		m = append(m, row)
	}
	return m
}

func times(rows [][]float64, p []float64) (image []float64) {
	for _, row := range rows {
		image = append(image, floats.Dot(row, p))
	}
	return image
}

func each(points [][]float64, f func(p []float64) []float64) (images [][]float64) {
	for _, p := range points {
		images = append(images, f(p))
	}
	return images
}

func pairs(a, b [][]float64, f func(p, q []float64) []float64) (all [][]float64) {
	for _, p := range a {
		for _, q := range b {
			all = append(all, f(p, q))
		}
	}
	return all
}

func boxCorners(lower, upper []float64) [][]float64 {
	all := [][]float64{nil}
	for j := range lower {
		all = pairs(all, [][]float64{{lower[j]}, {upper[j]}}, func(p, q []float64) []float64 {
			return append(slices.Clone(p), q...)
		})
	}
	return all
}

func hypersimplexCorners(n, k int) (all [][]float64) {
	for _, p := range boxCorners(make([]float64, n), slices.Repeat([]float64{1}, n)) {
		if floats.Sum(p) == float64(k) {
			all = append(all, p)
		}
	}
	return all
}

// The oracle of a composed set returns a corner, and no corner lies farther in the
// direction: support functions add under sums, and h_{MA}(d) = h_A(Mᵀd).
func TestLawSupport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 4).Draw(t, "dimension")
		c := drawCorners(t, dim, 2)
		require.Equal(t, dim, c.set.Dim())
		d := make([]float64, dim)
		for j, v := range rapid.SliceOfN(rapid.IntRange(-4, 4), dim, dim).Draw(t, "direction") {
			d[j] = float64(v)
		}
		p := make([]float64, dim)
		c.set.Support(p, d)
		require.True(t, slices.ContainsFunc(c.points, func(q []float64) bool { return floats.Equal(p, q) }), "%v is no corner", p)
		highest := math.Inf(-1)
		for _, q := range c.points {
			highest = max(highest, floats.Dot(q, d))
		}
		require.Equal(t, highest, floats.Dot(p, d))
		lower, upper, err := SupportValue(c.set, d)
		require.NoError(t, err)
		require.Equal(t, []float64{highest, highest}, []float64{lower, upper})
		if b, ok := c.set.(Bounded); ok {
			require.Equal(t, highest, b.SupportBound(p, d))
			require.Equal(t, highest, floats.Dot(p, d))
		}
	})
}

// The assignment is the best of all permutations, and a permutation.
func TestLawBirkhoff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 6).Draw(t, "m")
		// Few different values make ties, reals make none.
		value := make([]float64, m*m)
		if rapid.Bool().Draw(t, "ties") {
			for i, v := range rapid.SliceOfN(rapid.IntRange(-2, 2), m*m, m*m).Draw(t, "value") {
				value[i] = float64(v)
			}
		} else {
			value = rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), m*m, m*m).Draw(t, "value")
		}
		p := make([]float64, m*m)
		must(Birkhoff(m)).Support(p, value)
		for i := range m {
			row, column := 0.0, 0.0
			for j := range m {
				require.Contains(t, []float64{0, 1}, p[i*m+j])
				row, column = row+p[i*m+j], column+p[j*m+i]
			}
			require.Equal(t, []float64{1, 1}, []float64{row, column})
		}
		best := math.Inf(-1)
		permutations(m, func(sigma []int) {
			total := 0.0
			for i, j := range sigma {
				total += value[i*m+j]
			}
			best = max(best, total)
		})
		require.InDelta(t, best, floats.Dot(p, value), 1e-12*max(1, math.Abs(best)))
	})
}

func permutations(m int, visit func([]int)) {
	sigma := make([]int, m)
	for i := range sigma {
		sigma[i] = i
	}
	var place func(int)
	place = func(k int) {
		if k == m {
			visit(sigma)
			return
		}
		for i := k; i < m; i++ {
			sigma[k], sigma[i] = sigma[i], sigma[k]
			place(k + 1)
			sigma[k], sigma[i] = sigma[i], sigma[k]
		}
	}
	place(0)
}

// The 40 largest of large assignment problems, where brute force is out of reach:
// the dual potentials prove the optimum by weak duality.
func TestBirkhoffOfLargeMatrices(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 20 {
		m := 40
		a := newAssignment(m)
		value := gaussian(rng, 1, m*m, unitScale)[0]
		total, dual := 0.0, 0.0
		for column, row := range a.solve(value) {
			total += value[row*m+column]
			dual -= a.rowPotential[column] + a.potential[column]
		}
		for i := range m {
			for j := range m {
				require.GreaterOrEqual(t, -value[i*m+j], a.rowPotential[i]+a.potential[j]-1e-12)
			}
		}
		require.InDelta(t, dual, total, 1e-11)
	}
}

func TestBallSupport(t *testing.T) {
	b := must(Ball([]float64{1, 2}, 5))
	p := make([]float64, 2)
	b.Support(p, []float64{3e-200, 4e-200})
	require.InDeltaSlice(t, []float64{4, 6}, p, 1e-15)
	b.Support(p, []float64{0, 0})
	require.Equal(t, []float64{1, 2}, p)
	must(Ball([]float64{1, 2}, 0)).Support(p, []float64{1, 1})
	require.Equal(t, []float64{1, 2}, p)
}

// Sets copy what they are made of.
func TestSetsKeepTheirData(t *testing.T) {
	a, b := []float64{1, 2}, []float64{3, 4}
	row := []float64{1, 1}
	sets := []Set{
		must(Polytope([][]float64{a, b})), must(Segment(a, b)), must(Ball(a, 1)), must(Box(a, b)),
		must(Translate(must(Point(a)), b)), must(Image([][]float64{row, row}, must(Point(a)))),
	}
	before := each(make([][]float64, len(sets)), func([]float64) []float64 { return make([]float64, 2) })
	for i, s := range sets {
		s.Support(before[i], []float64{1, -.5})
	}
	a[0], a[1], b[0], b[1], row[0] = 100, 100, 100, 100, 100
	after := make([]float64, 2)
	for i, s := range sets {
		s.Support(after, []float64{1, -.5})
		require.Equal(t, before[i], after)
	}
}

func TestSetErrors(t *testing.T) {
	square := must(Box([]float64{0, 0}, []float64{1, 1}))
	line := must(Box([]float64{0}, []float64{1}))
	nan := math.NaN()
	for name, c := range map[string]struct {
		err  error
		kind error
	}{
		"polytope":      {second(Polytope(nil)), ErrEmpty},
		"point":         {second(Point(nil)), ErrDimension},
		"segment":       {second(Segment([]float64{1}, []float64{1, 2})), ErrDimension},
		"ball centre":   {second(Ball([]float64{nan}, 1)), ErrNotFinite},
		"ball nowhere":  {second(Ball(nil, 1)), ErrDimension},
		"ball radius":   {second(Ball([]float64{0}, -1)), ErrLength},
		"ball NaN":      {second(Ball([]float64{0}, nan)), ErrLength},
		"box":           {second(Box([]float64{1}, []float64{0})), ErrInterval},
		"box nowhere":   {second(Box(nil, nil)), ErrDimension},
		"box uneven":    {second(Box([]float64{1}, []float64{2, 3})), ErrDimension},
		"simplex":       {second(Simplex(0)), ErrSize},
		"hypersimplex":  {second(Hypersimplex(2, 3)), ErrCount},
		"hypersimplex-": {second(Hypersimplex(2, -1)), ErrCount},
		"birkhoff":      {second(Birkhoff(0)), ErrSize},
		"sum":           {second(Sum(square, line)), ErrDimension},
		"sum of none":   {second(Sum()), ErrEmpty},
		"product":       {second(Product(square, nil)), ErrSet},
		"translate":     {second(Translate(square, []float64{1})), ErrDimension},
		"translate nil": {second(Translate(nil, []float64{1})), ErrSet},
		"scale":         {second(Scale(nan, square)), ErrNotFinite},
		"image":         {second(Image([][]float64{{1, 2, 3}}, square)), ErrDimension},
		"image of none": {second(Image(nil, square)), ErrEmpty},
	} {
		var input *InputError
		require.ErrorIs(t, c.err, c.kind, name)
		require.ErrorAs(t, c.err, &input, name)
	}
	_, _, err := SupportValue(square, []float64{1, nan})
	require.ErrorIs(t, err, ErrNotFinite)
}

func second(_ Set, err error) error { return err }
