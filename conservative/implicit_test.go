package conservative_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// input returns the input of that name.
func input(t testing.TB, f *expr.Func, name string) expr.Node {
	for _, n := range f.In() {
		if n.String() == name {
			return n
		}
	}
	require.Fail(t, "no input", name)
	return expr.Node{}
}

// pointOf returns the rational point of named values, in the order of f.In().
func pointOf(t testing.TB, f *expr.Func, values map[string][]string) clarke.Point {
	var p clarke.Point
	for _, n := range f.In() {
		p = append(p, vector(t, values[n.String()]))
	}
	return p
}

// implicit solves f = 0 for y.
func implicit(t testing.TB, f *expr.Func, at clarke.Point) *conservative.ImplicitSet {
	s, err := conservative.Implicit(context.Background(), f, []expr.Node{input(t, f, "y")}, at, conservative.ImplicitOptions{})
	require.NoError(t, err)
	return s
}

// shaped parses a program of vectors of n entries.
func shaped(t testing.TB, text string, n int, names ...string) *expr.Func {
	shapes := map[string][]int{}
	for _, name := range names {
		shapes[name] = []int{n}
	}
	return parsed(t, text, parse.Shapes(shapes))
}

// The fixed point y = prox(y − γ(y − b)) of the scalar lasso at the kink b = λ: with
// slot s of the soft threshold, dy/db = sγ/(1 − s(1 − γ)). Its values for s in
// [0, 1] fill [0, 1] for every step γ, which is the Clarke subdifferential of the
// solution softthreshold(b, λ): row T47 of the table.
func TestLassoFixedPoint(t *testing.T) {
	for _, gamma := range []*big.Rat{big.NewRat(1, 2), big.NewRat(1, 8), big.NewRat(3, 4), big.NewRat(1023, 1024)} {
		g, _ := gamma.Float64()
		f := parsed(t, fmt.Sprintf("y - softthreshold(%v*y + %v*b, %v)", 1-g, g, g))
		s := implicit(t, f, pointOf(t, f, map[string][]string{"y": {"0"}, "b": {"1"}}))
		require.Equal(t, "rational", s.Arithmetic)
		require.Equal(t, clarke.Yes, s.Regular)
		require.True(t, s.Complete && s.Hull && s.Convex, s.HullWhy)
		require.Equal(t, [][]string{{"0"}, {"1"}}, texts(s.Vertices))
		for _, slot := range []string{"0", "1/4", "1/2", "3/4", "1"} {
			w := vector(t, []string{slot})
			got, err := s.Element(ad.AtSlot(w.Float[0]))
			require.NoError(t, err)
			want := new(big.Rat).Mul(w.Exact[0], gamma)
			rest := new(big.Rat).Sub(big.NewRat(1, 1), gamma)
			want.Quo(want, rest.Sub(big.NewRat(1, 1), rest.Mul(rest, w.Exact[0])))
			require.Zero(t, want.Cmp(got.Exact[0]), "slot %s gives %v instead of %v", slot, got.Exact, want)
		}
	}
	d := field(t, parsed(t, "softthreshold(b, 1)"), clarke.RationalPoint([]*big.Rat{big.NewRat(1, 1)}), conservative.Options{})
	require.Equal(t, [][]string{{"0"}, {"1"}}, texts(d.Vertices), "the program of the solution itself")
}

// lasso is the fixed point y = prox(y − Kᵀ(Ky − b)/8) of min ½‖Ky − b‖² + ‖y‖₁, for
// K = [2 1 0; 0 1 ½]. Off the kinks its solution on its support S is
// (K_SᵀK_S)⁻¹(K_Sᵀb − signs), with derivative (K_SᵀK_S)⁻¹K_Sᵀ on S and 0 elsewhere.
func lasso(t testing.TB) *expr.Func {
	text := `let k = [[2, 1, 0], [0, 1, 0.5]]; let kt = [[2, 0], [1, 1], [0, 0.5]];
		y - softthreshold(y - dot(kt, dot(k, y) - b)/8, 1/8)`
	return parsed(t, text, parse.Shapes(map[string][]int{"y": {3}, "b": {2}}))
}

// At b = (6, 2), S = {1, 2} and y = ((b₁ − b₂)/2, b₂ − ½, 0); the third correlation
// with the residual is ¼, off the kink.
func TestLassoOffKinks(t *testing.T) {
	f := lasso(t)
	at := pointOf(t, f, map[string][]string{"y": {"2", "3/2", "0"}, "b": {"6", "2"}})
	s := implicit(t, f, at)
	require.Empty(t, s.Kinks)
	require.Equal(t, clarke.Yes, s.Regular)
	require.True(t, s.Hull && s.Convex)
	require.Equal(t, [][]string{{"1/2", "-1/2", "0", "1", "0", "0"}}, texts(s.Vertices))
	require.Equal(t, 3, s.Rows)
	require.Equal(t, 2, s.Columns)

	rounded := implicit(t, f, toFloat(at))
	require.Equal(t, "float64", rounded.Arithmetic)
	require.InDeltaSlice(t, s.Vertices[0].Float, rounded.Vertices[0].Float, 1e-14)
}

// At b = (4, ½) the second entry of y = (7/4, 0, 0) is on its kink: where b₂ grows
// it joins the support.
func TestLassoOnAKink(t *testing.T) {
	f := lasso(t)
	at := pointOf(t, f, map[string][]string{"y": {"7/4", "0", "0"}, "b": {"4", "1/2"}})
	s := implicit(t, f, at)
	require.Len(t, s.Kinks, 1)
	require.True(t, s.Hull && s.Convex)
	require.Equal(t, [][]string{{"1/2", "-1/2", "0", "1", "0", "0"}, {"1/2", "0", "0", "0", "0", "0"}}, texts(s.Vertices))
	along, err := s.Directional(vector(t, []string{"2", "3"}))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"-1/2", "3", "0"}, {"1", "0", "0"}}, texts(along))
	for want, v := range map[clarke.Verdict][]string{clarke.Yes: {"1/2", "-1/4", "0", "1/2", "0", "0"}, clarke.No: {"1/2", "0", "0", "1/2", "0", "0"}} {
		in, err := s.HullContains(vector(t, v))
		require.NoError(t, err)
		require.Equal(t, want, in)
	}
}

// |y| = x has no solution near x < 0: B = ±1 at both choices, but the hull has 0.
func TestSingularOnASegment(t *testing.T) {
	f := parsed(t, "abs(y) - x")
	s := implicit(t, f, pointOf(t, f, map[string][]string{"x": {"0"}, "y": {"0"}}))
	require.Equal(t, clarke.No, s.Regular)
	require.Nil(t, s.Elements)
	require.Nil(t, s.Vertices)
	require.False(t, s.Hull)
	require.True(t, s.Singular.Exact())
	requireWitness(t, s)
	require.Equal(t, "1/2", s.Singular.Low[0].RatString())

	// 2·relu(y) − relu(−y), with slopes −1, 0, 1, 2 at the four choices; the sign
	// changes already at the corners, and one of them is singular itself.
	f = parsed(t, "2*relu(y) + relu(-y) - x")
	s = implicit(t, f, pointOf(t, f, map[string][]string{"x": {"0"}, "y": {"0"}}))
	require.Equal(t, clarke.No, s.Regular)
	requireWitness(t, s)
}

// requireWitness rechecks a singular combination, for one or two unknowns.
func requireWitness(t require.TestingT, s *conservative.ImplicitSet) {
	w := s.Singular
	require.NotNil(t, w)
	low, high := detOf(combined(t, s, w.Low)), detOf(combined(t, s, w.High))
	if w.Exact() {
		require.Zero(t, low.Sign())
		require.InDeltaSlice(t, floatsOf(combined(t, s, w.Low)), w.B.Float, 0)
		return
	}
	require.Negative(t, low.Sign()*high.Sign())
	for i := range w.Low {
		d, _ := new(big.Rat).Sub(w.High[i], w.Low[i]).Float64()
		require.Less(t, math.Abs(d), 1e-18, "a bracket that narrow")
	}
}

// combined returns Σ weights·B, after checking that the weights are those of a
// convex combination.
func combined(t require.TestingT, s *conservative.ImplicitSet, weights []*big.Rat) []*big.Rat {
	sum := new(big.Rat)
	out := make([]*big.Rat, s.Rows*s.Rows)
	for i := range out {
		out[i] = new(big.Rat)
	}
	for k, w := range weights {
		require.GreaterOrEqual(t, w.Sign(), 0)
		sum.Add(sum, w)
		for i, b := range s.B[s.Singular.Support[k]].Exact {
			out[i].Add(out[i], new(big.Rat).Mul(w, b))
		}
	}
	require.Equal(t, "1", sum.RatString())
	return out
}

// detOf is the determinant of a matrix of one or two rows.
func detOf(b []*big.Rat) *big.Rat {
	if len(b) == 1 {
		return b[0]
	}
	d := new(big.Rat).Mul(b[0], b[3])
	return d.Sub(d, new(big.Rat).Mul(b[1], b[2]))
}

func floatsOf(r []*big.Rat) []float64 { return clarke.Rational(r).Float }

// All four matrices B have determinant 1: they are products of two shears, and
// (y₁, y₂) ↦ (z, y₂ − 3·relu(z)) with z = y₁ + 2·relu(y₂) is even a homeomorphism.
// But the hull of the four has singular matrices, so the theorem says nothing.
func TestSingularInsideTheHull(t *testing.T) {
	f := shaped(t, "let z = y[0] + 2*relu(y[1]); [z, y[1] - 3*relu(z)] - x", 2, "x", "y")
	s := implicit(t, f, pointOf(t, f, map[string][]string{"x": {"0", "0"}, "y": {"0", "0"}}))
	require.Len(t, s.B, 4)
	for _, b := range s.B {
		require.Equal(t, "1", detOf(b.Exact).RatString())
	}
	require.Equal(t, clarke.No, s.Regular)
	require.Nil(t, s.Elements)
	requireWitness(t, s)
}

// y = relu(Wy + x) with W = [¼ ½; −½ ¼] at x = 0: B = I − diag(s)·W. With both
// units on, the derivative is (I − W)⁻¹ = [12 8; −8 12]/13, with one of them on a
// diagonal entry 4/3.
func TestNetworkEquilibrium(t *testing.T) {
	f := shaped(t, "y - relu(dot([[0.25, 0.5], [-0.5, 0.25]], y) + x)", 2, "x", "y")
	s := implicit(t, f, pointOf(t, f, map[string][]string{"x": {"0", "0"}, "y": {"0", "0"}}))
	require.Equal(t, clarke.Yes, s.Regular)
	require.True(t, s.Hull)
	require.False(t, s.Convex)
	require.Equal(t, [][]string{
		{"0", "0", "0", "0"}, {"0", "0", "0", "4/3"}, {"4/3", "0", "0", "0"}, {"12/13", "8/13", "-8/13", "12/13"},
	}, inOrder(texts(s.Vertices), 0, 1, 3, 2))
	for name, w := range map[string]ad.Wiring{"TensorFlow": ad.TensorFlow.Wiring(), "one half": ad.AtSlot(0.5), "on": ad.AtSlot(1)} {
		e, err := s.Element(w)
		require.NoError(t, err)
		in, err := s.HullContains(e)
		require.NoError(t, err)
		require.Equal(t, clarke.Yes, in, name)
	}
}

func inOrder(list [][]string, order ...int) [][]string {
	var out [][]string
	for _, i := range order {
		out = append(out, list[i])
	}
	return out
}

// A strongly coupled pair of units, where no norm bound will do: B ranges over
// [1 −8s; 8t 1], whose determinant 1 + 64st is affine in s and in t.
func TestRegularByStructure(t *testing.T) {
	f := shaped(t, "y - relu(dot([[0, 8], [-8, 0]], y) + x)", 2, "x", "y")
	at := pointOf(t, f, map[string][]string{"x": {"0", "0"}, "y": {"0", "0"}})
	for _, p := range []clarke.Point{at, toFloat(at)} {
		s := implicit(t, f, p)
		require.Equal(t, clarke.Yes, s.Regular)
		require.Contains(t, s.RegularWhy, "affine in each choice")
	}
}

// A smooth layer under a kink, y = tanh(Wy + x)/2 + relu(y − x)/4: difference
// quotients of the solution found by iteration, along the axes off the kinks, and
// one-sided at x = 0, where y = x = 0 is a kink of both units.
func TestImplicitFiniteDifferences(t *testing.T) {
	const layer = "0.5*tanh(dot([[0.5, -0.75], [1, 0.25]], y) + x) + 0.25*relu(y - x)"
	f, step := shaped(t, "y - ("+layer+")", 2, "x", "y"), shaped(t, layer, 2, "y", "x")
	solution := func(x ...float64) []float64 {
		at := clarke.FloatPoint([]float64{0, 0}, x)
		if step.In()[0].String() == "x" {
			at[0], at[1] = at[1], at[0]
		}
		return iterates(t, iteration(t, step, "y"), at, 200, conservative.Wired(ad.AtSlot(0)))[200].State.Float
	}
	set := func(x ...float64) *conservative.ImplicitSet {
		at := map[string][]float64{"x": x, "y": solution(x...)}
		p := clarke.FloatPoint(at[f.In()[0].String()], at[f.In()[1].String()])
		s, err := conservative.Implicit(context.Background(), f, []expr.Node{input(t, f, "y")}, p, conservative.ImplicitOptions{Residual: 1e-14})
		require.NoError(t, err)
		require.Equal(t, clarke.Yes, s.Regular)
		require.True(t, s.Hull)
		return s
	}
	const h = 1e-5
	for _, x := range [][]float64{{0.5, -1}, {-0.25, 0.75}, {2, 1}} {
		s := set(x...)
		require.Len(t, s.Vertices, 1)
		for j := range 2 {
			up, down := []float64{x[0], x[1]}, []float64{x[0], x[1]}
			up[j] += h
			down[j] -= h
			above, below := solution(up...), solution(down...)
			for i := range 2 {
				require.InDelta(t, (above[i]-below[i])/(2*h), s.Vertices[0].Float[2*i+j], 1e-9)
			}
		}
	}
	s := set(0, 0)
	require.Len(t, s.Kinks, 2)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		d := []float64{rng.Float64() - 0.5, rng.Float64() - 0.5}
		moved := solution(h*d[0], h*d[1])
		along, err := s.Directional(clarke.Floats(d))
		require.NoError(t, err)
		m, err := convex.Contains(clarke.Point(along).Floats(), []float64{moved[0] / h, moved[1] / h}, 1e-4)
		require.NoError(t, err)
		require.True(t, m.Inside, "off by %g", m.Distance)
	}
}

// Sorting three tied entries changes the Jacobian by matrices of rank two: nothing
// is claimed about the hull of S. The even shuffles are singular.
func TestSortedEquation(t *testing.T) {
	f := shaped(t, "y + sort(y)/4 - x", 3, "x", "y")
	at := map[string][]string{"x": {"0", "0", "0"}, "y": {"0", "0", "0"}}
	s := implicit(t, f, pointOf(t, f, at))
	require.Len(t, s.B, 6)
	require.Equal(t, clarke.Yes, s.Regular)
	require.False(t, s.Hull)
	require.Contains(t, s.HullWhy, "rank")
	require.Nil(t, s.Vertices)
	require.Len(t, s.Elements, 6)

	f = shaped(t, "sort(y) - x", 3, "x", "y")
	s = implicit(t, f, pointOf(t, f, at))
	require.Equal(t, clarke.No, s.Regular)
}

// With an active norm the hull is not enumerated: samples only, and no verdict.
func TestImplicitBall(t *testing.T) {
	f := shaped(t, "y + 0.5*norm2(y)*[1, 1] - x", 2, "x", "y")
	s := implicit(t, f, clarke.FloatPoint([]float64{0, 0}, []float64{0, 0}))
	require.False(t, s.Complete)
	require.Contains(t, s.Why, "ball")
	require.Equal(t, clarke.Unknown, s.Regular)
	require.False(t, s.Hull)
	require.NotEmpty(t, s.Elements)
	in, err := s.HullContains(clarke.Floats([]float64{9, 9, 9, 9}))
	require.NoError(t, err)
	require.Equal(t, clarke.Unknown, in)
}

func TestImplicitRefusal(t *testing.T) {
	f := parsed(t, "y + sqrt(y^2) - x")
	s := implicit(t, f, pointOf(t, f, map[string][]string{"x": {"0"}, "y": {"0"}}))
	require.NotEmpty(t, s.Refused)
	require.Equal(t, clarke.Unknown, s.Regular)
	require.Nil(t, s.Elements)
	_, err := s.Element(ad.AtSlot(0))
	require.ErrorAs(t, err, new(*conservative.RefusedError))
	_, err = s.Sample(rand.New(rand.NewPCG(1, 2)))
	require.ErrorAs(t, err, new(*conservative.RefusedError))
}

// A derivative that is not finite at the point is an error, and so is a switch
// that is NaN.
func TestImplicitNotFinite(t *testing.T) {
	ctx := context.Background()
	f := parsed(t, "y - exp(1000*x)*relu(y)")
	y := []expr.Node{input(t, f, "y")}
	_, err := conservative.Implicit(ctx, f, y, clarke.FloatPoint([]float64{0}, []float64{2}), conservative.ImplicitOptions{})
	require.ErrorAs(t, err, new(*conservative.NonFiniteError))
	f = parsed(t, "y - abs(exp(1000*x) - exp(999*x))")
	y = []expr.Node{input(t, f, "y")}
	_, err = conservative.Implicit(ctx, f, y, clarke.FloatPoint([]float64{0}, []float64{2}), conservative.ImplicitOptions{})
	require.ErrorAs(t, err, new(*vm.NaNError))
}

func TestImplicitMistakes(t *testing.T) {
	f := shaped(t, "y + abs(y)/2 - x", 2, "x", "y")
	x, y := input(t, f, "x"), input(t, f, "y")
	zero := origin(2)[0]
	for name, c := range map[string]struct {
		unknowns []expr.Node
		at       clarke.Point
		o        conservative.ImplicitOptions
		err      any
	}{
		"no unknowns":  {nil, clarke.Point{zero, zero}, conservative.ImplicitOptions{}, new(*conservative.SystemError)},
		"twice":        {[]expr.Node{y, y}, clarke.Point{zero, zero}, conservative.ImplicitOptions{}, new(*conservative.SystemError)},
		"all":          {[]expr.Node{x, y}, clarke.Point{zero, zero}, conservative.ImplicitOptions{}, new(*conservative.SystemError)},
		"foreign":      {[]expr.Node{f.Out()[0]}, clarke.Point{zero, zero}, conservative.ImplicitOptions{}, new(*conservative.SystemError)},
		"point":        {[]expr.Node{y}, clarke.Point{zero}, conservative.ImplicitOptions{}, new(*clarke.InputError)},
		"not solved":   {[]expr.Node{y}, clarke.RationalPoint(vector(t, []string{"1", "1"}).Exact, vector(t, []string{"0", "0"}).Exact), conservative.ImplicitOptions{}, new(*conservative.ResidualError)},
		"residual":     {[]expr.Node{y}, clarke.Point{zero, zero}, conservative.ImplicitOptions{Residual: -1}, new(*conservative.OptionError)},
		"cells":        {[]expr.Node{y}, clarke.Point{zero, zero}, conservative.ImplicitOptions{Cells: -1}, new(*conservative.OptionError)},
		"other option": {[]expr.Node{y}, clarke.Point{zero, zero}, conservative.ImplicitOptions{Options: conservative.Options{Tol: -1}}, new(*conservative.OptionError)},
	} {
		_, err := conservative.Implicit(context.Background(), f, c.unknowns, c.at, c.o)
		require.ErrorAs(t, err, c.err, name)
	}
	g := shaped(t, "sum(y) - x", 2, "y")
	_, err := conservative.Implicit(context.Background(), g, []expr.Node{input(t, g, "y")}, nil, conservative.ImplicitOptions{})
	require.ErrorContains(t, err, "2 entries and the outputs 1")

	s := implicit(t, f, clarke.Point{zero, zero})
	_, err = s.Directional(clarke.Floats([]float64{1}))
	require.ErrorAs(t, err, new(*conservative.SystemError))
	_, err = s.Element(ad.Wiring{})
	require.ErrorContains(t, err, "open")
}

// A wiring outside the slot's set may give a singular B where S has none.
func TestSingularElement(t *testing.T) {
	f := parsed(t, "y - 0.5*relu(y) - x")
	s := implicit(t, f, pointOf(t, f, map[string][]string{"x": {"0"}, "y": {"0"}}))
	require.Equal(t, clarke.Yes, s.Regular)
	_, err := s.Element(ad.AtSlot(2))
	require.ErrorAs(t, err, new(*conservative.SingularError))
}

// The tolerance of the residual is that of the equation; a point that solves it up
// to rounding gets the answer of the level set it is on.
func TestResidualTolerance(t *testing.T) {
	f := parsed(t, "y^2 - x")
	at := clarke.FloatPoint([]float64{math.Sqrt(2)}, []float64{2})
	y := []expr.Node{input(t, f, "y")}
	_, err := conservative.Implicit(context.Background(), f, y, at, conservative.ImplicitOptions{})
	require.ErrorAs(t, err, new(*conservative.ResidualError))
	s, err := conservative.Implicit(context.Background(), f, y, at, conservative.ImplicitOptions{Residual: 1e-12})
	require.NoError(t, err)
	require.InDelta(t, 1/(2*math.Sqrt(2)), s.Vertices[0].Float[0], 1e-15)
}

// Kinks that are active within a tolerance widen the set, and nothing is called a
// hull.
func TestImplicitTolerance(t *testing.T) {
	f := parsed(t, "y + 0.5*abs(y) - x")
	o := conservative.ImplicitOptions{Options: conservative.Options{Tol: 1e-6}, Residual: 1e-6}
	s, err := conservative.Implicit(context.Background(), f, []expr.Node{input(t, f, "y")}, clarke.FloatPoint([]float64{1e-9}, []float64{1.5e-9}), o)
	require.NoError(t, err)
	require.Len(t, s.Kinks, 1)
	require.Len(t, s.Elements, 2)
	require.False(t, s.Hull)
	require.Contains(t, s.HullWhy, "tolerance")
}

// Two of three inputs are unknowns, listed in another order than the program's, and
// data are not differentiated: p + d·q = x, q − p = x.
func TestOrderOfUnknowns(t *testing.T) {
	g := expr.NewGraph()
	p, x, q, d := g.Input("p"), g.Input("x"), g.Input("q"), g.Data("d")
	f, err := g.Func(expr.In(d, p, x, q), expr.Out(expr.Sub(expr.Add(p, expr.Mul(d, q)), x)), expr.Out(expr.Sub(expr.Sub(q, p), x)))
	require.NoError(t, err)
	at := clarke.FloatPoint([]float64{3}, []float64{0}, []float64{0}, []float64{0})
	for want, unknowns := range map[[2]float64][]expr.Node{{-0.5, 0.5}: {p, q}, {0.5, -0.5}: {q, p}} {
		s, err := conservative.Implicit(context.Background(), f, unknowns, at, conservative.ImplicitOptions{})
		require.NoError(t, err)
		require.InDeltaSlice(t, want[:], s.Vertices[0].Float, 1e-15)
	}
}

// Budgets leave questions open: the slots, the pieces of the hull, and time.
func TestImplicitBudgets(t *testing.T) {
	f := shaped(t, "y + abs(y)/4 - x", 6, "x", "y")
	at := pointOf(t, f, map[string][]string{"x": {"0", "0", "0", "0", "0", "0"}, "y": {"0", "0", "0", "0", "0", "0"}})
	y := []expr.Node{input(t, f, "y")}
	o := conservative.ImplicitOptions{Options: conservative.Options{MaxSlots: 4}}
	s, err := conservative.Implicit(context.Background(), f, y, at, o)
	require.NoError(t, err)
	require.False(t, s.Complete)
	require.Contains(t, s.Why, "budget")
	require.Equal(t, clarke.Unknown, s.Regular)
	require.Contains(t, s.RegularWhy, "budget")
	require.NotEmpty(t, s.Elements)

	sorted := shaped(t, "y + sort(y)/4 - x", 12, "x", "y") // 12! orders
	zero := clarke.FloatPoint(make([]float64, 12), make([]float64, 12))
	s = implicit(t, sorted, zero)
	require.False(t, s.Complete)
	require.Contains(t, s.Why, "budget")
	require.Equal(t, clarke.Unknown, s.Regular)

	shears := shaped(t, "let z = y[0] + 1.9*relu(y[1]); [z, y[1] - 2*relu(z)] - x", 2, "x", "y")
	at = pointOf(t, shears, map[string][]string{"x": {"0", "0"}, "y": {"0", "0"}})
	s, err = conservative.Implicit(context.Background(), shears, []expr.Node{input(t, shears, "y")}, at, conservative.ImplicitOptions{Cells: 2})
	require.NoError(t, err)
	require.Equal(t, clarke.Unknown, s.Regular)
	require.Contains(t, s.RegularWhy, "2 pieces")

	stopped, stop := context.WithCancel(context.Background())
	stop()
	_, err = conservative.Implicit(stopped, f, y, pointOf(t, f, map[string][]string{"x": {"0", "0", "0", "0", "0", "0"}, "y": {"0", "0", "0", "0", "0", "0"}}), conservative.ImplicitOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// A search that would take long, over 2^15 matrices, stops when it is told to.
func TestImplicitStops(t *testing.T) {
	f := shaped(t, "y + abs(abs(y)/8 + relu(y)/8)/8 - x", 5, "x", "y")
	zero := make([]*big.Rat, 5)
	for i := range zero {
		zero[i] = new(big.Rat)
	}
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer stop()
	_, err := conservative.Implicit(ctx, f, []expr.Node{input(t, f, "y")}, clarke.RationalPoint(zero, zero), conservative.ImplicitOptions{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, sinceDeadline(ctx), 10*time.Second, "a hang; on an idle machine it is below 100 ms")
}
