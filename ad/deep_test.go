package ad_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// deep is a chain of n nodes over two inputs, half of them kinks that are active
// at 0.
func deep(t *testing.T, n int) *expr.Func {
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Input("y")
	z := expr.Add(x, y)
	for i := range n - 1 {
		switch i % 4 {
		case 0:
			z = expr.Abs(z)
		case 1:
			z = expr.Sub(z, y)
		case 2:
			z = expr.ReLU(z)
		default:
			z = expr.Add(z, x)
		}
	}
	f, err := g.Func(expr.In(x, y), expr.Out(z))
	require.NoError(t, err)
	require.Equal(t, n+2, f.Len())
	return f
}

// Nothing recurses over nodes: a chain of 10⁵ differentiates, wires, compiles
// and runs in seconds.
func TestDeepChain(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	timed(t, "element", deep(t, n), ad.ElementAlong)
}

func TestDeepChainInEveryMode(t *testing.T) {
	for name, derive := range map[string]func(*expr.Func) (*expr.Func, error){
		"selection": func(f *expr.Func) (*expr.Func, error) {
			g, err := ad.Gradient(f)
			require.NoError(t, err)
			return ad.Wire(g, ad.AtSlot(0))
		},
		"second order": func(f *expr.Func) (*expr.Func, error) {
			g, err := ad.Gradient(f)
			require.NoError(t, err)
			h, err := ad.Forward(g)
			require.NoError(t, err)
			return ad.Wire(h, ad.AtSlot(0))
		},
		"directional":   ad.Directional,
		"lexicographic": ad.Lexicographic,
	} {
		timed(t, name, deep(t, 10_000), derive)
	}
}

// timed derives, compiles and runs, and logs how long that takes.
func timed(t *testing.T, name string, f *expr.Func, derive func(*expr.Func) (*expr.Func, error)) {
	start := time.Now()
	g, err := derive(f)
	require.NoError(t, err)
	derived := time.Now()
	p, err := vm.Compile(g, vm.Options{})
	require.NoError(t, err)
	compiled := time.Now()
	require.NoError(t, p.NewWorkspace().Run())
	t.Logf("%s of %d nodes: derive %v, compile %v, run %v", name, f.Len(),
		derived.Sub(start), compiled.Sub(derived), time.Since(compiled))
}
