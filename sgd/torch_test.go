package sgd_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/sgd"
)

// golden is what testdata/golden/torch_optim.py has recorded.
type golden struct {
	Versions  map[string]string
	Start     []float64
	Sizes     []int
	Gradients map[string][][]float64 // by problem: at Start in steps 0 to 4
	Losses    map[string][]float64   // as well
	Combined  []struct {
		Name, Problem string
		Iterates      map[string][]float64
	}
	Rows []struct { // SparseAdam on a matrix
		Options  torchOptions
		Iterates map[string][]float64
	}
	Cases []struct {
		Optimizer, Problem string
		Given              []string // names of options that are not PyTorch's defaults
		Options            torchOptions
		Iterates, Averages map[string][]float64 // after so many steps
	}
}

// torchOptions has the options of all optimizers by PyTorch's names.
type torchOptions struct {
	LR                 float64    `json:"lr"`
	Momentum           float64    `json:"momentum"`
	Dampening          float64    `json:"dampening"`
	Nesterov           bool       `json:"nesterov"`
	WeightDecay        float64    `json:"weight_decay"`
	Betas              [2]float64 `json:"betas"`
	Eps                float64    `json:"eps"`
	AMSGrad            bool       `json:"amsgrad"`
	Rho                float64    `json:"rho"`
	LRDecay            float64    `json:"lr_decay"`
	InitialAccumulator float64    `json:"initial_accumulator_value"`
	MomentumDecay      float64    `json:"momentum_decay"`
	Alpha              float64    `json:"alpha"`
	Centered           bool       `json:"centered"`
	Etas               [2]float64 `json:"etas"`
	StepSizes          [2]float64 `json:"step_sizes"`
	Lambd              float64    `json:"lambd"`
	T0                 float64    `json:"t0"`
	MaxIter            int        `json:"max_iter"`
	MaxEval            int        `json:"max_eval"`
	ToleranceGrad      float64    `json:"tolerance_grad"`
	ToleranceChange    float64    `json:"tolerance_change"`
	HistorySize        int        `json:"history_size"`
	LineSearch         string     `json:"line_search_fn"`
}

// fromTorch has PyTorch's optimizers: the method for its options and our defaults.
var fromTorch = map[string]struct {
	method   func(o torchOptions) sgd.Method
	defaults sgd.Method
}{
	"SGD": {func(o torchOptions) sgd.Method {
		return sgd.SGD{Momentum: o.Momentum, Dampening: o.Dampening, Nesterov: o.Nesterov, WeightDecay: o.WeightDecay}
	}, sgd.SGD{}},
	"Adadelta": {func(o torchOptions) sgd.Method {
		return sgd.Adadelta{Rho: o.Rho, Epsilon: o.Eps, WeightDecay: o.WeightDecay}
	}, sgd.DefaultAdadelta()},
	"Adagrad": {func(o torchOptions) sgd.Method {
		return sgd.Adagrad{RateDecay: o.LRDecay, Initial: o.InitialAccumulator, Epsilon: o.Eps, WeightDecay: o.WeightDecay}
	}, sgd.DefaultAdagrad()},
	"Adam": {func(o torchOptions) sgd.Method {
		return sgd.Adam{Beta1: o.Betas[0], Beta2: o.Betas[1], Epsilon: o.Eps, WeightDecay: o.WeightDecay, AMSGrad: o.AMSGrad}
	}, sgd.DefaultAdam()},
	"AdamW": {func(o torchOptions) sgd.Method {
		return sgd.AdamW{Beta1: o.Betas[0], Beta2: o.Betas[1], Epsilon: o.Eps, WeightDecay: o.WeightDecay, AMSGrad: o.AMSGrad}
	}, sgd.DefaultAdamW()},
	"SparseAdam": {func(o torchOptions) sgd.Method {
		return sgd.SparseAdam{Beta1: o.Betas[0], Beta2: o.Betas[1], Epsilon: o.Eps}
	}, sgd.DefaultSparseAdam()},
	"Adamax": {func(o torchOptions) sgd.Method {
		return sgd.Adamax{Beta1: o.Betas[0], Beta2: o.Betas[1], Epsilon: o.Eps, WeightDecay: o.WeightDecay}
	}, sgd.DefaultAdamax()},
	"NAdam": {func(o torchOptions) sgd.Method {
		return sgd.NAdam{Beta1: o.Betas[0], Beta2: o.Betas[1], Epsilon: o.Eps, MomentumDecay: o.MomentumDecay, WeightDecay: o.WeightDecay}
	}, sgd.DefaultNAdam()},
	"RAdam": {func(o torchOptions) sgd.Method {
		return sgd.RAdam{Beta1: o.Betas[0], Beta2: o.Betas[1], Epsilon: o.Eps, WeightDecay: o.WeightDecay}
	}, sgd.DefaultRAdam()},
	"RMSprop": {func(o torchOptions) sgd.Method {
		return sgd.RMSprop{Beta: o.Alpha, Momentum: o.Momentum, Centered: o.Centered, Epsilon: o.Eps, WeightDecay: o.WeightDecay}
	}, sgd.DefaultRMSprop()},
	"Rprop": {func(o torchOptions) sgd.Method {
		return sgd.Rprop{Shrink: o.Etas[0], Grow: o.Etas[1], MinStep: o.StepSizes[0], MaxStep: o.StepSizes[1]}
	}, sgd.DefaultRprop()},
	"ASGD": {func(o torchOptions) sgd.Method {
		return sgd.ASGD{Lambda: o.Lambd, Power: o.Alpha, From: o.T0, WeightDecay: o.WeightDecay}
	}, sgd.DefaultASGD()},
	"LBFGS": {func(o torchOptions) sgd.Method {
		return sgd.LBFGS{
			Iterations: o.MaxIter, Evaluations: o.MaxEval, Gradient: o.ToleranceGrad, Change: o.ToleranceChange,
			History: o.HistorySize, StrongWolfe: o.LineSearch == "strong_wolfe",
		}
	}, sgd.DefaultLBFGS()},
}

// torchTolerance is relative, for each entry: 200 steps amplify the differences of
// rounding.
const torchTolerance = 1e-10

// Each optimizer of PyTorch and this package's method with the same options have
// the same iterates, and averages, and the same defaults.
func TestTorch(t *testing.T) {
	record := readGolden(t)
	seen := map[string]int{}
	for _, c := range record.Cases {
		known, ok := fromTorch[c.Optimizer]
		require.True(t, ok, c.Optimizer)
		seen[c.Optimizer]++
		method := known.method(c.Options)
		if len(c.Given) == 1 { // the rate
			require.Equal(t, known.defaults, method)
		}
		t.Run(c.Optimizer+"/"+c.Problem, func(t *testing.T) {
			params := record.params()
			state, err := method.Start(params)
			require.NoError(t, err)
			for k := range 200 {
				evaluate := func() (float64, error) {
					split(params, problems[c.Problem](values(params), k))
					return losses[c.Problem](values(params), k), nil
				}
				loss, _ := evaluate()
				if search, ok := state.(sgd.Searcher); ok {
					require.NoError(t, search.Search(params, c.Options.LR, loss, evaluate))
				} else {
					state.Update(params, c.Options.LR)
				}
				if want, ok := c.Iterates[strconv.Itoa(k+1)]; ok {
					require.InEpsilonSlice(t, want, values(params), torchTolerance, "%#v, step %d", method, k+1)
				}
				if want, ok := c.Averages[strconv.Itoa(k+1)]; ok {
					require.InEpsilonSlice(t, want, averages(state), torchTolerance, "%#v, step %d", method, k+1)
				}
			}
			require.Len(t, c.Iterates, 5)
		})
	}
	for name := range fromTorch {
		require.GreaterOrEqual(t, seen[name], 6, name)
	}
}

// Rows of a matrix without a gradient stay, and so do their moments.
func TestTorchRows(t *testing.T) {
	record := readGolden(t)
	require.Len(t, record.Rows, 2)
	for _, c := range record.Rows {
		p := []sgd.Param{{Name: "w", Shape: []int{3, 2}, Value: []float64{-0.75, 1.3, 0.4, 2.1, 1.6, -0.2}, Grad: make([]float64, 6)}}
		state, err := sgd.SparseAdam{Beta1: c.Options.Betas[0], Beta2: c.Options.Betas[1], Epsilon: c.Options.Eps}.Start(p)
		require.NoError(t, err)
		for k := range 200 {
			clear(p[0].Grad)
			seen := []int{k % 3}
			if k%2 == 0 {
				seen = append(seen, 1)
			}
			for _, i := range seen {
				for j := range 2 {
					p[0].Grad[2*i+j] = p[0].Value[2*i+j] - float64(i-j)/2
				}
			}
			state.Update(p, c.Options.LR)
			if want, ok := c.Iterates[strconv.Itoa(k+1)]; ok {
				require.InEpsilonSlice(t, want, p[0].Value, torchTolerance, "step %d", k+1)
			}
		}
		require.Len(t, c.Iterates, 5)
	}
}

// grouped are the groups of torch_optim.py, whose parameters are named 0 and 1.
var grouped = sgd.Groups{{Params: []string{"0"}, Method: sgd.SGD{WeightDecay: 0.3}, Rate: 0.5}, {Method: sgd.SGD{Momentum: 0.9}, Rate: 1}}

// combined has what torch_optim.py combines.
var combined = map[string]struct {
	method sgd.Method
	rate   float64
}{
	"groups":             {grouped, 0.01},
	"norm":               {sgd.Clip{Method: sgd.SGD{Momentum: 0.9}, Norm: 0.7}, 0.02},
	"value":              {sgd.Clip{Method: sgd.DefaultAdam(), Value: 0.4}, 0.02},
	"norm around groups": {sgd.Clip{Method: grouped, Norm: 0.7}, 0.01},
}

// Parameter groups and clipping are PyTorch's.
func TestTorchCombined(t *testing.T) {
	record := readGolden(t)
	require.Len(t, record.Combined, len(combined)*len(problems))
	for _, c := range record.Combined {
		t.Run(c.Name+"/"+c.Problem, func(t *testing.T) {
			params := record.params()
			state, err := combined[c.Name].method.Start(params)
			require.NoError(t, err)
			for k := range 200 {
				split(params, problems[c.Problem](values(params), k))
				state.Update(params, combined[c.Name].rate)
				if want, ok := c.Iterates[strconv.Itoa(k+1)]; ok {
					require.InEpsilonSlice(t, want, values(params), torchTolerance, "step %d", k+1)
				}
			}
			require.Len(t, c.Iterates, 5)
		})
	}
}

// The problems are PyTorch's, bit by bit.
func TestTorchProblems(t *testing.T) {
	record := readGolden(t)
	require.Len(t, record.Gradients, len(problems))
	for name, gradients := range record.Gradients {
		for k, want := range gradients {
			require.Equal(t, want, problems[name](record.Start, k), "%s, step %d", name, k)
			require.Equal(t, record.Losses[name][k], losses[name](record.Start, k), "%s, step %d", name, k)
		}
	}
}

func readGolden(t *testing.T) (g golden) {
	file, err := os.Open("testdata/golden/torch_optim.json")
	require.NoError(t, err)
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields() // or an option would be lost
	require.NoError(t, decoder.Decode(&g))
	return g
}

// params returns the parameters at the start.
func (g golden) params() (out []sgd.Param) {
	at := 0
	for i, n := range g.Sizes {
		out = append(out, sgd.Param{Name: strconv.Itoa(i), Value: append([]float64{}, g.Start[at:at+n]...), Grad: make([]float64, n)})
		at += n
	}
	return out
}

func values(params []sgd.Param) (out []float64) {
	for _, p := range params {
		out = append(out, p.Value...)
	}
	return out
}

func split(params []sgd.Param, gradient []float64) {
	for _, p := range params {
		gradient = gradient[copy(p.Grad, gradient):]
	}
}

func averages(s sgd.State) (out []float64) {
	for _, b := range s.Buffers() {
		if strings.HasPrefix(b.Name, "average ") {
			out = append(out, b.Values...)
		}
	}
	return out
}

// losses has the losses of torch_optim.py, with its operations in its order.
var losses = map[string]func(x []float64, k int) float64{
	"quadratic": func(x []float64, _ int) (f float64) {
		w, c := []float64{1, 4, 0.25, 2}, []float64{0.3, -1.1, 0.7, 1.9}
		for i := range c {
			d := x[i] - c[i]
			f += float64(0.5 * float64(w[i]*float64(d*d)))
		}
		for i := range 3 {
			d := x[i+1] - x[i]
			f += float64(0.5 * float64(d*d))
		}
		return f
	},
	"rosenbrock": func(x []float64, _ int) (f float64) {
		for i := range 3 {
			d, e := x[i+1]-float64(x[i]*x[i]), 1-x[i]
			f += float64(5 * float64(d*d))
			f += float64(0.5 * float64(e*e))
		}
		return f
	},
	"deviations": func(x []float64, k int) float64 {
		row := deviationRows[k%5]
		z := -row[4]
		for i := range 4 {
			z += float64(row[i] * x[i])
		}
		return math.Abs(z)
	},
}

// deviationRows are (a, b) of |⟨a, x⟩ − b|.
var deviationRows = [][5]float64{{1, 2, 0, -1, 0.37}, {0, 1, -1, 1, -0.81}, {2, 0, 1, 1, 1.43}, {-1, 1, 2, 0, 0.59}, {1, -1, 1, 2, -1.27}}

// problems has the gradients of torch_optim.py at x in step k, with its operations
// in its order.
var problems = map[string]func(x []float64, k int) []float64{
	"quadratic": func(x []float64, _ int) []float64 {
		w, c, g := []float64{1, 4, 0.25, 2}, []float64{0.3, -1.1, 0.7, 1.9}, make([]float64, 4)
		for i := range g {
			g[i] = float64(w[i] * (x[i] - c[i]))
		}
		for i := range 3 {
			d := x[i+1] - x[i]
			g[i] -= d
			g[i+1] += d
		}
		return g
	},
	"rosenbrock": func(x []float64, _ int) []float64 {
		g := make([]float64, 4)
		for i := range 3 {
			d := float64(10 * (x[i+1] - float64(x[i]*x[i])))
			g[i] -= float64(2 * float64(x[i]*d))
			g[i] -= 1 - x[i]
			g[i+1] += d
		}
		return g
	},
	"deviations": func(x []float64, k int) []float64 {
		row, g := deviationRows[k%5], make([]float64, 4)
		z := -row[4]
		for i := range g {
			z += float64(row[i] * x[i])
		}
		for i := range g {
			switch {
			case z > 0:
				g[i] = row[i]
			case z < 0:
				g[i] = -row[i]
			}
		}
		return g
	},
}
