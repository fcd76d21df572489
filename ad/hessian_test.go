package ad_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// pieces are wirings by pieces.
func pieces(t *rapid.T, f *expr.Func) map[string]ad.Wiring {
	seed := rapid.Uint64().Draw(t, "wiring")
	return map[string]ad.Wiring{
		"AtSlot(0)": ad.AtSlot(0), "AtSlot(1)": ad.AtSlot(1), "AtKink(1)": ad.AtKink(1),
		"Along": ad.Along(ad.Coordinates(f)...), "Random": ad.Random(rand.New(rand.NewPCG(seed, 0))),
	}
}

// ⟨u, Hv⟩ = ⟨Hu, v⟩ exactly: a branch program is smooth.
func TestLawHessianIsSymmetric(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		n := len(p.Func.Wrt())
		u, v := optest.AllToRats(optest.PointsFor(t, p.Func.Wrt(), "u")), optest.AllToRats(optest.PointsFor(t, p.Func.Wrt(), "v"))
		for name, w := range pieces(t, p.Func) {
			h, err := ad.HessianVector(p.Func, w)
			require.NoError(t, err)
			hu := optest.Exact(t, h, optest.Join(p.Rats(), u)...)[1+n : 1+2*n]
			hv := optest.Exact(t, h, optest.Join(p.Rats(), v)...)[1+n : 1+2*n]
			require.Equal(t, optest.DotRats(u, hv).RatString(), optest.DotRats(hu, v).RatString(), "%s", name)
		}
	})
}

// The dense Hessian has the products in its columns, and the flags agree.
func TestLawHessianHasTheProducts(t *testing.T) {
	each(t, []string{"polynomial"}, func(t *rapid.T, p optest.Program) {
		n := len(p.Func.Wrt())
		for name, w := range pieces(t, p.Func) {
			dense, err := ad.Hessian(p.Func, w)
			require.NoError(t, err)
			product, err := ad.HessianVector(p.Func, w)
			require.NoError(t, err)
			full := optest.Exact(t, dense, p.Rats()...)
			var columns [][]*big.Rat
			for _, d := range unitsOf(p.Func.Wrt()) {
				out := optest.Exact(t, product, optest.AllToRats(optest.Join(p.At, d))...)
				columns = append(columns, flat(out[1+n:1+2*n]))
				require.Equal(t, optest.Strings(full[:1+n]), optest.Strings(out[:1+n]))
				require.Equal(t, optest.Strings(full[2+n:]), optest.Strings(out[1+2*n:]), "flags")
			}
			got := rowsOf(full[1+n], len(columns))
			require.Equal(t, optest.Strings(transposed(columns)), optest.Strings(got), "%s", name)
		}
	})
}

// Where no kink is active, the product is the derivative of the gradient; where
// Along settles all that are, it is that at x + t·d for small t. In both cases
// the difference of gradients beside x agrees up to a multiple of the step.
func TestLawHessianIsALimit(t *testing.T) {
	each(t, []string{"affine", "polynomial"}, func(t *rapid.T, p optest.Program) {
		f, n := p.Func, len(p.Func.Wrt())
		along := optest.AllToRats(optest.GenericFor(t, f.Wrt(), "along"))
		var d []expr.Node
		for i, x := range f.Wrt() {
			d = append(d, constantLike(x, along[i]))
		}
		h, err := ad.HessianVector(f, ad.Along(d))
		require.NoError(t, err)
		v := optest.AllToRats(optest.PointsFor(t, f.Wrt(), "v"))
		out := optest.Exact(t, h, optest.Join(p.Rats(), v)...)
		active, unsettled := out[1+2*n][0], out[2+2*n][0]
		require.LessOrEqual(t, unsettled.Cmp(active), 0)
		if unsettled.Sign() > 0 {
			return
		}
		g, err := ad.Gradient(f)
		require.NoError(t, err)
		g, err = ad.Wire(g, ad.AtSlot(0.5))
		require.NoError(t, err)
		near := optest.Moved(f, p.Rats(), tiny, along)
		step := optest.TwoTo(-512)
		a, b := optest.Exact(t, g, near...)[1:], optest.Exact(t, g, optest.Moved(f, near, step, v)...)[1:]
		for i := range a {
			for j := range a[i] {
				q := new(big.Rat).Sub(b[i][j], a[i][j])
				q.Quo(q, step).Sub(q, out[1+n+i][j])
				require.Negative(t, q.Abs(q).Cmp(optest.TwoTo(-192)), "entry %d of product %d", j, i)
			}
		}
	})
}

func constantLike(n expr.Node, v []*big.Rat) expr.Node {
	nums := make([]expr.Number, len(v))
	for i, r := range v {
		nums[i] = expr.Rational(r)
	}
	return n.Graph().Numbers(nums, n.Shape().Dims()...)
}

// second returns a product in one variable, and the flags.
func second(t *testing.T, text string, w ad.Wiring, x float64) (h, active, unsettled float64) {
	f, err := parse.Parse(text)
	require.NoError(t, err)
	product, err := ad.HessianVector(f, w)
	require.NoError(t, err)
	out := optest.Float(t, product, []float64{x}, []float64{1})
	return out[2][0], out[3][0], out[4][0]
}

func TestHessianClosedForms(t *testing.T) {
	for _, c := range []struct {
		text string
		x    float64
		want float64
	}{
		{"abs(x)^2", -3, 2},
		{"abs(x)^2", 0, 2},
		{"x*abs(x)", -1, -2},
		{"relu(x)^3", 2, 12},
		{"relu(x)^3", -2, 0},
		{"exp(2*x)", 0.5, 4 * math.E},
		{"max(x^2, 1)", 2, 2},
		{"max(x^2, 1)", 0.5, 0},
		{"log(x)", 2, -0.25},
		{"norm2([x, 3])", 4, 9.0 / 125},
	} {
		h, _, _ := second(t, c.text, ad.AtSlot(1), c.x)
		require.InDelta(t, c.want, h, 1e-14, c.text)
	}
}

// The flags tell a Hessian from a limit of Hessians and from a branch program
// that is neither.
func TestHessianFlags(t *testing.T) {
	for _, c := range []struct {
		text              string
		x                 float64
		active, unsettled float64
	}{
		{"abs(x)^2", 1, 0, 0},
		{"abs(x)^2", 0, 1, 0},
		{"abs(x)*abs(x)", 0, 2, 0},
		{"abs(x^2)", 0, 1, 1},
		{"max([x, 2*x, 0*x]) + x^2", 0, 3, 0},
		{"x > 0 ? x^2 : 0", 0, 1, 1},
		{"x*floor(x)", 2, 1, 1},
		{"x*floor(x)", 2.5, 0, 0},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err)
		h, err := ad.HessianVector(f, ad.Along(ad.Coordinates(f)...))
		require.NoError(t, err)
		out := optest.Float(t, h, []float64{c.x}, []float64{1})
		require.Equal(t, []float64{c.active, c.unsettled}, []float64{out[3][0], out[4][0]}, c.text)
		_, active, unsettled := second(t, c.text, ad.AtSlot(1), c.x)
		require.Equal(t, []float64{c.active, c.active}, []float64{active, unsettled}, c.text)
	}
}

// Branches chosen kink by kink may not occur together.
func TestHessianOfABranchProgramThatDoesNotOccur(t *testing.T) {
	f, err := parse.Parse("abs(x)*abs(x)")
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	one, _ := g.Slots()[0].Slot()
	h, err := ad.HessianVector(f, ad.Override(ad.AtSlot(0), one.String(), ad.SlotValue(expr.Num(1))))
	require.NoError(t, err)
	out := optest.Float(t, h, []float64{0}, []float64{1})
	require.Equal(t, []float64{-2}, out[2])
	require.Equal(t, []float64{2}, out[4], "both kinks are unsettled")
	h, err = ad.HessianVector(f, ad.Along(ad.Coordinates(f)...))
	require.NoError(t, err)
	out = optest.Float(t, h, []float64{0}, []float64{1})
	require.Equal(t, []float64{2}, out[2])
}

// A choice strictly inside a slot's set has no second derivative, and the error
// names the slot and what mends it.
func TestHessianRefusesWhatIsNoPiece(t *testing.T) {
	for _, c := range []struct {
		text, slot string
		w          ad.Wiring
	}{
		{"abs(x)^2", "abs#1.s", ad.AtSlot(0.5)},
		{"abs(x)^2", "abs#1.s", ad.AtKink(0)},
		{"abs(x)^2", "abs#1.s", ad.PyTorch.Wiring()},
		{"abs(x)^2", "abs#1.s", ad.Wiring{}},
		{"abs(x)^2", "abs#1.s", ad.Within(0.1)},
		{"max([x, 2*x, 0])^2", "amax#5.w", ad.JAX.Wiring()},
		{"max([x, 2*x, 0])^2", "amax#5.w", ad.GoMLX.Wiring()},
		{"sort([x, 2*x])[0]", "sort#4.p", ad.AtSlot(0.5)},
		{"abs(x)", "abs#1.s", ad.Override(ad.AtSlot(1), "abs#1.s", ad.NotANumber)},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err)
		_, err = ad.HessianVector(f, c.w)
		var piece *ad.PieceError
		require.ErrorAs(t, err, &piece, c.text)
		require.Equal(t, c.slot, piece.Slot.String())
		require.ErrorContains(t, err, `Override(w, "`+c.slot+`", `)
		require.NoError(t, f.Graph().Err())
	}
}

// The advice of the error is enough.
func TestHessianTakesTheAdvice(t *testing.T) {
	f, err := parse.Parse("relu(x)*abs(x)")
	require.NoError(t, err)
	_, err = ad.HessianVector(f, ad.PyTorch.Wiring())
	var piece *ad.PieceError
	require.ErrorAs(t, err, &piece)
	_, err = ad.HessianVector(f, ad.Override(ad.PyTorch.Wiring(), piece.Slot.String(), ad.SlotValue(expr.Num(0))))
	require.NoError(t, err)
}

func TestHessianOfTheNormAtZero(t *testing.T) {
	f, err := parse.Parse("norm2([x, 2*x])")
	require.NoError(t, err)
	h, err := ad.HessianVector(f, ad.AtSlot(0))
	require.NoError(t, err)
	out := optest.Float(t, h, []float64{0}, []float64{1})
	require.False(t, out[2][0]-out[2][0] == 0, "got %v", out[2][0])
	require.Positive(t, out[3][0])
}

// Derivatives of any order: the third of relu(x)⁴ by differentiating twice more.
func TestThirdDerivative(t *testing.T) {
	f, err := parse.Parse("relu(x)^4")
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	h, err := ad.Forward(g)
	require.NoError(t, err)
	third, err := ad.Forward(h)
	require.NoError(t, err)
	wired, err := ad.WireByPieces(third, ad.PyTorch.Wiring())
	require.NoError(t, err)
	in := make([][]float64, len(wired.In()))
	in[0] = []float64{2}
	for i := range in[1:] {
		in[1+i] = []float64{1}
	}
	out := optest.Float(t, wired, in...)
	require.Equal(t, []float64{48}, out[len(out)-1], "24x at 2")
}
