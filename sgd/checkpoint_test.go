package sgd_test

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// methods has every method, those that search and those that combine others included.
var methods = append(
	slices.Clone(everyMethod),
	sgd.LBFGS{Iterations: 3, History: 2}, sgd.LBFGS{Iterations: 2, History: 3, StrongWolfe: true},
	sgd.Groups{{Params: []string{"theta"}, Method: sgd.DefaultAdam(), Rate: 0.5}}, sgd.Clip{Method: sgd.SGD{Momentum: .9}, Norm: .5, Value: .3},
)

// A run that is cut by a checkpoint after any step has the bits of one that is not: for
// every method, order, source and size of minibatches, with masks and augmentation.
func TestLawResume(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom(methods).Draw(t, "method")
		sampling := sgd.Sampling{
			Rows: 13, Batch: rapid.IntRange(1, 13).Draw(t, "batch"),
			Order:    sgd.Order(rapid.IntRange(0, 3).Draw(t, "order")),
			DropLast: rapid.Bool().Draw(t, "drop last"),
		}
		chacha, seed := rapid.Bool().Draw(t, "chacha"), rapid.Uint64().Draw(t, "seed")
		fresh := func(seed uint64) *sgd.Trainer {
			c := maskedConfig(t, 7)
			var src rand.Source = rand.NewPCG(seed, 1)
			if chacha {
				src = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
			}
			var err error
			c.Sampler, err = sgd.NewSampler(sampling, src)
			require.NoError(t, err)
			c.Method, c.Schedule = method, sgd.Power{C: .3, P: .6}
			return trainer(t, c)
		}
		before, after := rapid.IntRange(0, 30).Draw(t, "before"), rapid.IntRange(1, 30).Draw(t, "after")
		whole, path := fresh(seed), filepath.Join(folder, "checkpoint.npz")
		trace(t, whole, before)
		require.NoError(t, whole.Save(path))
		resumed := fresh(seed + 1)
		trace(t, resumed, rapid.IntRange(0, 9).Draw(t, "astray"))
		require.NoError(t, resumed.Resume(path))
		require.Equal(t, trace(t, whole, after), trace(t, resumed, after))
		require.Equal(t, saved(t, whole, path), saved(t, resumed, path))
	})
}

// saved returns the bytes of a checkpoint.
func saved(t require.TestingT, train *sgd.Trainer, path string) []byte {
	require.NoError(t, train.Save(path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

// A damaged file is refused with one clear error, and the trainer stays as it was, or it
// says the same.
func TestDamagedCheckpoints(t *testing.T) {
	folder := t.TempDir()
	whole, damaged := filepath.Join(folder, "whole.npz"), filepath.Join(folder, "damaged.npz")
	train := trainer(t, maskedConfig(t, 1))
	trace(t, train, 5)
	data := saved(t, train, whole)
	trace(t, train, 2) // another state than the file's
	state := saved(t, train, filepath.Join(folder, "state.npz"))
	refused := 0
	try := func(bad []byte) {
		require.NoError(t, os.WriteFile(damaged, bad, 0o644))
		err := train.Resume(damaged)
		if err == nil {
			require.Equal(t, data, saved(t, train, filepath.Join(folder, "read.npz")))
			require.NoError(t, train.Resume(filepath.Join(folder, "state.npz")))
			return
		}
		refused++
		var e *sgd.CheckpointError
		require.ErrorAs(t, err, &e)
		require.ErrorContains(t, err, "damaged.npz")
		require.Equal(t, state, saved(t, train, filepath.Join(folder, "read.npz")))
		left, err := os.ReadFile(damaged)
		require.NoError(t, err)
		require.Equal(t, bad, left, "the file stays")
	}
	for i := 0; i < len(data); i += 3 {
		bad := bytes.Clone(data)
		bad[i] ^= 0xa5
		try(bad)
	}
	for i := 0; i < len(data); i += 101 {
		try(data[:i])
	}
	require.Greater(t, refused, len(data)/4)
}

// scaled is another loss than masked, with the same inputs.
func scaled(batch int) (*expr.Func, error) {
	f, err := masked(batch)
	if err != nil {
		return nil, err
	}
	return f.Graph().Func(expr.In(f.In()...), expr.Out(expr.Scale(2, f.Out()[0])))
}

// A checkpoint of another run is refused with what differs.
func TestForeignCheckpoints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.npz")
	require.NoError(t, trainer(t, maskedConfig(t, 1)).Save(path))
	for want, change := range map[string]func(c *sgd.Config){
		"the gradient is":                           func(c *sgd.Config) { c.Model = scaled },
		"the data is":                               func(c *sgd.Config) { c.Data = column(2, gaussian(26, 6)...) },
		"the method is sgd.SGD{Momentum:0.5":        func(c *sgd.Config) { c.Method = sgd.SGD{Momentum: .5} },
		"the schedule is 0.25 here and 0.5 there":   func(c *sgd.Config) { c.Schedule = sgd.Constant(.25) },
		"the seed is 2 here and 1 there":            func(c *sgd.Config) { c.Seed = 2 },
		"the augmentation is":                       func(c *sgd.Config) { c.Augment = nil },
		`what is drawn is map[string]sgd.Distribut`: func(c *sgd.Config) { c.Random["mask"] = sgd.Bernoulli{Keep: .5} },
		"the sampling is {Rows:13 Batch:3 Order:res": func(c *sgd.Config) {
			c.Sampler, _ = sgd.NewSampler(sgd.Sampling{Rows: 13, Batch: 3}, rand.NewPCG(1, 2))
		},
		"the draws cannot go on: the sampler's source is of another kind": func(c *sgd.Config) {
			c.Sampler, _ = sgd.NewSampler(sgd.Sampling{Rows: 13, Batch: 4}, rand.NewChaCha8([32]byte{}))
		},
	} {
		c := maskedConfig(t, 1)
		change(&c)
		train := trainer(t, c)
		before := slices.Clone(train.Params()[0].Value)
		require.ErrorContains(t, train.Resume(path), want)
		require.Equal(t, before, train.Params()[0].Value)
	}
	require.ErrorIs(t, trainer(t, maskedConfig(t, 1)).Resume(path+"x"), fs.ErrNotExist)
	require.NoError(t, sgd.WriteParams(path, trainer(t, maskedConfig(t, 1)).Params()))
	require.ErrorContains(t, trainer(t, maskedConfig(t, 1)).Resume(path), "it is no checkpoint of this version")
}

// bare is a source without a state that can be saved.
type bare struct{ rand.Source }

func (b bare) Uint64() uint64 { return b.Source.Uint64() }

func TestWhatCannotBeSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.npz")
	c := maskedConfig(t, 1)
	c.Sampler, _ = sgd.NewSampler(sgd.Sampling{Rows: 13, Batch: 4}, bare{rand.NewPCG(1, 2)})
	require.ErrorContains(t, trainer(t, c).Save(path), "use a rand.ChaCha8 or a rand.PCG")
	c = maskedConfig(t, 1)
	c.Schedule = sgd.Constant(1e300)
	train := trainer(t, c)
	for range 20 {
		_, _ = train.Next()
	}
	require.ErrorContains(t, train.Save(path), "nothing is saved, since the run has failed: sgd: step")
	require.NoFileExists(t, path)
	require.ErrorContains(t, trainer(t, maskedConfig(t, 1)).Save(filepath.Join(path, "x.npz")), "it cannot be written")
}

// Parameters go to numpy's files with their shapes and back, and come out of checkpoints.
func TestParams(t *testing.T) {
	folder := t.TempDir()
	train := trainer(t, maskedConfig(t, 1))
	trace(t, train, 3)
	want := []sgd.Param{{Name: "theta", Shape: []int{2}, Value: train.Params()[0].Value}}
	require.NoError(t, train.Save(filepath.Join(folder, "checkpoint.npz")))
	require.NoError(t, sgd.WriteParams(filepath.Join(folder, "params.npz"), train.Params()))
	for _, name := range []string{"checkpoint.npz", "params.npz"} {
		got, err := sgd.ReadParams(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, want, got)
		c := maskedConfig(t, 1)
		c.Initial = sgd.Values(got)
		require.Equal(t, want[0].Value, trainer(t, c).Params()[0].Value)
	}
	_, err := sgd.ReadParams(filepath.Join(folder, "none.npz"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = sgd.ReadParams("npz/testdata/golden/plain.npz")
	require.ErrorContains(t, err, `the array "bytes" holds bytes`)
}
