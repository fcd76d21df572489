package growth

import (
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// seed draws matrices and points; the same for every size, so that laws are deterministic but for time.
const seed = 11

func generator(size int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(size))) }

// separable is Σ |xᵢ² − 1| of n variables.
func separable(n int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", n)
	return g.Func(expr.In(x), expr.Out(expr.Sum(expr.Abs(expr.Shift(expr.Mul(x, x), -1)))))
}

// width is the number of entries of each layer of a chain.
const width = 64

// chain is Σ y_L with y₀ = x in ℝ^width and y ← relu(y/2 + 1/8), as deep as asked.
func chain(depth int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", width)
	y := x
	for range depth {
		y = expr.ReLU(expr.AffineOf(y, 0.5, 0.125))
	}
	return g.Func(expr.In(x), expr.Out(expr.Sum(y)))
}

// scalars is y_L with y₀ = x in ℝ and y ← relu(y/2 + 1/8): two nodes for each layer.
func scalars(depth int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x")
	y := x
	for range depth {
		y = expr.ReLU(expr.AffineOf(y, 0.5, 0.125))
	}
	return g.Func(expr.In(x), expr.Out(y))
}

// scattered is Σ |xᵢ·xᵢ₊₁| with a node of its own for each of the n products, as programs have that were
// traced from loops: each entry of x is sliced out by itself.
func scattered(n int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", n+1)
	sum := g.Const(0)
	for i := range n {
		sum = expr.Add(sum, expr.Abs(expr.Mul(expr.Index(x, i), expr.Index(x, i+1))))
	}
	return g.Func(expr.In(x), expr.Out(sum))
}

// squares is Σ relu(W_L ⋯ relu(W₁x)) with layers square matrices of that side, which are inputs.
func squares(layers, side int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Param("x", side)
	in, y := []expr.Node{x}, x
	for range layers {
		w := g.Data("w"+string(rune('0'+len(in))), side, side)
		in, y = append(in, w), expr.ReLU(expr.MatMul(w, y))
	}
	return g.Func(expr.In(in...), expr.Out(expr.Sum(y)))
}

// faces is max |Ax + b| of side affine functions of side variables.
func faces(side int) (*expr.Func, error) {
	g, rng := expr.NewGraph(), generator(side)
	a, b := make([]float64, side*side), make([]float64, side)
	random.Normals(a, 1, rng)
	random.Normals(b, 1, rng)
	x := g.Input("x", side)
	y := expr.Add(expr.MatMul(g.Tensor(a, side, side), x), g.Tensor(b, side))
	return g.Func(expr.In(x), expr.Out(expr.Max(expr.Abs(y))))
}

// kinks is Σ |aᵢ·x| for k vectors of small integers in ℝᵈ, in general position but for bad luck.
func kinks(k, d int) (*expr.Func, error) {
	g, rng := expr.NewGraph(), generator(k)
	a := make([]float64, k*d)
	for i := range a {
		a[i] = float64(rng.IntN(2001) - 1000)
	}
	x := g.Input("x", d)
	return g.Func(expr.In(x), expr.Out(expr.Sum(expr.Abs(expr.MatMul(g.Tensor(a, k, d), x)))))
}

// selection is value and gradient of f as frameworks select it: 0 at kinks.
func selection(f *expr.Func, err error) (*expr.Func, error) {
	if err != nil {
		return nil, err
	}
	d, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	return ad.Wire(d, ad.AtKink(0))
}

// alone is the option of one worker, so that only the law about workers has several.
var alone = vm.Options{Workers: 1}

// program is the work of running a program at a drawn point: its time, its operations, and the memory of
// a workspace.
func program(f *expr.Func, err error, o vm.Options) (Work, error) {
	if err != nil {
		return Work{}, err
	}
	p, err := vm.Compile(f, o)
	if err != nil {
		return Work{}, err
	}
	return Work{
		Run:   workspace(p).Run,
		Build: func() (any, error) { return p.NewWorkspace(), nil },
		Count: func() (float64, error) { return float64(p.Cost().Operations), nil },
	}, nil
}

// workspace draws a point from a normal distribution of standard deviation 1/8, which neither overflows nor
// dies out in deep programs.
func workspace(p *vm.Program) *vm.Workspace {
	ws, rng := p.NewWorkspace(), generator(0)
	for i := range ws.Inputs() {
		random.Normals(ws.In(i), 0.125, rng)
	}
	return ws
}
