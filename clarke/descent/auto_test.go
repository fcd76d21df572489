package descent_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

func TestAutoSolves(t *testing.T) {
	valleys := []*problem{nesterov(1, 3), nesterov(2, 3), nesterov(2, 4), nesterov(2, 5)}
	all := slices.Concat(small, large(), valleys)
	if testing.Short() { // one of each kind
		all = []*problem{small[0], large()[0], valleys[0]}
	}
	for _, p := range all {
		solves(t, descent.Auto{}, p)
	}
}

// nesterov is NCR1 or NCR2 in n variables.
func nesterov(which, n int) *problem {
	p := *named(fmt.Sprint("NCR", which))
	p.name = fmt.Sprintf("%s n=%d", p.name, n)
	p.start = append([]float64{-1}, repeat(n-1, 1)...)
	return &p
}

// ||x| − 1| has a stationary point at 0 that is a maximum.
func TestAutoLeavesMaxima(t *testing.T) {
	p := program(t, "abs(abs(x) - 1)")
	require.Equal(t, 1.0, minimize(t, descent.BFGS{}, p, []float64{0}, descent.Limits{}).F)
	r := minimize(t, descent.Auto{}, p, []float64{0}, descent.Limits{})
	require.InDelta(t, 0, r.F, 1e-6)
	require.Equal(t, descent.Stationary, r.Status)
}

// Where BFGS finds no certificate, for 49 kinks meet at the minimum, gradient sampling has the last word.
func TestAutoSamples(t *testing.T) {
	p := large()[7]
	r := minimize(t, descent.Auto{}, p, p.start, descent.Limits{})
	require.Contains(t, r.Message, "by gradient-sampling")
}
