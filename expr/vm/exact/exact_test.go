package exact_test

import (
	"math/big"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// program builds a Func of one scalar input.
func program(t *testing.T, build func(x expr.Node) expr.Node) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(build(x)))
	require.NoError(t, err)
	return f
}

func TestConstantsAreExact(t *testing.T) {
	f := program(t, func(x expr.Node) expr.Node {
		return expr.Sub(expr.ScaleNumber(expr.Ratio(1, 10), x), x.Graph().Number(expr.Ratio(1, 3)))
	})
	got := optest.Exact(t, f, []*big.Rat{big.NewRat(3, 1)})
	require.Equal(t, "-1/30", got[0][0].RatString())
}

func TestWhatIsNotRationalIsRefused(t *testing.T) {
	for name, build := range map[string]func(x expr.Node) expr.Node{
		"exp":  expr.Exp,
		"sqrt": func(x expr.Node) expr.Node { return expr.Sqrt(expr.Abs(x)) },
		"pow":  func(x expr.Node) expr.Node { return expr.Pow(expr.Abs(x), 0.5) },
	} {
		_, err := exact.Compile(program(t, build))
		var e *exact.UnsupportedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, name, e.Node.Op().Name)
	}
}

func TestFaultsNameTheNode(t *testing.T) {
	for name, build := range map[string]func(x expr.Node) expr.Node{
		"div": func(x expr.Node) expr.Node { return expr.Div(x.Graph().Const(1), x) },
		"pow": func(x expr.Node) expr.Node { return expr.Pow(x, -2) },
	} {
		p, err := exact.Compile(program(t, build))
		require.NoError(t, err)
		_, err = p.Run([]*big.Rat{new(big.Rat)})
		var e *exact.FaultError
		require.ErrorAs(t, err, &e)
		require.Equal(t, name, e.Node.Op().Name)
		require.Equal(t, expr.FaultDivision, e.Why)
	}
}

func TestInputsAreChecked(t *testing.T) {
	p, err := exact.Compile(program(t, expr.Abs))
	require.NoError(t, err)
	_, err = p.Run()
	require.ErrorContains(t, err, "got 0 inputs; the program has 1")
	_, err = p.Run(optest.ToRats([]float64{1, 2}))
	require.ErrorContains(t, err, "2 entries; it needs 1")
}

// Runs agree with node by node evaluation, change no input and may overlap.
func TestLawRuns(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		open, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		in := optest.AllToRats(optest.Join(p.At, optest.Choices{}.Of(t, open)))
		before := optest.Strings(in)
		value, fault := optest.Rationals(open, in...)
		require.False(t, fault.Set)
		program, err := exact.Compile(open)
		require.NoError(t, err)
		var wg sync.WaitGroup
		results := make([][][]*big.Rat, 3)
		for k := range results {
			wg.Go(func() { results[k], _ = program.Run(in...) })
		}
		wg.Wait()
		for _, got := range results {
			for i, n := range open.Out() {
				require.Equal(t, optest.Strings([][]*big.Rat{value[n]}), optest.Strings(got[i:i+1]))
			}
		}
		require.Equal(t, before, optest.Strings(in))
	})
}

// Floats and rationals agree on values and gradients wherever no float
// operation rounds, and that is so for most programs of small dyadic numbers.
func TestLawExactEqualsFloat(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Jumps: true})
	checked, total := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		open, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		total++
		if optest.CheckExact(t, open, optest.Join(p.At, optest.Choices{}.Of(t, open))) {
			checked++
		}
	})
	require.Greater(t, 2*checked, total, "%d of %d programs stay short", checked, total)
}
