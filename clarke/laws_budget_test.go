package clarke_test

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// A budget of cells gives an inner bound, which is called exact only if it was
// enough, and the same one each time.
func TestLawBudgets(t *testing.T) {
	everyFamily(t, func(t *rapid.T, r *recipe, f *expr.Func) {
		full, vertices := exactly(t, f, r.point())
		require.Equal(t, answers(full), answers(at(t, f, r.point())))
		before := 0
		for cells := 1; cells <= full.Cells+1; cells += 1 + full.Cells/4 {
			s, err := clarke.At(context.Background(), f, r.point(), clarke.Options{Cells: cells})
			require.NoError(t, err)
			if cells >= full.Cells {
				require.Equal(t, answers(full), answers(s))
				return
			}
			require.False(t, s.Exact || s.Complete)
			require.Contains(t, s.Why, "budget")
			require.Equal(t, cells, s.Cells)
			require.Greater(t, s.Cells, before)
			before = s.Cells
			requireInHull(t, vertices, exacts(s)...)
			require.NotEqual(t, clarke.No, s.ContainsZero)
			require.NotEqual(t, clarke.LocalMinimum, s.Minimality)
			if s.Minimality == clarke.NotLocalMinimum {
				require.Equal(t, clarke.NotLocalMinimum, full.Minimality)
			}
		}
	})
}

// hard are programs of more cells than there is time for.
func hard(t require.TestingT) map[string]*expr.Func {
	chain := func(x expr.Node) expr.Node { // 60 kinks on one path, none of which is settled by others
		y := expr.Index(x, 0)
		for i := range 60 {
			y = expr.Abs(expr.Sub(expr.Index(x, 1+i%7), expr.Scale(0.5, y)))
		}
		return y
	}
	return map[string]*expr.Func{
		"60 nested kinks":       vectorProgram(t, 8, chain),
		"200 kinks in 50":       formsProgram(t, 200, 50, expr.Norm1),
		"sorting 40 entries":    formsProgram(t, 40, 20, func(v expr.Node) expr.Node { return expr.Index(expr.Sort(v), 20) }),
		"median of 61":          formsProgram(t, 61, 30, func(v expr.Node) expr.Node { return expr.Median(expr.Abs(v)) }),
		"the same, no relation": vectorProgram(t, 61, func(v expr.Node) expr.Node { return expr.Median(expr.Abs(v)) }),
	}
}

func formsProgram(t require.TestingT, m, n int, op func(v expr.Node) expr.Node) *expr.Func {
	return vectorProgram(t, n, func(x expr.Node) expr.Node {
		return op(expr.MatMul(x.Graph().Tensor(forms(m, n), m, n), x))
	})
}

// A context that ends leaves the bounds in hand, one gradient at least, and soon:
// within 100 ms on an idle machine, which the log shows. The test is about hangs.
func TestContextEnds(t *testing.T) {
	for name, f := range hard(t) {
		a, err := clarke.NewAnalyzer(f, clarke.Options{Cells: 1 << 40})
		require.NoError(t, err)
		zero := clarke.RationalPoint(zeroes(f.In()[0].Shape().Size()))
		for _, x := range []clarke.Point{zero, toFloat(zero)} {
			for _, wait := range []time.Duration{0, 10 * time.Millisecond, 200 * time.Millisecond} {
				late := time.Hour
				for attempt := 0; attempt < 5 && late > 100*time.Millisecond; attempt++ {
					ctx, stop := context.WithTimeout(context.Background(), wait)
					s, err := a.At(ctx, x)
					deadline, _ := ctx.Deadline()
					late = min(late, time.Since(deadline))
					stop()
					require.NoError(t, err)
					require.False(t, s.Exact || s.Complete)
					require.Contains(t, s.Why, "deadline")
					require.NotEmpty(t, s.Vertices)
					require.Len(t, s.Certificates, len(s.Vertices))
					require.NotEqual(t, clarke.No, s.ContainsZero)
				}
				t.Logf("%s, rational %v, after %v: %v late", name, x.IsExact(), wait, late)
				require.Less(t, late, 3*time.Second, "%s, rational %v, after %v", name, x.IsExact(), wait)
			}
		}
	}
}

// In float64 the cells of dyadic programs are those in rationals.
func TestLawFloatsFindTheSameCells(t *testing.T) {
	programs := recipes(ingredients{dyadic: true})
	rapid.Check(t, func(t *rapid.T) {
		r := programs.Draw(t, "recipe")
		f := r.build(t, seeded(t))
		want, _ := exactly(t, f, r.point())
		got := at(t, f, toFloat(r.point()))
		require.Equal(t, "float64", got.Arithmetic)
		require.False(t, got.Exact && want.Cells > 1)
		require.Equal(t, want.Cells, got.Cells)
		requireClose(t, want.Vertices, got.Vertices)
		require.Equal(t, want.ContainsZero == clarke.Yes, got.ContainsZero == clarke.Yes)
		require.Equal(t, want.Minimality == clarke.NotLocalMinimum, got.Minimality == clarke.NotLocalMinimum)
	})
}

// A factor that is no rational number leaves switches and cells as they are: f·eʷ
// + w at w = 0 has the set of f, with the entry f + 1 besides. At sees the same cells, but
// for one of a selection: where f has to be followed to a second cell to decrease, w
// decreases in the first. Where weights are not dyadic it has that set up to rounding:
// thirds that add up to 0 leave a kink in float64 which does not matter in rationals.
func TestLawMixedArithmetic(t *testing.T) {
	dyadic := rapid.OneOf(
		recipes(ingredients{dyadic: true}),
		recipes(ingredients{ops: append([]string{"linear", "again"}, stepOps...), dyadic: true}),
		recipes(ingredients{ops: append([]string{"linear", "again", "relu"}, rankOps...), dyadic: true}),
		recipes(ingredients{ops: append([]string{"linear", "again", "relu"}, permutationOps...), steps: 4, dyadic: true}),
	)
	rapid.Check(t, func(t *rapid.T) {
		programs, isDyadic := rapid.OneOf(families[:4]...), rapid.Bool().Draw(t, "dyadic")
		if isDyadic {
			programs = dyadic
		}
		r := programs.Draw(t, "recipe")
		seed := rapid.Uint64().Draw(t, "spelling")
		spelling := func() *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
		f := r.build(t, spelling())
		want, _ := exactly(t, f, r.point())
		g := expr.NewGraph()
		var in []expr.Node
		for i := range r.x {
			in = append(in, g.Input(string(rune('a'+i))))
		}
		w := g.Input("w")
		y := expr.Add(expr.Mul(r.outputs(g, in, spelling())[0], expr.Exp(w)), w)
		product, err := g.Func(expr.In(append(in, w)...), expr.Out(y))
		require.NoError(t, err)
		x := append(r.point(), clarke.Rational(zeroes(1)))
		s := at(t, product, x)
		require.True(t, s.Exact, s.Why)
		require.Equal(t, "float64", s.Arithmetic)
		last := sum(r.values(r.x)[0], oneRat)
		var vertices []clarke.Vector
		for _, v := range want.Vertices {
			vertices = append(vertices, clarke.Rational(append(v.Exact, last)))
		}
		if isDyadic {
			require.Equal(t, allCells(t, f, r.point()), allCells(t, product, x))
			require.Contains(t, []int{want.Cells - 1, want.Cells}, s.Cells)
			requireClose(t, vertices, s.Vertices)
			return
		}
		require.GreaterOrEqual(t, allCells(t, product, x), allCells(t, f, r.point()))
		requireAmong(t, vertices, s.Vertices)
		requireSupports(t, vertices, s.Vertices)
	})
}

func allCells(t require.TestingT, f *expr.Func, x clarke.Point) int {
	a, err := clarke.NewAnalyzer(f, clarke.Options{})
	require.NoError(t, err)
	cells, err := a.CountCells(context.Background(), x)
	require.NoError(t, err)
	return cells
}

// requireSupports compares support functions along the coordinates and some directions.
func requireSupports(t require.TestingT, want, got []clarke.Vector) {
	r := rand.New(rand.NewPCG(1, 2))
	n := len(want[0].Float)
	for k := range 4 * n {
		d := make([]float64, n)
		for i := range d {
			d[i] = r.NormFloat64()
		}
		if k < 2*n {
			clear(d)
			d[k/2] = 1 - 2*float64(k%2)
		}
		support := func(set []clarke.Vector) float64 {
			most := math.Inf(-1)
			for _, v := range set {
				most = max(most, floats.Dot(v.Float, d))
			}
			return most
		}
		require.InDelta(t, support(want), support(got), 1e-9*float64(n))
	}
}

// Within a tolerance kinks count as active: near the point of a recipe the set is
// that at the point, but not proved.
func TestLawTolerance(t *testing.T) {
	programs := recipes(ingredients{dyadic: true})
	rapid.Check(t, func(t *rapid.T) {
		r := programs.Draw(t, "recipe")
		f := r.build(t, seeded(t))
		want, _ := exactly(t, f, r.point())
		rng := seeded(t)
		x := toFloat(pointOf(along(r.x, big.NewRat(1, 1<<40), randomInts(rng, len(r.x), 1<<20))))
		s, err := clarke.At(context.Background(), f, x, clarke.Options{Tol: 0x1p-10})
		require.NoError(t, err)
		if s.Exact { // without any kinks
			require.Contains(t, s.Why, "strictly differentiable")
			require.Len(t, s.Vertices, 1)
		}
		requireClose(t, want.Vertices, s.Vertices)
	})
}

// requireClose wants the same points up to rounding, in any order.
func requireClose(t require.TestingT, want, got []clarke.Vector) {
	require.Len(t, got, len(want))
	requireAmong(t, want, got)
}

func requireAmong(t require.TestingT, want, got []clarke.Vector) {
	for _, v := range want {
		require.True(t, slices.ContainsFunc(got, func(u clarke.Vector) bool {
			return slices.EqualFunc(u.Float, v.Float, func(x, y float64) bool { return math.Abs(x-y) <= 1e-9 })
		}), "%v is not among %v", v.Float, got)
	}
}
