package ad_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

func vectorGradient(t testing.TB, text string, size int) *expr.Func {
	f, err := parse.Parse(text, parse.Shapes(map[string][]int{"v": {size}}))
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	return g
}

// describe prints what a test compares.
func describe(kinks []ad.Kink) (out []string) {
	for _, k := range kinks {
		out = append(out, fmt.Sprintf("%s %v%v %d %d", k.Op, k.Index, k.Entries, k.Count, k.Pieces))
	}
	return out
}

func TestKinks(t *testing.T) {
	for _, c := range []struct {
		text string
		at   []float64
		want []string
	}{
		{"sum(relu(v))", []float64{0, 1, 0, math.Copysign(0, -1)}, []string{"relu [0][0] 1 2", "relu [2][2] 1 2", "relu [3][3] 1 2"}},
		{"norm1(v)", []float64{1, 2, 3, 4}, nil},
		{"max(v)", []float64{5, 2, 5, 5}, []string{"amax [][0 2 3] 1 3"}},
		{"max(v)", []float64{2, 5, 2, 2}, nil},
		{"topksum(v, 2)", []float64{1, 7, 1, 1}, []string{"topksum [][0 2 3] 1 3"}},
		{"topksum(v, 2)", []float64{7, 1, 7, 1}, nil},
		{"topksum(v, 3)", []float64{1, 1, 1, 1}, []string{"topksum [][0 1 2 3] 3 4"}},
		{"median(v)", []float64{0, 3, 3, 3}, []string{"median [][1 2 3] 2 3"}},
		{"median(v)", []float64{0, 0, 9, 9}, []string{"median [][2 3] 1 2", "median [][0 1] 1 2"}},
		{"sum(sort(v))", []float64{2, 1, 2, 1}, []string{"sort [][0 1 4 5] 2 2", "sort [][10 11 14 15] 2 2"}},
		{"sum(topk(v, 1))", []float64{3, 3, 3, 0}, []string{"topk [][5 6 7 9 10 11 13 14 15] 3 6"}},
		{"norm2(v)", []float64{0, 0, 0, 0}, []string{"norm2 [][0 1 2 3] 1 0"}},
		{"norm2(v)", []float64{0, 0, 1e-300, 0}, nil},
	} {
		g := vectorGradient(t, c.text, 4)
		kinks, err := ad.Kinks(g, c.at)
		require.NoError(t, err)
		require.Equal(t, c.want, describe(kinks), c.text)
		for _, k := range kinks {
			require.Zero(t, k.Switch)
			require.Zero(t, k.Distance)
			require.Equal(t, k.Node, k.Slot.Owner.ID())
		}
	}
}

// Leading axes are batches: the index is that of the row, entries are flat.
func TestKinksOfRows(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 2, 3)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.Max(x))))
	require.NoError(t, err)
	d, err := ad.Gradient(f)
	require.NoError(t, err)
	kinks, err := ad.Kinks(d, []float64{1, 2, 3, 4, 0, 4})
	require.NoError(t, err)
	require.Equal(t, []string{"amax [1][3 5] 1 2"}, describe(kinks))
}

// The number of vertices is Pieces, they differ, and each entry and row of the
// slot sums to what its set asks for.
func TestVertices(t *testing.T) {
	for _, text := range []string{"sum(relu(v))", "max(v)", "topksum(v, 2)", "sum(sort(v))", "median(v)", "norm2(v)"} {
		kinks, err := ad.Kinks(vectorGradient(t, text, 4), make([]float64, 4))
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(1, 1))
		for _, k := range kinks {
			seen := map[string]bool{}
			for v := range k.Vertices() {
				require.Len(t, v, len(k.Entries))
				seen[fmt.Sprint(v)] = true
			}
			require.Len(t, seen, k.Pieces)
			drawn := map[string]bool{}
			for range 300 {
				if v := k.RandomVertex(rng); v != nil {
					drawn[fmt.Sprint(v)] = true
				}
			}
			require.Equal(t, seen, drawn, text)
			for range k.Vertices() {
				break
			}
		}
	}
}

func TestKinksWithinTolerance(t *testing.T) {
	for _, c := range []struct {
		text     string
		at       []float64
		op       string
		z, apart float64
	}{
		{"relu(2*v[0])", []float64{1e-4, 1}, "relu", 2e-4, 1e-4},
		{"max(v)", []float64{1, 1 + 3e-4}, "amax", 3e-4, 3e-4 / math.Sqrt2},
		{"norm2(v)", []float64{3e-4, 4e-4}, "norm2", 5e-4, 5e-4},
		{"relu(v[0]^2)", []float64{1e-2, 1}, "relu", 1e-4, 1e-4 / 2e-2},
	} {
		g := vectorGradient(t, c.text, 2)
		kinks, err := ad.Kinks(g, c.at)
		require.NoError(t, err)
		require.Empty(t, kinks)
		near, err := ad.Wire(g, ad.Within(1e-3))
		require.NoError(t, err)
		kinks, err = ad.Kinks(near, c.at)
		require.NoError(t, err)
		require.Len(t, kinks, 1, c.text)
		require.Equal(t, c.op, kinks[0].Op)
		require.InDelta(t, c.z, kinks[0].Switch, 1e-12)
		require.InDelta(t, c.apart, kinks[0].Distance, 1e-12)
	}
}

// A switch that is not zero but has gradient 0 is infinitely far.
func TestKinkAtInfinity(t *testing.T) {
	near, err := ad.Wire(vectorGradient(t, "relu(v[0] - v[0] + 0.0001)", 1), ad.Within(1e-3))
	require.NoError(t, err)
	kinks, err := ad.Kinks(near, []float64{1})
	require.NoError(t, err)
	require.True(t, math.IsInf(kinks[0].Distance, 1))
}

func TestKinksRefuseNaN(t *testing.T) {
	g := vectorGradient(t, "relu(log(v[0]))", 1)
	_, err := ad.Kinks(g, []float64{-1})
	var nan *vm.NaNError
	require.ErrorAs(t, err, &nan)
	require.Equal(t, "step", nan.Node.Op().Name)
	_, err = ad.Kinks(g)
	require.Error(t, err)
	d, err := ad.NewFinder(g)
	require.NoError(t, err)
	_, err = d.AtExact([]*big.Rat{big.NewRat(1, 1)})
	require.Error(t, err)
}

// Both arithmetics find the same kinks unless float64 rounds, and the choices of
// Random at them are all the freedom there is: where no kink is active the
// wirings agree.
func TestLawKinks(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		d, err := ad.NewFinder(g)
		require.NoError(t, err)
		inexact, err := d.At(p.At...)
		require.NoError(t, err)
		kinks, err := d.AtExact(p.Rats()...)
		require.NoError(t, err)
		if !p.Rounds(t) {
			require.Equal(t, describe(kinks), describe(inexact))
		}
		if len(kinks) > 0 {
			return
		}
		var want [][]string
		for _, w := range []ad.Wiring{ad.AtSlot(0), ad.AtSlot(1), ad.AtSlot(0.5)} {
			closed, err := ad.Wire(g, w)
			require.NoError(t, err)
			got := optest.Strings(optest.Exact(t, closed, p.Rats()...))
			if want == nil {
				want = got
			}
			require.True(t, slices.EqualFunc(want, got, slices.Equal))
		}
	})
}
