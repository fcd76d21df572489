package optest_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// matrix is [rows, cols] or, transposed, [cols, rows], behind leading axes.
func matrix(lead []int, rows, cols, flip int) []int {
	if flip == 1 {
		rows, cols = cols, rows
	}
	return append(append([]int{}, lead...), rows, cols)
}

// Products obey the laws for every flag, with leading axes on either operand, on
// both or on none.
func TestLawProducts(t *testing.T) {
	leads := [][2][]int{{nil, nil}, {{2}, nil}, {nil, {2}}, {{2}, {2}}, {{2, 1}, nil}, {nil, {1, 2}}}
	products := map[string]func(lead [2][]int, i, j int) (at expr.Attr, a, b []int){
		"matmul": func(lead [2][]int, i, j int) (expr.Attr, []int, []int) {
			return expr.Ints(i, j), matrix(lead[0], 2, 3, i), matrix(lead[1], 3, 1, j)
		},
		"matvec": func(lead [2][]int, i, j int) (expr.Attr, []int, []int) {
			return expr.Ints(i), matrix(lead[0], 2, 3, i), append(append([]int{}, lead[1]...), 3)
		},
		"outer": func(lead [2][]int, i, j int) (expr.Attr, []int, []int) {
			return nil, append(append([]int{}, lead[0]...), 2+i), append(append([]int{}, lead[1]...), 2+j)
		},
		"dot": func(lead [2][]int, i, j int) (expr.Attr, []int, []int) {
			return nil, append(append([]int{}, lead[0]...), 2+i), append(append([]int{}, lead[1]...), 2+i)
		},
	}
	for name, form := range products {
		op, ok := expr.Lookup(name)
		require.True(t, ok)
		for n := range 4 * len(leads) {
			if n%4 > 1 && (name == "matvec" || name == "dot") {
				continue // they have one flag
			}
			at, a, b := form(leads[n/4], n%2, n/2%2)
			t.Run(fmt.Sprint(name, at, a, b), rapid.MakeCheck(func(t *rapid.T) {
				g := expr.NewGraph()
				x, y := g.Input("x", a...), g.Input("y", b...)
				f, err := g.Func(expr.In(x, y), expr.Out(op.Apply(at, x, y)))
				require.NoError(t, err)
				p := optest.Program{Func: f, At: optest.PointsFor(t, f.In(), "at")}
				optest.CheckAdjoint(t, p)
				optest.CheckLinear(t, p)
				optest.CheckDirectional(t, p, false)
				optest.CheckLanes(t, f, p.At)
			}))
		}
	}
}

// selected lists selectors of one key that all tie, and what they select from:
// functions of the slot s and of a vector x that is selected from.
var selected = map[string]struct {
	key, slot []int
	build     func(key, s, x expr.Node) expr.Node
}{
	"step": {[]int{3}, []int{3}, func(key, s, x expr.Node) expr.Node { return expr.Gate(apply("step", nil, key, s), x) }},
	"rank": {[]int{3}, []int{3}, func(key, s, x expr.Node) expr.Node {
		return expr.Dot(apply("rank", expr.Ints(0, 2), key, s), x)
	}},
	"permute": {[]int{3}, []int{3, 3}, func(key, s, x expr.Node) expr.Node {
		return expr.Permute(apply("permutation", nil, key, s), x)
	}},
	"unpermute": {[]int{3}, []int{3, 3}, func(key, s, x expr.Node) expr.Node {
		return expr.Unpermute(apply("permutation", nil, key, s), x)
	}},
}

func apply(name string, at expr.Attr, args ...expr.Node) expr.Node {
	op, _ := expr.Lookup(name)
	return op.Apply(at, args...)
}

// Selections are bilinear in the slot and in what is selected from: derivatives
// in both are limits of quotients, and both modes agree on them.
func TestLawSlotsAreDifferentiable(t *testing.T) {
	for name, form := range selected {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			g := expr.NewGraph()
			key, s, x := g.Data("key", form.key...), g.Input("s", form.slot...), g.Input("x", 3)
			f, err := g.Func(expr.In(key, s, x), expr.Out(form.build(key, s, x)))
			require.NoError(t, err)
			tied := rapid.SliceOfN(rapid.SampledFrom([]float64{0, 0, 1}), 3, 3).Draw(t, "key")
			p := optest.Program{Func: f, At: append([][]float64{tied}, optest.PointsFor(t, f.In()[1:], "at")...)}
			optest.CheckAdjoint(t, p)
			optest.CheckLinear(t, p)

			forward, err := ad.Forward(f)
			require.NoError(t, err)
			d := optest.AllToRats(optest.PointsFor(t, f.Wrt(), "d"))
			slope := optest.Exact(t, forward, optest.Join(p.Rats(), d)...)[1]
			up := optest.Exact(t, f, optest.Moved(f, p.Rats(), big.NewRat(1, 1), d)...)[0]
			down := optest.Exact(t, f, optest.Moved(f, p.Rats(), big.NewRat(-1, 1), d)...)[0]
			for i := range slope { // central quotients of bilinear functions are exact
				q := new(big.Rat).Sub(up[i], down[i])
				require.Equal(t, q.Quo(q, big.NewRat(2, 1)).RatString(), slope[i].RatString())
			}
		}))
	}
}
