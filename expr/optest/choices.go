package optest

import (
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// Choices holds a value for every slot asked for, so that all derivatives of one
// program are taken with one wiring.
type Choices map[expr.Node][]float64

// Of returns the values of the open slots of f, in order, drawing those not yet
// chosen from [0, 1] entry by entry. They need not lie in the slots' sets: that
// matters to the meaning of a derivative, not to its algebra.
func (c Choices) Of(t *rapid.T, f *expr.Func) [][]float64 {
	unit := rapid.SampledFrom([]float64{0, 1, 0.5, 0.25, 0.75})
	out := make([][]float64, len(f.Slots()))
	for i, n := range f.Slots() {
		if c[n] == nil {
			c[n] = rapid.SliceOfN(unit, n.Shape().Size(), n.Shape().Size()).Draw(t, "slot")
		}
		out[i] = c[n]
	}
	return out
}
