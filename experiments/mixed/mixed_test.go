package mixed_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

func parsed(t *testing.T, text string) *expr.Func {
	f, err := parse.Parse(text)
	require.NoError(t, err)
	return f
}

func compiled(t *testing.T, f *expr.Func) *mixed.Program {
	p, err := mixed.Compile(f)
	require.NoError(t, err)
	return p
}

// number is the vector of one fraction.
func number(t *testing.T, text string) mixed.Vector {
	r, ok := new(big.Rat).SetString(text)
	require.True(t, ok)
	return mixed.Rational([]*big.Rat{r})
}

// Values worked out by hand: in rationals where all ops have rational values, which no
// float is; else the nearest floats.
func TestArithmeticByHand(t *testing.T) {
	for _, c := range []struct {
		text              string
		rational, decides bool
		x, y              string
		want              string  // "" if the value is not rational
		float             float64 // where it is not
	}{
		{"x + y", true, true, "1/10", "1/5", "3/10", 0},
		{"relu(x + y - 3/10) + x/3", true, true, "1/10", "1/5", "1/30", 0},
		{"max(x*y, x - y)", true, true, "2/3", "1/7", "11/21", 0},
		{"exp(x)*y", false, true, "0", "1/3", "", 1.0 / 3},
		{"abs(x - 1)*exp(y)", false, true, "1/3", "0", "", 2.0 / 3},
		{"relu(exp(x) - y)", false, true, "0", "1/4", "", 0.75}, // a value takes no choice
	} {
		p := compiled(t, parsed(t, c.text))
		require.Equal(t, c.rational, p.Rational(), c.text)
		require.Equal(t, c.decides, p.Decides(), c.text)
		out, err := p.Run(number(t, c.x), number(t, c.y))
		require.NoError(t, err, c.text)
		require.Len(t, out, 1)
		if c.want == "" {
			require.Nil(t, out[0].Exact, c.text)
			require.InDelta(t, c.float, out[0].Float[0], 1e-15, c.text)
			continue
		}
		require.Equal(t, c.want, out[0].Exact[0].RatString(), c.text)
		nearest, _ := out[0].Exact[0].Float64()
		require.Equal(t, nearest, out[0].Float[0])
	}
}

// A kink that rationals meet and floats miss: 1/10 + 1/5 is 3/10 only in rationals. The
// slot of the gradient shows which branch was taken, with the kink's value 7 for it.
func TestChoicesAreRational(t *testing.T) {
	for text, want := range map[string]struct{ exact, float float64 }{
		"relu(x + y - 0.3)*exp(z)":  {7, 1}, // floats are above the kink
		"relu(0.3 - x - y)*exp(z)":  {-7, 0},
		"abs(x + y - 0.3) + exp(z)": {2*7 - 1, 1},
	} {
		f := parsed(t, text)
		g, err := ad.Gradient(f)
		require.NoError(t, err)
		require.Len(t, g.Slots(), 1)
		p := compiled(t, g)
		require.False(t, p.Rational())
		require.True(t, p.Decides())
		at := map[string]string{"x": "1/10", "y": "1/5", "z": "0"}
		var in, floats []mixed.Vector
		i := 0
		for k, n := range f.In() {
			v := number(t, at[n.String()])
			in, floats = append(in, v), append(floats, mixed.Vector{Float: v.Float})
			if n.String() == "x" {
				i = k
			}
		}
		slot := number(t, "7")
		exact, err := p.Run(append(in, slot)...)
		require.NoError(t, err)
		require.Equal(t, want.exact, exact[1+i].Float[0], text)
		rounded, err := p.Run(append(floats, slot)...)
		require.NoError(t, err)
		require.Equal(t, want.float, rounded[1+i].Float[0], text)
	}
}

// One input without rationals is enough for float64.
func TestFloatInputs(t *testing.T) {
	p := compiled(t, parsed(t, "x + y"))
	out, err := p.Run(number(t, "1/10"), mixed.Vector{Float: []float64{0.2}})
	require.NoError(t, err)
	require.Nil(t, out[0].Exact)
	require.Equal(t, []float64{0.30000000000000004}, out[0].Float)
}

// Numbers that are too long run in float64, and a quotient by 0 too.
func TestFaultsRunInFloat(t *testing.T) {
	quotient, err := compiled(t, parsed(t, "1/x")).Run(number(t, "0"))
	require.NoError(t, err)
	require.Nil(t, quotient[0].Exact)
	require.Equal(t, []float64{math.Inf(1)}, quotient[0].Float)

	text := "x"
	for range 40 {
		text = "(" + text + ")^2"
	}
	out, err := compiled(t, parsed(t, text)).Run(number(t, "1/3"))
	require.NoError(t, err)
	require.Nil(t, out[0].Exact)
	require.Equal(t, []float64{0}, out[0].Float)
}

// The gradient of relu at an exponential chooses by a number that is not rational; a
// switch that is NaN is an error.
func TestSwitchesInFloat(t *testing.T) {
	g, err := ad.Gradient(parsed(t, "relu(exp(x) - 1)"))
	require.NoError(t, err)
	p := compiled(t, g)
	require.False(t, p.Rational())
	require.False(t, p.Decides())
	out, err := p.Run(number(t, "0"), number(t, "1/4"))
	require.NoError(t, err)
	require.Equal(t, []float64{0.25}, out[1].Float, "the slot at the kink, e⁰ − 1")
	_, err = p.Run(mixed.Vector{Float: []float64{math.NaN()}}, number(t, "1/4"))
	require.ErrorAs(t, err, new(*vm.NaNError))
}

func TestRational(t *testing.T) {
	v := mixed.Rational([]*big.Rat{big.NewRat(1, 3), big.NewRat(-2, 1)})
	require.Equal(t, []float64{1.0 / 3, -2}, v.Float)
	require.Len(t, v.Exact, 2)
	require.NotNil(t, mixed.Rational(nil).Exact, "no numbers are rational too")
}
