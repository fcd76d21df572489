package ad_test

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// rowsFor returns the rows of the outputs, and of the switches, for values of the
// slots: what passes a kink is the mixture of the rows of its members.
func rowsFor(l *ad.Linearization, slots [][]*big.Rat) (outputs [][]*big.Rat) {
	var passing [][]*big.Rat
	row := func(r *ad.Row) []*big.Rat {
		out := r.Exact
		for _, t := range r.Terms {
			out = optest.AddScaled(out, t.Exact, passing[t.Through])
		}
		return out
	}
	for b := range l.Kinks {
		lo, hi := l.Members(b)
		from, to := l.Throughs(b)
		for t := range to - from {
			mixed := optest.ToRats(make([]float64, len(l.Output[0].X)))
			for k := range hi - lo {
				mixed = optest.AddScaled(mixed, slots[b][t*(hi-lo)+k], row(&l.Switch[lo+k]))
			}
			passing = append(passing, mixed)
		}
	}
	for i := range l.Output {
		outputs = append(outputs, row(&l.Output[i]))
	}
	return outputs
}

// The linearisation has the derivative of the program for all slots, in rationals
// and for every selector.
func TestLawLinearization(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Vector: true, Repeat: true})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			return
		}
		l, err := ad.NewLinearizer(p.Func, 0)
		require.NoError(t, err)
		lin, err := l.AtExact(context.Background(), p.Rats()...)
		require.NoError(t, err)
		require.True(t, lin.IsExact())
		open, err := ad.Jacobian(p.Func)
		require.NoError(t, err)
		program, err := exact.Compile(open)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "slots"), 0))
		values := map[expr.Node][]*big.Rat{}
		for _, n := range open.Slots() {
			values[n] = optest.ToRats(make([]float64, n.Shape().Size()))
		}
		chosen := make([][]*big.Rat, len(lin.Kinks))
		for b := range lin.Kinks {
			k := &lin.Kinks[b]
			for _, e := range k.Entries {
				v := big.NewRat(rng.Int64N(33)-16, 8)
				chosen[b] = append(chosen[b], v)
				if s := values[k.Slot.Node]; s != nil {
					s[e] = v
				}
			}
		}
		in := p.Rats()
		for _, n := range open.Slots() {
			in = append(in, values[n])
		}
		out, err := program.Run(in...)
		require.NoError(t, err)
		want := out[len(out)-1]
		var got []*big.Rat
		for _, row := range rowsFor(lin, chosen) {
			got = append(got, row...)
		}
		require.Equal(t, optest.Strings([][]*big.Rat{want}), optest.Strings([][]*big.Rat{got}))
	})
}

// Coefficients of small programs, read off by hand.
func TestLinearizationByHand(t *testing.T) {
	f, err := parse.Parse("relu(x - abs(y)) * exp(z) + norm2([x, 2*y]) + max(x, 3*y, 5*z) + sin(z)")
	require.NoError(t, err)
	l, err := ad.NewLinearizer(f, 0)
	require.NoError(t, err)
	zero := []*big.Rat{new(big.Rat)}
	lin, err := l.AtExact(context.Background(), zero, zero, zero)
	require.NoError(t, err)
	require.True(t, lin.SwitchesExact())
	require.False(t, lin.IsExact())
	var names []string
	for i := range lin.Kinks {
		names = append(names, lin.Kinks[i].Op)
	}
	require.ElementsMatch(t, []string{"abs", "relu", "norm2", "amax"}, names)
	require.Less(t, indexOf(names, "abs"), indexOf(names, "relu"))
	lo, _ := lin.Members(indexOf(names, "relu"))
	require.Equal(t, []float64{1, 1, 0}, lin.Switch[lo].X, "x − |y| with slot 0, where |y| is −y")
	require.Len(t, lin.Switch[lo].Terms, 1)
	require.Equal(t, -2.0, lin.Switch[lo].Terms[0].Coefficient)
	require.Equal(t, []float64{0, 0, 1}, lin.Output[0].X)
	require.Len(t, lin.Output[0].Terms, 3)
	for _, c := range lin.Output[0].Terms {
		require.Equal(t, 1.0, c.Coefficient)
	}
}

func indexOf(list []string, s string) int {
	for i, v := range list {
		if v == s {
			return i
		}
	}
	return -1
}

// A kink that nothing moves has no rows and passes nothing.
func TestLinearizationOfStillKinks(t *testing.T) {
	f, err := parse.Parse("relu(relu(0*x)) + abs(x)^3 + x^2*relu(y)")
	require.NoError(t, err)
	l, err := ad.NewLinearizer(f, 0)
	require.NoError(t, err)
	zero := []*big.Rat{new(big.Rat)}
	lin, err := l.AtExact(context.Background(), zero, zero)
	require.NoError(t, err)
	require.Empty(t, lin.Output[0].Terms)
	require.Equal(t, []float64{0, 0}, lin.Output[0].X)
}

// A direction does not move while the slots of the kinks before it are 0, and moves with them all the same.
func TestLinearizationOfMovedDirection(t *testing.T) {
	direction, ok := expr.Lookup("direction")
	require.True(t, ok)
	g := expr.NewGraph()
	x := g.Input("x")
	v := expr.Stack(expr.Shift(expr.ReLU(expr.ReLU(x)), 1), g.Const(2))
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(direction.Apply(nil, v, v))))
	require.NoError(t, err)
	l, err := ad.NewLinearizer(f, 0)
	require.NoError(t, err)
	lin, err := l.At(context.Background(), []float64{0})
	require.NoError(t, err)
	require.Len(t, lin.Output[0].Terms, 1)
	// (v₁ + v₂)/‖v‖ has the derivative v₂(v₂ − v₁)/‖v‖³ with respect to v₁.
	require.InEpsilon(t, 2/math.Pow(5, 1.5), lin.Output[0].Terms[0].Coefficient, 1e-14)
}

// Where outputs are not rational, kinks are decided in rationals all the same: in
// float64 1/10 + 1/5 is not 3/10, and the tie of three entries is broken.
func TestLinearizationOfMixedArithmetic(t *testing.T) {
	for text, want := range map[string]float64{
		"relu(x + y - 0.3)*exp(z)":               1,
		"max(x + y, 0.3, 3*x)*exp(z)":            1,
		"sum(topk([x + y, 0.3, 3*x], 2))*exp(z)": 1,
		"norm2([x + y - 0.3, z])*cos(z)":         1,
	} {
		f, err := parse.Parse(text)
		require.NoError(t, err)
		l, err := ad.NewLinearizer(f, 0)
		require.NoError(t, err)
		var x [][]*big.Rat
		for _, n := range f.In() {
			v := map[string]*big.Rat{"x": big.NewRat(1, 10), "y": big.NewRat(1, 5), "z": new(big.Rat)}[n.String()]
			x = append(x, []*big.Rat{v})
		}
		lin, err := l.AtExact(t.Context(), x...)
		require.NoError(t, err)
		require.NotEmpty(t, lin.Kinks)
		require.NotEmpty(t, lin.Output[0].Terms, text)
		for _, c := range lin.Output[0].Terms {
			require.InDelta(t, want, c.Coefficient, 1e-12, text)
		}
	}
}
