package sgd_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd"
)

// run drives a method with a given gradient on one parameter of one entry and
// returns the iterates after each step.
func run(t require.TestingT, m sgd.Method, x float64, steps int, gradient func(k int, x float64) float64, rate sgd.Schedule) []float64 {
	p := []sgd.Param{{Name: "x", Value: []float64{x}, Grad: []float64{0}}}
	s, err := m.Start(p)
	require.NoError(t, err)
	out := make([]float64, steps)
	for k := range out {
		p[0].Grad[0] = gradient(k, p[0].Value[0])
		s.Update(p, rate.Rate(sgd.Progress{Step: k}))
		out[k] = p[0].Value[0]
	}
	return out
}

func closeTo(t require.TestingT, want, got []float64) {
	require.Len(t, got, len(want))
	for k := range want {
		require.InDelta(t, want[k], got[k], 1e-13*(1+math.Abs(want[k])), "step %d", k)
	}
}

// given returns a fixed sequence of gradients.
func given(g []float64) func(int, float64) float64 {
	return func(k int, _ float64) float64 { return g[k] }
}

var (
	unit      = rapid.Float64Range(0, 0.99)
	gradients = rapid.SliceOfN(rapid.Float64Range(-3, 3), 1, 40)
)

// The formulas of torch.optim.SGD, written for one number.
func TestLawSGD(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, m := gradients.Draw(t, "g"), sgd.SGD{Momentum: unit.Draw(t, "momentum"), WeightDecay: unit.Draw(t, "decay")}
		if m.Nesterov = m.Momentum > 0 && rapid.Bool().Draw(t, "nesterov"); !m.Nesterov {
			m.Dampening = unit.Draw(t, "dampening")
		}
		x0, rate := rapid.Float64Range(-5, 5).Draw(t, "x"), sgd.Power{C: 0.5, P: 0.6}
		want := make([]float64, len(g))
		x, b := x0, 0.0
		for k := range g {
			alpha := 0.5 * math.Pow(float64(k+1), -0.6)
			d := g[k] + m.WeightDecay*x
			switch {
			case m.Momentum == 0:
				b = d
			case k == 0:
				b = d
			default:
				b = m.Momentum*b + (1-m.Dampening)*d
			}
			if m.Nesterov {
				x -= alpha * (d + m.Momentum*b)
			} else {
				x -= alpha * b
			}
			want[k] = x
		}
		closeTo(t, want, run(t, m, x0, len(g), given(g), rate))
	})
}

// Kingma and Ba's algorithm 1, written with sums in place of recursions.
func TestLawAdam(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := gradients.Draw(t, "g")
		m := sgd.Adam{Beta1: unit.Draw(t, "b1"), Beta2: unit.Draw(t, "b2"), Epsilon: rapid.Float64Range(1e-3, 1).Draw(t, "eps")}
		want, x := make([]float64, len(g)), 1.0
		for k := range g {
			mean, square, w1, w2 := 0.0, 0.0, 0.0, 0.0
			for i := 0; i <= k; i++ {
				p, q := math.Pow(m.Beta1, float64(k-i)), math.Pow(m.Beta2, float64(k-i))
				mean, w1 = mean+p*g[i], w1+p
				square, w2 = square+q*g[i]*g[i], w2+q
			}
			x -= 0.1 * (mean / w1) / (math.Sqrt(square/w2) + m.Epsilon)
			want[k] = x
		}
		got := run(t, m, 1, len(g), given(g), sgd.Constant(0.1))
		for k := range want {
			require.InDelta(t, want[k], got[k], 1e-10, "step %d", k)
		}
	})
}

// Weight decay is the gradient of λ/2·x².
func TestWeightDecay(t *testing.T) {
	quadratic := func(_ int, x float64) float64 { return 0.25 * x }
	none := func(int, float64) float64 { return 0 }
	for _, pair := range [][2]sgd.Method{
		{sgd.SGD{}, sgd.SGD{WeightDecay: 0.25}},
		{sgd.Adam{Beta1: 0.5, Beta2: 0.5, Epsilon: 1}, sgd.Adam{Beta1: 0.5, Beta2: 0.5, Epsilon: 1, WeightDecay: 0.25}},
		{sgd.Adam{AMSGrad: true, Epsilon: 1}, sgd.Adam{AMSGrad: true, Epsilon: 1, WeightDecay: 0.25}},
		{sgd.SGD{Momentum: 0.5}, sgd.SGD{Momentum: 0.5, WeightDecay: 0.25}},
		{sgd.Adadelta{Epsilon: 1}, sgd.Adadelta{Epsilon: 1, WeightDecay: 0.25}},
		{sgd.Adagrad{}, sgd.Adagrad{WeightDecay: 0.25}},
		{sgd.Adamax{Epsilon: 1}, sgd.Adamax{Epsilon: 1, WeightDecay: 0.25}},
		{sgd.NAdam{Epsilon: 1}, sgd.NAdam{Epsilon: 1, WeightDecay: 0.25}},
		{sgd.RAdam{Epsilon: 1}, sgd.RAdam{Epsilon: 1, WeightDecay: 0.25}},
		{sgd.RMSprop{Epsilon: 1}, sgd.RMSprop{Epsilon: 1, WeightDecay: 0.25}},
		{sgd.ASGD{}, sgd.ASGD{WeightDecay: 0.25}},
	} {
		require.Equal(t, run(t, pair[0], 3, 20, quadratic, sgd.Constant(0.5)), run(t, pair[1], 3, 20, none, sgd.Constant(0.5)))
	}
}

// Gradient descent on ½λx² contracts by 1 − αλ, momentum has the closed form of
// its recursion x₊ = (1 + β − αλ)x − βx₋.
func TestQuadratic(t *testing.T) {
	const lambda, alpha, beta = 2.0, 0.1, 0.7
	slope := func(_ int, x float64) float64 { return lambda * x }
	x := run(t, sgd.SGD{}, 1, 30, slope, sgd.Constant(alpha))
	for k := range x {
		require.InEpsilon(t, math.Pow(1-alpha*lambda, float64(k+1)), x[k], 1e-13)
	}
	old, now := 1.0, 1.0
	for k, got := range run(t, sgd.HeavyBall{Beta: beta}, 1, 30, slope, sgd.Constant(alpha)) {
		old, now = now, (1+beta-alpha*lambda)*now-beta*old
		require.InDelta(t, now, got, 1e-14, "step %d", k)
	}
}

// The two forms of the heavy ball are equal exactly: in dyadic arithmetic that
// rounds nothing, bit by bit.
func TestHeavyBallForms(t *testing.T) {
	slope := func(_ int, x float64) float64 { return x }
	for _, x0 := range []float64{1, -3, 5} {
		polyak := run(t, sgd.HeavyBall{Beta: 0.5}, x0, 16, slope, sgd.Constant(0.25))
		buffer := run(t, sgd.SGD{Momentum: 0.5}, x0, 16, slope, sgd.Constant(0.25))
		x, v := x0, 0.0
		for k := range polyak {
			v = 0.5*v + 0.25*x
			x -= v
			require.Equal(t, x, polyak[k])
			require.Equal(t, x, buffer[k])
		}
	}
}

// With a varying step size the two are different methods: at step 1 Polyak's
// keeps the old step, SGD rescales it.
func TestHeavyBallVaryingRate(t *testing.T) {
	g := given([]float64{1, 0})
	rate := sgd.Steps{Start: 1, Factor: 0.5, At: []int{1}}
	require.Equal(t, []float64{-1, -1.5}, run(t, sgd.HeavyBall{Beta: 0.5}, 0, 2, g, rate))
	require.Equal(t, []float64{-1, -1.25}, run(t, sgd.SGD{Momentum: 0.5}, 0, 2, g, rate))
}

func TestAdamZeroValueIsSignMethod(t *testing.T) {
	require.Equal(t, []float64{1, 2, 2}, run(t, sgd.Adam{}, 2, 3, given([]float64{3, -0.5, 0}), sgd.Constant(1)))
}

// Copying buffers out and in restores a state, and a state is all there is.
func TestBuffersRestore(t *testing.T) {
	for _, m := range everyMethod {
		p := []sgd.Param{{Name: "a", Value: []float64{1, -2}, Grad: make([]float64, 2)}, {Name: "b", Value: []float64{3}, Grad: make([]float64, 1)}}
		steps := func(s sgd.State, k int) {
			for range k {
				for _, q := range p {
					copy(q.Grad, q.Value)
				}
				s.Update(p, 0.1)
			}
		}
		first, err := m.Start(p)
		require.NoError(t, err)
		steps(first, 3)
		second, err := m.Start(p)
		require.NoError(t, err)
		names := map[string]bool{}
		for i, b := range second.Buffers() {
			copy(b.Values, first.Buffers()[i].Values)
			names[b.Name] = true
		}
		require.Len(t, names, len(second.Buffers()), "names differ")
		a, b := append([]float64{}, p[0].Value...), append([]float64{}, p[1].Value...)
		steps(first, 5)
		want := append(append([]float64{}, p[0].Value...), p[1].Value...)
		copy(p[0].Value, a)
		copy(p[1].Value, b)
		steps(second, 5)
		require.Equal(t, want, append(append([]float64{}, p[0].Value...), p[1].Value...), "%#v", m)
		require.Zero(t, testing.AllocsPerRun(10, func() { first.Update(p, 0.1) }))
	}
}

func TestMethodErrors(t *testing.T) {
	nan := math.NaN()
	for _, m := range []sgd.Method{
		sgd.SGD{Momentum: -0.1},
		sgd.SGD{Momentum: 1.1},
		sgd.SGD{Momentum: nan},
		sgd.SGD{Dampening: 2},
		sgd.SGD{WeightDecay: -1},
		sgd.SGD{WeightDecay: math.Inf(1)},
		sgd.SGD{Nesterov: true},
		sgd.SGD{Nesterov: true, Momentum: 0.5, Dampening: 0.1},
		sgd.HeavyBall{Beta: 1.5},
		sgd.Adam{Beta1: 1},
		sgd.Adam{Beta2: 1},
		sgd.Adam{Epsilon: -1},
		sgd.Adam{Beta1: nan},
		sgd.Adam{WeightDecay: nan},
		sgd.AdamW{Beta1: -1},
		sgd.AdamW{WeightDecay: -1},
		sgd.Adadelta{},
		sgd.Adadelta{Rho: 1, Epsilon: 1},
		sgd.Adadelta{Epsilon: 1, WeightDecay: -1},
		sgd.Adagrad{RateDecay: -1},
		sgd.Adagrad{Initial: nan},
		sgd.Adagrad{Epsilon: math.Inf(1)},
		sgd.Adagrad{WeightDecay: -1},
		sgd.Adamax{Beta1: 1},
		sgd.Adamax{Beta2: 1},
		sgd.Adamax{Epsilon: -1},
		sgd.Adamax{WeightDecay: -1},
		sgd.NAdam{Beta1: 1},
		sgd.NAdam{Beta2: 1},
		sgd.NAdam{Epsilon: -1},
		sgd.NAdam{MomentumDecay: -1},
		sgd.NAdam{WeightDecay: -1},
		sgd.RAdam{Beta1: 1},
		sgd.RAdam{Beta2: 1},
		sgd.RAdam{Epsilon: -1},
		sgd.RAdam{WeightDecay: -1},
		sgd.RMSprop{Beta: 1},
		sgd.RMSprop{Momentum: 2},
		sgd.RMSprop{Epsilon: -1},
		sgd.RMSprop{WeightDecay: -1},
		sgd.Rprop{},
		sgd.Rprop{Shrink: 1, Grow: 2},
		sgd.Rprop{Shrink: 0.5, Grow: 1},
		sgd.Rprop{Shrink: 0.5, Grow: 2, MinStep: -1},
		sgd.Rprop{Shrink: 0.5, Grow: 2, MinStep: 1, MaxStep: 0.5},
		sgd.ASGD{Lambda: -1},
		sgd.ASGD{Power: -1},
		sgd.ASGD{From: -1},
		sgd.ASGD{WeightDecay: -1},
		sgd.Ftrl{L1: -1},
		sgd.Ftrl{L2: -1},
		sgd.Ftrl{Beta: -1},
		sgd.INNA{},
		sgd.INNA{Alpha: -1, Beta: 1},
	} {
		_, err := m.Start(nil)
		var e *sgd.MethodError
		require.ErrorAs(t, err, &e, "%#v", m)
		require.Contains(t, err.Error(), fmt.Sprintf("sgd: %s.%s is %v; it must be ", e.Method, e.Field, e.Value))
		require.Equal(t, reflect.TypeOf(m).Name(), e.Method)
	}
	for _, m := range []sgd.Method{sgd.SGD{Momentum: 1}, sgd.HeavyBall{Beta: 1}} {
		_, err := m.Start(nil)
		require.NoError(t, err)
	}
}
