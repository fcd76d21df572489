package optest

import (
	"fmt"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Programs of single applications come back thousands of times with other
// numbers, so they are kept, with their derivatives and compiled forms. Random
// programs are not.

// kept has a *keeper for every *expr.Func that is kept.
var kept sync.Map

// forms has the program of one application, a *expr.Func by form.
var forms sync.Map

type form struct {
	op       *expr.Op
	at, text string
}

// keeper makes everything once.
type keeper struct {
	forward, backward func() (*expr.Func, error)
	float             func() (*vm.Program, error)
	exact             func() (*exact.Program, error)
	finder            func() (*ad.Finder, error)
}

func keep(f *expr.Func) *expr.Func {
	derived := func(derive func(*expr.Func) (*expr.Func, error)) func() (*expr.Func, error) {
		return sync.OnceValues(func() (*expr.Func, error) {
			g, err := derive(f)
			if err == nil {
				keep(g)
			}
			return g, err
		})
	}
	kept.Store(f, &keeper{
		forward: derived(ad.Forward), backward: derived(ad.Backward),
		float:  sync.OnceValues(func() (*vm.Program, error) { return vm.Compile(f, vm.Options{}) }),
		exact:  sync.OnceValues(func() (*exact.Program, error) { return exact.Compile(f) }),
		finder: sync.OnceValues(func() (*ad.Finder, error) { return ad.NewFinder(f) }),
	})
	return f
}

func keeperOf(f *expr.Func) *keeper {
	if k, ok := kept.Load(f); ok {
		return k.(*keeper)
	}
	return nil
}

// forward returns ad.Forward(f).
func forward(t require.TestingT, f *expr.Func) *expr.Func {
	derive := func() (*expr.Func, error) { return ad.Forward(f) }
	if k := keeperOf(f); k != nil {
		derive = k.forward
	}
	return must(t, derive)
}

// backward returns ad.Backward(f).
func backward(t require.TestingT, f *expr.Func) *expr.Func {
	derive := func() (*expr.Func, error) { return ad.Backward(f) }
	if k := keeperOf(f); k != nil {
		derive = k.backward
	}
	return must(t, derive)
}

// compiled returns f compiled for one lane.
func compiled(t require.TestingT, f *expr.Func) *vm.Program {
	compile := func() (*vm.Program, error) { return vm.Compile(f, vm.Options{}) }
	if k := keeperOf(f); k != nil {
		compile = k.float
	}
	return must(t, compile)
}

// compiledExactly returns f compiled for rationals, or why it cannot be.
func compiledExactly(f *expr.Func) (*exact.Program, error) {
	if k := keeperOf(f); k != nil {
		return k.exact()
	}
	return exact.Compile(f)
}

func finder(t require.TestingT, f *expr.Func) *ad.Finder {
	find := func() (*ad.Finder, error) { return ad.NewFinder(f) }
	if k := keeperOf(f); k != nil {
		find = k.finder
	}
	return must(t, find)
}

func must[T any](t require.TestingT, make func() (T, error)) T {
	v, err := make()
	require.NoError(t, err)
	return v
}

// Single returns the program of one application: an input for every operand.
func Single(t require.TestingT, op *expr.Op, e expr.Example) Program {
	key := form{op, fmt.Sprint(e.Attr), fmt.Sprint(e.Shapes)}
	if f, ok := forms.Load(key); ok {
		return Program{Func: f.(*expr.Func), At: e.Values}
	}
	g := expr.NewGraph()
	in := make([]expr.Node, len(e.Shapes))
	for i, s := range e.Shapes {
		in[i] = g.Input(string(rune('a'+i)), s.Dims()...)
	}
	f, err := g.Func(expr.In(in...), expr.Out(op.Apply(e.Attr, in...)))
	require.NoError(t, err, "%s of %v", op.Name, e.Shapes)
	forms.Store(key, keep(f))
	return Program{Func: f, At: e.Values}
}
