package kernel

import (
	"flag"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var points = flag.Int("points", 1500, "random arguments of each function in TestAccuracy")

// function is a kernel with what is known of it.
type function struct {
	name   string
	f      func(float64) float64
	std    func(float64) float64 // of package math, for special values and speed
	exact  func(float64) *big.Float
	lo, hi float64 // where values are finite and not constant
	ulp    float64 // the bound of the documentation
	tiny   float64 // and where the result is subnormal, if it is larger
	rising bool
	odd    bool
}

func oracle(f func(*big.Float) *big.Float) func(float64) *big.Float {
	return func(x float64) *big.Float { return f(num(x)) }
}

var functions = []function{
	{name: "Exp", f: Exp, std: math.Exp, exact: oracle(bigExp), lo: -746, hi: 710, ulp: 0.51, tiny: 0.76, rising: true},
	{name: "Expm1", f: Expm1, std: math.Expm1, exact: oracle(bigExpm1), lo: -40, hi: 710, ulp: 0.75, rising: true},
	{name: "Log", f: Log, std: math.Log, exact: oracle(bigLog), lo: 0, hi: math.MaxFloat64, ulp: 0.51, rising: true},
	{name: "Log1p", f: Log1p, std: math.Log1p, exact: oracle(bigLog1p), lo: -1, hi: math.MaxFloat64, ulp: 0.51, rising: true},
	{name: "Sin", f: Sin, std: math.Sin, exact: func(x float64) *big.Float { s, _ := bigSinCos(x); return s }, lo: -math.MaxFloat64, hi: math.MaxFloat64, ulp: 0.8, odd: true},
	{name: "Cos", f: Cos, std: math.Cos, exact: func(x float64) *big.Float { _, c := bigSinCos(x); return c }, lo: -math.MaxFloat64, hi: math.MaxFloat64, ulp: 0.8},
	{name: "Tanh", f: Tanh, std: math.Tanh, exact: oracle(bigTanh), lo: -25, hi: 25, ulp: 0.54, rising: true, odd: true},
	{name: "Sigmoid", f: Sigmoid, std: plainSigmoid, exact: oracle(bigSigmoid), lo: -746, hi: 45, ulp: 0.52, tiny: 0.76, rising: true},
	{name: "Softplus", f: Softplus, std: plainSoftplus, exact: oracle(bigSoftplus), lo: -746, hi: 100, ulp: 0.52, tiny: 0.76, rising: true},
	{name: "Erf", f: Erf, std: math.Erf, exact: oracle(bigErf), lo: -6.5, hi: 6.5, ulp: 0.85, rising: true, odd: true},
}

func plainSigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func plainSoftplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// breakpoints are where the kernels change their path.
var breakpoints = []float64{0, 0x1p-54, 0x1p-28, 0x1p-27, 0x1p-8, 0x1p-4, 0.25, 0.69, math.Ln2 / 256, 0.7071, math.Pi / 4, math.Pi / 2, math.Pi, 1, 2, 3 * math.Pi, 1e5 * math.Pi, 6, 22, 37.5, 40, 708, 709.78, 745.13, 0x1p20, 0x1p53, 0x1p-1022, math.MaxFloat64}

// draw returns an argument between lo and hi: of any magnitude, evenly
// distributed or next to a breakpoint.
func draw(r *rand.Rand, lo, hi float64) float64 {
	for {
		x := 0.0
		switch r.IntN(4) {
		case 0:
			x = math.Float64frombits(r.Uint64())
		case 1:
			x = math.Ldexp(1+r.Float64(), r.IntN(24)-12) * float64(1-2*r.IntN(2))
		case 2:
			x = max(lo, -800) + r.Float64()*(min(hi, 800)-max(lo, -800))
		case 3:
			b := breakpoints[r.IntN(len(breakpoints))] * float64(1-2*r.IntN(2))
			x = math.Float64frombits(math.Float64bits(b) + uint64(r.IntN(9)) - 4)
		}
		if x > lo && x < hi {
			return x
		}
	}
}

// bound is the error that is allowed at a result.
func (fn function) bound(y float64) float64 {
	if math.Abs(y) < 0x1p-1022 && fn.tiny > 0 {
		return fn.tiny
	}
	return fn.ulp
}

// All functions stay within the errors of their documentation.
func TestAccuracy(t *testing.T) {
	for i, fn := range functions {
		t.Run(fn.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			worst, at, tiny := 0.0, 0.0, 0.0
			for range *points {
				x := draw(r, fn.lo, fn.hi)
				y := fn.f(x)
				e := ulps(y, fn.exact(x))
				if math.Abs(y) < 0x1p-1022 {
					tiny = max(tiny, e)
				} else if e > worst {
					worst, at = e, x
				}
				if e > fn.bound(y) {
					t.Errorf("%s(%v) = %v is off by %.3f ulp", fn.name, x, y, e)
				}
			}
			t.Logf("%.4f ulp at %v; %.4f where subnormal", worst, at, tiny)
		})
	}
}

// The same at arguments that rapid shrinks.
func TestLawAccuracy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fn := functions[rapid.IntRange(0, len(functions)-1).Draw(t, "function")]
		x := draw(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), fn.lo, fn.hi)
		y := fn.f(x)
		e := ulps(y, fn.exact(x))
		require.LessOrEqual(t, e, fn.bound(y), "%s(%v) = %v", fn.name, x, y)
	})
}

// The oracle agrees with package math, which shares nothing with it. Subnormal
// arguments are left out: math.Log(0x1p-1073) is −709.1 on amd64, not −743.7.
func TestLawOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fn := functions[rapid.IntRange(0, len(functions)-1).Draw(t, "function")]
		x := draw(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2)), max(fn.lo, -700), min(fn.hi, 700))
		if math.Abs(x) < 0x1p-1022 {
			return
		}
		want := fn.std(x)
		got, _ := fn.exact(x).Float64()
		require.InDelta(t, want, got, 1e-14*math.Abs(want)+1e-300, "%s(%v)", fn.name, x)
	})
}

// Rising functions never fall from one float64 to a later one.
func TestLawMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fn := functions[rapid.IntRange(0, len(functions)-1).Draw(t, "function")]
		if !fn.rising {
			return
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
		for range 50 {
			x := draw(r, fn.lo, fn.hi)
			y, before := x, fn.f(x)
			for range 4 {
				y = math.Nextafter(y, math.Inf(1))
				after := fn.f(y)
				require.GreaterOrEqual(t, after, before, "%s at %v and %v", fn.name, x, y)
				before = after
			}
		}
	})
}

// Odd functions are odd, and cos is even, bit for bit.
func TestLawSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64().Draw(t, "x")
		for _, fn := range functions {
			if fn.odd {
				require.Equal(t, math.Float64bits(-fn.f(x)), math.Float64bits(fn.f(-x)), "%s(%v)", fn.name, x)
			}
		}
		require.Equal(t, math.Float64bits(Cos(x)), math.Float64bits(Cos(-x)))
	})
}

// ulps measures what it says.
func TestUlps(t *testing.T) {
	require.Equal(t, 0.5, ulps(1, add(num(1), num(0x1p-53))))
	require.Equal(t, 1.0, ulps(1+0x1p-52, num(1)))
	require.Equal(t, 3.0, ulps(3*0x1p-1074, num(0)))
	require.Equal(t, 0.0, ulps(math.Inf(1), mul(num(math.MaxFloat64), num(2))))
	require.Greater(t, ulps(math.Inf(1), num(1)), 1e300)
}
