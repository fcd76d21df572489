package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Norm is within a few units of the exact norm at any magnitude: n/8 + 1 squares
// of an accumulator and three levels of sums round once each, the root halves
// that error and rounds once more.
func TestLawNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		x := make([]float64, rapid.IntRange(1, 40).Draw(t, "n"))
		largest := rapid.IntRange(-1073, 1023).Draw(t, "exponent")
		sum := num(0)
		for i := range x {
			x[i] = math.Ldexp(r.Float64()-0.5, largest-r.IntN(1<<r.IntN(8)))
			sum = add(sum, mul(num(x[i]), num(x[i])))
		}
		e := ulps(Norm(x), new(big.Float).SetPrec(places).Sqrt(sum))
		require.LessOrEqual(t, e, 2.5+float64(len(x))/16, "%v", x)
	})
}

func TestNormOfSpecialValues(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{
		{nil, 0},
		{[]float64{0, math.Copysign(0, -1)}, 0},
		{[]float64{3, -4}, 5},
		{[]float64{0x1p-1074}, 0x1p-1074},
		{[]float64{3 * 0x1p-1074, 4 * 0x1p-1074}, 5 * 0x1p-1074},
		{[]float64{0x1.8p1022, 0x1p1023}, 0x1.4p1023},
		{[]float64{math.MaxFloat64, math.MaxFloat64}, inf},
		{[]float64{1, -inf}, inf},
		{[]float64{inf, nan}, nan},
	} {
		require.True(t, same(c.want, Norm(c.x)), "Norm(%v) = %v", c.x, Norm(c.x))
	}
}
