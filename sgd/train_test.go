package sgd_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
)

// One step on the mean of ½‖θ − a‖² moves θ by α towards the minibatch's mean,
// the smaller last minibatch included, and an epoch is n component gradients.
func TestLawTrainer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		batch := rapid.IntRange(1, n).Draw(t, "b")
		a := gaussian(2*n, rapid.Uint64().Draw(t, "seed"))
		train := trainer(t, config(t, squares, column(2, a...), batch, 3, -4))
		theta, gradients := []float64{3, -4}, 0
		for step, err := range train.Epochs(context.Background(), 3) {
			require.NoError(t, err)
			loss, mean := 0.0, [2]float64{}
			for _, r := range step.Rows {
				for j := range mean {
					d := theta[j] - a[2*r+j]
					loss += d * d / 2 / float64(len(step.Rows))
					mean[j] += a[2*r+j] / float64(len(step.Rows))
				}
			}
			for j := range theta {
				theta[j] -= 0.5 * (theta[j] - mean[j])
			}
			gradients += len(step.Rows)
			require.InDelta(t, loss, step.Loss, 1e-12)
			require.InDeltaSlice(t, theta, train.Params()[0].Value, 1e-12)
			require.Equal(t, gradients, step.Gradients)
			require.Equal(t, float64(gradients)/float64(n), step.Epoch)
			require.Equal(t, 0.5, step.Rate)
		}
		require.Equal(t, 3*n, gradients)
	})
}

// Parameters that stand together are moved as one vector, with the bits of parameters that are moved one by one: each entry
// by its own gradient, also in a smaller last minibatch, and nothing between them.
func TestLawParametersTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 20), 1, 5).Draw(t, "sizes of parameters")
		before := rapid.IntRange(0, len(sizes)).Draw(t, "parameters before the data")
		model := func(batch int) (*expr.Func, error) {
			g := expr.NewGraph()
			a := g.Data("a", batch)
			in, y := []expr.Node{}, a
			for i, n := range sizes {
				p := g.Param(fmt.Sprint("p", i), n)
				in, y = append(in, p), expr.Sub(y, expr.Scale(0.25, expr.Sum(expr.Abs(expr.AffineOf(p, 1, float64(i))))))
			}
			return g.Func(expr.In(slices.Insert(in, before, a)...), expr.Out(expr.Mean(expr.Mul(y, y))))
		}
		data := column(1, gaussian(7, rapid.Uint64().Draw(t, "seed"))...)
		c := config(t, model, data, rapid.IntRange(1, 7).Draw(t, "batch"))
		method := sgd.SGD{WeightDecay: rapid.SampledFrom([]float64{0, 0.125}).Draw(t, "decay")}
		c.Initial, c.Method = map[string][]float64{}, method
		for i, n := range sizes {
			c.Initial[fmt.Sprint("p", i)] = gaussian(n, uint64(i))
		}
		train := trainer(t, c)
		values := c.Initial
		for range 5 {
			step, err := train.Next()
			require.NoError(t, err)
			f, err := model(len(step.Rows))
			require.NoError(t, err)
			g, err := ad.Gradient(f)
			require.NoError(t, err)
			g, err = ad.Wire(g, c.Wiring)
			require.NoError(t, err)
			p, err := vm.Compile(g, vm.Options{})
			require.NoError(t, err)
			ws := p.NewWorkspace()
			for i := range sizes {
				at := i
				if i >= before {
					at++
				}
				copy(ws.In(at), values[fmt.Sprint("p", i)])
			}
			for i, r := range step.Rows {
				ws.In(before)[i] = data.Columns["a"][r]
			}
			require.NoError(t, ws.Run())
			next := map[string][]float64{}
			for i, p := range train.Params() {
				for k, v := range values[p.Name] {
					next[p.Name] = append(next[p.Name], v-float64(step.Rate*(ws.Out(1 + i)[k]+float64(method.WeightDecay*v))))
				}
				require.Equal(t, next[p.Name], p.Value)
			}
			values = next
		}
	})
}

// Row counts of the claim table: gradient descent makes 1 step an epoch, SGD n,
// minibatches ⌈n/b⌉.
func TestStepsOfAnEpoch(t *testing.T) {
	for batch, want := range map[int]int{10: 1, 1: 10, 4: 3, 5: 2} {
		train := trainer(t, config(t, medians, column(1, gaussian(10, 1)...), batch, 0))
		steps := 0
		for step, err := range train.Epochs(context.Background(), 1) {
			require.NoError(t, err)
			require.Equal(t, steps, step.Number)
			steps++
		}
		require.Equal(t, want, steps, "b = %d", batch)
	}
}

// A schedule sees the steps and whole epochs made before.
func TestProgress(t *testing.T) {
	c := config(t, medians, column(1, gaussian(5, 1)...), 2, 0)
	var seen []sgd.Progress
	c.Schedule = recording{&seen}
	for _, err := range trainer(t, c).Epochs(context.Background(), 2) {
		require.NoError(t, err)
	}
	require.Equal(t, []sgd.Progress{{0, 0}, {1, 0}, {2, 0}, {3, 1}, {4, 1}, {5, 1}}, seen)
}

type recording struct{ seen *[]sgd.Progress }

func (r recording) Rate(p sgd.Progress) float64 {
	*r.seen = append(*r.seen, p)
	return 0
}

// All gradients of a step are computed before any parameter moves.
func TestSimultaneousUpdate(t *testing.T) {
	product := func(batch int) (*expr.Func, error) {
		g := expr.NewGraph()
		x, y, a := g.Param("x"), g.Param("y"), g.Data("a", batch)
		return g.Func(expr.In(x, y, a), expr.Out(expr.Add(expr.Mul(x, y), expr.Scale(0, expr.Sum(a)))))
	}
	c := config(t, product, column(1, 0, 0), 1)
	c.Initial = map[string][]float64{"x": {2}, "y": {3}}
	train := trainer(t, c)
	_, err := train.Next()
	require.NoError(t, err)
	require.Equal(t, 0.5, train.Params()[0].Value[0])
	require.Equal(t, 2.0, train.Params()[1].Value[0])
}

func TestStepsGoOn(t *testing.T) {
	c := config(t, squares, column(2, gaussian(20, 3)...), 3, 1, 1)
	whole, parts := trainer(t, c), trainer(t, config(t, squares, c.Data, 3, 1, 1))
	for range 7 {
		_, err := whole.Next()
		require.NoError(t, err)
	}
	steps := 0
	for steps < 7 {
		for s, err := range parts.Steps(context.Background()) {
			require.NoError(t, err)
			require.Equal(t, steps, s.Number)
			if steps++; steps == 3 || steps == 7 {
				break
			}
		}
	}
	require.Equal(t, whole.Params()[0].Value, parts.Params()[0].Value)
}

func TestStepsEndWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	steps, last := 0, error(nil)
	for _, err := range trainer(t, config(t, medians, column(1, 1, 2), 1, 0)).Steps(ctx) {
		if last = err; err == nil {
			steps++
		}
		if steps == 5 {
			cancel()
		}
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Equal(t, 5, steps)
}

// Two runs with one seed are bit-identical; another seed gives another run.
func TestDeterminism(t *testing.T) {
	run := func(seed uint64) []float64 {
		c := config(t, squares, column(2, gaussian(26, 5)...), 4, 1, 2)
		var err error
		c.Sampler, err = sgd.NewSampler(sgd.Sampling{Rows: 13, Batch: 4}, rand.NewChaCha8([32]byte{byte(seed)}))
		require.NoError(t, err)
		c.Method = sgd.DefaultAdam()
		train := trainer(t, c)
		var trace []float64
		for s, err := range train.Epochs(context.Background(), 5) {
			require.NoError(t, err)
			trace = append(append(trace, s.Loss), train.Params()[0].Value...)
		}
		return trace
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1), run(2))
}

func TestStepAllocates(t *testing.T) {
	for _, m := range []sgd.Method{sgd.SGD{Momentum: 0.9}, sgd.HeavyBall{Beta: 0.5}, sgd.DefaultAdam()} {
		c := config(t, squares, column(2, gaussian(26, 5)...), 4, 1, 2)
		c.Method, c.CountKinks = m, true
		train := trainer(t, c)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = train.Next() }))
	}
}

// With data 0, 0, 4 the iterate starts on two kinks; the wiring decides where it
// goes, and counting does not change that.
func TestKinkCounts(t *testing.T) {
	for v, want := range map[float64]float64{0: 1. / 6, 1: -1. / 6, -1: 0.5} {
		for _, count := range []bool{false, true} {
			c := config(t, medians, column(1, 0, 0, 4), 3, 0)
			c.Wiring, c.CountKinks = ad.AtKink(v), count
			train := trainer(t, c)
			step, err := train.Next()
			require.NoError(t, err)
			require.InDelta(t, want, train.Params()[0].Value[0], 1e-15)
			if !count {
				require.Zero(t, step.Kinks)
				require.Empty(t, train.KinkCounts())
				continue
			}
			require.Equal(t, 2, step.Kinks)
			require.Len(t, train.KinkCounts(), 1)
			require.Regexp(t, `abs#\d+\.s: 2`, train.KinkCounts()[0].String())
			step, err = train.Next()
			require.NoError(t, err)
			require.Zero(t, step.Kinks)
		}
	}
}

// Active kinks of the selectors other than Step.
func TestKinkCountsOfSelectors(t *testing.T) {
	count := func(build func(x expr.Node) expr.Node, x ...float64) int {
		model := func(batch int) (*expr.Func, error) {
			g := expr.NewGraph()
			theta, a := g.Param("theta", len(x)), g.Data("a", batch)
			return g.Func(expr.In(theta, a), expr.Out(expr.Add(expr.Sum(build(theta)), expr.Mean(a))))
		}
		c := config(t, model, column(1, 0), 1, x...)
		c.CountKinks = true
		step, err := trainer(t, c).Next()
		require.NoError(t, err)
		return step.Kinks
	}
	amax := func(x expr.Node) expr.Node { return expr.Max(x) }
	top2 := func(x expr.Node) expr.Node { return expr.TopKSum(x, 2) }
	require.Equal(t, 1, count(amax, 3, 1, 3, 3))
	require.Equal(t, 0, count(amax, 3, 1, 1))
	require.Equal(t, 0, count(top2, 3, 3, 1))
	require.Equal(t, 1, count(top2, 3, 1, 1))
	require.Equal(t, 2, count(expr.Median, 1, 1, 1)) // below and above the middle
	require.Equal(t, 0, count(expr.Median, 0, 1, 2))
	require.Equal(t, 3, count(expr.Sort, 5, 1, 5, 5, 1))
	require.Equal(t, 0, count(expr.Sort, 7))
	require.Equal(t, 1, count(expr.Norm2, 0, 0))
	require.Equal(t, 0, count(expr.Norm2, 0, 1))
	clamp := func(x expr.Node) expr.Node {
		return expr.Clamp(x, x.Graph().Const(0), x.Graph().Const(0))
	}
	require.Equal(t, 0, count(clamp, 1))
	require.Equal(t, 1, count(clamp, -1)) // min(max(−1, 0), 0): the second kink only, whose key has a slot
	require.Equal(t, 2, count(clamp, 0))
}

// logarithm is mean log(θ·a), which is NaN for θ < 0 and −∞ at 0.
func logarithm(batch int) (*expr.Func, error) {
	g := expr.NewGraph()
	theta, a := g.Param("theta"), g.Data("a", batch)
	return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Log(expr.Mul(theta, a)))))
}

func TestDiverged(t *testing.T) {
	for _, theta := range []float64{-1, 0} {
		train := trainer(t, config(t, logarithm, column(1, 1, 2, 3), 2, theta))
		_, err := train.Next()
		var step *sgd.StepError
		var bad *sgd.DivergedError
		require.ErrorAs(t, err, &step)
		require.ErrorAs(t, err, &bad)
		require.Equal(t, "log", bad.Node.Op().Name)
		require.Equal(t, []int{0, 1}, step.Rows)
		require.Equal(t, []float64{theta}, train.Params()[0].Value, "no update")
		_, again := train.Next()
		require.Equal(t, err, again)
		require.ErrorContains(t, err, "sgd: step 0 (epoch 0.000): the loss is")
	}
}

// √|θ| is finite at 0 with an infinite slope: the step is not made.
func TestDivergedGradient(t *testing.T) {
	root := func(batch int) (*expr.Func, error) {
		g := expr.NewGraph()
		theta, a := g.Param("theta"), g.Data("a", batch)
		return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Add(a, expr.Sqrt(theta)))))
	}
	_, err := trainer(t, config(t, root, column(1, 1), 1, 0)).Next()
	var bad *sgd.DivergedError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "the gradient of theta", bad.What)
	require.Equal(t, "div", bad.Node.Op().Name)
}

func TestNaNSwitch(t *testing.T) {
	_, err := trainer(t, config(t, medians, column(1, math.NaN()), 1, 0)).Next()
	var bad *vm.NaNError
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "step 0")
}

func TestDivergedInput(t *testing.T) {
	_, err := trainer(t, config(t, squares, column(2, 1, math.Inf(1)), 1, 0, 0)).Next()
	var bad *sgd.DivergedError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "a", bad.Node.String())
}

// Gradient descent with a step above 2/L diverges and is stopped.
func TestDivergesInTheEnd(t *testing.T) {
	c := config(t, squares, column(2, 1, 1), 1, 3, 3)
	c.Schedule = sgd.Constant(1e6)
	var last error
	for _, err := range trainer(t, c).Steps(context.Background()) {
		last = err
	}
	var bad *sgd.DivergedError
	require.ErrorAs(t, last, &bad)
}

func TestRateError(t *testing.T) {
	for _, rate := range []float64{-1, math.NaN(), math.Inf(1)} {
		c := config(t, medians, column(1, 1), 1, 0)
		c.Schedule = sgd.Constant(rate)
		_, err := trainer(t, c).Next()
		var bad *sgd.RateError
		require.ErrorAs(t, err, &bad)
	}
}

func TestConfigErrors(t *testing.T) {
	failing := errors.New("no such model")
	for field, spoil := range map[string]func(c *sgd.Config){
		"Model: none":                     func(c *sgd.Config) { c.Model = nil },
		"no such model":                   func(c *sgd.Config) { c.Model = func(int) (*expr.Func, error) { return nil, failing } },
		"Wiring: it leaves the slot abs#": func(c *sgd.Config) { c.Wiring = ad.Wiring{} },
		"Method":                          func(c *sgd.Config) { c.Method = nil },
		"Schedule":                        func(c *sgd.Config) { c.Schedule = nil },
		"Sampler: none":                   func(c *sgd.Config) { c.Sampler = nil },
		"draws from 3 rows":               func(c *sgd.Config) { c.Data = column(1, 1, 2) },
		"has no column":                   func(c *sgd.Config) { c.Data.Columns = map[string][]float64{"b": c.Data.Columns["a"]} },
		"3 rows of 1":                     func(c *sgd.Config) { c.Data.Columns = map[string][]float64{"a": {1}} },
		"leave out":                       func(c *sgd.Config) { c.Data.Columns["b"] = nil },
		"needs 1 values":                  func(c *sgd.Config) { c.Initial = map[string][]float64{"theta": {1, 2}} },
		"for 2 parameters":                func(c *sgd.Config) { c.Initial["x"] = nil },
		"Beta":                            func(c *sgd.Config) { c.Method = sgd.HeavyBall{Beta: 7} },
		"first axis":                      func(c *sgd.Config) { c.Model = func(int) (*expr.Func, error) { return medians(7) } },
		"theta": func(c *sgd.Config) { // a parameter that depends on the batch
			c.Model = func(batch int) (*expr.Func, error) {
				g := expr.NewGraph()
				theta, a := g.Param("theta", batch), g.Data("a", batch)
				return g.Func(expr.In(theta, a), expr.Out(expr.Dot(theta, a)))
			}
			c.Initial["theta"] = []float64{1, 2}
		},
	} {
		c := config(t, medians, column(1, 1, 2, 3), 2, 0)
		spoil(&c)
		_, err := sgd.NewTrainer(c)
		require.ErrorContains(t, err, field)
	}
}

// The median of 1, 2, 10 by subgradient steps with αₖ = (k+1)^−0.7: Robbins
// and Monro's conditions hold, and the iterates go to 2.
func ExampleTrainer() {
	model := func(batch int) (*expr.Func, error) {
		g := expr.NewGraph()
		theta, a := g.Param("theta"), g.Data("a", batch)
		return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Abs(expr.Sub(theta, a)))))
	}
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: 3, Batch: 1}, rand.NewPCG(1, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	train, err := sgd.NewTrainer(sgd.Config{
		Model:    model,
		Data:     sgd.Data{Rows: 3, Columns: map[string][]float64{"a": {1, 2, 10}}},
		Wiring:   ad.AtKink(0),
		Method:   sgd.SGD{},
		Schedule: sgd.Power{C: 1, P: 0.7},
		Sampler:  sampler,
		Initial:  map[string][]float64{"theta": {8}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for step, err := range train.Epochs(context.Background(), 2000) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if slices.Contains([]int{0, 5999}, step.Number) {
			fmt.Printf("epoch %.2f: %.2f\n", step.Epoch, train.Params()[0].Value[0])
		}
	}
	// Output:
	// epoch 0.33: 7.00
	// epoch 2000.00: 2.00
}
