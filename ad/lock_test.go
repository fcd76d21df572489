package ad_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

var lockTexts = []string{
	"abs(x) + relu(y)*x - max(x*y, x+y^2, exp(x))",
	"max(abs(x) - 1, min(y, relu(x*y)))^2 + leakyrelu(y, 0.25)",
	"norm2([x, y-3]) + norm1([x, abs(y) - x]) + clamp(x*y, -1, x^2)",
	"median([x, y, x*y]) + hinge(x - y)*softthreshold(y, 0.5)",
	"topksum([x, y, x*y, 1], 2) + dot(sort([x^2, y, -x]), [1, 2, 4]) + median([x, y, x+y, 2])*x",
	"sum(topk([x, y, -x*y], 2)) + quantile([x, y, 1], 0.25)",
	"(x > 0 ? x : y) + norminf([x^2, y])",
}

// locked runs the locked program at (x, y) and some τ.
func locked(t require.TestingT, l *ad.Locked, x, y float64, tau []float64) (value float64, z []float64) {
	in := [][]float64{{x}, {y}}
	for _, n := range l.Func.In()[2:] {
		size := n.Shape().Size()
		in, tau = append(in, tau[:size]), tau[size:]
	}
	require.Empty(t, tau)
	return at(l.Func, 0, in...)[0], at(l.Func, 1, in...)
}

// With the signs of the switches the locked program has the value of the program, and its switches are those of
// the program; and each τ scales the absolute value of its switch, so that it does not matter on the kink.
func TestLawLockedProgramIsTheProgram(t *testing.T) {
	var forms []*ad.Locked
	var funcs []*expr.Func
	for _, text := range lockTexts {
		f, err := parse.Parse(text)
		require.NoError(t, err)
		l, err := ad.Lock(f)
		require.NoError(t, err)
		forms, funcs = append(forms, l), append(funcs, f)
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(0, len(forms)-1).Draw(t, "program")
		grid := rapid.OneOf(rapid.Float64Range(-3, 3), rapid.Map(rapid.IntRange(-2, 2), func(i int) float64 { return float64(i) }))
		x, y := grid.Draw(t, "x"), grid.Draw(t, "y")
		z := at(forms[k].Switches, 0, []float64{x}, []float64{y})
		require.Len(t, z, len(forms[k].Names))
		tau := make([]float64, len(z))
		for i := range z {
			tau[i] = math.Copysign(1, z[i])
		}
		value, again := locked(t, forms[k], x, y, tau)
		want := at(funcs[k], 0, []float64{x}, []float64{y})[0]
		require.InDelta(t, want, value, 1e-12*(1+math.Abs(want)))
		require.InDeltaSlice(t, z, again, 1e-12)
		for i := range z {
			if z[i] == 0 {
				tau[i] = rapid.Float64Range(-1, 1).Draw(t, "slope")
			}
		}
		value, _ = locked(t, forms[k], x, y, tau)
		require.InDelta(t, want, value, 1e-12*(1+math.Abs(want)))
	})
}

// A branch program is there on both sides of its kinks: with τ = 1 the absolute value is x.
func ExampleLock() {
	f, _ := parse.Parse("abs(x)^3 + max(x, 1)")
	l, _ := ad.Lock(f)
	fmt.Println(l.Names)
	fmt.Println(at(l.Func, 0, []float64{-2}, []float64{1}, []float64{1})) // x³ + x
	fmt.Println(at(l.Switches, 0, []float64{-2}))
	// Output:
	// [abs#1.s max#4.s]
	// [-10]
	// [-2 -3]
}

func TestLockWithoutKinks(t *testing.T) {
	f, err := parse.Parse("x^2")
	require.NoError(t, err)
	l, err := ad.Lock(f)
	require.NoError(t, err)
	require.Same(t, f, l.Func)
	require.Nil(t, l.Switches)
	require.Empty(t, l.Names)
}
