package network_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// goldenCase is what testdata/golden/torch_layers.py has recorded of one network.
type goldenCase struct {
	Name                                 string
	Params, Gradients, Drawn, Statistics map[string][]float64
	X, Y, Outputs                        []float64
	Rows                                 int
	Loss                                 float64
}

var relu = network.Activation(expr.ReLU)

// layers has the networks of torch_layers.py.
var layers = map[string]network.Network{
	"norm_of_rows":   {Input: []int{3}, Body: network.Sequence{network.Linear{Out: 4}, network.BatchNorm{Epsilon: 1e-5}, relu, network.Linear{Out: 3}}},
	"norm_of_images": {Input: []int{2, 3, 4}, Body: network.Sequence{network.BatchNorm{Epsilon: 0.5}, relu, network.Flatten{}, network.Linear{Out: 3}}},
	"residual": {Input: []int{3}, Body: network.Sequence{
		network.Linear{Out: 4},
		relu,
		network.Residual{Body: network.Sequence{network.Linear{Out: 4}, relu, network.Linear{Out: 4}}},
		network.Linear{Out: 3},
	}},
	"set_of_points": {Input: []int{6, 3}, Body: network.Sequence{
		network.Linear{Out: 4}, relu, network.Linear{Out: 5}, network.Activation(network.MaxOverPoints), network.Linear{Out: 3},
	}},
	"group_sort": {Input: []int{3}, Body: network.Sequence{network.Linear{Out: 6}, network.GroupSort(2), network.Linear{Out: 3}}},
	"convolutions": {Input: []int{1, 8, 8}, Body: network.Sequence{
		network.Convolution{Out: 3, Window: expr.Square(3, 1, 1)},
		relu,
		network.Convolution{Out: 4, Window: expr.Window{Size: [2]int{2, 3}, Stride: [2]int{2, 1}}},
		relu,
		network.MaxPool(expr.Square(2, 2, 0)),
		network.Flatten{},
		network.Linear{Out: 3},
	}},
	"overlapping_pools": {Input: []int{2, 5, 4}, Body: network.Sequence{
		network.Convolution{Out: 4, Groups: 2, Window: expr.Window{
			Size: [2]int{3, 2}, Dilation: [2]int{1, 2}, Before: [2]int{2, 1}, After: [2]int{2, 1},
		}},
		network.MaxPool(expr.Window{Size: [2]int{3, 3}, Stride: [2]int{2, 1}, Before: [2]int{1, 1}, After: [2]int{1, 1}}),
		network.Flatten{},
		network.Linear{Out: 3},
	}},
	"means_of_windows": {Input: []int{2, 6, 5}, Body: network.Sequence{
		network.Convolution{Out: 3, Window: expr.Square(1, 1, 0)},
		relu,
		network.AveragePool(expr.Square(3, 2, 1), true),
		network.AveragePool(expr.Window{Size: [2]int{2, 3}, Before: [2]int{1, 1}, After: [2]int{1, 1}}, false),
		network.Activation(network.AverageImage),
		network.Linear{Out: 3},
	}},
	"multi_hinge":  {Input: []int{3}, Body: network.Linear{Out: 4}, Loss: network.MultiHinge},
	"hinge":        {Input: []int{3}, Body: network.Linear{Out: 1}, Loss: network.Hinge},
	"logistic":     {Input: []int{3}, Body: network.Linear{Out: 1}, Loss: network.Logistic},
	"half_squares": {Input: []int{3}, Body: network.Linear{Out: 2}, Loss: network.HalfSquares},
	"dropout":      {Input: []int{3}, Body: network.Sequence{network.Linear{Out: 4}, relu, network.Dropout{Keep: 0.5}, network.Linear{Out: 3}}},
}

// torchTolerance is relative to 1 plus the size.
const torchTolerance = 1e-10

// Losses, gradients under PyTorch's preset, statistics and outputs are PyTorch's, with relu,
// maxima and hinges at their kinks.
func TestTorchLayers(t *testing.T) {
	text, err := os.ReadFile("testdata/golden/torch_layers.json")
	require.NoError(t, err)
	var record struct{ Cases []goldenCase }
	require.NoError(t, json.Unmarshal(text, &record))
	require.Len(t, record.Cases, len(layers))
	for _, c := range record.Cases {
		t.Run(c.Name, func(t *testing.T) {
			net, ok := layers[c.Name]
			require.True(t, ok)
			f, err := net.Objective(c.Rows)
			require.NoError(t, err)
			g, err := ad.Gradient(f)
			require.NoError(t, err)
			g, err = ad.Wire(g, ad.PyTorch.Wiring())
			require.NoError(t, err)
			out := evaluate(t, g, c.inputs(t, f))
			require.InDelta(t, c.Loss, out[0][0], torchTolerance)
			for i, p := range f.Wrt() {
				in, _ := p.Input()
				require.InDeltaSlice(t, c.Gradients[in.Name], out[1+i], torchTolerance, in.Name)
			}
			require.Len(t, f.Wrt(), len(c.Gradients))

			statistics, err := net.Statistics(c.params(f), c.X[:4*len(c.X)/c.Rows], 2)
			require.NoError(t, err)
			require.Len(t, statistics, len(c.Statistics))
			for name, want := range c.Statistics {
				require.InDeltaSlice(t, want, statistics[name], torchTolerance, name)
			}
			f, err = net.Outputs(c.Rows)
			require.NoError(t, err)
			require.InDeltaSlice(t, c.Outputs, evaluate(t, f, c.inputs(t, f))[0], torchTolerance)
		})
	}
}

// inputs lists the values of a program's inputs.
func (c *goldenCase) inputs(t *testing.T, f *expr.Func) (out [][]float64) {
	for _, n := range f.In() {
		in, _ := n.Input()
		v, found := map[string][]float64{"x": c.X, "y": c.Y}[in.Name], false
		for _, m := range []map[string][]float64{c.Params, c.Drawn, c.Statistics} {
			if w, ok := m[in.Name]; ok {
				v, found = w, true
			}
		}
		require.True(t, found || v != nil, in.Name)
		require.Len(t, v, n.Shape().Size(), in.Name)
		out = append(out, v)
	}
	return out
}

func (c *goldenCase) params(f *expr.Func) (out []sgd.Param) {
	for _, n := range f.Wrt() {
		in, _ := n.Input()
		out = append(out, sgd.Param{Name: in.Name, Value: c.Params[in.Name]})
	}
	return out
}
