package network_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// Columns, or rows if there are fewer, are orthonormal.
func TestLawOrthogonal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, out := rapid.IntRange(1, 9).Draw(t, "in"), rapid.IntRange(1, 9).Draw(t, "out")
		w := make([]float64, in*out)
		network.Orthogonal(in, out)(w, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		n, at := out, func(i, j int) float64 { return w[j*out+i] } // column i
		if in < out {
			n, at = in, func(i, j int) float64 { return w[i*out+j] }
		}
		for a := range n {
			for b := range a + 1 {
				sum := 0.0
				for j := range max(in, out) {
					sum += at(a, j) * at(b, j)
				}
				want := 0.0
				if a == b {
					want = 1
				}
				require.InDelta(t, want, sum, 1e-14)
			}
		}
	})
}

// A network of orthogonal matrices and GroupSort keeps the norms of gradients, and so has
// the Lipschitz constant 1, which differences reach and never exceed (Anil, Lucas and Grosse 2019,
// section 4).
func TestLawGroupSortKeepsNorms(t *testing.T) {
	const n = 8
	var body network.Sequence
	for range 4 {
		body = append(body, network.Linear{Out: n, Weights: network.Scaling{Init: network.Orthogonal}}, network.GroupSort(2))
	}
	net := network.Network{Input: []int{n}, Body: append(body, network.Linear{Out: n, Weights: network.Scaling{Init: network.Orthogonal}})}
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		initial, err := net.Init(rng)
		require.NoError(t, err)
		f, err := net.Outputs(1)
		require.NoError(t, err)
		back, err := ad.Gradient(alongCotangent(t, f))
		require.NoError(t, err)
		back, err = ad.Wire(back, ad.AtKink(0))
		require.NoError(t, err)
		var in [][]float64
		for _, p := range f.In()[:len(f.In())-1] {
			name, _ := p.Input()
			in = append(in, initial[name.Name])
		}
		draw := func(scale float64) []float64 {
			v := make([]float64, n)
			for i := range v {
				v[i] = scale * rng.NormFloat64()
			}
			return v
		}
		at, cot := draw(1), draw(1)
		gradient := evaluate(t, back, append(append([][]float64{}, in...), at, cot))
		require.InEpsilon(t, norm(cot), norm(gradient[len(gradient)-1]), 1e-12)
		value := func(x []float64) []float64 { return evaluate(t, f, append(append([][]float64{}, in...), x))[0] }
		step := draw(rapid.Float64Range(1e-6, 10).Draw(t, "distance"))
		moved := make([]float64, n)
		for i := range moved {
			moved[i] = at[i] + step[i]
		}
		require.LessOrEqual(t, distance(value(at), value(moved)), norm(step)*(1+1e-9))
	})
}

// alongCotangent returns ⟨outputs, cotangent⟩ as a function of x, to differentiate, with the
// parameters and the cotangent as data.
func alongCotangent(t require.TestingT, f *expr.Func) *expr.Func {
	g, to := expr.NewGraph(), map[expr.Node]expr.Node{}
	var in []expr.Node
	for _, n := range f.In() {
		input, _ := n.Input()
		if to[n] = g.Data(input.Name, n.Shape().Dims()...); input.Name == network.Inputs {
			to[n] = g.Input(input.Name+" moves", n.Shape().Dims()...)
		}
		in = append(in, to[n])
	}
	z := f.CopyTo(g, to)[0]
	cotangent := g.Data("cotangent", z.Shape().Dims()...)
	out, err := g.Func(expr.In(in...), expr.In(cotangent), expr.Out(expr.Sum(expr.Mul(z, cotangent))))
	require.NoError(t, err)
	return out
}

func norm(v []float64) float64 { return distance(v, make([]float64, len(v))) }

func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}

// Variances of outputs and ranges of weights are those of the papers.
func TestScalings(t *testing.T) {
	const in, out = 400, 50
	rng := rand.New(rand.NewPCG(1, 2))
	w := make([]float64, in*out)
	square := func() (s float64) {
		for _, v := range w {
			s += v * v / float64(len(w))
		}
		return s
	}
	within := 5 * math.Sqrt(2./float64(len(w)))
	network.He(in)(w, rng)
	require.InEpsilon(t, 2./in, square(), within)
	network.Glorot(in, out)(w, rng)
	require.InEpsilon(t, 2./(in+out), square(), within)
	limit := math.Sqrt(6. / (in + out))
	for _, v := range w {
		require.LessOrEqual(t, math.Abs(v), limit)
	}
	for name, c := range map[string]struct {
		scaling network.Scaling
		factor  float64
	}{"NTK": {network.NTK(), .05}, "mean field": {network.MeanField(), .0025}} {
		net := network.Network{Input: []int{in}, Body: network.Linear{Out: 1, NoBias: true, Weights: c.scaling}}
		initial, err := net.Init(rng)
		require.NoError(t, err, name)
		f, err := net.Outputs(1)
		require.NoError(t, err)
		x := make([]float64, in)
		x[3] = 1
		require.InDelta(t, c.factor*initial["w0"][3], evaluate(t, f, [][]float64{initial["w0"], x})[0][0], 1e-15, name)
		c.scaling.Init(in, out)(w, rng)
		require.InEpsilon(t, 1, square(), within)
	}
}

// The masks of a network reach the trainer, and evaluation has none.
func TestDropoutTrains(t *testing.T) {
	net := network.Network{Input: []int{2}, Loss: network.HalfSquares, Body: network.Sequence{
		network.Linear{Out: 6}, relu, network.Dropout{Keep: 0.5}, network.Linear{Out: 1},
	}}
	random, err := net.Random()
	require.NoError(t, err)
	require.Equal(t, map[string]sgd.Distribution{"mask1": sgd.Bernoulli{Keep: 0.5}}, random)
	initial, err := net.Init(rand.NewPCG(1, 2))
	require.NoError(t, err)
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: 3, Batch: 2}, rand.NewPCG(1, 2))
	require.NoError(t, err)
	train, err := sgd.NewTrainer(sgd.Config{
		Model: net.Objective, Wiring: ad.AtKink(0), Method: sgd.SGD{}, Schedule: sgd.Constant(0), Sampler: sampler, Initial: initial, Random: random,
		Data: sgd.Data{Rows: 3, Columns: map[string][]float64{"x": {1, 2, 1, 2, 1, 2}, "y": {1, 1, 1}}},
	})
	require.NoError(t, err)
	seen := map[float64]bool{}
	for range 20 {
		s, err := train.Next()
		require.NoError(t, err)
		seen[s.Loss] = true
	}
	require.Greater(t, len(seen), 5, "equal rows and parameters, other masks")
	f, err := net.Outputs(1)
	require.NoError(t, err)
	require.Len(t, f.In(), 5)
}

// Groups are the nearest points of centres far from each other, in the program's class not
// continuous.
func TestGrouping(t *testing.T) {
	points := []float64{0, 0, 0, 1, 9, 9, 9, 8, 5, 0}
	for relative, want := range map[bool][]float64{
		false: {0, 0, 0, 1, 9, 9, 9, 8},
		true:  {0, 0, 0, 1, 0, 0, 0, -1},
	} {
		net := network.Network{Input: []int{5, 2}, Body: network.Grouping{Centres: 2, K: 2, Relative: relative}}
		f, err := net.Outputs(1)
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 2, 2}, f.Out()[0].Shape().Dims())
		require.Equal(t, want, evaluate(t, f, [][]float64{points})[0])
		require.False(t, f.Class().Continuous)
	}
}

func TestLayerErrors(t *testing.T) {
	for want, net := range map[string]network.Network{
		"network: BatchNorm needs rows or images, of rank 2 or 4; it got the shape": {Input: []int{2, 3}, Body: network.BatchNorm{}},
		"network: Grouping needs minibatches of points, of rank 3":                  {Input: []int{2}, Body: network.Grouping{Centres: 1, K: 1}},
		"groupsort": {Input: []int{3}, Body: network.GroupSort(2)},
		"add":       {Input: []int{3}, Body: network.Residual{Body: network.Linear{Out: 2}}},
	} {
		_, err := net.Objective(4)
		require.ErrorContains(t, err, want)
		_, err = net.Random()
		require.Error(t, err)
	}
	net := layers["norm_of_rows"]
	c, err := network.NewClassifier(net)
	require.NoError(t, err)
	initial, err := net.Init(rand.NewPCG(1, 2))
	require.NoError(t, err)
	var params []sgd.Param
	for _, name := range []string{"w0", "b0", "scale1", "shift1", "w2", "b2"} {
		params = append(params, sgd.Param{Name: name, Value: initial[name]})
	}
	_, err = c.Accuracy(params, make([]float64, 6), []int{0, 1})
	require.ErrorContains(t, err, `the statistic "mean1" needs 4 numbers, got 0; see Network.Statistics`)
	s, err := net.Statistics(params, []float64{1, 2, 3, 4, 5, 7}, 2)
	require.NoError(t, err)
	c.SetStatistics(s)
	_, err = c.Accuracy(params, make([]float64, 6), []int{0, 1})
	require.NoError(t, err)
	_, err = net.Statistics(params, []float64{1, 2, 3, 4}, 2)
	require.ErrorContains(t, err, "4 numbers do not make rows of 3, at least 2 of them")
}
