package vm_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// gradientOf returns a program and its gradient, of one input x with n entries
// and a shared one w, wired by a rule.
func gradientOf(t *testing.T, n int, wiring ad.Wiring, build func(x, w expr.Node) expr.Node) *expr.Func {
	g := expr.NewGraph()
	x, w := g.Input("x", n), g.Input("w", n)
	f, err := g.Func(expr.In(x, w), expr.Out(expr.Sum(build(x, w))))
	require.NoError(t, err)
	open, err := ad.Gradient(f)
	require.NoError(t, err)
	wired, err := ad.Wire(open, wiring)
	require.NoError(t, err)
	return wired
}

var nan = math.NaN()

func TestNaNSwitchNamesNodeLaneAndEntry(t *testing.T) {
	kinks := map[string]func(x, w expr.Node) expr.Node{
		"relu":    func(x, _ expr.Node) expr.Node { return expr.ReLU(x) },
		"max":     func(x, w expr.Node) expr.Node { return expr.Max(x, w) },
		"amax":    func(x, _ expr.Node) expr.Node { return expr.Max(x) },
		"sort":    func(x, w expr.Node) expr.Node { return expr.Mul(w, expr.Sort(x)) },
		"norm1":   func(x, _ expr.Node) expr.Node { return expr.Norm1(x) },
		"norm2":   func(x, _ expr.Node) expr.Node { return expr.Norm2(x) },
		"norminf": func(x, _ expr.Node) expr.Node { return expr.NormInf(x) },
		"where":   func(x, w expr.Node) expr.Node { return expr.Where(x, expr.Less, w, x) },
	}
	for name, build := range kinks {
		for _, wiring := range []ad.Wiring{ad.AtSlot(0), ad.AtSlot(0.5)} {
			f := gradientOf(t, 3, wiring, build)
			p, err := vm.Compile(f, vm.Options{Lanes: 4, Shared: f.In()[1:]})
			require.NoError(t, err)
			w := []float64{1, 2, 3}
			x := []float64{1, 2, 3, 4, 5, 6, 7, 8, nan, -1, -2, -3}
			out := [][]float64{make([]float64, 4), make([]float64, 12), make([]float64, 12)}
			err = p.Run(out, x, w)
			var e *vm.NaNError
			require.ErrorAs(t, err, &e, name)
			require.Equal(t, 2, e.Lane, name)
			require.Equal(t, 2, e.Entry, name)
			require.Contains(t, f.Nodes(), e.Node, name)
			require.Contains(t, err.Error(), e.Node.String())

			single, err := vm.Compile(f, vm.Options{})
			require.NoError(t, err)
			for _, lane := range []int{0, 1, 3} { // the others are complete
				want := [][]float64{{0}, make([]float64, 3), make([]float64, 3)}
				require.NoError(t, single.Run(want, x[3*lane:3*lane+3], w))
				require.Equal(t, want[0][0], out[0][lane], name)
				require.Equal(t, want[1], out[1][3*lane:3*lane+3], name)
				require.Equal(t, want[2], out[2][3*lane:3*lane+3], name)
			}
		}
	}
}

// Keys that extend a switch are tangents, which may be NaN where it is, or only
// they.
func TestNaNSwitchWithSeveralKeys(t *testing.T) {
	for name, build := range map[string]func(x, w expr.Node) expr.Node{
		"sort": func(x, _ expr.Node) expr.Node { return expr.Mul(x, expr.Sort(x)) },
		"amax": func(x, _ expr.Node) expr.Node { return expr.Max(x) },
		"abs":  func(x, _ expr.Node) expr.Node { return expr.Abs(x) },
	} {
		g := expr.NewGraph()
		x := g.Input("x", 3)
		f, err := g.Func(expr.In(x), expr.Out(expr.Sum(build(x, x))))
		require.NoError(t, err)
		along, err := ad.ElementAlong(f)
		require.NoError(t, err)
		p, err := vm.Compile(along, vm.Options{})
		require.NoError(t, err)
		for _, in := range [][][]float64{
			{{1, nan, 2}, {0, 0, 1}},
			{{1, 1, 2}, {0, nan, 1}},
			{{0, 0, 0}, {nan, nan, nan}},
		} {
			var e *vm.NaNError
			err := p.Run([][]float64{{0}, make([]float64, 3)}, in...)
			if name == "abs" && in[0][0] != 0 && in[0][1] == in[0][1] {
				require.NoError(t, err, "the switch decides before its tangent")
				continue
			}
			require.ErrorAs(t, err, &e, "%s at %v", name, in)
		}
	}
}

// A switch that all lanes share belongs to no lane in particular.
func TestNaNSwitchOfSharedInput(t *testing.T) {
	f := gradientOf(t, 3, ad.AtSlot(0), func(x, w expr.Node) expr.Node { return expr.Mul(x, expr.ReLU(w)) })
	p, err := vm.Compile(f, vm.Options{Lanes: 5, Shared: f.In()[1:]})
	require.NoError(t, err)
	out := [][]float64{make([]float64, 5), make([]float64, 15), make([]float64, 15)}
	err = p.Run(out, make([]float64, 15), []float64{0, nan, 1})
	var e *vm.NaNError
	require.ErrorAs(t, err, &e)
	require.Equal(t, 0, e.Lane)
	require.Equal(t, 1, e.Entry)
}
