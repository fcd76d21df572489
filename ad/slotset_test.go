package ad_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// slotSet returns the extreme points of the convex hull of the gradients of f, a
// scalar program of one vector, over all choices of slots at x, in order.
func slotSet(t require.TestingT, f *expr.Func, x []*big.Rat) [][]string {
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	d, err := ad.NewFinder(g)
	require.NoError(t, err)
	kinks, err := d.AtExact(x)
	require.NoError(t, err)
	slots := make([][]*big.Rat, len(g.Slots()))
	for i, n := range g.Slots() {
		slots[i] = optest.ToRats(make([]float64, n.Shape().Size()))
	}
	var all [][]*big.Rat
	var choose func(k int)
	choose = func(k int) {
		if k == len(kinks) {
			all = append(all, optest.Exact(t, g, append([][]*big.Rat{x}, slots...)...)[1])
			return
		}
		slot := slots[slices.Index(g.Slots(), kinks[k].Slot.Node)]
		for v := range kinks[k].Vertices() {
			for i, e := range kinks[k].Entries {
				slot[e] = big.NewRat(int64(v[i]), 1)
			}
			choose(k + 1)
		}
	}
	choose(0)
	return extreme(t, all)
}

// extreme returns the extreme points of a hull as text, in order.
func extreme(t require.TestingT, points [][]*big.Rat) [][]string {
	list, err := convex.ExactExtreme(points)
	require.NoError(t, err)
	var out [][]*big.Rat
	for _, i := range list {
		out = append(out, points[i])
	}
	text := optest.Strings(out)
	slices.SortFunc(text, slices.Compare[[]string])
	return text
}

// orders calls yield with every ordering of 0, …, n − 1 that puts x in ascending
// order.
func orders(x []float64, yield func(order []int)) {
	var extend func(order []int)
	extend = func(order []int) {
		if len(order) == len(x) {
			yield(order)
			return
		}
		for i, v := range x {
			smallest := !slices.Contains(order, i)
			for j, w := range x {
				smallest = smallest && (w >= v || slices.Contains(order, j))
			}
			if smallest {
				extend(append(slices.Clone(order), i))
			}
		}
	}
	extend(nil)
}

// function returns a program of one vector of n entries.
func function(t require.TestingT, n int, build func(x expr.Node) expr.Node) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", n)
	f, err := g.Func(expr.In(x), expr.Out(build(x)))
	require.NoError(t, err)
	return f
}

var tiedNumbers = rapid.SampledFrom([]float64{0, 0, 1, 1, -2})

// The slots of a quantile give its Clarke set: the hull of the weights that all
// sorted orders put on the entries.
func TestLawQuantileSlotSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		x := rapid.SliceOfN(tiedNumbers, n, n).Draw(t, "x")
		den := rapid.Int64Range(1, 12).Draw(t, "den")
		q := big.NewRat(rapid.Int64Range(0, den).Draw(t, "num"), den)
		f := function(t, n, func(x expr.Node) expr.Node { return expr.QuantileNumber(x, expr.Rational(q)) })
		at := new(big.Rat).Mul(q, big.NewRat(int64(n-1), 1))
		k := int(new(big.Int).Div(at.Num(), at.Denom()).Int64())
		high := at.Sub(at, big.NewRat(int64(k), 1))
		low := new(big.Rat).Sub(big.NewRat(1, 1), high)
		var want [][]*big.Rat
		orders(x, func(order []int) {
			w := optest.ToRats(make([]float64, n))
			w[order[k]] = low
			if high.Sign() > 0 {
				w[order[k+1]] = high
			}
			want = append(want, w)
		})
		require.Equal(t, extreme(t, want), slotSet(t, f, optest.ToRats(x)), "q = %v at %v", q, x)

		value := optest.Exact(t, f, optest.ToRats(x))[0][0]
		require.Zero(t, value.Cmp(optest.DotRats([][]*big.Rat{want[0]}, [][]*big.Rat{optest.ToRats(x)})))
	})
}

// The slots of a GroupSort give its Clarke set, here along a covector: every
// group's orders are chosen independently.
func TestLawGroupSortSlotSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 3).Draw(t, "k")
		n := k * rapid.IntRange(1, 2).Draw(t, "groups")
		x := rapid.SliceOfN(tiedNumbers, n, n).Draw(t, "x")
		c := optest.Dyadics(t, n, "c")
		f := function(t, n, func(x expr.Node) expr.Node {
			return expr.Dot(x.Graph().Tensor(c, n), expr.GroupSort(x, k))
		})
		want := [][]float64{nil}
		for lo := 0; lo < n; lo += k {
			var longer [][]float64
			orders(x[lo:lo+k], func(order []int) {
				w := make([]float64, k)
				for i, j := range order {
					w[j] = c[lo+i]
				}
				for _, head := range want {
					longer = append(longer, append(slices.Clone(head), w...))
				}
			})
			want = longer
		}
		require.Equal(t, extreme(t, optest.AllToRats(want)), slotSet(t, f, optest.ToRats(x)))
	})
}

func TestSlotSetsOfScalars(t *testing.T) {
	for _, c := range []struct {
		build func(x expr.Node) expr.Node
		at    string
		want  [][]string
	}{
		{func(x expr.Node) expr.Node { return expr.Pinball(x, 0.25) }, "0", [][]string{{"-3/4"}, {"1/4"}}},
		{func(x expr.Node) expr.Node { return expr.Pinball(x, 0.25) }, "1/3", [][]string{{"1/4"}}},
		{func(x expr.Node) expr.Node { return expr.Pinball(x, 0.25) }, "-1/3", [][]string{{"-3/4"}}},
		{func(x expr.Node) expr.Node { return expr.Huber(x, 0.5) }, "0", [][]string{{"0"}}},
		{func(x expr.Node) expr.Node { return expr.Huber(x, 0.5) }, "1/3", [][]string{{"1/3"}}},
		{func(x expr.Node) expr.Node { return expr.Huber(x, 0.5) }, "-7", [][]string{{"-1/2"}}},
	} {
		f := function(t, 1, func(x expr.Node) expr.Node { return expr.Sum(c.build(x)) })
		// the slope of huber is a clamp whose slots are of the second order
		if g, err := ad.Gradient(f); len(g.Slots()) == 0 {
			require.NoError(t, err)
			got := optest.Exact(t, g, []*big.Rat{rational(t, c.at)})[1]
			require.Equal(t, c.want[0][0], got[0].RatString())
			continue
		}
		require.Equal(t, c.want, slotSet(t, f, []*big.Rat{rational(t, c.at)}))
	}
}

// A checker of slot sets has to tell a wrong rule: quantile as the mean of two
// ranks chosen apart has a larger set.
func TestSlotSetCatches(t *testing.T) {
	apart := function(t, 3, func(x expr.Node) expr.Node {
		s := expr.Sort(x)
		return expr.Add(expr.Scale(0.25, expr.Index(s, 0)), expr.Scale(0.75, expr.Index(expr.Sort(x), 1)))
	})
	whole := function(t, 3, func(x expr.Node) expr.Node { return expr.Quantile(x, 0.375) })
	at := optest.ToRats([]float64{1, 1, 1})
	require.Contains(t, slotSet(t, apart, at), []string{"1", "0", "0"})
	require.NotContains(t, slotSet(t, whole, at), []string{"1", "0", "0"})
	require.Len(t, slotSet(t, whole, at), 6)
}

func TestPresetsOfQuantileAndGroupSort(t *testing.T) {
	for _, c := range []struct {
		text   string
		preset ad.Preset
		at     []float64
		want   []float64
	}{
		{"quantile(v, 0.5)", ad.PyTorch, []float64{1, 1, 0, 2}, []float64{0.5, 0.5, 0, 0}},
		{"quantile(v, 0.375)", ad.PyTorch, []float64{1, 1, 1}, []float64{0.25, 0.75, 0}},
		{"quantile(v, 0.25)", ad.JAX, []float64{1, 1, 1, 2}, []float64{0.25, 0.75, 0, 0}},
		{"quantile(v, 0)", ad.JAX, []float64{1, 1}, []float64{1, 0}},
		{"quantile(v, 1)", ad.PyTorch, []float64{1, 1}, []float64{0, 1}},
		{"groupsort(v, 2)[0]", ad.PyTorch, []float64{1, 1, 3, 2}, []float64{1, 0, 0, 0}},
		{"groupsort(v, 2)[1]", ad.JAX, []float64{1, 1, 3, 2}, []float64{0, 1, 0, 0}},
		{"groupsort(v, 2)[2]", ad.JAX, []float64{1, 1, 3, 2}, []float64{0, 0, 0, 1}},
		{"elu(v[0], 0.25)", ad.PyTorch, []float64{0}, []float64{0.25}},
		{"elu(v[0], 2)", ad.JAX, []float64{0}, []float64{2}},
		{"elu(v[0], 2)", ad.TensorFlow, []float64{0}, []float64{2}},
		{"elu(v[0], 1)", ad.Gorgonia, []float64{0}, []float64{1}}, // no kink
		{"huber(v[0], 1)", ad.Autograd, []float64{1}, []float64{1}},
	} {
		require.InDeltaSlice(t, c.want, gradient(t, c.text, c.preset.Wiring(), c.at...), 1e-15, "%s of %s at %v", c.preset.Name, c.text, c.at)
	}
}
