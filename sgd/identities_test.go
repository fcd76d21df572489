package sgd_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd"
)

// everyMethod has each method with its defaults and with each option at work.
var everyMethod = []sgd.Method{
	sgd.SGD{},
	sgd.SGD{Momentum: 0.9, Dampening: 0.1},
	sgd.SGD{Momentum: 0.9, Nesterov: true},
	sgd.HeavyBall{Beta: 0.9},
	sgd.Nesterov{},
	sgd.DefaultAdadelta(),
	sgd.DefaultAdagrad(),
	sgd.Adagrad{RateDecay: 0.1, Initial: 1},
	sgd.DefaultAdam(),
	sgd.Adam{Beta1: 0.5, Beta2: 0.5, AMSGrad: true},
	sgd.DefaultAdamW(),
	sgd.AdamW{Beta1: 0.5, Beta2: 0.5, AMSGrad: true},
	sgd.DefaultSparseAdam(),
	sgd.DefaultAdamax(),
	sgd.DefaultNAdam(),
	sgd.DefaultRAdam(),
	sgd.DefaultRMSprop(),
	sgd.RMSprop{Beta: 0.9, Momentum: 0.5, Centered: true, Epsilon: 1},
	sgd.RMSprop{Beta: 0.9, Centered: true, Epsilon: 1},
	sgd.RMSprop{Beta: 0.9, Momentum: 0.5},
	sgd.DefaultRprop(),
	sgd.ASGD{Lambda: 0.1, Power: 1, From: 2},
	sgd.DefaultFtrl(),
	sgd.DefaultINNA(),
}

// With ε = 0 these methods do not see the weights of a separable quadratic Σ wᵢxᵢ²:
// powers of two change no bit of the iterates.
func TestScaleInvariance(t *testing.T) {
	for _, m := range []sgd.Method{
		sgd.Adagrad{},
		sgd.Adagrad{RateDecay: 0.1},
		sgd.Adam{Beta1: 0.9, Beta2: 0.999},
		sgd.Adam{Beta1: 0.9, Beta2: 0.5, AMSGrad: true},
		sgd.AdamW{Beta1: 0.9, Beta2: 0.999, WeightDecay: 0.1},
		sgd.Adamax{Beta1: 0.9, Beta2: 0.999},
		sgd.NAdam{Beta1: 0.9, Beta2: 0.999, MomentumDecay: 0.004},
		sgd.RMSprop{Beta: 0.99},
		sgd.RMSprop{Beta: 0.99, Momentum: 0.5},
		sgd.RMSprop{Beta: 0.99, Centered: true},
		sgd.DefaultRprop(),
		sgd.Ftrl{},
	} {
		want := weighted(t, m, 1)
		for j := -10; j <= 10; j++ {
			require.Equal(t, want, weighted(t, m, math.Ldexp(1, 2*j)), "%#v, w = 2^%d", m, 2*j)
		}
	}
	for _, m := range []sgd.Method{sgd.SGD{}, sgd.DefaultAdadelta(), sgd.RAdam{Beta1: 0.9, Beta2: 0.999}, sgd.DefaultINNA()} {
		require.NotEqual(t, weighted(t, m, 1), weighted(t, m, 4), "%#v", m)
	}
}

func weighted(t *testing.T, m sgd.Method, w float64) []float64 {
	return run(t, m, 1, 200, func(_ int, x float64) float64 { return 2 * w * x }, sgd.Constant(0.01))
}

// The steps for a constant gradient g > 0 have closed forms.
func TestLawConstantGradient(t *testing.T) {
	adam, adamax, beta := sgd.DefaultAdam(), sgd.DefaultAdamax(), 0.9
	largest := adam
	largest.AMSGrad = true
	relative := func(_, g float64) float64 { return 1e-3 * g / (g + 1e-8) }
	cases := []struct {
		method sgd.Method
		step   func(k, g float64) float64
	}{
		{adam, relative},
		{largest, relative},
		{adamax, relative},
		{sgd.Adagrad{}, func(k, _ float64) float64 { return 1e-3 / math.Sqrt(k) }},
		{sgd.RMSprop{Beta: beta}, func(k, _ float64) float64 { return 1e-3 / math.Sqrt(1-math.Pow(beta, k)) }},
		{sgd.DefaultRprop(), func(k, _ float64) float64 { return min(1e-3*math.Pow(1.2, k-1), 50) }},
		{sgd.ASGD{Lambda: 0, Power: 1}, func(_, g float64) float64 { return 1e-3 * g }},
	}
	rapid.Check(t, func(t *rapid.T) {
		g := math.Pow(10, rapid.Float64Range(-9, 3).Draw(t, "log g"))
		for _, c := range cases {
			old := 0.0
			for k, x := range run(t, c.method, 0, 80, func(int, float64) float64 { return g }, sgd.Constant(1e-3)) {
				require.InEpsilon(t, c.step(float64(k+1), g), old-x, 1e-8, "%#v, step %d", c.method, k)
				old = x
			}
		}
	})
}

// An entry whose divisor is 0, since it has had no gradient, stays.
func TestNoGradientStays(t *testing.T) {
	zero := func(int, float64) float64 { return 0 }
	for _, m := range []sgd.Method{
		sgd.Adagrad{},
		sgd.Adam{},
		sgd.Adam{AMSGrad: true},
		sgd.AdamW{},
		sgd.Adamax{},
		sgd.NAdam{},
		sgd.RAdam{Beta2: 0.999},
		sgd.RMSprop{},
		sgd.RMSprop{Centered: true, Momentum: 0.5},
		sgd.DefaultRprop(),
		sgd.DefaultAdadelta(),
		sgd.Ftrl{},
	} {
		require.Equal(t, []float64{2, 2, 2, 2, 2, 2, 2}, run(t, m, 2, 7, zero, sgd.Constant(1)), "%#v", m)
	}
}

// AdamW without weight decay is Adam; with it and without a gradient it contracts.
func TestAdamWDecay(t *testing.T) {
	slope := func(_ int, x float64) float64 { return math.Cos(3 * x) }
	require.Equal(t,
		run(t, sgd.Adam{Beta1: 0.5, Beta2: 0.9, AMSGrad: true}, 1, 50, slope, sgd.Constant(0.1)),
		run(t, sgd.AdamW{Beta1: 0.5, Beta2: 0.9, AMSGrad: true}, 1, 50, slope, sgd.Constant(0.1)))
	zero := func(int, float64) float64 { return 0 }
	require.Equal(t, []float64{6, 4.5}, run(t, sgd.AdamW{WeightDecay: 0.5}, 8, 2, zero, sgd.Constant(0.5)))
}

// A v − m² that rounding makes negative counts as 0 and gives no NaN.
func TestCenteredRounding(t *testing.T) {
	const steps, beta = 400, 0.5
	g := 0.7
	mean, square, negative := 0.0, 0.0, false
	for range steps {
		mean = float64(beta*mean) + float64((1-beta)*g)
		square = float64(beta*square) + float64((1-beta)*float64(g*g))
		negative = negative || square < float64(mean*mean)
	}
	require.True(t, negative)
	x := run(t, sgd.RMSprop{Beta: beta, Centered: true, Epsilon: 1}, 0, steps, func(int, float64) float64 { return g }, sgd.Constant(1))
	require.InDelta(t, -g, x[steps-1]-x[steps-2], 1e-6)
}

// The averages of ASGD are the means of the iterates from step From + 2 on, and
// before that the iterates without rounding. With λη = 1 these are minus the gradients.
func TestASGDAverages(t *testing.T) {
	p := []sgd.Param{{Name: "x", Value: []float64{1}, Grad: []float64{0}}}
	s, err := sgd.ASGD{From: 3, Lambda: 1}.Start(p)
	require.NoError(t, err)
	sum, count := 0.0, 0.0
	for k := 1; k <= 30; k++ {
		x := math.Cos(float64(k)) / float64(k*k)
		p[0].Grad[0] = -x
		s.Update(p, 1)
		require.Equal(t, x, p[0].Value[0])
		if k < 5 {
			require.Equal(t, x, averages(s)[0], "step %d", k)
			continue
		}
		sum, count = sum+x, count+1
		require.InDelta(t, sum/count, averages(s)[0], 1e-15, "step %d", k)
	}
}
