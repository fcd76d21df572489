package ad_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// deep is a chain of n nodes over two inputs; of every period of them one is a
// kink that is active at 0.
func deep(t *testing.T, n, period int) *expr.Func {
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Input("y")
	z := expr.Add(x, y)
	for i := range n - 1 {
		switch {
		case i%(2*period) == 0:
			z = expr.Abs(z)
		case i%period == 0:
			z = expr.ReLU(z)
		case i%4 < 2:
			z = expr.Sub(z, y)
		default:
			z = expr.Add(z, x)
		}
	}
	f, err := g.Func(expr.In(x, y), expr.Out(z))
	require.NoError(t, err)
	require.Equal(t, n+2, f.Len())
	return f
}

type derive = func(*expr.Func) (*expr.Func, error)

// then derives first by one and then by another.
func then(first, second derive) derive {
	return func(f *expr.Func) (*expr.Func, error) {
		g, err := first(f)
		if err != nil {
			return nil, err
		}
		return second(g)
	}
}

func wire(w ad.Wiring) derive {
	return func(f *expr.Func) (*expr.Func, error) { return ad.Wire(f, w) }
}

// deepModes are all ways to derive one program from another.
var deepModes = map[string]derive{
	"forward, open":       ad.Forward,
	"backward, open":      ad.Backward,
	"selection":           then(ad.Gradient, wire(ad.AtSlot(0))),
	"preset":              then(ad.Gradient, wire(ad.PyTorch.Wiring())),
	"within":              then(ad.Gradient, wire(ad.Within(1e-3))),
	"second order":        then(then(ad.Gradient, ad.Forward), wire(ad.AtSlot(0))),
	"slot gradient":       ad.SlotGradient,
	"directional":         ad.Directional,
	"lexicographic":       ad.Lexicographic,
	"element":             ad.ElementAlong,
	"jacobian, forward":   ad.JacobianForward,
	"jacobian, backward":  ad.JacobianBackward,
	"element of jacobian": ad.JacobianElementAlong,
	"hessian vector": func(f *expr.Func) (*expr.Func, error) {
		return ad.HessianVector(f, ad.Along(ad.Coordinates(f)...))
	},
	"user's rule": func(f *expr.Func) (*expr.Func, error) {
		abs, _ := expr.Lookup("abs")
		return ad.WithRule(abs, ad.Derivative{Slopes: abs.Slopes}).Gradient(f)
	},
	"abs-normal form": func(f *expr.Func) (*expr.Func, error) {
		form, err := ad.AbsNormal(f)
		if err != nil {
			return nil, err
		}
		return form.Func, nil
	},
}

// Nothing recurses over nodes or takes quadratic time, except for the size of an
// abs-normal form in the number of kinks: a chain of 10⁵ differentiates, wires,
// compiles and runs in seconds in every mode.
func TestDeepChainInEveryMode(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	n := deepNodes
	for name, derive := range deepModes {
		period := 2
		if name == "abs-normal form" {
			period = n / 50
		}
		f := deep(t, n, period)
		start := time.Now()
		g, err := derive(f)
		require.NoError(t, err, name)
		derived := time.Now()
		p, err := vm.Compile(g, vm.Options{})
		require.NoError(t, err)
		compiled := time.Now()
		require.NoError(t, p.NewWorkspace().Run())
		t.Logf("%s of %d nodes: derive %v, compile %v, run %v", name, f.Len(),
			derived.Sub(start), compiled.Sub(derived), time.Since(compiled))
		require.Less(t, time.Since(start), time.Minute, name)
	}
}

const deepNodes = 100_000

// Questions about a point walk deep programs too, with as many active kinks.
func TestDeepChainAtAPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	n := deepNodes
	f := deep(t, n, 2)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	zero := zerosFor(f.In())
	finder, err := ad.NewFinder(g)
	require.NoError(t, err)
	kinks, err := finder.At(zero...)
	require.NoError(t, err)
	require.Len(t, kinks, n/2)
	kinks, err = finder.AtExact(optest.AllToRats(zero)...)
	require.NoError(t, err)
	require.Len(t, kinks, n/2)
	class, err := ad.ClassAtExact(f, optest.AllToRats(zero))
	require.NoError(t, err)
	require.True(t, class.Certified())
	optest.Exact(t, g, optest.AllToRats(optest.Join(zero, zerosFor(g.Slots())))...)
}

// A check ends within its budget however many kinks there are, or as soon as its
// context does, with what it has: no verdict.
func TestDeepChainIsChecked(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	f := deep(t, deepNodes, 2)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	g, err = ad.Wire(g, ad.AtSlot(1))
	require.NoError(t, err)
	at := zerosFor(f.In())
	r, err := ad.CheckFunc(context.Background(), f, g, at, ad.CheckOptions{Budget: 100})
	require.NoError(t, err)
	require.NotEqual(t, ad.VerdictWrong, r.Verdict, "%v", r)

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	r, err = ad.CheckFunc(ctx, f, g, at, ad.CheckOptions{Budget: math.MaxInt})
	require.NoError(t, err)
	require.Equal(t, ad.VerdictUnknown, r.Verdict)
	require.Contains(t, r.Why, "interrupted: context deadline exceeded")
}
