package optest

import (
	"math"
	"math/big"
	"math/rand/v2"

	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// ToRats returns the exact values of finite floats.
func ToRats(x []float64) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i, v := range x {
		out[i] = new(big.Rat).SetFloat64(v)
	}
	return out
}

// AllToRats is ToRats for every buffer.
func AllToRats(x [][]float64) [][]*big.Rat {
	out := make([][]*big.Rat, len(x))
	for i, v := range x {
		out[i] = ToRats(v)
	}
	return out
}

// TwoTo returns 2^k as a rational.
func TwoTo(k int) *big.Rat {
	r := big.NewRat(1, 1)
	p := new(big.Int).Lsh(big.NewInt(1), uint(max(k, -k)))
	if k < 0 {
		return r.SetFrac(big.NewInt(1), p)
	}
	return r.SetInt(p)
}

// AddScaled returns x + t·d, entry by entry.
func AddScaled(x []*big.Rat, t *big.Rat, d []*big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i := range x {
		out[i] = new(big.Rat).Mul(t, d[i])
		out[i].Add(out[i], x[i])
	}
	return out
}

// DotRats returns the inner product of two lists of buffers.
func DotRats(x, y [][]*big.Rat) *big.Rat {
	s := new(big.Rat)
	for i := range x {
		for j, v := range x[i] {
			s.Add(s, new(big.Rat).Mul(v, y[i][j]))
		}
	}
	return s
}

// Bits returns the bit patterns of floats, so that −0 and 0 differ. All NaNs are one:
// which of two NaNs a sum passes on is left to compiler and processor.
func Bits(x []float64) []uint64 {
	out := make([]uint64, len(x))
	for i, v := range x {
		if v != v {
			v = math.NaN()
		}
		out[i] = math.Float64bits(v)
	}
	return out
}

// Strings returns rationals as text, for readable failures.
func Strings(x [][]*big.Rat) [][]string {
	out := make([][]string, len(x))
	for i, row := range x {
		for _, v := range row {
			out[i] = append(out[i], v.RatString())
		}
	}
	return out
}

// dyadics are coordinates of points and directions: near each other, so that
// differences of them are often 0.
var dyadics = rapid.SampledFrom([]float64{0, 1, -1, 0.5, -0.5, 2, -2, 0.25, -0.75, 1.5})

// Dyadics draws n small dyadic numbers.
func Dyadics(t *rapid.T, n int, label string) []float64 {
	return rapid.SliceOfN(dyadics, n, n).Draw(t, label)
}

// PointsFor draws small dyadic numbers for every one of the nodes.
func PointsFor(t *rapid.T, nodes []expr.Node, label string) [][]float64 {
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		out[i] = Dyadics(t, n.Shape().Size(), label)
	}
	return out
}

// generic draws numbers of 40 random bits in [−1, 1]: no two of their small
// integer combinations agree.
func generic(t *rapid.T, n int, label string) []float64 {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, label), 1))
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(rng.Int64N(1<<41)-1<<40) / (1 << 40)
	}
	return out
}

// Rough draws normal numbers with full mantissas: every operation on them rounds.
func Rough(t *rapid.T, n int, label string) []float64 {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, label), 4))
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}

// GenericFor draws a direction in general position, for every one of the nodes.
func GenericFor(t *rapid.T, nodes []expr.Node, label string) [][]float64 {
	out := make([][]float64, len(nodes))
	for i, n := range nodes {
		out[i] = generic(t, n.Shape().Size(), label)
	}
	return out
}
