package conservative

import (
	"context"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// testerAt prepares a test of D.
func testerAt(t require.TestingT, f *expr.Func, x clarke.Point) *curveTester {
	c, err := newCurveTester(context.Background(), f, x, Rule{}, CurveOptions{Curves: 1, Radius: 1})
	require.NoError(t, err)
	require.NoError(t, c.findBlocks())
	return c
}

// Slopes taken from values are the one-sided derivatives of ad.Directional, forwards
// and backwards, and there is none where those differ.
func TestLawSlope(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			t.Skip("nothing to differentiate")
		}
		c := testerAt(t, p.Func, clarke.RationalPoint(p.Rats()...))
		require.True(t, c.exactly)
		d := optest.AllToRats(optest.PointsFor(t, p.Func.Wrt(), "d"))
		u := optest.Join(d...)
		along, err := ad.Directional(p.Func)
		require.NoError(t, err)
		oneSided := func(sign int64) *big.Rat {
			var by [][]*big.Rat
			for _, v := range d {
				by = append(by, ratPlus(ratZeros(len(v)), big.NewRat(sign, 1), v))
			}
			out := optest.Exact(t, along, optest.Join(p.Rats(), by)...)[1][0]
			return new(big.Rat).Mul(big.NewRat(sign, 1), out)
		}
		right, left := oneSided(1), oneSided(-1)
		slope, slack, ok := c.slope(c.x, u, new(big.Rat))
		if refused, err := clarke.Refusal(p.Func, clarke.RationalPoint(p.Rats()...)); err != nil || refused != "" {
			t.Skip("not Lipschitz")
		}
		require.Equal(t, right.Cmp(left) == 0, ok, "%v and %v", right, left)
		if ok && slack.Sign() == 0 {
			require.Equal(t, right.RatString(), slope.RatString())
		} else if ok {
			require.LessOrEqual(t, ratDistance(right, slope).Cmp(slack), 0)
		}
	})
}

// The kernel is the null space: its elements solve the system, it contains all
// solutions, and seen finds whatever is not normal to it.
func TestLawEchelon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		draw := func(label string) []*big.Rat {
			v := rapid.SliceOfN(rapid.Int64Range(-3, 3), n, n).Draw(t, label)
			out := make([]*big.Rat, n)
			for i := range v {
				out[i] = big.NewRat(v[i], 1)
			}
			return out
		}
		e := &echelon{columns: n, tiny: new(big.Rat)}
		solution, z := draw("solution"), draw("z")
		var rows [][]*big.Rat
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := draw("row")
			rows = append(rows, row)
			e.add(row, ratDot(row, solution))
		}
		require.Len(t, e.free(), n-len(e.rows))
		v := e.kernel(z)
		for _, r := range rows {
			require.Zero(t, ratDot(r, v).Sign())
			require.Equal(t, ratDot(r, solution).RatString(), ratDot(r, e.solution()).RatString())
		}
		require.Equal(t, optest.Strings([][]*big.Rat{v}), optest.Strings([][]*big.Rat{e.kernel(v)}))
		normal := true
		for _, i := range e.free() {
			normal = normal && ratDot(z, e.kernel(ratUnit(n, i, big.NewRat(1, 1)))).Sign() == 0
		}
		if i := e.seen(z); normal {
			require.Equal(t, -1, i)
		} else {
			require.NotZero(t, ratDot(z, e.kernel(ratUnit(n, i, big.NewRat(1, 1)))).Sign())
		}
	})
}

// Points are put on strata exactly: bent ones by Newton's method, quadrics by a
// second meeting with a line, both in rationals; others among floats.
func TestOnto(t *testing.T) {
	for _, c := range []struct {
		text    string
		at      []int64 // over 5
		secant  bool
		rounded bool
	}{
		{"relu(x - relu(y))", []int64{0, 0}, false, false},
		{"relu(x^2 + y^2 - 1)", []int64{3, 4}, true, false},
		{"max([x*y, y*z])", []int64{3, 3, 3}, false, false},
		{"relu(x^3 + y^3 - 1)", []int64{5, 0}, false, true},
		{"relu(exp(x) - 1 - y)", []int64{0, 0}, false, true},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err)
		var x clarke.Point
		for _, v := range c.at {
			x = append(x, clarke.Rational([]*big.Rat{big.NewRat(v, 5)}))
		}
		tester := testerAt(t, f, x)
		of := tester.blocks[0].components() // the outermost
		tangents, err := tester.equations(tester.x, of, nil)
		require.NoError(t, err)
		u := tangents.kernel(slices.Repeat([]*big.Rat{big.NewRat(1, 3)}, len(x)))
		p, ok := tester.onto(ratPlus(tester.x, big.NewRat(1, 1), u), of)
		if c.secant {
			require.False(t, ok, c.text)
			p, ok = tester.secant(tester.x, u, tangents, of)
		}
		if c.rounded {
			require.Equal(t, !tester.exactly, ok, c.text)
			tester = tester.rounded()
			p, ok = tester.onto(ratPlus(tester.x, big.NewRat(1, 1), u), of)
		}
		require.True(t, ok, c.text)
		require.True(t, tester.inside(p, of), c.text)
		require.NotEqual(t, optest.Strings([][]*big.Rat{tester.x}), optest.Strings([][]*big.Rat{p}))
	}
}
