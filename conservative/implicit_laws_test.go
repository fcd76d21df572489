package conservative_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// eighths draws a number from −most to most in steps of ⅛.
func eighths(t *rapid.T, most int, label string) *big.Rat {
	return big.NewRat(rapid.Int64Range(int64(-8*most), int64(8*most)).Draw(t, label), 8)
}

func float(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}

// solveFor is Implicit without options.
func solveFor(t *rapid.T, f *expr.Func, y expr.Node, at ...[]*big.Rat) *conservative.ImplicitSet {
	s, err := conservative.Implicit(context.Background(), f, []expr.Node{y}, clarke.RationalPoint(at...), conservative.ImplicitOptions{})
	require.NoError(t, err)
	require.Equal(t, "rational", s.Arithmetic)
	return s
}

// Two shears in a row, z = y₁ + a·relu(y₂) and y₂ − b·relu(z), have matrices B of
// determinant 1. With weights p, q, r of the choices (1, 0), (0, 1), (1, 1), the
// determinant over their hull is 1 + ab(pq − r(1 − p − q − r)), with minimum
// 1 − ab/4 if ab ≥ 0 and 1 + ab/4 if not. So a singular B exists if and only if
// |ab| ≥ 4.
func TestLawShears(t *testing.T) {
	verdicts := map[clarke.Verdict]int{}
	rapid.Check(t, func(t *rapid.T) {
		a, b := eighths(t, 3, "a"), eighths(t, 3, "b")
		g := expr.NewGraph()
		x, y := g.Input("x", 2), g.Input("y", 2)
		first, second := expr.Index(y, 0), expr.Index(y, 1)
		z := expr.Add(first, expr.Scale(float(a), expr.ReLU(second)))
		last := expr.Sub(second, expr.Scale(float(b), expr.ReLU(z)))
		f, err := g.Func(expr.In(x, y), expr.Out(expr.Sub(expr.Stack(z, last), x)))
		require.NoError(t, err)
		s := solveFor(t, f, y, zeros(2), zeros(2))
		product := new(big.Rat).Mul(a, b)
		verdicts[s.Regular]++
		if s.Regular == clarke.Unknown { // the budget does not reach a gap that small
			require.Negative(t, product.Abs(product).Cmp(big.NewRat(4, 1)))
			require.Positive(t, product.Cmp(big.NewRat(7, 2)))
			return
		}
		require.Equal(t, product.Abs(product).Cmp(big.NewRat(4, 1)) < 0, s.Regular == clarke.Yes, s.RegularWhy)
		if s.Regular == clarke.No {
			requireWitness(t, s)
		}
	})
	conservative.RequireSeen(t, verdicts[clarke.Yes])
	conservative.RequireSeen(t, verdicts[clarke.No])
}

func zeros(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

// F = c·y + Σ uₖ·|y − bₖ| − x increases in y if c > Σ|uₖ|. At y = bₖ for k in a set
// K, with slope c′ by the other terms, differentiation may return any slope between
// c′ − Σ_K |uₖ| and c′ + Σ_K |uₖ|, and S is the interval of their reciprocals. The
// one-sided slopes of the solution, c′ ± Σ_K uₖ, are among them.
func TestLawScalarEquation(t *testing.T) {
	kinks := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "terms")
		at := big.NewRat(rapid.Int64Range(-2, 2).Draw(t, "y"), 1)
		g := expr.NewGraph()
		x, y := g.Input("x"), g.Input("y")
		slope, spread, jump, rest := big.NewRat(13, 1), new(big.Rat), new(big.Rat), new(big.Rat)
		sum := expr.Sub(expr.Scale(13, y), x)
		for range n {
			u, b := eighths(t, 3, "u"), rapid.Int64Range(-2, 2).Draw(t, "b")
			sum = expr.Add(sum, expr.Scale(float(u), expr.Abs(expr.Shift(y, float64(-b)))))
			distance := new(big.Rat).Sub(at, big.NewRat(b, 1))
			rest.Add(rest, new(big.Rat).Mul(u, new(big.Rat).Abs(distance)))
			switch distance.Sign() {
			case 0:
				kinks++
				spread.Add(spread, new(big.Rat).Abs(u))
				jump.Add(jump, u)
			case 1:
				slope.Add(slope, u)
			default:
				slope.Sub(slope, u)
			}
		}
		f, err := g.Func(expr.In(x, y), expr.Out(sum))
		require.NoError(t, err)
		rest.Add(rest, new(big.Rat).Mul(big.NewRat(13, 1), at))
		s := solveFor(t, f, y, []*big.Rat{rest}, []*big.Rat{at})
		require.Equal(t, clarke.Yes, s.Regular)
		require.True(t, s.Hull && s.Convex)
		want := [][]string{{reciprocal(slope, spread, 1)}, {reciprocal(slope, spread, -1)}}
		if spread.Sign() == 0 {
			want = want[:1]
		}
		require.Equal(t, want, texts(s.Vertices))
		for _, side := range []int64{-1, 1} {
			v, _ := new(big.Rat).SetString(reciprocal(slope, jump, side))
			in, err := s.HullContains(clarke.Rational([]*big.Rat{v}))
			require.NoError(t, err)
			require.Equal(t, clarke.Yes, in)
		}
	})
	conservative.RequireSeen(t, kinks)
}

// reciprocal is 1/(slope + side·spread).
func reciprocal(slope, spread *big.Rat, side int64) string {
	d := new(big.Rat).Mul(spread, big.NewRat(side, 1))
	return d.Inv(d.Add(d, slope)).RatString()
}

// network is y = relu(Wy + x) for two units, at a point where each of them is on,
// off or on its kink.
type network struct {
	w, x, y []*big.Rat
	kind    []int // 1 on, −1 off, 0 on the kink
	f       *expr.Func
	unknown expr.Node
}

func drawNetwork(t *rapid.T) network {
	n := network{y: zeros(2), x: zeros(2)}
	for range 4 {
		n.w = append(n.w, big.NewRat(rapid.Int64Range(-3, 3).Draw(t, "w"), 8))
	}
	g := expr.NewGraph()
	x, y := g.Input("x", 2), g.Input("y", 2)
	pre := expr.Add(expr.Dot(g.Tensor(floatsOf(n.w), 2, 2), y), x)
	var err error
	n.f, err = g.Func(expr.In(x, y), expr.Out(expr.Sub(y, expr.ReLU(pre))))
	n.unknown = y
	require.NoError(t, err)
	for i := range 2 {
		n.kind = append(n.kind, rapid.IntRange(-1, 1).Draw(t, "kind"))
		if n.kind[i] == 1 {
			n.y[i] = big.NewRat(rapid.Int64Range(1, 5).Draw(t, "y"), 2)
		}
		n.x[i] = new(big.Rat).Set(n.y[i]) // the operand of relu, for now
		if n.kind[i] == -1 {
			n.x[i] = big.NewRat(-1, 2)
		}
	}
	for i, v := range times(n.w, n.y) {
		n.x[i] = new(big.Rat).Sub(n.x[i], v)
	}
	return n
}

// times is W·v for two units.
func times(w, v []*big.Rat) []*big.Rat {
	out := zeros(2)
	for i := range out {
		for j := range v {
			out[i].Add(out[i], new(big.Rat).Mul(w[2*i+j], v[j]))
		}
	}
	return out
}

// element is (I − diag(s)W)⁻¹ diag(s) by Cramer's rule, for s of 0s and 1s.
func (n network) element(s []int64) []*big.Rat {
	b := zeros(4)
	for i := range b {
		b[i].Mul(big.NewRat(-s[i/2], 1), n.w[i])
		if i/2 == i%2 {
			b[i].Add(b[i], big.NewRat(1, 1))
		}
	}
	det := detOf(b)
	inverse := []*big.Rat{b[3], new(big.Rat).Neg(b[1]), new(big.Rat).Neg(b[2]), b[0]}
	for i, v := range inverse {
		inverse[i] = new(big.Rat).Mul(new(big.Rat).Quo(v, det), big.NewRat(s[i%2], 1))
	}
	return inverse
}

// choices lists the values 0 and 1 that the slots may have: 1 for a unit that is
// on, 0 for one that is off, both on a kink.
func (n network) choices() [][]int64 {
	list := [][]int64{nil}
	for _, k := range n.kind {
		var longer [][]int64
		for _, s := range list {
			if k >= 0 {
				longer = append(longer, append(append([]int64{}, s...), 1))
			}
			if k <= 0 {
				longer = append(longer, append(append([]int64{}, s...), 0))
			}
		}
		list = longer
	}
	return list
}

// S of an equilibrium network is the set of (I − diag(s)W)⁻¹ diag(s), and its
// values for s of 0s and 1s span its hull. At x + td, t > 0 small, the equilibrium
// is y + te, with e = J·d for a choice J that is consistent: units at a kink that
// count as on do not go down, and off not up. So the one-sided derivative e is in
// the hull of S·d.
func TestLawEquilibria(t *testing.T) {
	kinks := 0
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		s := solveFor(t, n.f, n.unknown, n.x, n.y)
		require.Equal(t, clarke.Yes, s.Regular)
		require.True(t, s.Hull)
		kinks += len(s.Kinks)

		var want []clarke.Vector
		for _, c := range n.choices() {
			want = append(want, clarke.Rational(n.element(c)))
		}
		extreme, _, err := clarke.ExtremePoints(want)
		require.NoError(t, err)
		require.Equal(t, texts(extreme), texts(s.Vertices))

		d := []*big.Rat{eighths(t, 1, "d"), eighths(t, 1, "d")}
		along, err := s.Directional(clarke.Rational(d))
		require.NoError(t, err)
		consistent := 0
		for _, c := range n.choices() {
			e := times(n.element(c), d)
			if !n.moves(c, d, e) {
				continue
			}
			consistent++
			in, err := clarke.HullContains(along, clarke.Rational(e))
			require.NoError(t, err)
			require.True(t, in)
			step := big.NewRat(1, 1<<30)
			out := optest.Exact(t, n.f, optest.AddScaled(n.x, step, d), optest.AddScaled(n.y, step, e))
			require.Equal(t, [][]string{{"0", "0"}}, optest.Strings(out), "the moved point is an equilibrium")
		}
		require.Positive(t, consistent)
	})
	conservative.RequireSeen(t, kinks)
}

// moves reports whether the units at kinks go where the choice says.
func (n network) moves(s []int64, d, e []*big.Rat) bool {
	for i, v := range times(n.w, e) {
		if up := v.Add(v, d[i]).Sign(); n.kind[i] == 0 && (s[i] == 1 && up < 0 || s[i] == 0 && up > 0) {
			return false
		}
	}
	return true
}

// drawEquation draws F(x, y) = C·z + M₂·φ(M₁·z + b) − r with z = (x, y), φ of relu,
// abs and max, and a point at which it is 0.
func drawEquation(t *rapid.T, onKinks bool) (f *expr.Func, y expr.Node, at [][]*big.Rat) {
	numbers := func(n, size int, label string) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = float64(rapid.IntRange(-size, size).Draw(t, label)) / 4
		}
		return out
	}
	g := expr.NewGraph()
	x, y := g.Input("x", 2), g.Input("y", 2)
	z := expr.Concat(x, y)
	matrix := func(rows, columns, size int) expr.Node {
		return g.Tensor(numbers(rows*columns, size, "matrix"), rows, columns)
	}
	shift := make([]float64, 3)
	if !onKinks {
		shift = numbers(3, 9, "shift")
	}
	pre := expr.Add(expr.Dot(matrix(3, 4, 4), z), g.Tensor(shift, 3))
	hidden := expr.Stack(expr.ReLU(expr.Index(pre, 0)), expr.Abs(expr.Index(pre, 1)), expr.Max(expr.Index(pre, 1), expr.Index(pre, 2)))
	second := expr.ReLU(expr.Dot(matrix(1, 3, 3), hidden))
	own := float64(rapid.IntRange(1, 4).Draw(t, "own")) // how much y counts by itself
	linear := g.Tensor([]float64{1, 0, own, 0, 0, 1, 0, own}, 2, 4)
	sum := expr.Add(expr.Dot(linear, z), expr.Add(expr.Dot(matrix(2, 3, 2), hidden), expr.Dot(matrix(2, 1, 3), second)))
	at = [][]*big.Rat{zeros(2), zeros(2)}
	if !onKinks {
		at = optest.AllToRats([][]float64{numbers(2, 9, "x"), numbers(2, 9, "y")})
	}
	value, err := g.Func(expr.In(x, y), expr.Out(sum))
	require.NoError(t, err)
	r := floatsOf(optest.Exact(t, value, at...)[0])
	f, err = g.Func(expr.In(x, y), expr.Out(expr.Sub(sum, g.Tensor(r, 2))))
	require.NoError(t, err)
	return f, y, at
}

// Off kinks the implicit derivative is −B⁻¹A for the classical Jacobian, which
// difference quotients give exactly where all is piecewise affine.
func TestLawImplicitOffKinks(t *testing.T) {
	seen := 0
	rapid.Check(t, func(t *rapid.T) {
		f, y, at := drawEquation(t, false)
		s := solveFor(t, f, y, at...)
		if len(s.Kinks) > 0 {
			t.Skip("on a kink")
		}
		a, b := quotients(t, f, at, 0), quotients(t, f, at, 1)
		if det := detOf(b); det.Sign() == 0 {
			require.Equal(t, clarke.No, s.Regular)
			return
		}
		seen++
		require.Equal(t, clarke.Yes, s.Regular)
		require.True(t, s.Hull && s.Convex)
		require.Len(t, s.Vertices, 1)
		product := multiplied(b, s.Vertices[0].Exact)
		for i := range product {
			require.Zero(t, product[i].Add(product[i], a[i]).Sign(), "B·X = −A")
		}
	})
	conservative.RequireSeen(t, seen)
}

// multiplied is the product of two 2 × 2 matrices.
func multiplied(a, b []*big.Rat) []*big.Rat {
	left, right := times(a, []*big.Rat{b[0], b[2]}), times(a, []*big.Rat{b[1], b[3]})
	return []*big.Rat{left[0], right[0], left[1], right[1]}
}

// quotients is the derivative by one input of two entries.
func quotients(t *rapid.T, f *expr.Func, at [][]*big.Rat, input int) []*big.Rat {
	out := zeros(4)
	for j := range 2 {
		d := [][]*big.Rat{zeros(2), zeros(2)}
		d[input][j].SetInt64(1)
		step := big.NewRat(1, 1<<30)
		moved := optest.Exact(t, f, optest.AddScaled(at[0], step, d[0]), optest.AddScaled(at[1], step, d[1]))[0]
		for i := range moved {
			out[2*i+j].Quo(moved[i], step) // F is 0 at the point itself
		}
	}
	return out
}

// On kinks, whatever the structure: elements for random slots and for wirings are
// in the hull where it is claimed, and a witness of singularity is one.
func TestLawElementsAreInTheHull(t *testing.T) {
	regular, kinks := map[clarke.Verdict]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		f, y, at := drawEquation(t, true)
		s := solveFor(t, f, y, at...)
		regular[s.Regular]++
		if s.Regular == clarke.No {
			requireWitness(t, s)
			return
		}
		require.Equal(t, s.Regular == clarke.Yes, s.Hull, s.HullWhy)
		kinks += len(s.Kinks)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for _, w := range []ad.Wiring{ad.Random(rng), ad.AtSlot(0.5), ad.JAX.Wiring()} {
			requireElement(t, s)(s.Element(w))
		}
		requireElement(t, s)(s.Sample(rng))
	})
	conservative.RequireSeen(t, regular[clarke.Yes])
	conservative.RequireSeen(t, regular[clarke.No])
	conservative.RequireSeen(t, kinks)
}

func requireElement(t *rapid.T, s *conservative.ImplicitSet) func(v clarke.Vector, err error) {
	return func(v clarke.Vector, err error) {
		require.NoError(t, err)
		in, err := s.HullContains(v)
		require.NoError(t, err)
		if s.Hull {
			require.Equal(t, clarke.Yes, in, "%v", v.Float)
		}
	}
}
