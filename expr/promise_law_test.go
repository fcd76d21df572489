package expr_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// directionFor draws small dyadic numbers or numbers in general position.
func directionFor(t *rapid.T, f *expr.Func) [][]*big.Rat {
	if rapid.Bool().Draw(t, "generic") {
		return optest.AllToRats(optest.GenericFor(t, f.In(), "u"))
	}
	return optest.AllToRats(optest.PointsFor(t, f.In(), "u"))
}

// Sampling never finds a program worse than its class: affine programs have no
// curvature, piecewise ones few breakpoints.
func TestLawPromiseOfPieces(t *testing.T) {
	for name, cfg := range map[string]optest.Config{
		"affine":               {Class: expr.Affine, Vector: true},
		"piecewise affine":     {Class: expr.PiecewiseAffine, Vector: true, Jumps: true, Steps: 5},
		"piecewise polynomial": {Class: expr.PiecewisePolynomial, Vector: true, Jumps: true, Steps: 5},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := optest.Programs(cfg).Draw(t, "program")
				c := p.Func.Class()
				if c.Kind > expr.PiecewisePolynomial || c.Degree > 8 {
					t.Skip("no piecewise polynomial of small degree")
				}
				l, err := newLine(p.Func, p.Rats(), directionFor(t, p.Func))
				require.NoError(t, err)
				require.Empty(t, brokenAffine(c, l))
				if kinks, ok := breakpoints(p.Func, 30); ok {
					require.Empty(t, brokenPieces(c, l, kinks))
				}
			})
		})
	}
}

// A germ is certified only where sampling confirms it, exactly.
func TestLawPromiseOfCertificates(t *testing.T) {
	cfg := optest.Config{Class: expr.Semialgebraic, Vector: true, Jumps: true}
	rapid.Check(t, func(t *rapid.T) {
		p := optest.Programs(cfg).Draw(t, "program")
		l, err := newLine(p.Func, p.Rats(), directionFor(t, p.Func))
		if err != nil {
			t.Skip("not rational")
		}
		c, err := ad.ClassAtExact(p.Func, p.Rats())
		require.NoError(t, err)
		require.Empty(t, brokenCertificate(c, l), "%v", c.Why())
	})
}

// The germ is never judged worse than the whole function, with one exception
// that is none: analytic ops belong to ℝ_an near a point, which does not contain
// ℝ_exp nor is contained in it.
func TestLawGermWithinGlobal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := optest.Programs(optest.Config{Vector: true, Jumps: true}).Draw(t, "program")
		global := p.Func.Class()
		germ, err := ad.ClassAtExact(p.Func, p.Rats())
		require.NoError(t, err)
		require.True(t, !global.Lipschitz || germ.Lipschitz, "%v", germ.Why())
		require.True(t, !global.Continuous || germ.Continuous, "%v", germ.Why())
		bound := global.Kind
		if !bound.Within(expr.Semialgebraic) {
			bound = bound.Join(expr.DefinableAn)
		}
		require.True(t, germ.Kind.Within(bound), "%v at a point, %v everywhere", germ, global)
		if global.Degree >= 0 {
			require.LessOrEqual(t, germ.Degree, global.Degree)
		}
		reasoned(t, p.Func, global)
		reasoned(t, p.Func, germ)
	})
}

// reasoned holds a verdict to its reasons: they are there exactly if something
// is not certified, they are nodes of the program in order, and what is not
// definable is put down to an op that is not.
func reasoned(t require.TestingT, f *expr.Func, c expr.Class) {
	require.Equal(t, c.Certified(), len(c.Reasons) == 0, "%v", c)
	undefinable, last := false, -1
	for _, r := range c.Reasons {
		require.GreaterOrEqual(t, f.Order().Index(r.Node), 0, "%v is no node of the program", r.Node)
		require.Greater(t, r.Node.ID(), last, "one reason a node, in order")
		last = r.Node.ID()
		undefinable = undefinable || r.Node.Op().Class == expr.NotDefinable
		require.NotEmpty(t, r.Why)
	}
	require.True(t, c.Kind != expr.NotDefinable || undefinable, "not definable, for no reason: %v", c.Why())
}

// Where float64 computes all values exactly, it decides as rationals do.
func TestLawFloatsAgreeWithRationals(t *testing.T) {
	cfg := optest.Config{Class: expr.Semialgebraic, Vector: true, Jumps: true}
	rapid.Check(t, func(t *rapid.T) {
		p := optest.Programs(cfg).Draw(t, "program")
		if !optest.IsRational(p.Func) {
			t.Skip("not rational")
		}
		exactly, fault := optest.Rationals(p.Func, p.Rats()...)
		rounded, _ := optest.Floats(p.Func, p.At...)
		for _, n := range p.Func.Nodes() {
			if v := exactly[n]; fault.Set || v == nil || !equalValues(v, rounded[n]) {
				t.Skip("float64 rounds")
			}
		}
		want, err := ad.ClassAtExact(p.Func, p.Rats())
		require.NoError(t, err)
		got, err := ad.ClassAt(p.Func, p.At)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func equalValues(x []*big.Rat, y []float64) bool {
	if len(x) != len(y) {
		return false
	}
	for i, r := range x {
		if v, exact := r.Float64(); !exact || v != y[i] {
			return false
		}
	}
	return true
}

// texts draws expressions in x and y of all ops that have a domain, a kink or a
// jump, whose arguments are simple: switches and ends of domains are
// then met exactly or missed by far, at points of small dyadic numbers.
type texts struct{ t *rapid.T }

func (w texts) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(w.t, label)
}

// argument is a simple function that is often 0 at drawn points, and otherwise
// far from it.
func (w texts) argument() string {
	return w.pick("argument", "1 - cos(x)", "exp(y) - 1", "2 + sin(x)", "tanh(x)", "x", "y", "x + y", "x - y", "x*y", "x^2", "x - 1", "1 - x^2", "2*x + y - 1", "x^2 + y^2", "x^2 + 1", "abs(x)", "abs(x) + 1/2", "relu(x - y)", "max(x, y, 0)", "norm1([x, y])", "x*abs(y)", "y - 1/2")
}

// value is an expression of the given depth.
func (w texts) value(depth int) string {
	if depth == 0 {
		return w.argument()
	}
	a := w.argument()
	switch rapid.IntRange(0, 5).Draw(w.t, "form") {
	case 0:
		return w.pick("op", "sqrt", "log", "floor", "sign", "sin", "cos", "tanh", "erf", "sigmoid", "softplus", "log1p", "abs", "relu", "exp") + "(" + a + ")"
	case 1:
		return "(" + a + ")^" + w.pick("exponent", "(-1)", "(-2)", "0.5", "1.5", "2", "3", "(1/3)")
	case 2:
		return "(" + w.value(depth-1) + ")" + w.pick("operator", " + ", " - ", " * ") + "(" + w.value(depth-1) + ")"
	case 3:
		return "(" + a + w.pick("comparison", " > ", " >= ", " < ", " == ", " != ") + "0 ? " + w.value(depth-1) + " : " + w.value(depth-1) + ")"
	case 4:
		return "(" + w.value(depth-1) + ")/(" + a + ")"
	}
	pair := w.value(depth-1) + ", " + w.value(depth-1)
	if rapid.Bool().Draw(w.t, "vector") {
		pair = "[" + pair + "]"
		return w.pick("op", "max", "logsumexp", "norm2", "sum", "median", "norminf") + "(" + pair + ")"
	}
	return w.pick("op", "max", "min") + "(" + pair + ")"
}

// drawText draws a program of the text form with a point and a direction.
func drawText(t *rapid.T) (f *expr.Func, x, u [][]float64) {
	text := texts{t}.value(3)
	f, err := parse.Parse(text)
	require.NoError(t, err, text)
	return f, optest.PointsFor(t, f.In(), "x"), optest.GenericFor(t, f.In(), "u")
}

// Quotients of certified germs do not grow, and definable programs do not
// oscillate.
func TestLawPromiseOfTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, x, u := drawText(t)
		l, err := newFloatLine(f, x, u)
		require.NoError(t, err)
		c, err := ad.ClassAtExact(f, optest.AllToRats(x))
		require.NoError(t, err)
		require.Empty(t, brokenGrowth(c, l), "%v at %v", expr.Format(f), x)
		require.Empty(t, brokenMonotony(f.Class(), l), "%v at %v", expr.Format(f), x)
		reasoned(t, f, c)
		reasoned(t, f, f.Class())
	})
}

// polynomial is an expression with its coefficients by powers of x, which are
// not negative: nothing cancels.
type polynomial struct {
	node expr.Node
	coef []*big.Rat
}

func (p polynomial) degree() int { return len(p.coef) - 1 }

func (p polynomial) times(q polynomial) polynomial {
	c := zeroRats(p.degree() + q.degree() + 1)
	for i, a := range p.coef {
		for j, b := range q.coef {
			c[i+j].Add(c[i+j], new(big.Rat).Mul(a, b))
		}
	}
	return polynomial{expr.Mul(p.node, q.node), c}
}

func (p polynomial) plus(q polynomial) polynomial {
	c := zeroRats(max(len(p.coef), len(q.coef)))
	for _, r := range []polynomial{p, q} {
		for i, a := range r.coef {
			c[i].Add(c[i], a)
		}
	}
	return polynomial{expr.Add(p.node, q.node), c}
}

func zeroRats(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

func drawPolynomial(t *rapid.T, x expr.Node, depth int) polynomial {
	if depth == 0 {
		return polynomial{x, []*big.Rat{new(big.Rat), big.NewRat(1, 1)}}
	}
	p := drawPolynomial(t, x, depth-1)
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		k := rapid.IntRange(1, 3).Draw(t, "power")
		q := p
		for range k - 1 {
			q = q.times(p)
		}
		q.node = expr.Pow(p.node, float64(k))
		return q
	case 1:
		return p.times(drawPolynomial(t, x, depth-1))
	case 2:
		return p.plus(drawPolynomial(t, x, depth-1))
	}
	p.node = expr.Shift(p.node, 2)
	p.coef = append([]*big.Rat{new(big.Rat).Add(p.coef[0], big.NewRat(2, 1))}, p.coef[1:]...)
	return p
}

// The degree is that of the expanded polynomial where nothing cancels: it adds
// under products, multiplies under composition, and is the larger under sums,
// max and where. The expansion itself is checked against values.
func TestLawDegreeOfExpansion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := expr.NewGraph()
		x := g.Input("x")
		p, q := drawPolynomial(t, x, 3), drawPolynomial(t, x, 2)
		degree := func(n expr.Node) int {
			f, err := g.Func(expr.In(x), expr.Out(n))
			require.NoError(t, err)
			c := f.Class()
			require.True(t, c.Kind.Within(expr.PiecewisePolynomial))
			return c.Degree
		}
		at := big.NewRat(3, 7)
		f, err := g.Func(expr.In(x), expr.Out(p.node))
		require.NoError(t, err)
		require.Equal(t, evaluate(p.coef, at).RatString(), optest.Exact(t, f, []*big.Rat{at})[0][0].RatString(), "the expansion")
		require.Equal(t, p.degree(), degree(p.node))
		require.Equal(t, p.degree()+q.degree(), degree(expr.Mul(p.node, q.node)))
		larger := max(p.degree(), q.degree())
		for name, n := range map[string]expr.Node{
			"add": expr.Add(p.node, q.node), "max": expr.Max(p.node, q.node),
			"where": expr.Where(x, expr.Greater, p.node, q.node), "relu": expr.Add(expr.ReLU(p.node), q.node),
		} {
			require.Equal(t, larger, degree(n), name)
		}
	})
}

// evaluate uses Horner's rule.
func evaluate(coef []*big.Rat, x *big.Rat) *big.Rat {
	s := new(big.Rat)
	for i := len(coef) - 1; i >= 0; i-- {
		s.Add(s.Mul(s, x), coef[i])
	}
	return s
}

// The degree multiplies under composition: p(q(x)) built by substitution.
func TestLawDegreeOfComposition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := expr.NewGraph()
		x := g.Input("x")
		q := drawPolynomial(t, x, 2)
		kink := rapid.Bool().Draw(t, "kink")
		inner := q.node
		if kink {
			inner = expr.Abs(inner)
		}
		p := drawPolynomial(t, inner, 2)
		f, err := g.Func(expr.In(x), expr.Out(p.node))
		require.NoError(t, err)
		c := f.Class()
		require.Equal(t, p.degree()*q.degree(), c.Degree)
		require.Equal(t, fmt.Sprint(c.Kind), fmt.Sprint(wantKind(c.Degree, q.degree(), kink)))
	})
}

func wantKind(degree, cut int, kink bool) expr.Kind {
	switch {
	case degree > 1 || kink && cut > 1:
		return expr.PiecewisePolynomial
	case kink:
		return expr.PiecewiseAffine
	}
	return expr.Affine
}
