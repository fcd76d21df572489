package sgd_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// masked is the mean of ½‖θ·mask − a‖², a mask for each row of two numbers.
func masked(batch int) (*expr.Func, error) {
	g := expr.NewGraph()
	theta, a, mask := g.Param("theta", 2), g.Data("a", batch, 2), g.Data("mask", batch, 2)
	d := expr.Sub(expr.Mul(theta, mask), a)
	return g.Func(expr.In(theta, a, mask), expr.Out(expr.Scale(0.5, expr.Mean(expr.Dot(d, d)))))
}

// maskedConfig draws masks and augments the rows, taken as images of 1 × 2 pixels.
func maskedConfig(t require.TestingT, seed uint64) sgd.Config {
	c := config(t, masked, column(2, gaussian(26, 5)...), 4, 1, 2)
	var err error
	c.Sampler, err = sgd.NewSampler(sgd.Sampling{Rows: 13, Batch: 4}, rand.NewPCG(1, 2))
	require.NoError(t, err)
	c.Random = map[string]sgd.Distribution{"mask": sgd.Bernoulli{Keep: .7}}
	c.Augment = map[string]sgd.Augmentation{"a": sgd.Images{Channels: 1, Height: 1, Width: 2, Shift: .5}}
	c.Seed = seed
	return c
}

// trace makes steps and lists losses and parameters.
func trace(t require.TestingT, train *sgd.Trainer, steps int) (out []float64) {
	for range steps {
		s, err := train.Next()
		require.NoError(t, err)
		out = append(append(out, s.Loss), train.Params()[0].Value...)
	}
	return out
}

// What is drawn is a function of the seed, the input and the step.
func TestRandomInputs(t *testing.T) {
	run := func(c sgd.Config) []float64 { return trace(t, trainer(t, c), 20) }
	require.Equal(t, run(maskedConfig(t, 1)), run(maskedConfig(t, 1)))
	require.NotEqual(t, run(maskedConfig(t, 1)), run(maskedConfig(t, 2)))
	c := maskedConfig(t, 1)
	c.Augment = nil
	require.NotEqual(t, run(maskedConfig(t, 1)), run(c))
}

// Gradients are those of dropout: with step size 0 the mean over many steps of the loss is
// that of literature, E½‖δθ/p − a‖² = ½‖θ − a‖² + (1 − p)/p·½‖θ‖² for Bernoulli masks δ.
func TestDropoutMean(t *testing.T) {
	c := maskedConfig(t, 3)
	c.Augment, c.Schedule = nil, sgd.Constant(0)
	c.Sampler, _ = sgd.NewSampler(sgd.Sampling{Rows: 13, Batch: 13, Order: sgd.Incremental}, nil)
	train, sum, square := trainer(t, c), 0.0, 0.0
	const steps = 20_000
	for s, err := range train.Epochs(context.Background(), steps) {
		require.NoError(t, err)
		sum += s.Loss / steps
		square += s.Loss * s.Loss / steps
	}
	a, want := gaussian(26, 5), .3/.7*.5*(1+4)
	for i := range 13 {
		d, e := 1-a[2*i], 2-a[2*i+1]
		want += .5 * (d*d + e*e) / 13
	}
	require.InDelta(t, 0, (sum-want)*(sum-want)*steps/(square-sum*sum), 25, "within five standard errors")
}

func TestRandomErrors(t *testing.T) {
	for want, spoil := range map[string]func(c *sgd.Config){
		`has no column and is not drawn`:                func(c *sgd.Config) { c.Random = nil },
		`sgd: Random: the input "a" has a column`:       func(c *sgd.Config) { c.Random["a"] = sgd.Normal{} },
		`sgd: Random: the input "mask" has no dist`:     func(c *sgd.Config) { c.Random["mask"] = nil },
		`Bernoulli.Keep is 0; it must be above 0`:       func(c *sgd.Config) { c.Random["mask"] = sgd.Bernoulli{} },
		`Normal.Deviation is -1; it must be finite and`: func(c *sgd.Config) { c.Random["mask"] = sgd.Normal{Deviation: -1} },
		`sgd: Random: the model has no data input "m"`:  func(c *sgd.Config) { c.Random["m"] = sgd.Normal{} },
		`sgd: Augment: the model has no data input "b"`: func(c *sgd.Config) { c.Augment["b"] = sgd.Images{} },
		`images of 1 × 1 × 3 do not make rows of 2`: func(c *sgd.Config) {
			c.Augment["a"] = sgd.Images{Channels: 1, Height: 1, Width: 3}
		},
		`Images.Scale is -1; it must be finite and at least 0`: func(c *sgd.Config) {
			c.Augment["a"] = sgd.Images{Channels: 1, Height: 1, Width: 2, Scale: -1}
		},
	} {
		c := maskedConfig(t, 1)
		spoil(&c)
		_, err := sgd.NewTrainer(c)
		require.ErrorContains(t, err, want)
	}
}

func TestRandomStepAllocates(t *testing.T) {
	train := trainer(t, maskedConfig(t, 1))
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = train.Next() }))
}
