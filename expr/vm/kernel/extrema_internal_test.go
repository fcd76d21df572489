package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every path finds what sorting finds, at every place, among ties, infinities and NaN.
func TestExtrema(t *testing.T) {
	for _, p := range paths {
		t.Run(p.name+"/float64", func(t *testing.T) { requireExtrema(t, p.f64) })
		t.Run(p.name+"/float32", func(t *testing.T) { requireExtrema(t, p.f32) })
	}
}

func requireExtrema[T Real](t *testing.T, k Vectors[T]) {
	r := rand.New(rand.NewPCG(7, 8))
	for n := range longest {
		x := make([]T, n)
		for _, values := range []func() float64{
			r.NormFloat64,
			func() float64 { return -100 - r.ExpFloat64() },
			func() float64 { return float64(r.IntN(4)) },
			func() float64 { return math.Copysign(0, float64(r.IntN(2))-0.5) },
			func() float64 { return math.Inf(r.IntN(3) - 1) },
		} {
			for i := range x {
				x[i] = T(values())
			}
			least, most := T(0), T(0)
			if n > 0 {
				least, most = slices.Min(x), slices.Max(x)
			}
			v, isNaN := k.Largest(x)
			require.False(t, isNaN)
			require.True(t, v == most, "%v of %v", v, x)
			v, isNaN = k.Smallest(x)
			require.False(t, isNaN)
			require.True(t, v == least, "%v of %v", v, x)
			if n > 0 {
				x[r.IntN(n)] = T(math.NaN())
				_, isNaN = k.Largest(x)
				require.True(t, isNaN)
				_, isNaN = k.Smallest(x)
				require.True(t, isNaN)
			}
		}
	}
}
