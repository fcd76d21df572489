package codegen_test

import (
	"fmt"
	"math"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

// What follows from choices is made in the branches where one of them makes a constant of it: with signed zeros,
// infinities, constants that only appear there, and stored or not.
func TestBranchesTakeAlongWhatTheyKnow(t *testing.T) {
	var all []written
	for _, slot := range []float64{0, 0.3, 0.5, 1} {
		g := expr.NewGraph()
		x, y := g.Input("x", 6), g.Input("y", 6)
		z := expr.Sub(x, y)
		p := step(t, z, g.Const(slot))
		q := expr.Shift(expr.Neg(p), 1)
		both := expr.Add(p, q)
		px, qy := expr.Gate(p, x), expr.Gate(q, y)
		twice := expr.Add(px, px)
		f, err := g.Func(expr.In(x, y), expr.Out(
			both, expr.Neg(both), expr.Mul(both, g.Const(0.1)),
			expr.Sub(twice, both), twice, expr.Neg(px), expr.Mul(px, expr.Neg(p)),
			expr.AffineOf(qy, -1, 0.7), expr.Sub(expr.Neg(qy), expr.Neg(q)), expr.Mul(expr.AffineOf(qy, 0.1, 0.2), expr.Neg(q)),
			expr.Max(x, y), expr.Exp(px), expr.Sum(expr.Mul(expr.Neg(qy), expr.Neg(qy))),
		))
		require.NoError(t, err)
		name := fmt.Sprintf("Branches%.0f", 10*slot)
		at := [][]float64{{1, -2, 0.5, math.Inf(1), math.Copysign(0, -1), 0}, {-1, 3, 0.5, 2, 0, math.Inf(-1)}}
		all = appendWritten(t, all, name, f, at)
		text := all[len(all)-1].text
		require.Regexp(t, regexp.MustCompile(`(?m)^\t\t\tneg\d+ = -1$`), text)
		require.NotContains(t, text, "-math.Copysign")
	}
	requireBits(t, all)
}

// A sum of three constants is not what the Go compiler makes of it.
func TestConstantsOfBranchesAreRounded(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	p := step(t, x, g.Const(0.1))
	a := expr.Add(expr.AffineOf(p, 0.1, 0), expr.AffineOf(p, 0.2, 0))
	f, err := g.Func(expr.In(x), expr.Out(expr.Sub(a, expr.AffineOf(p, 0.3, 0))))
	require.NoError(t, err)
	all := appendWritten(t, nil, "Rounded", f, [][]float64{{1, 0, -1}})
	require.Contains(t, all[0].text, "= 5.551115123125783e-17\n")
	requireBits(t, all)
}

// step is 1 where z is positive, 0 where it is negative, and the slot else.
func step(t *testing.T, z, slot expr.Node) expr.Node {
	op, ok := expr.Lookup("step")
	require.True(t, ok)
	return op.Apply(nil, z, slot)
}
