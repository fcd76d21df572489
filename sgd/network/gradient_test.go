package network_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// instance is a network on a drawn minibatch: parameters, then x and y.
type instance struct {
	f  *expr.Func
	in [][]float64
}

func drawInstance(t require.TestingT, n network.Network, batch, classes int, seed uint64) instance {
	f, err := n.Objective(batch)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(seed, 0))
	out := instance{f: f}
	for _, p := range f.In() {
		v := make([]float64, p.Shape().Size())
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		out.in = append(out.in, v)
	}
	y := out.in[len(out.in)-1]
	clear(y)
	for b := range batch {
		y[b*classes+rng.IntN(classes)] = 1
	}
	return out
}

func (c *instance) value(t require.TestingT) float64 {
	return evaluate(t, c.f, c.in)[0][0]
}

func evaluate(t require.TestingT, f *expr.Func, in [][]float64) [][]float64 {
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	out := make([][]float64, len(f.Out()))
	for i, n := range f.Out() {
		out[i] = make([]float64, n.Shape().Size())
	}
	require.NoError(t, p.Run(out, in...))
	return out
}

// gradient returns the loss and the gradients of the parameters.
func (c *instance) gradient(t require.TestingT) [][]float64 {
	g, err := ad.Gradient(c.f)
	require.NoError(t, err)
	w, err := ad.Wire(g, ad.AtKink(0))
	require.NoError(t, err)
	return evaluate(t, w, c.in)
}

// Central differences with h = 2⁻¹⁷ ≈ u^⅓. Drawn points are kinks with
// probability 0; where there is one within h, the difference to the other side
// counts.
func TestLawGradientIsThatOfDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawInstance(t, network.Dense(3, 4, 4, 3), 5, 3, rapid.Uint64().Draw(t, "seed"))
		grads := c.gradient(t)
		require.InDelta(t, c.value(t), grads[0][0], 1e-14)
		p, err := vm.Compile(c.f, vm.Options{})
		require.NoError(t, err)
		at := func(x *float64, v float64) float64 {
			old := *x
			*x = v
			defer func() { *x = old }()
			out := [][]float64{{0}}
			require.NoError(t, p.Run(out, c.in...))
			return out[0][0]
		}
		const h = 0x1p-17
		now := c.value(t)
		for i, g := range grads[1:] {
			for j := range g {
				x := &c.in[i][j]
				up, down, tol := at(x, *x+h), at(x, *x-h), 1+math.Abs(g[j])
				central := math.Abs((up-down)/(2*h)-g[j]) < 1e-7*tol
				side := min(math.Abs((up-now)/h-g[j]), math.Abs((now-down)/h-g[j])) < 1e-3*tol
				require.True(t, central || side, "entry %d of parameter %d: %v, not %v", j, i, g[j], (up-down)/(2*h))
			}
		}
	})
}

// byHand is backpropagation through relu layers and softmax, written for one row
// at a time: the textbook's second formulation.
func byHand(sizes []int, in [][]float64, batch int) (loss float64, grads [][]float64) {
	layers := len(sizes) - 1
	x, y := in[2*layers], in[2*layers+1]
	for _, p := range in[:2*layers] {
		grads = append(grads, make([]float64, len(p)))
	}
	classes := sizes[layers]
	for b := range batch {
		a := [][]float64{x[b*sizes[0] : (b+1)*sizes[0]]}
		for l := range layers {
			a = append(a, forward(in[2*l], in[2*l+1], a[l], l < layers-1))
		}
		sum := 0.0
		for _, z := range a[layers] {
			sum += math.Exp(z)
		}
		delta := make([]float64, classes)
		for k, z := range a[layers] {
			want := y[b*classes+k]
			loss -= want * (z - math.Log(sum)) / float64(batch)
			delta[k] = (math.Exp(z)/sum - want) / float64(batch)
		}
		for l := layers - 1; l >= 0; l-- {
			delta = backward(in[2*l], grads[2*l], grads[2*l+1], a[l], delta)
		}
	}
	return loss, grads
}

func forward(w, b, x []float64, relu bool) []float64 {
	z := append([]float64{}, b...)
	for k := range z {
		for i, v := range x {
			z[k] += v * w[i*len(b)+k]
		}
		if relu && z[k] < 0 {
			z[k] = 0
		}
	}
	return z
}

// backward adds to dw and db, and returns the cotangent before the relu whose
// output is x.
func backward(w, dw, db, x, delta []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		for k, d := range delta {
			dw[i*len(delta)+k] += v * d
			if v > 0 {
				out[i] += w[i*len(delta)+k] * d
			}
		}
	}
	for k, d := range delta {
		db[k] += d
	}
	return out
}

func TestLawGradientIsThatOfTheTextbook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := []int{rapid.IntRange(1, 5).Draw(t, "in")}
		for range rapid.IntRange(1, 3).Draw(t, "layers") {
			sizes = append(sizes, rapid.IntRange(1, 5).Draw(t, "size"))
		}
		batch, classes := rapid.IntRange(1, 6).Draw(t, "batch"), sizes[len(sizes)-1]
		c := drawInstance(t, network.Dense(sizes...), batch, classes, rapid.Uint64().Draw(t, "seed"))
		loss, want := byHand(sizes, c.in, batch)
		got := c.gradient(t)
		require.InDelta(t, loss, got[0][0], 1e-11*(1+loss))
		for i := range want {
			require.InDeltaSlice(t, want[i], got[1+i], 1e-11*(1+loss), "parameter %d", i)
		}
	})
}

// The only slots of a network's gradient are those of its relus.
func TestLossAddsNoKinks(t *testing.T) {
	for _, loss := range []network.Loss{network.CrossEntropy, network.HalfSquares} {
		net := network.Dense(4, 3, 3, 2)
		net.Loss = loss
		f, err := net.Objective(7)
		require.NoError(t, err)
		g, err := ad.Gradient(f)
		require.NoError(t, err)
		require.Len(t, g.Slots(), 2)
		for _, n := range g.Slots() {
			s, _ := n.Slot()
			require.Equal(t, "relu", s.Owner.Op().Name)
			require.Equal(t, 21, n.Shape().Size())
		}
	}
}

func TestErrors(t *testing.T) {
	for _, n := range []network.Network{{}, network.Dense(), network.Dense(0, 3), network.Dense(3, 0), {Input: []int{2}}} {
		_, err := n.Objective(4)
		require.Error(t, err)
		_, err = n.Init(rand.NewPCG(1, 1))
		require.Error(t, err)
		_, err = network.NewClassifier(n)
		require.Error(t, err)
	}
	net := network.Dense(2, 3)
	c, err := network.NewClassifier(net)
	require.NoError(t, err)
	w, b := sgd.Param{Name: "w0", Value: make([]float64, 6)}, sgd.Param{Name: "b0", Value: make([]float64, 3)}
	good, bad := []sgd.Param{w, b}, []sgd.Param{b, w}
	require.NoError(t, c.Classes(make([]int, 1), good, make([]float64, 2)))
	require.ErrorContains(t, c.Classes(make([]int, 1), good, make([]float64, 3)), "3 numbers for 1 rows")
	require.ErrorContains(t, c.Classes(make([]int, 1), bad, make([]float64, 2)), `"b0" of size 3`)
	require.ErrorContains(t, c.Classes(make([]int, 1), nil, make([]float64, 2)), "got 0 parameters")
}

// Weights are N(0, 2/in), biases 0, and seeds decide.
func TestInit(t *testing.T) {
	net := network.Dense(50, 200, 10)
	p, err := net.Init(rand.NewPCG(1, 1))
	require.NoError(t, err)
	require.Len(t, p, 4)
	require.Equal(t, make([]float64, 200), p["b0"])
	for name, in := range map[string]int{"w0": 50, "w1": 200} {
		square := 0.0
		for _, v := range p[name] {
			square += v * v / float64(len(p[name]))
		}
		variance := 2 / float64(in)
		require.InDelta(t, variance, square, 5*variance*math.Sqrt(2/float64(len(p[name]))), name)
	}
	q, err := net.Init(rand.NewPCG(1, 1))
	require.NoError(t, err)
	require.Equal(t, p, q)
	r, err := net.Init(rand.NewPCG(2, 1))
	require.NoError(t, err)
	require.NotEqual(t, p["w0"], r["w0"])
}

func ExampleDense() {
	f, err := network.Dense(2, 3, 2).Objective(8)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range f.In() {
		fmt.Printf("%v%v ", n, n.Shape())
	}
	// Output: w0[2,3] b0[3] w1[3,2] b1[2] x[8,2] y[8,2]
}
