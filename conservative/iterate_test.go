package conservative_test

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// iteration makes the inputs listed the state.
func iteration(t testing.TB, f *expr.Func, state ...string) *conservative.Iteration {
	var nodes []expr.Node
	for _, name := range state {
		nodes = append(nodes, input(t, f, name))
	}
	it, err := conservative.NewIteration(f, nodes, conservative.Options{})
	require.NoError(t, err)
	return it
}

// iterates are the steps 0, …, n.
func iterates(t require.TestingT, it *conservative.Iteration, at clarke.Point, n int, c conservative.Schedule) []conservative.Iterate {
	var out []conservative.Iterate
	for i, err := range it.Piggyback(context.Background(), at, clarke.Vector{}, c) {
		require.NoError(t, err)
		require.Equal(t, len(out), i.Step)
		if out = append(out, i); i.Step == n {
			break
		}
	}
	return out
}

func limit(t testing.TB, it *conservative.Iteration, at clarke.Point) *conservative.LimitSet {
	l, err := it.Limit(context.Background(), at, conservative.LimitOptions{})
	require.NoError(t, err)
	return l
}

// steps schedules one value after the other for all Steps.
func steps(s ...*big.Rat) conservative.Schedule {
	return conservative.Scheduled(func(step int, _ *ad.Kink) []*big.Rat { return s[step%len(s) : step%len(s)+1] })
}

// The proximal gradient step of the scalar lasso at its kink, with γ = ½ and slot
// ½: A = B = ¼, so J_k = (1 − 4^−k)/3, which tends to 1/3 at the rate ¼.
func TestLassoPiggyback(t *testing.T) {
	f := parsed(t, "softthreshold(0.5*x + 0.5*b, 0.5)")
	it := iteration(t, f, "x")
	at := pointOf(t, f, map[string][]string{"x": {"0"}, "b": {"1"}})
	half := big.NewRat(1, 2)
	for _, c := range []conservative.Schedule{conservative.Wired(ad.AtSlot(0.5)), steps(half)} {
		for k, i := range iterates(t, it, at, 40, c) {
			power := big.NewRat(1, 1)
			for range k {
				power.Mul(power, big.NewRat(1, 4))
			}
			want := power.Quo(power.Sub(big.NewRat(1, 1), power), big.NewRat(3, 1))
			require.Zero(t, want.Cmp(i.Jacobian.Exact[0]))
			require.True(t, i.State.IsZero())
		}
	}
	c, err := it.Contraction(context.Background(), at)
	require.NoError(t, err)
	require.Equal(t, clarke.Yes, c.Holds)
	require.Equal(t, 0.5, c.Rho)
	l := limit(t, it, at)
	require.True(t, l.Exact && l.Convex)
	require.Equal(t, [][]string{{"0"}, {"1"}}, texts(l.Vertices))
	require.Zero(t, l.Gap)
}

// x₊ = ½|x| + θ at 0 has A in [−½, ½] and B = 1. What stays with one A gives
// 1/(1 − A), from ⅔ to 2, the Clarke subdifferential of the fixed point. But who
// takes A = ½ for ever and then −½ once gets 1 − ½·2 = 0: fix(J_F) = [0, 2].
func TestLimitIsLargerThanImplicit(t *testing.T) {
	f := parsed(t, "0.5*abs(x) + c")
	it := iteration(t, f, "x")
	at := pointOf(t, f, map[string][]string{"x": {"0"}, "c": {"0"}})
	l := limit(t, it, at)
	require.True(t, l.Exact && l.Convex)
	require.Equal(t, [][]string{{"0"}, {"2"}}, texts(l.Vertices))
	require.Equal(t, [][]string{{"2/3"}, {"2"}}, texts(l.Implicit))
	require.Equal(t, 1, l.Steps)
	last := iterates(t, it, at, 60, conservative.Scheduled(func(step int, _ *ad.Kink) []*big.Rat {
		return []*big.Rat{big.NewRat(int64(min(1, 59-step)), 1)}
	}))[60]
	require.InDelta(t, 0, last.Jacobian.Float[0], 1e-15)
	for v, want := range map[string]clarke.Verdict{"0": clarke.Yes, "1/3": clarke.Yes, "2": clarke.Yes, "-1/9": clarke.No} {
		in, err := l.HullContains(vector(t, []string{v}))
		require.NoError(t, err)
		require.Equal(t, want, in)
	}
}

// x₊ = −x/2 + |θ| at 0 has A = −½ and B in [−1, 1]: fix(J_F) = [−2, 2], which
// polytopes from [−⅔, ⅔] on reach in the limit only, with 4/3·2^−k left at step k.
func TestLimitBounds(t *testing.T) {
	f := parsed(t, "-0.5*x + abs(c)")
	it := iteration(t, f, "x")
	at := pointOf(t, f, map[string][]string{"x": {"0"}, "c": {"0"}})
	for _, steps := range []int{1, 5, 9} {
		l, err := it.Limit(context.Background(), at, conservative.LimitOptions{Steps: steps})
		require.NoError(t, err)
		require.Contains(t, l.Why, "steps")
		require.False(t, l.Exact)
		left := math.Ldexp(4./3, -steps)
		require.InDelta(t, 2-left, l.Vertices[1].Float[0], 1e-15)
		require.InDelta(t, left-2, l.Vertices[0].Float[0], 1e-15)
		require.GreaterOrEqual(t, l.Gap, left)
		require.InDelta(t, math.Ldexp(2, -steps), l.Gap, 1e-9, "R = 2 around 0")
		for v, want := range map[float64]clarke.Verdict{1.3: clarke.Yes, 2 - left/2: clarke.Unknown, 2 + 2*left: clarke.No} {
			in, err := l.HullContains(clarke.Floats([]float64{v}))
			require.NoError(t, err)
			require.Equal(t, want, in)
		}
	}
	l := limit(t, it, toFloat(at))
	require.Empty(t, l.Why)
	require.False(t, l.Exact)
	require.LessOrEqual(t, l.Gap, 1.0001e-6*2)
	require.InDelta(t, 2, l.Vertices[1].Float[0], 3e-6)
}

// Off the kinks there is one Jacobian, and the limit set is one matrix: the lasso's
// closed form of TestLassoOffKinks. The steps tend to it no slower than Rho^k.
func TestLassoIterates(t *testing.T) {
	text := `let k = [[2, 1, 0], [0, 1, 0.5]]; let kt = [[2, 0], [1, 1], [0, 0.5]];
		softthreshold(y - dot(kt, dot(k, y) - b)/8, 1/8)`
	f := parsed(t, text, parse.Shapes(map[string][]int{"y": {3}, "b": {2}}))
	it := iteration(t, f, "y")
	at := pointOf(t, f, map[string][]string{"y": {"2", "3/2", "0"}, "b": {"6", "2"}})
	l := limit(t, it, at)
	require.True(t, l.Exact && l.Convex)
	want := []string{"1/2", "-1/2", "0", "1", "0", "0"}
	require.Equal(t, [][]string{want}, texts(l.Vertices))
	require.Equal(t, "singular values", l.Contraction.Norm)

	rho, limit := l.Contraction.Rho, vector(t, want).Float
	fixed := iterates(t, it, toFloat(at), 200, conservative.Wired(ad.PyTorch.Wiring()))
	for k, i := range fixed {
		require.LessOrEqual(t, distance(i.Jacobian.Float, limit), math.Pow(rho, float64(k))*distance(make([]float64, 6), limit)+1e-14)
	}
	rate := distance(fixed[101].Jacobian.Float, limit) / distance(fixed[100].Jacobian.Float, limit)
	require.Less(t, rate, rho)
	require.Greater(t, rate, 0.5)

	start := toFloat(at)
	copy(start[0].Float, []float64{0, 0, 0}) // on the way the iterates cross kinks
	far := iterates(t, it, start, 600, conservative.Wired(ad.PyTorch.Wiring()))[600]
	require.InDeltaSlice(t, []float64{2, 1.5, 0}, far.State.Float, 1e-9)
	require.InDeltaSlice(t, limit, far.Jacobian.Float, 1e-9)
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}

// heavyBall minimises 5/4·u² for u ≥ 0, ⅛u² for u ≤ 0, u = x − θ, with step 1 and
// momentum ½. With z = (x, previous x) it is z₊ = M(h)z at θ = 0, for the matrix
// M(h) = [3/2 − h, −½; 1, 0] with h = 5/2 or ¼.
const heavyBall = "let u = x - c; [x - (u/4 + 2.25*relu(u)) + 0.5*(x - m), x]"

// Whatever the start, the heavy ball converges: on each of the finitely many cones
// of starts with one pattern of signs, 24 steps are one matrix of norm below 1.
// This is checked in rationals, for cones that cover the plane.
func TestHeavyBallConverges(t *testing.T) {
	type cone struct {
		from, to [2]*big.Rat // extreme rays
		p        []*big.Rat  // the steps so far
	}
	unit := func(x, y int64) [2]*big.Rat { return [2]*big.Rat{big.NewRat(x, 1), big.NewRat(y, 1)} }
	move := map[bool][]*big.Rat{
		true:  {big.NewRat(-1, 1), big.NewRat(-1, 2), big.NewRat(1, 1), new(big.Rat)},
		false: {big.NewRat(5, 4), big.NewRat(-1, 2), big.NewRat(1, 1), new(big.Rat)},
	}
	cones := []cone{}
	rays := [][2]*big.Rat{unit(1, 0), unit(0, 1), unit(-1, 0), unit(0, -1)}
	for i := range rays {
		cones = append(cones, cone{rays[i], rays[(i+1)%4], []*big.Rat{big.NewRat(1, 1), new(big.Rat), new(big.Rat), big.NewRat(1, 1)}})
	}
	for range 24 {
		var next []cone
		for _, c := range cones {
			a, b := times(c.p, c.from[:])[0], times(c.p, c.to[:])[0]
			if a.Sign()*b.Sign() >= 0 {
				next = append(next, cone{c.from, c.to, multiplied(move[a.Sign() > 0 || b.Sign() > 0], c.p)})
				continue
			}
			var middle [2]*big.Rat // where x is 0 after the steps so far
			for l := range middle {
				middle[l] = new(big.Rat).Add(new(big.Rat).Mul(c.from[l], new(big.Rat).Abs(b)), new(big.Rat).Mul(c.to[l], new(big.Rat).Abs(a)))
			}
			next = append(next, cone{c.from, middle, multiplied(move[a.Sign() > 0], c.p)}, cone{middle, c.to, multiplied(move[b.Sign() > 0], c.p)})
		}
		cones = next
	}
	require.Less(t, len(cones), 200)
	f := parsed(t, heavyBall)
	z := []*big.Rat{big.NewRat(3, 1), big.NewRat(-2, 1)}
	for _, i := range iterates(t, iteration(t, f, "x", "m"), pointOf(t, f, map[string][]string{"x": {"3"}, "m": {"-2"}, "c": {"0"}}), 20, conservative.Wired(ad.AtSlot(0))) {
		require.Equal(t, texts([]clarke.Vector{clarke.Rational(z)}), texts([]clarke.Vector{i.State}), "the matrices are those of the program")
		z = times(move[z[0].Sign() > 0], z)
	}
	for _, c := range cones {
		for row := range 2 {
			norm := new(big.Rat).Add(new(big.Rat).Abs(c.p[2*row]), new(big.Rat).Abs(c.p[2*row+1]))
			require.Negative(t, norm.Cmp(big.NewRat(1, 1)))
		}
	}
}

// But its derivatives need not converge (Bolte, Pauwels and Vaiter 2022, on
// momentum): each M(h) alone has spectral radius √½, while M(5/2)·M(¼) has an
// eigenvalue below −2. At the solution, choices that alternate make J_k explode,
// although the solution is x̄(θ) = θ, implicit differentiation gives the derivative
// 1 for every choice, and so does the loop with one constant choice.
func TestHeavyBallDerivativesFail(t *testing.T) {
	f := parsed(t, heavyBall)
	it := iteration(t, f, "x", "m")
	at := pointOf(t, f, map[string][]string{"x": {"0"}, "m": {"0"}, "c": {"0"}})
	one, zero := big.NewRat(1, 1), new(big.Rat)
	last := iterates(t, it, at, 60, steps(one, zero))[60]
	require.True(t, last.State.IsZero())
	require.Greater(t, math.Abs(last.Jacobian.Float[0]), 1e8)
	for _, s := range []float64{0, 0.5, 1} {
		last := iterates(t, it, toFloat(at), 200, conservative.Wired(ad.AtSlot(s)))[200]
		require.InDeltaSlice(t, []float64{1, 1}, last.Jacobian.Float, 1e-12)
	}
	c, err := it.Contraction(context.Background(), at)
	require.NoError(t, err)
	require.Equal(t, clarke.Unknown, c.Holds)
	_, err = it.Limit(context.Background(), at, conservative.LimitOptions{})
	require.ErrorAs(t, err, new(*conservative.ContractionError))

	g := parsed(t, "let u = x - c; [x - (u/4 + 2.25*relu(u)) + 0.5*(x - m) - x, x - m]")
	s, err := conservative.Implicit(context.Background(), g, []expr.Node{input(t, g, "x"), input(t, g, "m")},
		pointOf(t, g, map[string][]string{"x": {"0"}, "m": {"0"}, "c": {"0"}}), conservative.ImplicitOptions{})
	require.NoError(t, err)
	require.Equal(t, clarke.Yes, s.Regular)
	require.Equal(t, [][]string{{"1", "1"}}, texts(s.Vertices))
}

// The norm that contracts, for W of known norms; and what has an eigenvalue of
// modulus 1 or more contracts in none.
func TestContractions(t *testing.T) {
	for w, want := range map[string]conservative.Contraction{
		"[[0.25, 0.5], [0.5, -0.25]]":     {Holds: clarke.Yes, Norm: "singular values", Rho: 0.5590171813964844}, // √5/4, to 2⁻²⁰
		"[[0.25, 0.5], [0, 0.125]]":       {Holds: clarke.Yes, Norm: "singular values"},
		"[[0.5, 0], [0.25, 0]]":           {Holds: clarke.Yes, Norm: "singular values"},
		"[[0.54, 0.72], [-0.72, 0.54]]":   {Holds: clarke.Yes, Norm: "singular values", Rho: math.Ceil(0.9*0x1p20) / 0x1p20},
		"[[0.5, 0], [0, 0.75]]":           {Holds: clarke.Yes, Norm: "rows", Rho: 0.75},
		"[[0.5, 2], [0, 0.5]]":            {Holds: clarke.Unknown, Norm: "singular values"},
		"[[1.5, 0], [0, 0.5]]":            {Holds: clarke.No},
		"[[-1, 0], [0, 0.5]]":             {Holds: clarke.No},
		"[[0, 1.5], [-1.5, 0]]":           {Holds: clarke.No},
		"[[0.25, 0.25], [-0.25, -0.125]]": {Holds: clarke.Yes},
	} {
		f := shaped(t, "relu(dot("+w+", x) + c)", 2, "x", "c")
		it := iteration(t, f, "x")
		at := pointOf(t, f, map[string][]string{"x": {"0", "0"}, "c": {"0", "0"}})
		got, err := it.Contraction(context.Background(), at)
		require.NoError(t, err)
		require.Equal(t, want.Holds, got.Holds, "%s: %s", w, got.Why)
		require.NotEmpty(t, got.Why)
		if want.Rho != 0 {
			require.Equal(t, want.Norm, got.Norm, w)
			require.Equal(t, want.Rho, got.Rho, w)
		}
		if got.Holds == clarke.Yes {
			require.Less(t, got.Rho, 1.0)
			continue
		}
		_, err = it.Limit(context.Background(), at, conservative.LimitOptions{})
		require.ErrorAs(t, err, new(*conservative.ContractionError))
		require.ErrorContains(t, err, got.Why)
	}
}

// Schedules must stay within the slots' sets, for each kind of slot.
func TestSchedules(t *testing.T) {
	ctx := context.Background()
	one, half, third := big.NewRat(1, 1), big.NewRat(1, 2), big.NewRat(1, 3)
	for text, list := range map[string]struct{ good, bad [][]*big.Rat }{
		"[abs(x[0]), c[0]] / 4": {
			[][]*big.Rat{{half}, {third}, {one}},
			[][]*big.Rat{{big.NewRat(-1, 2)}, {big.NewRat(3, 2)}, {half, half}, {}, {nil}, {new(big.Rat).SetFrac64(1, 1<<62+1)}},
		},
		"[max(x), c[0]] / 4": {
			[][]*big.Rat{{half, half}, {one, new(big.Rat)}},
			[][]*big.Rat{{half, third}, {one, one}, {big.NewRat(3, 2), big.NewRat(-1, 2)}},
		},
		"(sort(x) + c) / 4": {
			[][]*big.Rat{{half, half, half, half}, {new(big.Rat), one, one, new(big.Rat)}},
			[][]*big.Rat{{one, new(big.Rat), one, new(big.Rat)}, {one, one, new(big.Rat), new(big.Rat)}},
		},
		"[norm2(x), c[0]] / 4": {
			[][]*big.Rat{{half, half}, {big.NewRat(3, 5), big.NewRat(4, 5)}},
			[][]*big.Rat{{one, half}, {nil, half}},
		},
	} {
		f := shaped(t, text, 2, "x", "c")
		it := iteration(t, f, "x")
		at := clarke.FloatPoint([]float64{0, 0}, []float64{0, 0})
		for _, v := range list.good {
			last := iterates(t, it, at, 3, conservative.Scheduled(func(int, *ad.Kink) []*big.Rat { return v }))[3]
			require.False(t, last.Jacobian.IsZero())
		}
		for _, v := range list.bad {
			seen := 0
			var last error
			for i, err := range it.Piggyback(ctx, at, clarke.Vector{}, conservative.Scheduled(func(int, *ad.Kink) []*big.Rat { return v })) {
				seen, last = seen+1, err
				require.Zero(t, i.Step)
			}
			require.Equal(t, 2, seen, "step 0, then the error")
			require.ErrorAs(t, last, new(*conservative.SlotValueError), "%v for %s", v, text)
		}
	}
}

// Slots of a maximum share what they give: weights ⅓ and ⅔ give the gradient
// (⅓, ⅔) of its argument.
func TestScheduledWeights(t *testing.T) {
	f := shaped(t, "[max(x + c), x[0]] / 4", 2, "x", "c")
	weights := []*big.Rat{big.NewRat(1, 3), big.NewRat(2, 3)}
	it := iteration(t, f, "x")
	first := iterates(t, it, pointOf(t, f, map[string][]string{"x": {"0", "0"}, "c": {"0", "0"}}), 1, conservative.Scheduled(func(int, *ad.Kink) []*big.Rat { return weights }))[1]
	require.Equal(t, []string{"1/12", "1/6", "0", "0"}, texts([]clarke.Vector{first.Jacobian})[0])
}

func TestIterationMistakes(t *testing.T) {
	ctx := context.Background()
	f := shaped(t, "relu(x)/2 + c", 2, "x", "c")
	_, err := conservative.NewIteration(f, nil, conservative.Options{})
	require.ErrorAs(t, err, new(*conservative.SystemError))
	_, err = conservative.NewIteration(f, f.In(), conservative.Options{})
	require.ErrorAs(t, err, new(*conservative.SystemError))
	it := iteration(t, f, "x")
	at := pointOf(t, f, map[string][]string{"x": {"0", "0"}, "c": {"0", "0"}})
	begins := func(at clarke.Point, start clarke.Vector, c conservative.Schedule) error {
		for _, err := range it.Piggyback(ctx, at, start, c) {
			return err
		}
		return nil
	}
	require.NoError(t, begins(at, clarke.Vector{}, conservative.Drawn(rand.New(rand.NewPCG(1, 2)))))
	require.NoError(t, begins(at, clarke.Floats([]float64{1, 2, 3, 4}), conservative.Wired(ad.AtSlot(0))))
	require.ErrorAs(t, begins(at[:1], clarke.Vector{}, conservative.Wired(ad.AtSlot(0))), new(*clarke.InputError))
	require.ErrorContains(t, begins(at, clarke.Vector{}, conservative.Schedule{}), "empty")
	require.ErrorContains(t, begins(at, clarke.Floats([]float64{1}), conservative.Wired(ad.AtSlot(0))), "2 × 2")
	require.ErrorContains(t, begins(at, clarke.Vector{}, conservative.Wired(ad.Wiring{})), "open")

	for name, o := range map[string]conservative.LimitOptions{"residual": {Residual: math.NaN()}, "gap": {Gap: -1}, "steps": {Steps: -1}, "points": {Points: -1}} {
		_, err := it.Limit(ctx, at, o)
		require.ErrorAs(t, err, new(*conservative.OptionError), name)
	}
	_, err = it.Limit(ctx, pointOf(t, f, map[string][]string{"x": {"1", "0"}, "c": {"0", "0"}}), conservative.LimitOptions{})
	require.ErrorAs(t, err, new(*conservative.ResidualError))
	stopped, stop := context.WithCancel(ctx)
	stop()
	_, err = it.Limit(stopped, at, conservative.LimitOptions{})
	require.ErrorIs(t, err, context.Canceled)
	for _, err := range it.Piggyback(stopped, at, clarke.Vector{}, conservative.Wired(ad.AtSlot(0))) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

// Where F is not certified Lipschitz, an iteration ends with the step's number, and
// no limit is given.
func TestIterationRefusal(t *testing.T) {
	f := parsed(t, "sqrt(x)/2 + c*x")
	it := iteration(t, f, "x")
	at := clarke.FloatPoint([]float64{0}, []float64{0})
	var last error
	for _, err := range it.Piggyback(context.Background(), at, clarke.Vector{}, conservative.Wired(ad.AtSlot(0))) {
		last = err
	}
	require.ErrorAs(t, last, new(*conservative.RefusedError))
	require.ErrorContains(t, last, "step 0")
	_, err := it.Limit(context.Background(), at, conservative.LimitOptions{})
	require.ErrorAs(t, err, new(*conservative.RefusedError))
	c, err := it.Contraction(context.Background(), at)
	require.NoError(t, err)
	require.Equal(t, clarke.Unknown, c.Holds)
}

// Budgets: too many choices, and an active ball, leave the contraction open; too
// many points end the search with what it has.
func TestLimitBudgets(t *testing.T) {
	ctx := context.Background()
	f := shaped(t, "relu(x)/4 + c", 6, "x", "c")
	it, err := conservative.NewIteration(f, []expr.Node{input(t, f, "x")}, conservative.Options{MaxSlots: 3})
	require.NoError(t, err)
	zero := make([]float64, 6)
	c, err := it.Contraction(ctx, clarke.FloatPoint(zero, zero))
	require.NoError(t, err)
	require.Equal(t, clarke.Unknown, c.Holds)
	require.Contains(t, c.Why, "budget")

	f = shaped(t, "relu(dot([[0.25, 0.5], [-0.5, 0.25]], x) + c)", 2, "x", "c")
	at := pointOf(t, f, map[string][]string{"x": {"0", "0"}, "c": {"0", "0"}})
	l, err := iteration(t, f, "x").Limit(ctx, at, conservative.LimitOptions{Points: 5})
	require.NoError(t, err)
	require.Contains(t, l.Why, "budget")
	require.Zero(t, l.Steps)
	require.Len(t, l.Vertices, 4)
	require.Equal(t, l.Radius, l.Gap)
	l, err = iteration(t, f, "x").Limit(ctx, at, conservative.LimitOptions{Points: 3})
	require.NoError(t, err)
	require.Contains(t, l.Why, "budget")
	require.Nil(t, l.Vertices)
	for want, v := range map[clarke.Verdict]clarke.Vector{clarke.Yes: l.Centre, clarke.Unknown: l.Implicit[1], clarke.No: clarke.Floats([]float64{9, 9, 9, 9})} {
		in, err := l.HullContains(v)
		require.NoError(t, err)
		require.Equal(t, want, in)
	}

	short, stop := context.WithTimeout(ctx, 20*time.Millisecond)
	defer stop()
	_, err = iteration(t, f, "x").Limit(short, at, conservative.LimitOptions{Steps: 10000, Points: 1 << 20, Gap: 1e-300})
	require.Less(t, sinceDeadline(short), 10*time.Second, "a hang; on an idle machine it is below 100 ms")
	if err != nil {
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
}
