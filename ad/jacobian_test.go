package ad_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Both modes compute one matrix for one wiring, and its columns are the tangents
// along the coordinates.
func TestLawJacobian(t *testing.T) {
	each(t, []string{"affine", "polynomial", "vector"}, func(t *rapid.T, p optest.Program) {
		f, outs := p.Func, len(p.Func.Out())
		single, err := ad.Forward(f)
		require.NoError(t, err)
		c := optest.Choices{}
		var columns [][]*big.Rat // of the transpose
		for _, d := range unitsOf(f.Wrt()) {
			in := optest.AllToRats(optest.Join(p.At, d, c.Of(t, single)))
			columns = append(columns, flat(optest.Exact(t, single, in...)[outs:]))
		}
		want := optest.Strings(transposed(columns))
		for name, jacobian := range map[string]func(*expr.Func) (*expr.Func, error){
			"auto": ad.Jacobian, "forward": ad.JacobianForward, "backward": ad.JacobianBackward,
		} {
			j, err := jacobian(f)
			require.NoError(t, err)
			got := optest.Exact(t, j, optest.AllToRats(optest.Join(p.At, c.Of(t, j)))...)
			require.Len(t, got, outs+1)
			require.Equal(t, want, optest.Strings(rowsOf(got[outs], len(columns))), "%s", name)
		}
	})
}

// Wirings apply to Jacobians as they do to other derivatives.
func TestLawJacobianWired(t *testing.T) {
	each(t, []string{"vector"}, func(t *rapid.T, p optest.Program) {
		forward, err := ad.JacobianForward(p.Func)
		require.NoError(t, err)
		backward, err := ad.JacobianBackward(p.Func)
		require.NoError(t, err)
		for name, w := range wirings(p.Func) {
			a, err := ad.Wire(forward, w)
			require.NoError(t, err)
			b, err := ad.Wire(backward, w)
			require.NoError(t, err)
			require.Equal(t, optest.Strings(optest.Exact(t, a, p.Rats()...)), optest.Strings(optest.Exact(t, b, p.Rats()...)), "%s", name)
		}
	})
}

// In float64, for ops of every kind. Where the program is not certified Lipschitz
// a derivative may be undefined, which one mode may notice and the other not: √(x³)
// at 0 is ∞·0 from behind and 0 from the front.
func TestLawJacobianModesAgree(t *testing.T) {
	each(t, []string{"any", "jumps"}, func(t *rapid.T, p optest.Program) {
		forward, err := ad.JacobianForward(p.Func)
		require.NoError(t, err)
		backward, err := ad.JacobianBackward(p.Func)
		require.NoError(t, err)
		c := optest.Choices{}
		atA, atB := optest.Join(p.At, c.Of(t, forward)), optest.Join(p.At, c.Of(t, backward))
		a, b := optest.Float(t, forward, atA...), optest.Float(t, backward, atB...)
		noise := optest.Noise(forward, atA...) + optest.Noise(backward, atB...)
		class, err := ad.ClassAt(p.Func, p.At)
		require.NoError(t, err)
		for i, v := range a[len(a)-1] {
			w := b[len(b)-1][i]
			if class.Lipschitz || v-v == 0 && w-w == 0 {
				require.InDelta(t, v, w, 1e-9*(1+math.Abs(v))+noise)
			}
		}
	})
}

// unitsOf returns the unit vectors, one buffer for every node.
func unitsOf(nodes []expr.Node) [][][]float64 {
	var out [][][]float64
	for i, n := range nodes {
		for j := range n.Shape().Size() {
			d := make([][]float64, len(nodes))
			for k, m := range nodes {
				d[k] = make([]float64, m.Shape().Size())
			}
			d[i][j] = 1
			out = append(out, d)
		}
	}
	return out
}

func flat[T any](x [][]T) []T { return optest.Join(x...) }

func rowsOf[T any](x []T, n int) [][]T {
	var out [][]T
	for ; len(x) > 0; x = x[n:] {
		out = append(out, x[:n])
	}
	return out
}

func transposed[T any](x [][]T) [][]T {
	out := make([][]T, len(x[0]))
	for _, row := range x {
		for i, v := range row {
			out[i] = append(out[i], v)
		}
	}
	return out
}

func TestJacobianOfBatchedProducts(t *testing.T) {
	g := expr.NewGraph()
	a, b, c := g.Input("a", 2, 2, 3), g.Input("b", 3, 2), g.Input("c", 2)
	y := expr.MatMul(expr.ReLU(expr.MatMul(a, b)), c)
	f, err := g.Func(expr.In(a, b, c), expr.Out(y))
	require.NoError(t, err)
	at := [][]float64{{1, -2, 0, 3, 1, 1, 0, 2, -1, 1, 1, 1}, {1, 0, 2, -1, 1, 1}, {2, -1}}
	forward, err := ad.JacobianForward(f)
	require.NoError(t, err)
	backward, err := ad.JacobianBackward(f)
	require.NoError(t, err)
	x := optest.Join(at, zerosFor(forward.Slots()))
	require.Equal(t, optest.Float(t, forward, x...), optest.Float(t, backward, x...))
}

func zerosFor(nodes []expr.Node) [][]float64 {
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		out[i] = make([]float64, n.Shape().Size())
	}
	return out
}

// The mode is that with fewer directions: the cost is V + 2·min(M, N)·V at most
// for programs of affine ops and kinks.
func TestJacobianCost(t *testing.T) {
	for _, c := range []struct{ rows, columns int }{{3, 40}, {40, 3}} {
		g := expr.NewGraph()
		x := g.Input("x", c.columns)
		w := g.Tensor(make([]float64, c.rows*c.columns), c.rows, c.columns)
		f, err := g.Func(expr.In(x), expr.Out(expr.ReLU(expr.MatMul(w, expr.Abs(x)))))
		require.NoError(t, err)
		j, err := ad.Jacobian(f)
		require.NoError(t, err)
		value := expr.Operations(f)
		require.LessOrEqual(t, expr.Operations(j), value+2*3*value)
		p, err := vm.Compile(j, vm.Options{})
		require.NoError(t, err)
		require.Len(t, p.NewWorkspace().Out(1), c.rows*c.columns)
	}
}

func TestJacobianMistakes(t *testing.T) {
	g := expr.NewGraph()
	deep := g.Input("deep", 1, 1, 1, 1, 2)
	f, err := g.Func(expr.In(deep), expr.Out(expr.Abs(deep)))
	require.NoError(t, err)
	for _, jacobian := range []func(*expr.Func) (*expr.Func, error){ad.Jacobian, ad.JacobianForward, ad.JacobianBackward} {
		_, err = jacobian(f)
		var size *ad.SizeError
		require.ErrorAs(t, err, &size)
		require.Equal(t, 2, size.Lanes)
		require.NoError(t, g.Err(), "the graph stays usable")
	}
	// Here the leading axes of a batch come on top of an operand that all of it share.
	x := g.Input("x", 1, 2)
	product, _ := expr.Lookup("matvec")
	f, err = g.Func(expr.In(x), expr.Out(product.Apply(expr.Ints(1), x, expr.Reshape(x, 1, 2, 1, 1))))
	require.NoError(t, err)
	_, err = ad.JacobianForward(f)
	require.ErrorAs(t, err, new(*ad.SizeError))
	require.NoError(t, g.Err(), "the graph stays usable")
	d := g.Data("d")
	f, err = g.Func(expr.In(d), expr.Out(expr.Abs(d)))
	require.NoError(t, err)
	_, err = ad.Jacobian(f)
	require.ErrorContains(t, err, "no input to differentiate")
}
