package clarke_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// Of a convex function f′(x; d) = max {⟨v, d⟩ : v ∈ ∂f(x)}, every v supports it
// everywhere, and x is a minimiser if and only if 0 ∈ ∂f(x).
func TestLawConvexFunctions(t *testing.T) {
	programs := convexRecipes()
	rapid.Check(t, func(t *rapid.T) {
		r := programs.Draw(t, "recipe")
		s, vertices := exactly(t, r.build(t, seeded(t)), r.point())
		rng, values := seeded(t), r.function()
		for _, size := range []int64{1, 1, 3, 1 << 20} {
			d := randomInts(rng, len(r.x), size)
			var products []*big.Rat
			for _, v := range vertices {
				products = append(products, dot(v, d))
			}
			require.Equal(t, last(ascending(products)).RatString(), values.slope(r.x, near, d)[0].RatString())
			rise := minus(values(along(r.x, oneRat, d))[0], values(r.x)[0])
			require.GreaterOrEqual(t, rise.Cmp(last(ascending(products))), 0)
		}
		require.Equal(t, s.ContainsZero == clarke.Yes, s.Minimality == clarke.LocalMinimum)
	})
}

// A piecewise affine program has a verdict always: a descent direction along
// which its values fall, or no cell and no direction of a grid with one.
func TestLawMinimality(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.OneOf(families[:4]...).Draw(t, "recipe")
		f := r.build(t, seeded(t))
		s, vertices := exactly(t, f, r.point())
		requireNearest(t, s, vertices)
		if s.Minimality == clarke.NotLocalMinimum {
			require.Negative(t, r.function().slope(r.x, near, shortened(s.Descent.Exact))[0].Sign())
			return
		}
		require.Equal(t, clarke.LocalMinimum, s.Minimality)
		require.Equal(t, clarke.Yes, s.ContainsZero)
		require.Nil(t, s.Descent.Float)
		for d := range grid(len(r.x), 2) {
			require.GreaterOrEqual(t, r.function().slope(r.x, near, d)[0].Sign(), 0, "along %v", d)
		}
		all, _ := newBrute(t, f, r.point()).selections(64)
		for _, c := range all {
			down := along(zeroes(len(c.jacobian)), big.NewRat(-1, 1), c.jacobian)
			require.False(t, solvable(append(c.rows, down)), "a cell descends")
		}
	})
}

// requireNearest holds the point of a hull that is nearest to 0 against its
// optimality condition, ⟨m, v⟩ ≥ ⟨m, m⟩, and against elimination.
func requireNearest(t require.TestingT, s *clarke.Subdifferential, vertices [][]*big.Rat) {
	m := s.MinNorm.Exact
	requireInHull(t, vertices, m)
	for _, v := range vertices {
		require.GreaterOrEqual(t, dot(m, v).Cmp(dot(m, m)), 0)
	}
	want := clarke.No
	if inside(t, vertices, zeroes(len(m))) {
		want = clarke.Yes
	}
	require.Equal(t, want, s.ContainsZero)
}

// grid yields all directions of integers up to a size.
func grid(n int, size int64) func(yield func([]*big.Rat) bool) {
	return func(yield func([]*big.Rat) bool) {
		d := make([]int64, n)
		for i := range d {
			d[i] = -size
		}
		for {
			v := zeroes(n)
			for i, x := range d {
				v[i].SetInt64(x)
			}
			if !yield(v) {
				return
			}
			i := 0
			for ; i < n && d[i] == size; i++ {
				d[i] = -size
			}
			if i == n {
				return
			}
			d[i]++
		}
	}
}

// Critical points of Clarke that are no minima, and minima, among the known ones.
func TestKnownMinimality(t *testing.T) {
	want := map[string]clarke.Minimality{
		"T1": clarke.LocalMinimum, "T2": clarke.LocalMinimum, "T8": clarke.LocalMinimum, "T12": clarke.NotLocalMinimum,
		"T13": clarke.LocalMinimum, "T18": clarke.NotLocalMinimum, "T26": clarke.NotLocalMinimum,
		"T27": clarke.LocalMinimum, "T28": clarke.LocalMinimum, "T29": clarke.NotLocalMinimum,
		"T44": clarke.NotLocalMinimum, "T45": clarke.LocalMinimum,
	}
	seen := 0
	eachKnown(t, func(t *testing.T, r known.Function, f *expr.Func, x clarke.Point) {
		verdict, ok := want[r.ID]
		if !ok {
			return
		}
		seen++
		s := at(t, f, x)
		require.Equal(t, verdict, s.Minimality)
		if verdict == clarke.LocalMinimum {
			require.Equal(t, clarke.Yes, s.ContainsZero)
			return
		}
		var moved [][]*big.Rat
		for i, v := range x.Exact() {
			moved = append(moved, along(v, near, shortened(s.Descent.Exact)[i:i+1]))
		}
		require.Negative(t, runExactly(t, f, moved)[0][0].Cmp(runExactly(t, f, x.Exact())[0][0]))
	})
	require.Equal(t, len(want), seen)
}
