package ad_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// exactForm is an abs-normal form in rationals.
type exactForm struct{ c, z, l, b, j, y [][]*big.Rat }

func rationalForm(t require.TestingT, form *ad.AbsForm, at ...[]*big.Rat) exactForm {
	out := optest.Exact(t, form.Func, at...)
	s, n := len(out[0]), len(out[1])/len(out[0])
	return exactForm{out[:1], rowsOf(out[1], n), rowsOf(out[2], s), out[3:4], rowsOf(out[4], n), rowsOf(out[5], s)}
}

func inner(a, b []*big.Rat) *big.Rat {
	return optest.DotRats([][]*big.Rat{a}, [][]*big.Rat{b[:len(a)]})
}

// eval is forward substitution. The factors of |z| are those of absolute.
func (r exactForm) eval(c, b, x []*big.Rat, absolute func(i int, z *big.Rat) *big.Rat) (z, y []*big.Rat) {
	var abs []*big.Rat
	for i := range r.z {
		zi := inner(r.z[i], x)
		zi.Add(zi, inner(r.l[i][:i], abs)).Add(zi, c[i])
		z, abs = append(z, zi), append(abs, absolute(i, zi))
	}
	for i := range r.j {
		yi := inner(r.j[i], x)
		y = append(y, yi.Add(yi, inner(r.y[i], abs)).Add(yi, b[i]))
	}
	return z, y
}

func (r exactForm) at(x []*big.Rat) (z, y []*big.Rat) {
	return r.eval(r.c[0], r.b[0], x, func(_ int, z *big.Rat) *big.Rat { return new(big.Rat).Abs(z) })
}

// along is the one-sided directional derivative, where the switches have the
// values z.
func (r exactForm) along(z, d []*big.Rat) []*big.Rat {
	_, y := r.eval(zeroRats(len(r.z)), zeroRats(len(r.j)), d, func(i int, dz *big.Rat) *big.Rat {
		switch z[i].Sign() {
		case 1:
			return dz
		case -1:
			return new(big.Rat).Neg(dz)
		}
		return new(big.Rat).Abs(dz)
	})
	return y
}

func requireStrictlyLower(t require.TestingT, l [][]*big.Rat) {
	for i, row := range l {
		for _, v := range row[i:] {
			require.Zero(t, v.Sign(), "row %d", i)
		}
	}
}

// wrtOf returns the entries of a point that are differentiated.
func wrtOf(f *expr.Func, x [][]*big.Rat) []*big.Rat {
	var out []*big.Rat
	for i, n := range f.In() {
		for _, w := range f.Wrt() {
			if n == w {
				out = append(out, x[i]...)
			}
		}
	}
	return out
}

// formOf returns the form, or false if the program has none and says so.
func formOf(t *rapid.T, f *expr.Func) (*ad.AbsForm, bool) {
	form, err := ad.AbsNormal(f)
	var none *ad.NoAbsNormalError
	switch {
	case errors.As(err, &none):
		require.NoError(t, f.Graph().Err())
		return nil, false
	case err != nil:
		require.ErrorContains(t, err, "no switching variable")
		return nil, false
	}
	return form, true
}

// The form of a piecewise affine program is the program: exactly, at any point,
// whichever point it is taken at; and its directional derivatives are too.
func TestLawAbsNormalRoundTrip(t *testing.T) {
	kinds := map[string]optest.Config{
		"scalar": {Class: expr.PiecewiseAffine},
		"vector": {Class: expr.PiecewiseAffine, Vector: true},
		"ops":    {Class: expr.PiecewiseAffine, Vector: true, Ops: absOps},
	}
	for name, cfg := range kinds {
		programs := optest.Programs(cfg)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			p := programs.Draw(t, "program")
			f := p.Func
			form, ok := formOf(t, f)
			if !ok {
				return
			}
			r := rationalForm(t, form, p.Rats()...)
			requireStrictlyLower(t, r.l)
			requireNames(t, form.Names, len(r.z))
			d := optest.AllToRats(optest.PointsFor(t, f.Wrt(), "d"))
			x := optest.Moved(f, p.Rats(), big.NewRat(1, 1), d)
			_, y := r.at(wrtOf(f, x))
			require.Equal(t, optest.Strings([][]*big.Rat{flat(optest.Exact(t, f, x...))}), optest.Strings([][]*big.Rat{y}))
			requireDirectional(t, f, x, r, d)
		}))
	}
}

// absOps are those that have a form, and some to connect them.
var absOps = []string{
	"relu", "abs", "hinge", "leakyrelu", "softthreshold", "max", "min", "clamp", "norm1", "norminf", "amax", "amin", "maxpool",
	"add", "sub", "neg", "affine", "sum", "mean", "stack", "concat", "reshape", "transpose", "broadcast",
}

func requireNames(t *rapid.T, names []string, count int) {
	require.Len(t, names, count)
	seen := map[string]bool{}
	for _, n := range names {
		require.False(t, seen[n], "%s twice", n)
		seen[n] = true
	}
}

// requireDirectional compares the derivative of the form at x with Directional.
func requireDirectional(t *rapid.T, f *expr.Func, x [][]*big.Rat, r exactForm, d [][]*big.Rat) {
	directional, err := ad.Directional(f)
	require.NoError(t, err)
	want := flat(optest.Exact(t, directional, optest.Join(x, d)...)[len(f.Out()):])
	z, _ := r.at(wrtOf(f, x))
	require.Equal(t, optest.Strings([][]*big.Rat{want}), optest.Strings([][]*big.Rat{r.along(z, flat(d))}))
}

// The linearisation of a piecewise polynomial program has its value and its
// directional derivatives at the point, and an error of second order.
func TestLawAbsNormalLinearises(t *testing.T) {
	each(t, []string{"polynomial", "vector"}, func(t *rapid.T, p optest.Program) {
		f := p.Func
		form, ok := formOf(t, f)
		if !ok {
			return
		}
		r := rationalForm(t, form, p.Rats()...)
		requireStrictlyLower(t, r.l)
		_, y := r.at(wrtOf(f, p.Rats()))
		require.Equal(t, optest.Strings([][]*big.Rat{flat(optest.Exact(t, f, p.Rats()...))}), optest.Strings([][]*big.Rat{y}))
		d := optest.AllToRats(optest.PointsFor(t, f.Wrt(), "d"))
		requireDirectional(t, f, p.Rats(), r, d)
		near := optest.Moved(f, p.Rats(), tiny, d)
		_, y = r.at(wrtOf(f, near))
		for i, v := range flat(optest.Exact(t, f, near...)) {
			gap := new(big.Rat).Sub(v, y[i])
			require.LessOrEqual(t, gap.Abs(gap).Cmp(optest.TwoTo(64-512)), 0, "output %d is off by %v", i, gap.FloatString(200))
		}
	})
}

// Numbers agree with rationals, and pieces with gradients.
func TestLawAbsMatrices(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewiseAffine, Ops: absOps})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		form, ok := formOf(t, p.Func)
		if !ok {
			return
		}
		m, err := form.At(p.At...)
		require.NoError(t, err)
		z, y := m.Eval(form.Flat(p.At...))
		require.InDelta(t, optest.Float(t, p.Func, p.At...)[0][0], y[0], 1e-9)
		sigma := make([]float64, len(z))
		for i, v := range z {
			sigma[i] = -1 // the branch of slot 0, but for min and max of pairs
			if v > 1e-12 {
				sigma[i] = 1
			}
			if v > -1e-12 && v < 1e-12 {
				return // see below
			}
		}
		j, err := m.Piece(sigma)
		require.NoError(t, err)
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		g, err = ad.Wire(g, ad.AtSlot(0))
		require.NoError(t, err)
		want := optest.Join(optest.Float(t, g, p.At...)[1:]...)
		require.InDeltaSlice(t, want, j.RawRowView(0), 1e-9)
	})
}

// The conservative field and the form have the same choices: slots σ = 2s − 1.
func TestAbsPieceAtKinks(t *testing.T) {
	form, err := ad.AbsNormal(parsed(t, "relu(x) - relu(-x)"))
	require.NoError(t, err)
	m, err := form.At([]float64{0})
	require.NoError(t, err)
	for _, c := range []struct{ a, b, want float64 }{{1, 1, 2}, {-1, -1, 0}, {1, -1, 1}, {0, 0, 1}, {0.5, 1, 1.75}} {
		j, err := m.Piece([]float64{c.a, c.b})
		require.NoError(t, err)
		require.Equal(t, mat.NewDense(1, 1, []float64{c.want}), j)
	}
	_, err = m.Piece([]float64{1})
	require.ErrorContains(t, err, "1 signs given; the form has 2")
}

func parsed(t testing.TB, text string, shapes ...int) *expr.Func {
	s := map[string][]int{}
	if len(shapes) > 0 {
		s["v"] = shapes
	}
	f, err := parse.Parse(text, parse.Shapes(s))
	require.NoError(t, err)
	return f
}

// Names and order are fixed by the program.
func TestAbsNormalNames(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"sum(relu(v))", []string{"relu#1.s[0]", "relu#1.s[1]", "relu#1.s[2]"}},
		{"abs(v[0]) - abs(v[0])", []string{"abs#2.s", "abs#4.s"}},
		{"max(v)", []string{"amax#1.w[1]", "amax#1.w[2]"}},
		{"norminf(v)", []string{"norminf#1.s[0]", "norminf#1.s[1]", "norminf#1.s[2]", "norminf#1.w[1]", "norminf#1.w[2]"}},
		{"norm1(v)", []string{"norm1#1.s[0]", "norm1#1.s[1]", "norm1#1.s[2]"}},
		{"clamp(v[0], v[1], v[2])", []string{"clamp#4.lo", "clamp#4.hi"}},
		{"softthreshold(v[0], 1)", []string{"softthreshold#2.hi", "softthreshold#2.lo"}},
	} {
		form, err := ad.AbsNormal(parsed(t, c.text, 3))
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, form.Names, c.text)
	}
}

// What has no form says which node, and why.
func TestAbsNormalRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"sum(sort(v))":             "sort#1 orders its entries",
		"median(v)":                "median#1 selects by rank",
		"topksum(v, 2)":            "topksum#1 selects by rank",
		"sum(topk(v, 2))":          "topk#1 orders its entries",
		"norm2(v)":                 "norm2#1 is not piecewise smooth at the zero vector",
		"sum(floor(v))":            "floor#1 is no continuous",
		"sum(sign(v))":             "sign#1 is no continuous",
		"v[0] > 0 ? v[1] : 2*v[1]": "is no continuous",
	} {
		_, err := ad.AbsNormal(parsed(t, text, 3))
		var none *ad.NoAbsNormalError
		require.ErrorAs(t, err, &none, text)
		require.ErrorContains(t, err, want)
	}
	_, err := ad.AbsNormal(parsed(t, "v[0]*v[1]", 3))
	require.ErrorContains(t, err, "no switching variable")
}

// Kinks of data are constants, and parameters are what is differentiated.
func TestAbsNormalOfParameters(t *testing.T) {
	g := expr.NewGraph()
	w, x := g.Param("w", 2), g.Data("x", 2)
	f, err := g.Func(expr.In(x, w), expr.Out(expr.ReLU(expr.Dot(w, expr.Sort(x)))))
	require.NoError(t, err)
	form, err := ad.AbsNormal(f)
	require.NoError(t, err)
	at := [][]float64{{3, -1}, {2, 1}}
	m, err := form.At(at...)
	require.NoError(t, err)
	require.Equal(t, []float64{2, 1}, form.Flat(at...))
	require.Equal(t, mat.NewDense(1, 2, []float64{-1, 3}), m.Z)
	require.Equal(t, mat.NewDense(1, 2, []float64{-0.5, 1.5}), m.J)
	require.Equal(t, mat.NewDense(1, 1, []float64{0.5}), m.Y)
}

// A user's own scalar kink has a form, which its slopes give.
func TestAbsNormalOfAnOpOfOnesOwn(t *testing.T) {
	abs, _ := expr.Lookup("clamp")
	own := *abs
	own.Name = "mine"
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(own.Apply(nil, x, g.Const(-1), expr.Scale(0.5, x))))
	require.NoError(t, err)
	form, err := ad.AbsNormal(f)
	require.NoError(t, err)
	for _, n := range form.Names {
		require.True(t, strings.HasPrefix(n, "mine#"))
	}
	m, err := form.At([]float64{0})
	require.NoError(t, err)
	for _, v := range []float64{-5, -2, -1, 0, 1, 3} {
		_, y := m.Eval([]float64{v})
		require.Equal(t, optest.Float(t, f, []float64{v})[0], y)
	}
}

// A record whose slopes do not belong to its values has no form: the derivation
// is checked.
func TestAbsNormalChecksTheRecord(t *testing.T) {
	relu, _ := expr.Lookup("relu")
	for name, slope := range map[string]func(r *expr.Rule) expr.Node{
		"twice":      func(r *expr.Rule) expr.Node { return expr.Scale(2, r.Step("s", r.In(0))) },
		"flipped":    func(r *expr.Rule) expr.Node { return expr.Neg(r.Step("s", r.In(0))) },
		"elsewhere":  func(r *expr.Rule) expr.Node { return r.Step("s", expr.Shift(r.In(0), -1)) },
		"no switch":  func(r *expr.Rule) expr.Node { return r.Const(1) },
		"two in one": func(r *expr.Rule) expr.Node { s := r.Step("s", r.In(0)); return expr.Mul(s, s) },
	} {
		bad := *relu
		bad.Name = "bad"
		bad.Slopes = func(r *expr.Rule) []expr.Node { return []expr.Node{slope(r)} }
		g := expr.NewGraph()
		x := g.Input("x")
		f, err := g.Func(expr.In(x), expr.Out(bad.Apply(nil, x)))
		require.NoError(t, err)
		_, err = ad.AbsNormal(f)
		var none *ad.NoAbsNormalError
		if name == "two in one" { // s² = s at both ends
			require.NoError(t, err)
			continue
		}
		require.ErrorAs(t, err, &none, name)
	}
}
