package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// bigFMA32 rounds the exact a·b + c once.
func bigFMA32(a, b, c float32) float32 {
	plain := float64(a)*float64(b) + float64(c)
	if math.IsNaN(plain) || math.IsInf(plain, 0) || plain == 0 {
		return float32(plain)
	}
	exact := func(x float32) *big.Float { return new(big.Float).SetPrec(1000).SetFloat64(float64(x)) }
	x := exact(a)
	f, _ := x.Mul(x, exact(b)).Add(x, exact(c)).Float32()
	return f
}

func requireFMA32(t *testing.T, a, b, c float32) {
	want, got := bigFMA32(a, b, c), FMA32(a, b, c)
	if want == want || got == got {
		require.Equal(t, math.Float32bits(want), math.Float32bits(got), "%x·%x + %x is %x, got %x", a, b, c, want, got)
	}
}

// FMA32 rounds once: on edges, on numbers of all magnitudes, and where a·b lies near the middle between two
// neighbours of c, which a sum in float64 rounds to the middle and then to the wrong side.
func TestFMA32(t *testing.T) {
	for _, a := range edges {
		for _, b := range edges {
			for _, c := range edges {
				requireFMA32(t, float32(a), float32(b), float32(c))
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	wrong := 0
	for range 300_000 {
		a, b := math.Float32frombits(r.Uint32()), math.Float32frombits(r.Uint32())
		requireFMA32(t, a, b, math.Float32frombits(r.Uint32()))
		c := -a * b
		requireFMA32(t, a, b, c) // cancellation
		requireFMA32(t, a, b, math.Float32frombits(math.Float32bits(c)+uint32(r.IntN(1<<12))))
		// a·b = (1 + 2⁻ᵏ)(1 − 2⁻ᵏ)2ᵉ is just below a power of two: half of a unit of c, or of a subnormal.
		k, e := r.IntN(12)+12, r.IntN(20)-30-r.IntN(2)*100
		a, b = float32(math.Ldexp(1+math.Ldexp(1, -k), e)), float32(1-math.Ldexp(1, -k))
		c = float32(math.Ldexp(float64(r.IntN(1<<24)|1<<23), e-23+24-r.IntN(3)))
		for _, s := range []float32{1, -1} {
			requireFMA32(t, s*a, b, c)
			if float32(float64(s*a)*float64(b)+float64(c)) != bigFMA32(s*a, b, c) {
				wrong++
			}
		}
	}
	require.NotZero(t, wrong, "no case needs the care")
}
