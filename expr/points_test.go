package expr_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// squared returns the exact squared distance of two rows of d numbers.
func squared(x []float64, i int, y []float64, j, d int) *big.Rat {
	s := new(big.Rat)
	for c := range d {
		v := new(big.Rat).Sub(new(big.Rat).SetFloat64(x[i*d+c]), new(big.Rat).SetFloat64(y[j*d+c]))
		s.Add(s, v.Mul(v, v))
	}
	return s
}

func drawPoints(t *rapid.T, rows, d int, label string) []float64 {
	return rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1, 2, -1, 0.5}), rows*d, rows*d).Draw(t, label)
}

func pointProgram(t require.TestingT, dims [][]int, build func(x ...expr.Node) expr.Node) *expr.Func {
	g := expr.NewGraph()
	var in []expr.Node
	for i, d := range dims {
		in = append(in, g.Input(string(rune('a'+i)), d...))
	}
	f, err := g.Func(expr.In(in...), expr.Out(build(in...)))
	require.NoError(t, err)
	return f
}

// KNN is a stable sort by exact distance.
func TestLawKNN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m, d := rapid.IntRange(1, 6).Draw(t, "n"), rapid.IntRange(1, 3).Draw(t, "m"), rapid.IntRange(1, 3).Draw(t, "d")
		k := rapid.IntRange(1, n).Draw(t, "k")
		x, y := drawPoints(t, n, d, "x"), drawPoints(t, m, d, "y")
		f := pointProgram(t, [][]int{{n, d}, {m, d}}, func(x ...expr.Node) expr.Node { return expr.KNN(x[0], x[1], k) })
		var want []float64
		for j := range m {
			order := make([]int, n)
			for i := range order {
				order[i] = i
			}
			slices.SortStableFunc(order, func(a, b int) int { return squared(x, a, y, j, d).Cmp(squared(x, b, y, j, d)) })
			for _, i := range order[:k] {
				want = append(want, float64(i))
			}
		}
		require.Equal(t, want, optest.Float(t, f, x, y)[0])
		require.Equal(t, optest.Strings([][]*big.Rat{optest.ToRats(want)}), optest.Strings(optest.Exact(t, f, optest.ToRats(x), optest.ToRats(y))))
	})
}

// Every row that farthest takes is the first of those that are farthest from all
// before it, and none is taken twice.
func TestLawFarthest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(1, 6).Draw(t, "n"), rapid.IntRange(1, 3).Draw(t, "d")
		m := rapid.IntRange(1, n).Draw(t, "m")
		x := drawPoints(t, n, d, "x")
		f := pointProgram(t, [][]int{{n, d}}, func(x ...expr.Node) expr.Node { return expr.Farthest(x[0], m) })
		got := optest.Float(t, f, x)[0]
		require.Zero(t, got[0])
		for s := 1; s < m; s++ {
			best, far := -1, big.NewRat(-1, 1)
			for i := range n {
				var near *big.Rat
				for _, j := range got[:s] {
					if v := squared(x, i, x, int(j), d); near == nil || v.Cmp(near) < 0 {
						near = v
					}
				}
				if !slices.Contains(got[:s], float64(i)) && near.Cmp(far) > 0 {
					best, far = i, near
				}
			}
			require.EqualValues(t, best, got[s], "row %d of %v", s, got)
		}
		require.Equal(t, optest.Strings([][]*big.Rat{optest.ToRats(got)}), optest.Strings(optest.Exact(t, f, optest.ToRats(x))))
	})
}

// Where KNN and farthest are certified to be continuous they are constant
// nearby, and where a tie decides they are not certified.
func TestLawPointCertificates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 3).Draw(t, "k")
		x := [][]float64{drawPoints(t, 4, 2, "x"), drawPoints(t, 2, 2, "y")}
		f := pointProgram(t, [][]int{{4, 2}, {2, 2}}, func(x ...expr.Node) expr.Node {
			return expr.GatherRows(expr.KNN(x[0], x[1], k), expr.GatherRows(expr.Farthest(x[0], 4), x[0]))
		})
		c, err := ad.ClassAt(f, x)
		require.NoError(t, err)
		if !c.Certified() {
			return
		}
		picks := pointProgram(t, [][]int{{4, 2}, {2, 2}}, func(x ...expr.Node) expr.Node {
			return expr.Add(expr.Sum(expr.KNN(x[0], x[1], k)), expr.Scale(100, expr.Dot(expr.Farthest(x[0], 4), x[0].Graph().Tensor([]float64{1, 10, 100, 1000}, 4))))
		})
		near := make([][]float64, 2)
		for i, u := range optest.GenericFor(t, f.In(), "u") {
			for j, v := range u {
				near[i] = append(near[i], x[i][j]+v/(1<<30))
			}
		}
		require.Equal(t, optest.Float(t, picks, x...), optest.Float(t, picks, near...))
	})
}

func TestPointTies(t *testing.T) {
	five := func(p ...int64) (out []*big.Rat) {
		for _, v := range p {
			out = append(out, big.NewRat(v, 5))
		}
		return out
	}
	knn := func(k int) func(x ...expr.Node) expr.Node {
		return func(x ...expr.Node) expr.Node { return expr.KNN(x[0], x[1], k) }
	}
	farthest := func(m int) func(x ...expr.Node) expr.Node {
		return func(x ...expr.Node) expr.Node { return expr.Farthest(x[0], m) }
	}
	for _, c := range []struct {
		build     func(x ...expr.Node) expr.Node
		x, y      []*big.Rat
		certified bool
	}{
		// 1/5, 2/5 and 3/5: rounded to float64 the distances differ
		{knn(1), five(1, 3, 20), five(2), false},
		{knn(1), five(1, 4, 20), five(2), true},
		{knn(2), five(2, 1, 3), five(2), false},
		{knn(1), five(2, 1, 3), five(2), true}, // the tie is beyond the nearest
		{knn(3), five(2, 1, 4), five(2), true},
		{knn(2), five(1, 1, 4), five(0), false}, // equal rows are two rows
		{farthest(2), five(2, 1, 3), nil, false},
		{farthest(2), five(2, 1, 4), nil, true},
		{farthest(3), five(0, 1, 4, 3), nil, false}, // then 4, and 1 and 3 are equally far
		{farthest(2), five(0, 1, 4, 3), nil, true},
		{farthest(1), five(1, 1, 1), nil, true},
	} {
		dims, at := [][]int{{len(c.x), 1}}, [][]*big.Rat{c.x}
		if c.y != nil {
			dims, at = append(dims, []int{len(c.y), 1}), append(at, c.y)
		}
		f := pointProgram(t, dims, c.build)
		class, err := ad.ClassAtExact(f, at)
		require.NoError(t, err)
		require.Equal(t, c.certified, class.Certified(), "%v at %v: %s", f, at, class.Why())
		if !c.certified {
			require.Contains(t, class.Refused(), "equally far")
		} else {
			require.Equal(t, expr.Affine, class.Kind, "a constant")
		}
	}
}

func TestPointClass(t *testing.T) {
	f := pointProgram(t, [][]int{{4, 2}, {2, 2}}, func(x ...expr.Node) expr.Node { return expr.KNN(x[0], x[1], 1) })
	require.Equal(t, "piecewise polynomial of degree 0", f.Class().String())
	require.Contains(t, f.Class().Refused(), "nearest rows change where two distances tie")
	f = pointProgram(t, [][]int{{4, 2}}, func(x ...expr.Node) expr.Node { return expr.Farthest(x[0], 1) })
	require.True(t, f.Class().Certified())
	f = pointProgram(t, [][]int{{4, 2}}, func(x ...expr.Node) expr.Node { return expr.Farthest(x[0], 2) })
	require.Contains(t, f.Class().Refused(), "the row taken changes where two distances tie")
	f = pointProgram(t, [][]int{{4, 2}}, func(x ...expr.Node) expr.Node {
		return expr.GatherRows(x[0].Graph().Tensor([]float64{3, 1}, 2), x[0])
	})
	require.True(t, f.Class().Certified(), "the indices are constant")
}

// A distance that is no number is an error, and so is an index that is none; in
// lanes, too.
func TestPointFaults(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	knn := pointProgram(t, [][]int{{2, 1}, {1, 1}}, func(x ...expr.Node) expr.Node { return expr.KNN(x[0], x[1], 1) })
	far := pointProgram(t, [][]int{{3, 1}}, func(x ...expr.Node) expr.Node { return expr.Farthest(x[0], 2) })
	gather := pointProgram(t, [][]int{{2}, {3, 1}}, func(x ...expr.Node) expr.Node { return expr.GatherRows(x[0], x[1]) })
	scatter := pointProgram(t, [][]int{{2}, {2, 1}}, func(x ...expr.Node) expr.Node { return expr.ScatterRows(x[0], x[1], 3) })
	for _, c := range []struct {
		f    *expr.Func
		at   [][]float64
		want []float64 // nil: an error
	}{
		{knn, [][]float64{{0, inf}, {1}}, []float64{0}},
		{knn, [][]float64{{0, nan}, {1}}, nil},
		{knn, [][]float64{{0, inf}, {inf}}, nil},
		{far, [][]float64{{0, 1, inf}}, []float64{0, 2}},
		{far, [][]float64{{0, 1, nan}}, nil},
		{far, [][]float64{{nan, 1, 2}}, nil},
		{gather, [][]float64{{2, 0}, {5, 6, 7}}, []float64{7, 5}},
		{gather, [][]float64{{3, 0}, {5, 6, 7}}, nil},
		{gather, [][]float64{{-1, 0}, {5, 6, 7}}, nil},
		{gather, [][]float64{{0.5, 0}, {5, 6, 7}}, nil},
		{gather, [][]float64{{nan, 0}, {5, 6, 7}}, nil},
		{gather, [][]float64{{inf, 0}, {5, 6, 7}}, nil},
		{scatter, [][]float64{{2, 2}, {5, 6}}, []float64{0, 0, 11}},
		{scatter, [][]float64{{2, 3}, {5, 6}}, nil},
	} {
		p, err := vm.Compile(c.f, vm.Options{})
		require.NoError(t, err)
		out := make([]float64, c.f.Out()[0].Shape().Size())
		if err := p.Run([][]float64{out}, c.at...); c.want != nil {
			require.NoError(t, err)
			require.Equal(t, c.want, out)
		} else {
			require.Error(t, err, "%v at %v", c.f, c.at)
		}
		lanes, err := vm.Compile(c.f, vm.Options{Lanes: 40, Shared: c.f.In()[1:]})
		require.NoError(t, err)
		at := slices.Clone(c.at)
		at[0] = slices.Repeat(c.at[0], 40)
		err = lanes.Run([][]float64{slices.Repeat(out, 40)}, at...)
		require.Equal(t, c.want == nil, err != nil, "in lanes")
	}
	q, err := exact.Compile(gather)
	require.NoError(t, err)
	_, err = q.Run([]*big.Rat{big.NewRat(1, 2), new(big.Rat)}, optest.ToRats([]float64{5, 6, 7}))
	require.ErrorContains(t, err, "not the index of a row")
}

// Gathering and scattering take batches, with shared indices or rows.
func TestRowsOfBatches(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} // [2, 3, 2]
	for _, c := range []struct {
		index []int
		at    []float64
		want  []float64
	}{
		{[]int{2}, []float64{2, 0}, []float64{5, 6, 1, 2, 11, 12, 7, 8}},
		{[]int{2, 2}, []float64{2, 0, 1, 1}, []float64{5, 6, 1, 2, 9, 10, 9, 10}},
		{[]int{2, 1, 2}, []float64{2, 0, 1, 1}, []float64{5, 6, 1, 2, 9, 10, 9, 10}},
	} {
		f := pointProgram(t, [][]int{c.index, {2, 3, 2}}, func(x ...expr.Node) expr.Node { return expr.GatherRows(x[0], x[1]) })
		require.Equal(t, c.want, optest.Float(t, f, c.at, x)[0], "%v", f)
	}
	f := pointProgram(t, [][]int{{2, 3}, {4, 2}}, func(x ...expr.Node) expr.Node { return expr.GatherRows(x[0], x[1]) })
	require.Equal(t, []int{2, 3, 2}, f.Out()[0].Shape().Dims())
}

// The edges of a k-nearest-neighbour graph: coordinates of neighbours relative to
// each point, as in PointNet++.
func ExampleKNN() {
	g := expr.NewGraph()
	x := g.Input("x", 4, 1)
	near := expr.KNN(x, x, 2)
	f, err := g.Func(expr.In(x), expr.Out(near, expr.GatherRows(near, x), expr.Farthest(x, 3)))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := p.NewWorkspace()
	copy(w.In(0), []float64{0, 1, 3, 7})
	fmt.Println(w.Run(), w.Out(0), w.Out(1), w.Out(2))
	c, _ := ad.ClassAt(f, [][]float64{{0, 1, 2, 7}})
	fmt.Println(c.Refused())
	// Output:
	// <nil> [0 1 1 0 2 1 3 2] [0 1 1 0 3 1 7 3] [0 3 2]
	// knn#1: rows 0 and 2 are equally far, within rounding, and the choice between them jumps; no selection of indices is continuous; it is constant off ties, so take a point there or gather by fixed indices
}
