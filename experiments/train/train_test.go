package train_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/train"
	"github.com/tamegrad/tamegrad/sgd"
)

// small is a training of a second with everything that has state.
const small = `
dataset: {digits: {held_back: 0.25}}
network:
  - linear: {out: 24, weights: orthogonal}
  - batch-norm
  - relu
  - residual: [linear: 24, tanh]
  - dropout: 0.9
  - linear: 10
method: {adamw: {weight_decay: 0.01}}
schedule: {warm-up: {over: 20, then: {cosine: 0.01}}}
batch: 50
epochs: 6
augment: {rotate: 0.1, scale: 0.1, shift: 0.5}
seed: 3
`

func session(t *testing.T, text, folder string, workers int) *train.Session {
	s, err := train.New(t.Context(), []byte(text), folder, workers)
	require.NoError(t, err)
	return s
}

// contents returns all files of a folder.
func contents(t *testing.T, folder string) map[string]string {
	out := map[string]string{}
	require.NoError(t, filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		out[name] = string(text)
		return err
	}))
	return out
}

// A training that is interrupted in any step, and goes on, leaves the files of one that is
// not, byte for byte, with any number of workers.
func TestInterruptedTrainings(t *testing.T) {
	straight := t.TempDir()
	result, err := session(t, small, straight, 1).Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 6*27, result.Last.Step)
	require.Equal(t, [2]int{1346, 451}, [2]int{result.TrainRows, result.HeldRows})
	require.Greater(t, float64(*result.Last.HeldAccuracy), 0.85)
	want := contents(t, straight)
	require.Len(t, want, 7)

	cut := t.TempDir()
	for _, stop := range []int{1, 2, 40, 41, 100, 161} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := session(t, small, cut, 3).Run(ctx, sgd.Watch{At: sgd.Every(1), Do: func(_ context.Context, m sgd.Moment) error {
			if m.Steps == stop {
				cancel()
			}
			return nil
		}})
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err = session(t, small, cut, 2).Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, contents(t, cut))
	again, err := session(t, small, cut, 0).Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, result.Last, again.Last)
	require.Zero(t, again.StepsNow)
	require.Equal(t, want, contents(t, cut))

	_, err = train.New(t.Context(), []byte(small+"order: incremental\n"), cut, 0)
	require.ErrorContains(t, err, "has another training, see its training.yaml; name another folder, or remove it")
}

// Parameters, statistics included, are where numpy finds them.
func TestParamsOfATraining(t *testing.T) {
	folder := t.TempDir()
	_, err := session(t, strings.Replace(small, "epochs: 6", "epochs: 1", 1), folder, 0).Run(t.Context())
	require.NoError(t, err)
	params, err := sgd.ReadParams(filepath.Join(folder, "params.npz"))
	require.NoError(t, err)
	names := []string{}
	for _, p := range params {
		names = append(names, p.Name)
	}
	require.Equal(t, []string{"w0", "b0", "scale1", "shift1", "w2", "b2", "w4", "b4", "mean1", "var1"}, names)
	require.Equal(t, []int{64, 24}, params[0].Shape)
}

// Every data set that needs no download trains, sets of points with PointNet's layers.
func TestDatasets(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for seconds")
	}
	for text, accuracy := range map[string]float64{
		"dataset: iris\nnetwork: [linear: 16, relu, linear: 3]\nmethod: adam\nschedule: {constant: 0.01}\nepochs: 60":                              0.9,
		"dataset: wine\nnetwork: [linear: 16, relu, linear: 3]\nmethod: adam\nschedule: {constant: 0.01}\nepochs: 40":                              0.9,
		"dataset: breast-cancer\nnetwork: [linear: 16, tanh, linear: 2]\nloss: multi-hinge\nschedule: {power: {c: 0.3, p: 0.6}}\nepochs: 40":       0.9,
		"dataset: digits\nnetwork: [image, flatten, linear: 32, group-sort: 2, linear: 10]\nmethod: rmsprop\nschedule: {cosine: 0.003}\nepochs: 8": 0.9,
		`
dataset: digits
network: [image, convolution: 16, relu, convolution: {out: 16, stride: 2, bias: false}, batch-norm, relu, max-pool: 2, flatten, linear: 10]
method: adam
schedule: {cosine: 0.01}
epochs: 15
precision: float32`: 0.98,
		`
dataset: digits
network: [image, convolution: {out: 8, size: 5, padding: 0}, abs, average-pool: {size: 2, outside: false}, average-image, linear: 10]
schedule: {constant: 0.1}
epochs: 1`: 0.1,
		`
dataset: {shapes: {per_class: 200, points: 64}}
network: [points, linear: 64, relu, linear: 128, relu, max-over-points, linear: 64, relu, linear: 8]
method: adam
schedule: {cosine: 0.003}
epochs: 30
precision: float32`: 0.95,
	} {
		result, err := session(t, text, t.TempDir(), 0).Run(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, float64(*result.Last.HeldAccuracy), accuracy, text)
	}
}

// Criticality is measured on the full loss.
func TestCriticality(t *testing.T) {
	folder := t.TempDir()
	result, err := session(t, "dataset: iris\nnetwork: [linear: 8, relu, linear: 3]\nepochs: 30\nschedule: {constant: 0.1}\ncriticality: {radius: 1e-3, points: 5}\n", folder, 0).Run(t.Context())
	require.NoError(t, err)
	require.Less(t, float64(*result.Last.Distance), 0.5)
	require.NotNil(t, result.Last.Kinks)
	require.FileExists(t, filepath.Join(folder, "figures", "criticality.svg"))
}

func TestMistakes(t *testing.T) {
	const good = "dataset: iris\nnetwork: [linear: 8, relu, linear: 3]\nepochs: 1\n"
	_, err := train.New(t.Context(), []byte(good), t.TempDir(), 0)
	require.NoError(t, err)
	for want, text := range map[string]string{
		"there is no dataset; add one":                         "network: [relu]\nepochs: 1\n",
		"there is no network; add its layers":                  "dataset: iris\nepochs: 1\n",
		"epochs must be at least 1":                            "dataset: iris\nnetwork: [relu]\n",
		"save_every must be at least 1":                        good + "save_every: 0\n",
		`[4:1] unknown field "epoch"`:                          good + "epoch: 1\n",
		`mapping key "epochs" already defined`:                 good + "epochs: 2\n",
		`line 1, column 10: there is no data set "iriss"`:      strings.Replace(good, "iris", "iriss", 1),
		`line 2, column 22: there is no layer "rellu"; there`:  strings.Replace(good, "relu", "rellu", 1),
		"linear needs a number, as in \"linear: 2\"":           strings.Replace(good, "linear: 8", "linear", 1),
		"linear is 0; it must be at least 1":                   strings.Replace(good, "linear: 8", "linear: 0", 1),
		`unknown field "outs"`:                                 strings.Replace(good, "linear: 8", "linear: {outs: 8}", 1),
		`there are no weights "hee"; there are [glorot he`:     strings.Replace(good, "linear: 8", "linear: {out: 8, weights: hee}", 1),
		"relu takes no options":                                strings.Replace(good, "relu", "relu: 3", 1),
		"dropout keeps a share of 1.5":                         strings.Replace(good, "relu", "dropout: 1.5", 1),
		"the data set has no images":                           strings.Replace(good, "relu", "image", 1),
		"the data set has no sets of points":                   strings.Replace(good, "relu", "points", 1),
		"max-pool needs a number, as in":                       strings.Replace(good, "relu", "max-pool", 1),
		"size, stride and dilation of average-pool must be at": strings.Replace(good, "relu", "average-pool: {size: 2, stride: 0}", 1),
		"convolution is 0; it must be at least 1":              strings.Replace(good, "relu", "convolution: 0", 1),
		"Convolution needs images, minibatch × channels":       strings.Replace(good, "relu", "convolution: 4", 1),
		`unknown field "sizes"`:                                strings.Replace(good, "relu", "convolution: {out: 4, sizes: 3}", 1),
		`unknown field "weight_decy"`:                          good + "method: {adam: {weight_decy: 1}}\n",
		"residual needs a list of layers":                      strings.Replace(good, "relu", "residual", 1),
		"the network cannot be built: expr: groupsort":         strings.Replace(good, "relu", "group-sort: 3", 1),
		`there is no loss "crossentropy"; there are cross-en`:  good + "loss: crossentropy\n",
		`there is no method "adamm"; there are adadelta`:       good + "method: adamm\n",
		`adam: [4:17] unknown field "beta3"`:                   good + "method: {adam: {beta3: 1}}\n",
		"AdamW.Beta1 is 1.5; it must be":                       good + "method: {adamw: {beta1: 1.5}}\n",
		`there is no schedule "cos"; there are constant, cos`:  good + "schedule: {cos: 1}\n",
		"warm-up needs the schedule that follows":              good + "schedule: {warm-up: {over: 3}}\n",
		`there is no rule for kinks "torch"; there are`:        good + "kinks: torch\n",
		`there is no order "random"; there are reshuffled, s`:  good + "order: random\n",
		`there is no precision "half"`:                         good + "precision: half\n",
		"augment is for images":                                good + "augment: {shift: 1}\n",
		"criticality: sgd: Data: the model needs the data in":  strings.Replace(good, "relu", "dropout: 0.5", 1) + "criticality: {radius: 1, points: 2}\n",
		"a minibatch must have at least one row":               good + "batch: -1\n",
		"give a name, or one name with its options":            good + "method: {adam: {}, sgd: {}}\n",
		"held_back is 1; it must be at least 0 and below 1":    "dataset: {iris: {held_back: 1}}\nnetwork: [linear: 3]\nepochs: 1\n",
	} {
		folder := filepath.Join(t.TempDir(), "out")
		_, err := train.New(t.Context(), []byte(text), folder, 0)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "\n")
		require.NoDirExists(t, folder, "a file with a mistake makes nothing")
	}
}

// The file of the README reaches what the README says.
func TestTheReadmesFile(t *testing.T) {
	text, err := os.ReadFile("../../docs/digits.yaml")
	require.NoError(t, err)
	result, err := session(t, string(text), t.TempDir(), 0).Run(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 0.9666, float64(*result.Last.HeldAccuracy), 5e-5)
	require.InDelta(t, 0.9986, float64(*result.TrainAccuracy), 5e-5)
	require.InDelta(t, 0.006829, float64(*result.Last.Distance), 5e-7)
}
