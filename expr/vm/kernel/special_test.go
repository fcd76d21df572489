package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var inf, nan = math.Inf(1), math.NaN()

// special are numbers that have results of their own in some function.
var special = []float64{
	0, math.Copysign(0, -1), 1, -1, 2, -2, 3, -3, 0.5, -0.5, inf, -inf, nan, math.MaxFloat64, -math.MaxFloat64,
	0x1p-1074, -0x1p-1074, 0x1p-1022, 1e300, -1e300, 1e15 + 1, -1e15 - 1, 0x1p53, 0x1p53 + 2, 710, -746, 1000, -1000, 1.5, -1.5,
}

// same compares bits, and NaN with any NaN.
func same(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b }

// isSpecial reports whether package math has no choice: 0, ±1, infinite or NaN.
func isSpecial(y float64) bool { return y != y || y == 0 || math.Abs(y) == 1 || math.IsInf(y, 0) }

func TestSpecialValues(t *testing.T) {
	for _, fn := range functions {
		for _, x := range special {
			if want := fn.std(x); isSpecial(want) {
				got := fn.f(x)
				require.True(t, same(want, got) || fn.name == "Softplus", "%s(%v) = %v, not %v", fn.name, x, got, want)
			}
		}
	}
	require.Zero(t, Softplus(-inf))
	require.Equal(t, inf, Softplus(inf))
	require.True(t, math.IsNaN(Softplus(nan)))
	require.Equal(t, 1e300, Softplus(1e300))
}

// The whole table of pow. Elsewhere both agree on sign and magnitude.
func TestSpecialPowers(t *testing.T) {
	for _, x := range special {
		for _, y := range special {
			want, got := math.Pow(x, y), Pow(x, y)
			if isSpecial(want) || isSpecial(got) {
				require.True(t, same(want, got), "Pow(%v, %v) = %v, not %v", x, y, got, want)
			} else {
				require.InEpsilon(t, want, got, 1e-12, "Pow(%v, %v)", x, y)
			}
		}
	}
}

// powers draws a base and an exponent whose power is finite and not 0.
func powers(r *rand.Rand) (x, y float64) {
	for {
		x = draw(r, 0, math.MaxFloat64)
		l := math.Abs(Log(x)) + 1e-300
		y = (r.Float64() - 0.5) * 1490 / l
		if r.IntN(3) == 0 {
			y = math.Round(y)
		}
		if z := y * Log(x); z > -745 && z < 709.7 {
			return x, y
		}
	}
}

func powError(x, y float64) (z, e, bound float64) {
	z = Pow(x, y)
	if z < 0x1p-1022 {
		return z, ulps(z, bigPow(x, y)), 0.78
	}
	return z, ulps(z, bigPow(x, y)), 0.53
}

func TestPowAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	worst, tiny := 0.0, 0.0
	for range *points {
		x, y := powers(r)
		z, e, bound := powError(x, y)
		if z < 0x1p-1022 {
			tiny = max(tiny, e)
		} else {
			worst = max(worst, e)
		}
		require.LessOrEqual(t, e, bound, "Pow(%v, %v) = %v", x, y, z)
	}
	t.Logf("%.4f ulp; %.4f where subnormal", worst, tiny)
}

func TestLawPow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := powers(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5)))
		z, e, bound := powError(x, y)
		require.LessOrEqual(t, e, bound, "Pow(%v, %v) = %v", x, y, z)
	})
}

// Powers that a float64 holds are exact, with their sign.
func TestLawExactPowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, n := rapid.Int64Range(-99, 99).Draw(t, "base"), rapid.Int64Range(0, 200).Draw(t, "n")
		want := new(big.Int).Exp(big.NewInt(base), big.NewInt(n), nil)
		if f, accuracy := new(big.Float).SetInt(want).Float64(); accuracy == big.Exact {
			require.Equal(t, f, Pow(float64(base), float64(n)))
		}
		root := math.Abs(float64(base)) / 8
		require.Equal(t, root, Pow(root*root, 0.5))
	})
}

// The multiples of π/2 that come closest to a float64 need all digits (Muller,
// section 11.3: the first is the closest of all).
func TestReductionOfHardCases(t *testing.T) {
	for _, x := range []float64{6381956970095103 * 0x1p797, 6411027962775774 * 0x1p-48, 0x1.1c5d96p20, 5.3716e15, 0x1.921fb54442d18p1, 0x1.921fb54442d18p0, 0x1.6ac5b262ca1ffp849} {
		sin, cos := bigSinCos(x)
		require.LessOrEqual(t, ulps(Sin(x), sin), 0.55, "sin %v", x)
		require.LessOrEqual(t, ulps(Cos(x), cos), 0.55, "cos %v", x)
	}
}
