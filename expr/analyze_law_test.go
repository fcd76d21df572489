package expr_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// Inside a cell a piecewise polynomial program of degree d has vanishing
// differences of order d + 1. Steps of 2⁻⁴⁰⁰ do not leave the cell of a point
// in general position.
func TestLawDegree(t *testing.T) {
	cfg := optest.Config{Class: expr.PiecewisePolynomial, Vector: true, Jumps: true, Steps: 15}
	rapid.Check(t, func(t *rapid.T) {
		f := optest.Programs(cfg).Draw(t, "program").Func
		c := f.Class()
		if c.Kind > expr.PiecewisePolynomial || c.Degree > 30 {
			t.Skip("no piecewise polynomial")
		}
		x := optest.AllToRats(optest.GenericFor(t, f.In(), "x"))
		u := optest.AllToRats(optest.GenericFor(t, f.In(), "u"))
		rows := make([][][]*big.Rat, c.Degree+2)
		for k := range rows {
			step := new(big.Rat).Mul(big.NewRat(int64(k), 1), optest.TwoTo(-400))
			rows[k] = optest.Exact(t, f, moved(x, step, u)...)
		}
		for n := len(rows) - 1; n > 0; n-- { // differences, in place
			for k := range n {
				for i := range rows[k] {
					rows[k][i] = optest.AddScaled(rows[k+1][i], big.NewRat(-1, 1), rows[k][i])
				}
			}
		}
		for i, y := range rows[0] {
			for j, v := range y {
				require.Zero(t, v.Sign(), "difference of order %d of output %d, entry %d of %v: %v", c.Degree+1, i, j, c, v.RatString())
			}
		}
	})
}

// A program that is certified locally Lipschitz at a point has bounded
// difference quotients there, and one that is certified everywhere is certified
// at every point.
func TestLawCertificate(t *testing.T) {
	cfg := optest.Config{Vector: true, Jumps: true}
	rapid.Check(t, func(t *rapid.T) {
		p := optest.Programs(cfg).Draw(t, "program")
		x := p.Rats()
		here, err := ad.ClassAtExact(p.Func, x)
		require.NoError(t, err)
		global := p.Func.Class()
		require.False(t, global.Lipschitz && !here.Lipschitz, "certified everywhere, but not here: %v", here.Why())
		require.False(t, global.Continuous && !here.Continuous, "certified everywhere, but not here: %v", here.Why())
		require.Equal(t, here.Certified(), here.Refused() == "", here.Why())
		if !here.Lipschitz || !optest.IsRational(p.Func) {
			return
		}
		u := optest.AllToRats(optest.GenericFor(t, p.Func.In(), "u"))
		value := optest.Exact(t, p.Func, x...)
		near := optest.Exact(t, p.Func, moved(x, optest.TwoTo(-400), u)...)
		for i := range value {
			for _, d := range optest.AddScaled(near[i], big.NewRat(-1, 1), value[i]) {
				require.Negative(t, d.Abs(d).Cmp(optest.TwoTo(-200)), "it jumps")
			}
		}
	})
}

// moved returns x + t·u.
func moved(x [][]*big.Rat, t *big.Rat, u [][]*big.Rat) [][]*big.Rat {
	out := make([][]*big.Rat, len(x))
	for i := range x {
		out[i] = optest.AddScaled(x[i], t, u[i])
	}
	return out
}
