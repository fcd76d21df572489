package critical

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
)

// arithmetic is a binary floating-point format with the given number of
// significant bits. float32 and float64 are run as such; others are emulated by
// rounding every result of float64 once more. That equals rounding the true
// result once: here every operation but one of a step, the subtraction, is
// exact, and a float64 has more than twice as many bits.
type arithmetic struct {
	name string
	bits int
}

var (
	bfloat16 = arithmetic{"bfloat16", 8}
	float16  = arithmetic{"float16", 11}
	float32s = arithmetic{"float32", 24}
	float64s = arithmetic{"float64", 53}
)

// spacing is that of the numbers in [1, 2).
func (a arithmetic) spacing() float64 { return math.Ldexp(1, 1-a.bits) }

// round returns the nearest number of the format, ties to even, for x of
// ordinary size: the range of exponents is that of float64.
func (a arithmetic) round(x float64) float64 {
	if a.bits >= 53 {
		return x
	}
	drop := uint(53 - a.bits)
	u := math.Float64bits(x)
	u += 1<<(drop-1) - 1 + u>>drop&1
	return math.Float64frombits(u &^ (1<<drop - 1))
}

// ensemble is a number of runs in one arithmetic.
type ensemble struct {
	arithmetic
	name   string
	trials int
	draw   func(a arithmetic, rng *rand.Rand, rates []float64) float64
}

// lanesAtOnce is how many trials one workspace runs side by side.
const lanesAtOnce = 4096

// hits counts the trials that are at 0 after the given number of steps. They
// have been there since they hit it, as 0 is left by no step.
func (s ensemble) hits(ctx context.Context, c *claim.Context, text string) (int, error) {
	precision := vm.Float64
	if s.arithmetic == float32s {
		precision = vm.Float32
	}
	f, err := parse.Parse(text)
	if err != nil {
		return 0, err
	}
	if f, err = stepProgram(f, ad.AtKink(0)); err != nil {
		return 0, err
	}
	p, err := vm.Compile(f, vm.Options{Lanes: lanesAtOnce, Precision: precision, Workers: 1})
	if err != nil {
		return 0, err
	}
	counts := make([]int, (s.trials+lanesAtOnce-1)/lanesAtOnce)
	err = c.Each(ctx, len(counts), func(_ context.Context, i int) error {
		rng := c.Rand(claim.At("starts", s.name), claim.At("arithmetic", s.arithmetic.name), claim.At("chunk", i))
		var err error
		counts[i], err = s.chunk(p, rng, min(lanesAtOnce, s.trials-i*lanesAtOnce), c.Int("steps"), c.Float("power"))
		return err
	})
	total := 0
	for _, n := range counts {
		total += n
	}
	return total, err
}

// chunk runs n trials.
func (s ensemble) chunk(p *vm.Program, rng *rand.Rand, n, steps int, power float64) (int, error) {
	w := p.NewWorkspace()
	x, alpha := w.In(0), w.In(1)
	unit, rates := unitRates(steps, power), make([][]float64, n)
	for i := range n {
		rates[i] = s.rates(uniform(rng, 0.5, 1), unit)
		x[i] = s.round(s.draw(s.arithmetic, rng, rates[i]))
	}
	for k := range steps {
		for i := range n {
			alpha[i] = rates[i][k]
		}
		if err := w.Run(); err != nil {
			return 0, err
		}
		for i, y := range w.Out(0)[:n] {
			x[i] = s.round(y)
		}
	}
	hits := 0
	for _, v := range x[:n] {
		if v == 0 {
			hits++
		}
	}
	return hits, nil
}

// unitRates are α′ₖ = (k + 1)^−power.
func unitRates(steps int, power float64) []float64 {
	out := make([]float64, steps)
	for k := range out {
		out[k] = sgd.Power{C: 1, P: power}.Rate(sgd.Progress{Step: k})
	}
	return out
}

// rates are the step sizes cα′ₖ, rounded.
func (a arithmetic) rates(c float64, unit []float64) []float64 {
	out := make([]float64, len(unit))
	for k, r := range unit {
		out[k] = a.round(c * r)
	}
	return out
}

// wholeRange draws x₀ uniform in [0, range).
func wholeRange(steps int, power float64) func(arithmetic, *rand.Rand, []float64) float64 {
	width := startRange(steps, power)
	return func(_ arithmetic, rng *rand.Rand, _ []float64) float64 { return width * rng.Float64() }
}

// windowWidth is the width of the windows of nearHits, in units of the spacing of
// [1, 2). Rounding moves a run by less than half of it: the start and the iterates
// err by half a unit in the last place each, which for runs of maxRunSteps steps of
// power minPower are 15.6 units in all. The width is also less than the smallest
// step in float16, but for a few units far from all hits, so that no hit is in two
// windows.
const (
	windowWidth = 32
	maxRunSteps = 20
	minPower    = 0.65
)

// nearHits draws x₀ uniform near one of the sums α₀ + … + α_K, outside of which
// no run can meet 0. The sum is compensated: its own error would be as large as
// that of the run in float64.
func nearHits(a arithmetic, rng *rand.Rand, rates []float64) float64 {
	sum, lost := 0.0, 0.0
	for _, r := range rates[:1+rng.IntN(len(rates))] {
		next := sum + r
		lost += r - (next - sum) // exact, as step sizes fall
		sum = next
	}
	return sum + (lost + uniform(rng, -windowWidth*a.spacing()/2, windowWidth*a.spacing()/2))
}

// startRange is the width of the range of x₀: the largest sum of step sizes and
// a window, so that all windows lie in it.
func startRange(steps int, power float64) float64 {
	sum := 0.0
	for _, r := range unitRates(steps, power) {
		sum += r
	}
	return sum + 1
}

// windowShare is the probability that x₀, uniform in its range, falls into one of
// the windows.
func (a arithmetic) windowShare(steps int, power float64) float64 {
	return float64(steps) * windowWidth * a.spacing() / startRange(steps, power)
}

// hitProbability predicts the probability of a hit within the given number of
// steps: the mean unit in the last place of the step sizes, over all of them,
// divided by the range of x₀. For c uniform in [½, 1) and c·a with
// a = b·2^e, 1 ≤ b < 2, that mean is (3/2 − 1/b)·2^e·spacing.
func (a arithmetic) hitProbability(steps int, power float64) float64 {
	sum := 0.0
	for _, r := range unitRates(steps, power) {
		fraction, e := math.Frexp(r) // ½ ≤ fraction < 1
		sum += float64((1.5 - 1/(2*fraction)) * math.Ldexp(1, e-1))
	}
	return sum * a.spacing() / startRange(steps, power)
}
