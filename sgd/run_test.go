package sgd_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/sgd"
)

// Watching at marks and at the end, epochs and steps as bounds.
func TestRunWatches(t *testing.T) {
	var at []int
	watch := func(marks sgd.Marks, end bool) sgd.Watch {
		return sgd.Watch{At: marks, AtEnd: end, Do: func(_ context.Context, m sgd.Moment) error {
			at = append(at, m.Steps)
			if m.Steps > 0 {
				require.Equal(t, m.Steps-1, m.Last.Number)
			}
			return nil
		}}
	}
	for _, c := range []struct {
		plan sgd.Plan
		want []int
	}{
		{sgd.Plan{Steps: 10, Watch: []sgd.Watch{watch(sgd.Geometric(2), true)}}, []int{0, 1, 2, 4, 8, 10}},
		{sgd.Plan{Steps: 8, Watch: []sgd.Watch{watch(sgd.Geometric(2), true)}}, []int{0, 1, 2, 4, 8}},
		{sgd.Plan{Steps: 9, Watch: []sgd.Watch{watch(sgd.Every(3), false), watch(sgd.Every(6), true)}}, []int{0, 0, 3, 6, 6, 9, 9}},
		{sgd.Plan{Epochs: 2, Watch: []sgd.Watch{watch(sgd.Never{}, true)}}, []int{8}}, // 13 rows in fours
		{sgd.Plan{Epochs: 2, Steps: 5, Watch: []sgd.Watch{watch(sgd.Never{}, true)}}, []int{5}},
	} {
		at = nil
		m, err := trainer(t, maskedConfig(t, 1)).Run(t.Context(), c.plan)
		require.NoError(t, err)
		require.Equal(t, c.want, at)
		require.Equal(t, at[len(at)-1], m.Steps)
		require.Positive(t, m.Training)
	}
}

// The time of watching and saving is not that of training.
func TestRunExcludesWatching(t *testing.T) {
	slow := sgd.Watch{At: sgd.Every(1), Do: func(context.Context, sgd.Moment) error {
		time.Sleep(20 * time.Millisecond)
		return nil
	}}
	start := time.Now()
	m, err := trainer(t, maskedConfig(t, 1)).Run(t.Context(), sgd.Plan{Steps: 10, Watch: []sgd.Watch{slow}})
	require.NoError(t, err)
	require.LessOrEqual(t, m.Training+10*20*time.Millisecond, time.Since(start))
}

// With and without checkpoints, watched or not, in one run or several: the same iterates.
func TestRunGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.npz")
	straight := trainer(t, maskedConfig(t, 1))
	_, err := straight.Run(t.Context(), sgd.Plan{Steps: 40})
	require.NoError(t, err)
	cut := errors.New("cut")
	for _, stop := range []int{3, 17, 18, 31, 40} {
		ctx, cancel := context.WithCancelCause(t.Context())
		train := trainer(t, maskedConfig(t, 1))
		m, err := train.Run(ctx, sgd.Plan{
			Steps: 40, Checkpoint: path, Save: sgd.Every(7),
			Watch: []sgd.Watch{{At: sgd.Every(1), Do: func(_ context.Context, m sgd.Moment) error {
				if m.Steps == stop {
					cancel(cut)
				}
				return nil
			}}},
		})
		cancel(nil)
		require.Equal(t, stop, m.Steps)
		if stop < 40 {
			require.ErrorIs(t, err, context.Canceled)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, straight.Params()[0].Value, train.Params()[0].Value)
	}
	// A run that is done makes no step.
	m, err := trainer(t, maskedConfig(t, 1)).Run(t.Context(), sgd.Plan{Steps: 40, Checkpoint: path})
	require.NoError(t, err)
	require.Equal(t, 40, m.Steps)
	require.Zero(t, m.Last)
}

func TestRunErrors(t *testing.T) {
	bad := errors.New("bad")
	for want, p := range map[string]sgd.Plan{
		"0 epochs and 0 steps; one must be above 0":       {},
		"-1 epochs and 5 steps":                           {Epochs: -1, Steps: 5},
		"Watch[0] needs marks and something to do":        {Steps: 1, Watch: []sgd.Watch{{}}},
		"there are marks for saving and no Checkpoint":    {Steps: 1, Save: sgd.Every(1)},
		"its folder cannot be used":                       {Steps: 1, Checkpoint: filepath.Join(t.TempDir(), "no", "file")},
		"bad":                                             {Steps: 1, Watch: []sgd.Watch{{At: sgd.Every(1), Do: func(context.Context, sgd.Moment) error { return bad }}}},
		"it cannot be read: npz: the file is no whole .n": {Steps: 1, Checkpoint: "run_test.go"},
	} {
		_, err := trainer(t, maskedConfig(t, 1)).Run(t.Context(), p)
		require.ErrorContains(t, err, want)
	}
}

// killed is the environment variable with the checkpoint of TestKilled's other process.
const killed = "TAMEGRAD_TEST_CHECKPOINT"

// killedPlan saves after every step.
func killedPlan(path string, steps int) sgd.Plan {
	return sgd.Plan{Steps: steps, Checkpoint: path, Save: sgd.Every(1)}
}

func killedTrainer(t *testing.T) *sgd.Trainer {
	c := maskedConfig(t, 9)
	c.Method, c.CountKinks = sgd.DefaultAdam(), true
	return trainer(t, c)
}

// A run that is killed at 20 random moments, in steps as in saves, ends with the checkpoint
// of one that is not, byte for byte.
func TestKilled(t *testing.T) {
	if path := os.Getenv(killed); path != "" {
		_, err := killedTrainer(t).Run(t.Context(), killedPlan(path, 1<<30))
		require.NoError(t, err)
		return
	}
	folder := t.TempDir()
	path, rng := filepath.Join(folder, "killed.npz"), rand.New(rand.NewPCG(4, 5))
	steps, made := 0, []int{}
	for range 20 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), killed+"="+path)
		require.NoError(t, cmd.Start())
		for last := steps; steps <= last; { // the process may take its time to begin
			time.Sleep(time.Duration(rng.IntN(30_000)) * time.Microsecond)
			steps = stepsOf(t, path)
		}
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
		steps = stepsOf(t, path)
		made = append(made, steps)
	}
	resumed, whole := killedTrainer(t), killedTrainer(t)
	_, err := resumed.Run(t.Context(), killedPlan(path, steps+10))
	require.NoError(t, err)
	_, err = whole.Run(t.Context(), sgd.Plan{Steps: steps + 10})
	require.NoError(t, err)
	require.Equal(t, saved(t, whole, filepath.Join(folder, "whole.npz")), saved(t, resumed, path), "killed after %v steps", made)
	left, err := filepath.Glob(filepath.Join(folder, ".*"))
	require.NoError(t, err)
	require.Empty(t, left, "what killed processes left is removed")
}

// stepsOf returns how many steps a checkpoint has, 0 if there is none.
func stepsOf(t *testing.T, path string) int {
	train := killedTrainer(t)
	if err := train.Resume(path); err != nil {
		require.ErrorIs(t, err, os.ErrNotExist)
		return 0
	}
	s, err := train.Next()
	require.NoError(t, err)
	return s.Number
}

// Memory does not grow with steps.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("10⁵ steps")
	}
	train := killedTrainer(t)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var first uint64
	_, err := train.Run(t.Context(), sgd.Plan{Steps: 100_000, Watch: []sgd.Watch{{
		At: sgd.Every(10_000), AtEnd: true,
		Do: func(_ context.Context, m sgd.Moment) error {
			if m.Steps == 10_000 {
				first = heap()
			}
			return nil
		},
	}}})
	require.NoError(t, err)
	require.Less(t, heap(), first+1<<16)
	runtime.KeepAlive(train)
}

// A run that saves at marks and goes on from its checkpoint if it is started again; the loss
// is looked at on a logarithmic scale.
func ExampleTrainer_Run() {
	folder, err := os.MkdirTemp("", "run")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	start := func() *sgd.Trainer {
		sampler, err := sgd.NewSampler(sgd.Sampling{Rows: 4, Batch: 2}, rand.NewPCG(1, 2))
		if err != nil {
			panic(err)
		}
		train, err := sgd.NewTrainer(sgd.Config{
			Model: squares, Data: sgd.Data{Rows: 4, Columns: map[string][]float64{"a": {0, 0, 2, 0, 2, 2, 0, 2}}},
			Wiring: ad.AtKink(0), Method: sgd.DefaultAdam(), Schedule: sgd.Cosine{Max: 0.3, Over: 200},
			Sampler: sampler, Initial: map[string][]float64{"theta": {5, -5}},
		})
		if err != nil {
			panic(err)
		}
		return train
	}
	plan := sgd.Plan{Steps: 100, Checkpoint: filepath.Join(folder, "run.npz"), Save: sgd.Every(50)}
	plan.Watch = []sgd.Watch{{At: sgd.Geometric(4), AtEnd: true, Do: func(_ context.Context, m sgd.Moment) error {
		if m.Steps > 0 {
			fmt.Printf("step %d: %.2f\n", m.Steps, m.Last.Loss)
		}
		return nil
	}}}
	for _, plan.Steps = range []int{100, 200} { // the second time from step 100
		if _, err := start().Run(context.Background(), plan); err != nil {
			fmt.Println(err)
			return
		}
	}
	params, err := sgd.ReadParams(plan.Checkpoint)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.2f\n", params[0].Name, params[0].Value)
	// Output:
	// step 1: 33.00
	// step 4: 18.90
	// step 16: 2.75
	// step 64: 0.94
	// step 100: 1.01
	// step 200: 1.00
	// theta: [1.00 1.00]
}
