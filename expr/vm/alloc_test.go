package vm_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Every op, its value and its derivatives under several wirings, runs in a
// workspace without allocating.
func TestRunsDoNotAllocate(t *testing.T) {
	for _, op := range expr.Ops() {
		if op.MinArgs == 0 {
			continue
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 5 {
			p := optest.Single(t, op, op.Sample(rng))
			for _, f := range wired(t, p.Func) {
				require.Zero(t, allocations(t, f, p.At), "%s in\n%v", op.Name, f)
			}
		}
	}
}

// wired returns f, its open adjoint and closed ones; with several directions
// selectors have many keys.
func wired(t *testing.T, f *expr.Func) []*expr.Func {
	backward, err := ad.Backward(f)
	require.NoError(t, err)
	out := []*expr.Func{f, backward}
	for _, w := range []ad.Wiring{ad.AtSlot(0), ad.AtSlot(0.5), ad.Along(ad.Coordinates(f)...)} {
		g, err := ad.Wire(backward, w)
		require.NoError(t, err)
		out = append(out, g)
	}
	return out
}

func allocations(t *testing.T, f *expr.Func, at [][]float64) float64 {
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	ws := p.NewWorkspace()
	for i, x := range at {
		copy(ws.In(i), x)
	}
	if err := ws.Run(); err != nil {
		return 0 // an error is allocated
	}
	return testing.AllocsPerRun(3, func() { _ = ws.Run() })
}
