package sgd_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/sgd"
)

// proximal is the problem that FTRL-Proximal minimises after each gradient
// (McMahan and others, KDD 2013, section 3), with all of the past written out:
//
//	Σ gₛθ + Σ σₛ/2·(θ − θₛ)² + λ₁|θ| + (λ₂ + β/α)/2·θ²,
//
// where σ₁ + … + σₛ = √(g₁² + … + gₛ²)/αₛ.
type proximal struct {
	sgd.Ftrl
	points, gradients, rates []float64
}

// slope is a derivative of the problem at θ.
func (p *proximal) slope(theta float64) float64 {
	squares, before := 0.0, 0.0
	out := math.Copysign(p.L1, theta) + (p.L2+p.Beta/p.rates[len(p.rates)-1])*theta
	for s, g := range p.gradients {
		squares += g * g
		total := math.Sqrt(squares) / p.rates[s]
		out += g + (total-before)*(theta-p.points[s])
		before = total
	}
	return out
}

// minimiser finds where the slope, which increases, changes its sign.
func (p *proximal) minimiser() float64 {
	lo, hi := -1e4, 1e4
	for range 80 {
		if mid := (lo + hi) / 2; p.slope(mid) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

func TestLawFtrl(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Float64Range(0, 2)
		p := &proximal{Ftrl: sgd.Ftrl{L1: part.Draw(t, "L1"), L2: part.Draw(t, "L2"), Beta: part.Draw(t, "beta")}}
		first := rapid.Float64Range(0.1, 3).Draw(t, "first") // makes the problem strongly convex
		g := append([]float64{first}, rapid.SliceOfN(rapid.Float64Range(-3, 3), 0, 20).Draw(t, "g")...)
		rate := sgd.Power{C: rapid.Float64Range(0.1, 2).Draw(t, "rate"), P: rapid.Float64Range(0, 1).Draw(t, "power")}
		x := rapid.Float64Range(-3, 3).Draw(t, "x")
		for k, got := range run(t, p.Ftrl, x, len(g), given(g), rate) {
			p.points, p.gradients = append(p.points, x), append(p.gradients, g[k])
			p.rates = append(p.rates, rate.Rate(sgd.Progress{Step: k}))
			require.InDelta(t, p.minimiser(), got, 1e-10, "step %d", k)
			x = got
		}
	})
}

// Without λ₁, λ₂ and β the recursions of Ftrl and of Adagrad without ε have the same
// iterates exactly, for all rates: shown in rationals, with gradients for which
// all roots are rational. The two methods follow them.
func TestLawFtrlIsAdagrad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.IntRange(1, 12).Draw(t, "steps")
		x0 := rapid.IntRange(-9, 9).Draw(t, "x")
		ftrl, adagrad := big.NewRat(int64(x0), 4), big.NewRat(int64(x0), 4)
		z, before, root := new(big.Rat), new(big.Rat), big.NewRat(3, 2)
		var g, rates, want []float64
		for k := range steps {
			// The legs root and gradient and the hypotenuse root₊ are 1 − s², 2s and 1 + s².
			gradient, rate := big.NewRat(3, 2), drawRat(t, "rate")
			if k > 0 {
				s := drawRat(t, "s")
				square := ratMul(s, s)
				shrunk := new(big.Rat).Sub(big.NewRat(1, 1), square)
				gradient = ratMul(root, ratQuo(new(big.Rat).Add(s, s), shrunk))
				root = ratMul(root, ratQuo(new(big.Rat).Add(big.NewRat(1, 1), square), shrunk))
			}
			if rapid.Bool().Draw(t, "negative") {
				gradient.Neg(gradient)
			}
			total := ratQuo(root, rate)
			z.Add(z, gradient).Sub(z, ratMul(new(big.Rat).Sub(total, before), ftrl))
			ftrl = ratQuo(new(big.Rat).Neg(z), total)
			adagrad.Sub(adagrad, ratQuo(ratMul(rate, gradient), root))
			require.Zero(t, ftrl.Cmp(adagrad), "step %d", k)
			before = total
			g, rates, want = append(g, float(gradient)), append(rates, float(rate)), append(want, float(adagrad))
		}
		closeTo(t, want, run(t, sgd.Adagrad{}, float64(x0)/4, steps, given(g), list(rates)))
		got := run(t, sgd.Ftrl{}, float64(x0)/4, steps, given(g), list(rates))
		for k := range want { // sums in z that cancel lose more digits
			require.InDelta(t, want[k], got[k], 1e-11, "step %d", k)
		}
	})
}

// drawRat returns n/16 with 1 ≤ n ≤ 12.
func drawRat(t *rapid.T, name string) *big.Rat {
	return big.NewRat(int64(rapid.IntRange(1, 12).Draw(t, name)), 16)
}

func ratMul(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
func ratQuo(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }

func float(r *big.Rat) float64 {
	v, _ := r.Float64()
	return v
}

// list is a schedule of given rates.
type list []float64

func (l list) Rate(p sgd.Progress) float64 { return l[p.Step] }

// L1 makes entries 0 whose gradients add up to less, and entries without a gradient
// are 0 but for the zero value. A gradient whose square is 0 gives no infinity.
// Rates of 0 change nothing, now and later.
func TestFtrlCases(t *testing.T) {
	small := given([]float64{0.5, -0.25, 0.5})
	require.Equal(t, []float64{0, 0, 0}, run(t, sgd.Ftrl{L1: 1}, 0, 3, small, sgd.Constant(1)))
	for _, m := range []sgd.Ftrl{sgd.DefaultFtrl(), {L1: 1}, {L2: 1}} {
		require.Equal(t, []float64{0}, run(t, m, 7, 1, given([]float64{0}), sgd.Constant(1)), "%#v", m)
	}
	require.Equal(t, []float64{0}, run(t, sgd.Ftrl{L1: 1e-300}, 7, 1, given([]float64{1e-200}), sgd.Constant(1)))

	g := []float64{0.5, 2, -1}
	want := run(t, sgd.DefaultFtrl(), 1, 3, given(g), list{0.5, 0.25, 0.125})
	got := run(t, sgd.DefaultFtrl(), 1, 5, given([]float64{9, 0.5, 2, 9, -1}), list{0, 0.5, 0.25, 0, 0.125})
	require.Equal(t, []float64{1, want[0], want[1], want[1], want[2]}, got)
}
