package expr_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// image is a tensor of channels of images.
type image struct {
	channels, rows, columns int
	of                      []float64
}

// at returns an entry, 0 outside.
func (x *image) at(c, r, s int) (v float64, inside bool) {
	if r < 0 || r >= x.rows || s < 0 || s >= x.columns {
		return 0, false
	}
	return x.of[(c*x.rows+r)*x.columns+s], true
}

// place is which row or column of an image an entry of the window meets.
func place(w expr.Window, axis, entry, at int) int {
	return at*max(1, w.Stride[axis]) + entry*max(1, w.Dilation[axis]) - w.Before[axis]
}

type convolutionCase struct {
	in, out, groups int // channels
	rows, columns   int
	w               expr.Window
}

var convolutionCases = map[string]convolutionCase{
	"plain":       {2, 3, 1, 5, 6, expr.Window{Size: [2]int{3, 2}}},
	"padded":      {1, 2, 1, 4, 4, expr.Square(3, 1, 1)},
	"strided":     {2, 2, 1, 7, 6, expr.Square(3, 2, 1)},
	"dilated":     {1, 1, 1, 6, 7, expr.Window{Size: [2]int{2, 3}, Dilation: [2]int{3, 2}, Before: [2]int{1, 2}, After: [2]int{0, 1}}},
	"grouped":     {4, 6, 2, 5, 5, expr.Square(2, 1, 1)},
	"depthwise":   {3, 3, 3, 5, 5, expr.Square(3, 2, 1)},
	"one entry":   {5, 4, 1, 3, 3, expr.Square(1, 1, 0)},
	"many blocks": {3, 2, 1, 200, 180, expr.Square(5, 1, 2)},
	"cut rows":    {300, 2, 1, 4, 300, expr.Square(3, 1, 1)},
}

// value is an entry of the convolution by its definition.
func (c *convolutionCase) value(x *image, k []float64, o, r, s int) (sum float64) {
	channels, size := c.in/c.groups, c.w.Size[0]*c.w.Size[1]
	group := o / (c.out / c.groups)
	for ch := range channels {
		for e := range size {
			v, _ := x.at(group*channels+ch, place(c.w, 0, e/c.w.Size[1], r), place(c.w, 1, e%c.w.Size[1], s))
			sum += float64(v * k[(o*channels+ch)*size+e])
		}
	}
	return sum
}

// Convolutions are their definition, exactly where sums of integers are, in both
// precisions.
func TestConvolutionByDefinition(t *testing.T) {
	for name, c := range convolutionCases {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			src := image{c.in, c.rows, c.columns, integers(rng, c.in*c.rows*c.columns)}
			k := integers(rng, c.out*c.in/c.groups*c.w.Size[0]*c.w.Size[1])
			g := expr.NewGraph()
			in, ker := g.Input("x", c.in, c.rows, c.columns), g.Param("k", c.out, c.in/c.groups, c.w.Size[0], c.w.Size[1])
			y := expr.GroupedConv2D(in, ker, c.groups, c.w)
			f, err := g.Func(expr.In(in, ker), expr.Out(y))
			require.NoError(t, err)
			rows, columns := y.Shape().Dim(-2), y.Shape().Dim(-1)
			want := make([]float64, y.Shape().Size())
			for i := range want {
				want[i] = c.value(&src, k, i/(rows*columns), i/columns%rows, i%columns)
			}
			for _, p := range []vm.Precision{vm.Float64, vm.Float32} {
				require.Equal(t, want, runProgram(t, f, vm.Options{Precision: p}, src.of, k)[0])
			}
		})
	}
}

func runProgram(t *testing.T, f *expr.Func, o vm.Options, in ...[]float64) [][]float64 {
	prog, err := vm.Compile(f, o)
	require.NoError(t, err)
	out := make([][]float64, len(f.Out()))
	for i, n := range f.Out() {
		out[i] = make([]float64, n.Shape().Size())
	}
	require.NoError(t, prog.Run(out, in...))
	return out
}

// Maxima and means of windows are those of the entries that are inside the image.
func TestPoolingByDefinition(t *testing.T) {
	src := image{2, 5, 6, integers(rand.New(rand.NewPCG(3, 4)), 60)}
	for name, w := range map[string]expr.Window{
		"halved": expr.Square(2, 2, 0), "overlapping": expr.Square(3, 1, 0), "padded": expr.Square(3, 2, 1),
		"one side":    {Size: [2]int{2, 3}, Stride: [2]int{1, 2}, After: [2]int{1, 0}, Before: [2]int{0, 2}},
		"dilated":     {Size: [2]int{2, 2}, Dilation: [2]int{2, 3}, Before: [2]int{1, 1}, After: [2]int{1, 1}},
		"all of them": {Size: [2]int{5, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			g := expr.NewGraph()
			x := g.Input("x", 2, 5, 6)
			largest := expr.MaxPool2D(x, w)
			f, err := g.Func(expr.In(x), expr.Out(largest, expr.AveragePool2D(x, w, true), expr.AveragePool2D(x, w, false)))
			require.NoError(t, err)
			got := runProgram(t, f, vm.Options{}, src.of)
			rows, columns := largest.Shape().Dim(-2), largest.Shape().Dim(-1)
			require.Len(t, got[0], 2*rows*columns)
			for i := range got[0] {
				most, sum, count := math.Inf(-1), 0.0, 0
				for e := range w.Size[0] * w.Size[1] {
					r, s := place(w, 0, e/w.Size[1], i/columns%rows), place(w, 1, e%w.Size[1], i%columns)
					if v, inside := src.at(i/(rows*columns), r, s); inside {
						most, sum, count = max(most, v), sum+v, count+1
					}
				}
				require.Equal(t, most, got[0][i])
				require.InDelta(t, sum/float64(w.Size[0]*w.Size[1]), got[1][i], 1e-15)
				require.InDelta(t, sum/float64(count), got[2][i], 1e-15)
			}
		})
	}
}

// A signal is an image of one row.
func TestConv1D(t *testing.T) {
	g := expr.NewGraph()
	x, k := g.Input("x", 2, 1, 4), g.Param("k", 1, 1, 2)
	y := expr.Conv1D(x, k, expr.Window{Stride: [2]int{7, 2}, Before: [2]int{9, 1}})
	f, err := g.Func(expr.In(x, k), expr.Out(y))
	require.NoError(t, err)
	require.Equal(t, []int{2, 1, 2}, y.Shape().Dims())
	got := runProgram(t, f, vm.Options{}, []float64{1, 2, 3, 4, 5, 6, 7, 8}, []float64{10, 1})
	require.Equal(t, []float64{1, 23, 5, 67}, got[0])
}

// Results do not depend on the number of workers, and each image is alone what it is
// among others.
func TestConvolutionOfManyImages(t *testing.T) {
	const n, size, results = 24, 6 * 400, 8 * 400
	rng := rand.New(rand.NewPCG(5, 6))
	x, k, y := normals(rng, n*size), normals(rng, 8*6*9), normals(rng, n*results)
	run := func(n, workers int, x, y []float64) [][]float64 {
		g := expr.NewGraph()
		in, ker, ct := g.Input("x", n, 6, 20, 20), g.Param("k", 8, 6, 3, 3), g.Data("y", n, 8, 20, 20)
		z := expr.Conv2D(in, ker, expr.Square(3, 1, 1))
		dx := applied(t, "conv2dimages", expr.Ints(20, 20), ker, ct)
		dk := applied(t, "conv2dkernel", expr.Ints(3, 3), in, ct)
		f, err := g.Func(expr.In(in, ker, ct), expr.Out(z, dx, dk))
		require.NoError(t, err)
		return runProgram(t, f, vm.Options{Workers: workers}, x, k, y)
	}
	all := run(n, 1, x, y)
	require.Equal(t, all, run(n, 3, x, y))
	sum := make([]float64, len(k))
	for i := range n {
		alone := run(1, 1, x[i*size:(i+1)*size], y[i*results:(i+1)*results])
		require.Equal(t, all[0][i*results:(i+1)*results], alone[0])
		require.Equal(t, all[1][i*size:(i+1)*size], alone[1])
		for j, v := range alone[2] {
			sum[j] += v
		}
	}
	require.Equal(t, all[2], sum)
}

// applied is an adjoint of the convolution with a padded 3×3 kernel.
func applied(t *testing.T, name string, extents expr.Attr, a, b expr.Node) expr.Node {
	op, found := expr.Lookup(name)
	require.True(t, found)
	return op.Apply(append(expr.Ints(1, 1, 1, 1, 1, 1, 1, 1, 1), extents...), a, b)
}

func TestConvolutionMistakes(t *testing.T) {
	for want, build := range map[string]func(x, k expr.Node) expr.Node{
		"does not fit into images":                  func(x, k expr.Node) expr.Node { return expr.Conv2D(x, k, expr.Window{Dilation: [2]int{3, 1}}) },
		"the window has size [2 2]":                 func(x, k expr.Node) expr.Node { return expr.Conv2D(x, k, expr.Square(2, 1, 0)) },
		"3 groups do not fit":                       func(x, k expr.Node) expr.Node { return expr.GroupedConv2D(x, k, 3, expr.Window{}) },
		"0 groups":                                  func(x, k expr.Node) expr.Node { return expr.GroupedConv2D(x, k, 0, expr.Window{}) },
		"all must be at least 1":                    func(x, k expr.Node) expr.Node { return expr.Conv2D(x, k, expr.Window{Stride: [2]int{-1, 1}}) },
		"both must be at least 0":                   func(x, k expr.Node) expr.Node { return expr.Conv2D(x, k, expr.Square(3, 1, -1)) },
		"lies wholly outside it":                    func(x, _ expr.Node) expr.Node { return expr.MaxPool2D(x, expr.Square(2, 1, 3)) },
		"a window of size [9 9]":                    func(x, _ expr.Node) expr.Node { return expr.MaxPool2D(x, expr.Square(9, 1, 0)) },
		"operand 0 has shape []; it needs at least": func(x, k expr.Node) expr.Node { return expr.Conv2D(expr.Sum(x), k, expr.Window{}) },
		"has no two axes of an image":               func(x, _ expr.Node) expr.Node { return expr.AveragePool2D(expr.Sum(x), expr.Square(1, 1, 0), true) },
		"operand 0 has shape [2,4,4]; it needs":     func(x, k expr.Node) expr.Node { return expr.Conv1D(x, k, expr.Window{}) },
	} {
		g := expr.NewGraph()
		x, k := g.Input("x", 2, 4, 4), g.Param("k", 1, 2, 3, 3)
		y := build(x, k)
		_, err := g.Func(expr.In(x, k), expr.Out(y))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "conv_test.go", want)
	}
	require.False(t, expr.MaxPool2D(expr.Node{}, expr.Square(1, 1, 0)).Valid())
	require.False(t, expr.Conv2D(expr.Node{}, expr.Node{}, expr.Window{}).Valid())
}

func integers(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(rng.IntN(7) - 3)
	}
	return out
}

func normals(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}
