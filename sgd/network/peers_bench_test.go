package network_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// BenchmarkPeersDense measures value and gradient of cross-entropy of a network 784-256-128-10 on 128 rows.
func BenchmarkPeersDense(b *testing.B) {
	f, err := network.Dense(784, 256, 128, 10).Objective(128)
	require.NoError(b, err)
	d, err := ad.Gradient(f)
	require.NoError(b, err)
	d, err = ad.Wire(d, ad.PyTorch.Wiring())
	require.NoError(b, err)
	b.Run("float32", func(b *testing.B) { runGradient[float32](b, d, vm.Float32) })
	b.Run("float64", func(b *testing.B) { runGradient[float64](b, d, vm.Float64) })
}

// BenchmarkPeersConvolution measures value and gradient of cross-entropy of a network with two convolutions, 1, 8 and 16
// channels, and a maximum of windows on 32 images of 28×28.
func BenchmarkPeersConvolution(b *testing.B) {
	same, relu := expr.Square(3, 1, 1), network.Activation(expr.ReLU)
	net := network.Network{Input: []int{1, 28, 28}, Body: network.Sequence{
		network.Convolution{Out: 8, Window: same},
		relu,
		network.Convolution{Out: 16, Window: same},
		relu,
		network.MaxPool(expr.Square(2, 2, 0)),
		network.Flatten{},
		network.Linear{Out: 10},
	}}
	f, err := net.Objective(32)
	require.NoError(b, err)
	d, err := ad.Gradient(f)
	require.NoError(b, err)
	d, err = ad.Wire(d, ad.PyTorch.Wiring())
	require.NoError(b, err)
	b.Run("float32", func(b *testing.B) { runGradient[float32](b, d, vm.Float32) })
	b.Run("float64", func(b *testing.B) { runGradient[float64](b, d, vm.Float64) })
}

func runGradient[T expr.Real](b *testing.B, d *expr.Func, precision vm.Precision) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			p, err := vm.Compile(d, vm.Options{Precision: precision, Workers: workers})
			require.NoError(b, err)
			ws, rng := vm.NewWorkspaceOf[T](p), rand.New(rand.NewPCG(1, 2))
			for i, n := range d.In() {
				x := ws.In(i)
				if in, _ := n.Input(); in.Name == "y" {
					for row := 0; row < len(x); row += 10 {
						x[row+rng.IntN(10)] = 1
					}
					continue
				}
				for k := range x {
					x[k] = T(0.05 * rng.NormFloat64())
				}
			}
			for b.Loop() {
				if err := ws.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPeersSteps measures steps of SGD, one row each, of a network 2-16-16-1 that learns |x₁| − max(x₂, 0).
func BenchmarkPeersSteps(b *testing.B) {
	const rows = 1000
	net := network.Dense(2, 16, 16, 1)
	net.Loss = network.HalfSquares
	rng, x, y := rand.New(rand.NewPCG(1, 1)), make([]float64, 2*rows), make([]float64, rows)
	for i := range y {
		x[2*i], x[2*i+1] = 2*rng.Float64()-1, 2*rng.Float64()-1
		y[i] = math.Abs(x[2*i]) - max(x[2*i+1], 0)
	}
	initial, err := net.Init(rand.NewPCG(1, 2))
	require.NoError(b, err)
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: rows, Batch: 1, Order: sgd.Incremental}, nil)
	require.NoError(b, err)
	t, err := sgd.NewTrainer(sgd.Config{
		Model: net.Objective, Data: sgd.Data{Rows: rows, Columns: map[string][]float64{"x": x, "y": y}},
		Wiring: ad.PyTorch.Wiring(), Method: sgd.SGD{}, Schedule: sgd.Constant(0.01), Sampler: sampler, Initial: initial,
	})
	require.NoError(b, err)
	for b.Loop() {
		if _, err := t.Next(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}
