package conservative_test

import (
	"context"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// curvePoint reads one input a text, its entries separated by blanks.
func curvePoint(t testing.TB, in ...string) clarke.Point {
	var x clarke.Point
	for _, v := range in {
		x = append(x, vector(t, strings.Fields(v)))
	}
	return x
}

func curves(t testing.TB, f *expr.Func, x clarke.Point, rule conservative.Rule, o conservative.CurveOptions) *conservative.CurveReport {
	r, err := conservative.CheckCurves(context.Background(), f, x, rule, o)
	require.NoError(t, err)
	return r
}

func member(t testing.TB, f *expr.Func, x clarke.Point, rule conservative.Rule) *conservative.RuleMembership {
	m, err := conservative.CheckMembership(context.Background(), f, x, rule, conservative.Options{})
	require.NoError(t, err)
	return m
}

// generic are the families of curves that stay in no stratum.
var generic = []conservative.CurveFamily{conservative.Segments, conservative.Arcs, conservative.Loops}

// Wrong rules are rejected, in both arithmetics, with a witness that holds.
func TestWrongRulesAreRejected(t *testing.T) {
	for _, w := range wrongRules(t) {
		t.Run(w.name, func(t *testing.T) {
			f, x := w.program(t)
			for _, at := range []clarke.Point{x, toFloat(x)} {
				r := curves(t, f, at, w.rule, conservative.CurveOptions{Tol: 1e-9})
				require.Equal(t, conservative.Rejected, r.Verdict, r.Why)
				require.Equal(t, w.blame, r.Witness.Blame[0].Node.Op().Name, r.Why)
				require.Len(t, r.Witness.Blame, 1, r.Why)
				recheck(t, f, w.rule, r.Witness)
			}
		})
	}
}

// Curves in general position see rules that are wrong on open sets only: all of the
// rules that are wrong at ties pass.
func TestGenericCurvesAreBlind(t *testing.T) {
	blind := 0
	for _, w := range wrongRules(t) {
		f, x := w.program(t)
		r := curves(t, f, x, w.rule, conservative.CurveOptions{Curves: 20, Families: generic})
		if w.everywhere {
			require.Equal(t, conservative.Rejected, r.Verdict, w.name)
			continue
		}
		require.Equal(t, conservative.ConservativeOnCurves, r.Verdict, "%s: %s", w.name, r.Why)
		for _, c := range r.Counts[:conservative.InnerSegments] {
			require.Equal(t, 20, c.Curves, w.name)
			require.GreaterOrEqual(t, c.Compared, 20, "%s: %v", w.name, c)
		}
		blind++
	}
	require.GreaterOrEqual(t, blind, 10)
}

// Right and wrong rules that are conservative pass: their error at a tie is a
// multiple of the switch's gradient. Membership tells them apart.
func TestConservativeRulesPass(t *testing.T) {
	for _, c := range []struct {
		name, text string
		at         []string
		rule       conservative.Rule
		member     clarke.Verdict
		vector     []float64
	}{
		{"relu-prime as published", "-2*relu(x)", []string{"0"}, by(t, "relu", published(1)), clarke.No, []float64{1}},
		{"the same among other inputs", "3*y - 2*relu(x - y)*z", []string{"1", "1", "2"}, by(t, "relu", published(1)), clarke.No, []float64{2, 1, 0}},
		{"relu-prime with alpha 0", "-2*relu(x)", []string{"0"}, by(t, "relu", published(0)), clarke.Yes, []float64{0}},
		{"weights 2 and -1 at a tie", "max(x, y)", []string{"1", "1"}, by(t, "max", share(2, -1)), clarke.No, []float64{2, -1}},
		{"weights 1/4 and 3/4 at a tie", "max(x, y)", []string{"1", "1"}, by(t, "max", share(0.25, 0.75)), clarke.Yes, []float64{0.25, 0.75}},
		{"all entries that tie, where the tie is that of one number", "max([x^2 + y^2, 1])", []string{"3/5", "4/5"}, conservative.Rule{Wiring: ad.Gorgonia.Wiring()}, clarke.Yes, []float64{1.2, 1.6}},
		{"PyTorch", "relu(x) - relu(-x)", []string{"0"}, conservative.Rule{Wiring: ad.PyTorch.Wiring()}, clarke.Yes, []float64{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, x := parsed(t, c.text), curvePoint(t, c.at...)
			for _, at := range []clarke.Point{x, toFloat(x)} {
				r := curves(t, f, at, c.rule, conservative.CurveOptions{Curves: 20})
				require.Equal(t, conservative.ConservativeOnCurves, r.Verdict, r.Why)
				m := member(t, f, at, c.rule)
				require.Equal(t, c.member, m.Verdict, m.Why)
				require.InDeltaSlice(t, c.vector, m.Vector.Float, 1e-15)
				requireSeparated(t, m)
			}
		})
	}
}

// requireSeparated checks the normal of an answer No.
func requireSeparated(t testing.TB, m *conservative.RuleMembership) {
	require.Equal(t, m.Verdict == clarke.No, len(m.Normal.Float) > 0)
	for _, v := range m.Field.Vertices {
		if m.Verdict == clarke.No {
			product := 0.0
			for i, n := range m.Normal.Float {
				product += n * (v.Float[i] - m.Vector.Float[i])
			}
			require.Positive(t, product)
		}
	}
}

// recheck holds a witness against its definition, with code of its own: the rule
// run once more, and a difference quotient of values.
func recheck(t testing.TB, f *expr.Func, rule conservative.Rule, w *conservative.CurveWitness) {
	require.GreaterOrEqual(t, len(w.Confirmed), 2)
	g, err := rule.Rules.Gradient(f)
	require.NoError(t, err)
	g, err = ad.Wire(g, rule.Wiring)
	require.NoError(t, err)
	if w.Arithmetic == "rational" && len(g.Slots()) == 0 {
		u := clarke.Point(clarke.Split(w.Direction, f.Wrt())).Exact()
		predicted := optest.DotRats(optest.Exact(t, g, w.Point.Exact()...)[1:], u)
		require.Equal(t, w.Lowest.Exact[0].RatString(), predicted.RatString())
		h := optest.TwoTo(-200)
		near := optest.Exact(t, f, optest.Moved(f, w.Point.Exact(), h, u)...)[0][0]
		quotient := new(big.Rat).Sub(near, optest.Exact(t, f, w.Point.Exact()...)[0][0])
		quotient.Quo(quotient, h)
		off, _ := quotient.Sub(quotient, w.Slope.Exact[0]).Float64()
		require.InDelta(t, 0, off, 1e-50)
		require.NotEqual(t, w.Lowest.Exact[0].RatString(), w.Slope.Exact[0].RatString())
	}
	for _, at := range append(w.Confirmed, w.Point) {
		requireActive(t, f, at, w.Stratum)
	}
}

// requireActive wants the kinks of the stratum to be active.
func requireActive(t testing.TB, f *expr.Func, x clarke.Point, stratum []ad.Kink) {
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	var kinks []ad.Kink
	if x.IsExact() {
		finder, err := ad.NewFinder(g)
		require.NoError(t, err)
		kinks, err = finder.AtExact(x.Exact()...)
		require.NoError(t, err)
	} else {
		kinks, err = ad.Kinks(g, x.Floats()...)
		require.NoError(t, err)
	}
	require.Len(t, kinks, len(stratum))
	for i, k := range kinks {
		require.Equal(t, stratum[i].Slot.String(), k.Slot.String())
		require.Equal(t, stratum[i].Entries, k.Entries)
	}
}

// The table of known answers: D passes, and what is refused is not applicable.
func TestKnownProgramsAreConservative(t *testing.T) {
	rows := 0
	eachKnown(t, func(t *testing.T, row known.Function, f *expr.Func, x clarke.Point) {
		refused := row.Conservative == nil
		for _, at := range []clarke.Point{x, toFloat(x)} {
			r := curves(t, f, at, conservative.Rule{}, conservative.CurveOptions{Curves: 3})
			if refused {
				require.Equal(t, conservative.NotApplicable, r.Verdict)
				require.NotEmpty(t, r.Why)
				continue
			}
			require.Equal(t, conservative.ConservativeOnCurves, r.Verdict, r.Why)
		}
		rows++
	})
	require.Greater(t, rows, 30)
}

func TestCurveReportsRepeat(t *testing.T) {
	f, x := parsed(t, "norm1([x - y, y - z]) + max([x*y, y*z])"), curvePoint(t, "1", "1", "1")
	text := func(seed uint64) string {
		r := curves(t, f, x, conservative.Rule{Wiring: ad.GoMLX.Wiring()}, conservative.CurveOptions{Seed: seed})
		require.Equal(t, seed, r.Seed)
		return r.String()
	}
	require.Equal(t, text(1), text(1))
	require.NotEqual(t, text(1), text(2))
}

func TestCurveMistakes(t *testing.T) {
	f, x := parsed(t, "relu(x)"), origin(1)
	ctx := context.Background()
	for want, o := range map[string]conservative.CurveOptions{
		"option Curves must be at least 0":            {Curves: -1},
		"option Radius must be finite and at least 0": {Radius: math.NaN()},
		"option Families has no family 99":            {Families: []conservative.CurveFamily{99}},
	} {
		_, err := conservative.CheckCurves(ctx, f, x, conservative.Rule{}, o)
		require.ErrorContains(t, err, want)
	}
	_, err := conservative.CheckCurves(ctx, f, nil, conservative.Rule{}, conservative.CurveOptions{})
	require.ErrorContains(t, err, "the point has 0 inputs")
	along := conservative.Rule{Wiring: ad.Along([]expr.Node{f.Graph().Data("d")})}
	_, err = conservative.CheckCurves(ctx, f, x, along, conservative.CurveOptions{})
	require.ErrorContains(t, err, "option Wiring brings in inputs of its own")
	_, err = conservative.CheckCurves(ctx, f, x, by(t, "relu", ad.Derivative{}), conservative.CurveOptions{})
	require.ErrorAs(t, err, new(*ad.RuleError))

	require.Contains(t, curves(t, f, x, conservative.Rule{}, conservative.CurveOptions{}).Why, "that point alone")
	require.Contains(t, curves(t, f, curvePoint(t, "1"), conservative.Rule{}, conservative.CurveOptions{}).Why, "no kink is active")
	require.Contains(t, curves(t, f, x, conservative.Rule{}, conservative.CurveOptions{Families: generic}).Why, "none of them runs inside a kink")

	r := curves(t, parsed(t, "norm2([x, y])"), curvePoint(t, "0", "0"), conservative.Rule{Wiring: ad.Gorgonia.Wiring()}, conservative.CurveOptions{})
	require.Equal(t, conservative.NotApplicable, r.Verdict)
	require.Contains(t, r.Why, "Gorgonia has no rule")
	r = curves(t, parsed(t, "sqrt(x^2)"), x, conservative.Rule{}, conservative.CurveOptions{})
	require.Equal(t, conservative.NotApplicable, r.Verdict)
	require.Contains(t, r.Why, "sqrt#")
	require.Equal(t, clarke.Unknown, member(t, parsed(t, "sqrt(x^2)"), x, conservative.Rule{}).Verdict)
	r = curves(t, parsed(t, "log(x)"), curvePoint(t, "1/100"), conservative.Rule{}, conservative.CurveOptions{Curves: 1, Radius: 1e9})
	require.Equal(t, conservative.ConservativeOnCurves, curves(t, parsed(t, "log(x)"), curvePoint(t, "1/100"), conservative.Rule{}, conservative.CurveOptions{}).Verdict)
	require.Contains(t, []conservative.CurveVerdict{conservative.Undecided, conservative.ConservativeOnCurves}, r.Verdict)
}

// A context that has ended, and one that ends on the way.
func TestCurvesStop(t *testing.T) {
	f := parsed(t, "sum(abs(v))*max(v) + exp(sum(v))", parse.Shapes(map[string][]int{"v": {40}}))
	x := toFloat(origin(40))
	ctx, stop := context.WithCancel(context.Background())
	stop()
	r, err := conservative.CheckCurves(ctx, f, x, conservative.Rule{}, conservative.CurveOptions{})
	require.NoError(t, err)
	require.Equal(t, conservative.Undecided, r.Verdict)

	ctx, stop = context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer stop()
	r, err = conservative.CheckCurves(ctx, f, x, conservative.Rule{}, conservative.CurveOptions{Curves: 1 << 20})
	require.NoError(t, err)
	require.Less(t, sinceDeadline(ctx), 10*time.Second, "a hang; on an idle machine it is below 100 ms")
	require.Equal(t, conservative.Undecided, r.Verdict)
	require.Contains(t, r.Why, "deadline")
}

// sinceDeadline is how long ago a context ended.
func sinceDeadline(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline()
	return time.Since(deadline)
}

// Curved strata: points of a quadric are rational, those of a cubic are not, and there
// the curve has to bend.
func TestCurvedStrata(t *testing.T) {
	arcs := conservative.CurveOptions{Families: []conservative.CurveFamily{conservative.InnerArcs}}
	gomlx := conservative.Rule{Wiring: ad.GoMLX.Wiring()}
	r := curves(t, parsed(t, "max([x^2 + y^2, 1 + x*y])"), curvePoint(t, "1", "1"), gomlx, arcs)
	require.Equal(t, conservative.Rejected, r.Verdict, r.Why)
	require.Equal(t, "rational", r.Witness.Arithmetic)
	require.Equal(t, conservative.InnerArcs, r.Witness.Family)
	require.False(t, r.Witness.Point[0].Exact[0].IsInt())

	f := parsed(t, "max([x^3 + y, y^2 + x^2])*x")
	r = curves(t, f, curvePoint(t, "1", "1"), gomlx, arcs)
	require.Equal(t, conservative.Rejected, r.Verdict, r.Why)
	require.Equal(t, "float64", r.Witness.Arithmetic)
	require.True(t, r.Witness.Curved)
	require.Len(t, r.Witness.Stratum, 1)
	recheck(t, f, gomlx, r.Witness)

	r = curves(t, parsed(t, "relu(x^2 + y^2 - 1) + relu(1 - x^2 - y^2)"), curvePoint(t, "3/5", "4/5"), conservative.Rule{}, arcs)
	require.Equal(t, conservative.ConservativeOnCurves, r.Verdict)
	require.Equal(t, 32, r.Counts[conservative.InnerArcs].Curves)
	require.Equal(t, "rational", r.Arithmetic)
}

// In float64 0.1 + 0.2 is not 0.3: a tolerance finds the tie, and the curves are
// exactly on it.
func TestCurvesFromANearTie(t *testing.T) {
	f := parsed(t, "max([x + y, z])")
	x := clarke.FloatPoint([]float64{0.1}, []float64{0.2}, []float64{0.3})
	gomlx := conservative.Rule{Wiring: ad.GoMLX.Wiring()}
	r := curves(t, f, x, gomlx, conservative.CurveOptions{})
	require.Equal(t, conservative.ConservativeOnCurves, r.Verdict)
	require.Contains(t, r.Why, "no kink is active at the point")
	r = curves(t, f, x, gomlx, conservative.CurveOptions{Tol: 1e-9})
	require.Equal(t, conservative.Rejected, r.Verdict)
	recheck(t, f, gomlx, r.Witness)
}

// The choices of two slots where one is meant do not agree along the tie, although
// each selection that takes the same for both is right.
func TestRecordOfACustomOp(t *testing.T) {
	larger, err := expr.Custom(expr.Op{
		Name: "larger", Doc: "the larger of x and y, with a slot for each", MinArgs: 2, Elementwise: true, Class: expr.PiecewiseAffine,
		Eval: func(c *expr.Call[float64]) {
			for i := range c.Out {
				c.Out[i] = max(c.In[0][i], c.In[1][i])
			}
		},
		Exact: func(c *expr.Call[*big.Rat]) {
			for i := range c.Out {
				if c.Out[i] = c.In[0][i]; c.In[1][i].Cmp(c.In[0][i]) > 0 {
					c.Out[i] = c.In[1][i]
				}
			}
		},
		Slopes: func(r *expr.Rule) []expr.Node {
			z := expr.Sub(r.In(0), r.In(1))
			return []expr.Node{r.Step("s", z), r.Step("t", expr.Neg(z))}
		},
		Sample: expr.SampleEntries(2, nil),
	})
	require.NoError(t, err)
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Input("y")
	f, err := g.Func(expr.In(x, y), expr.Out(larger.Apply(nil, x, y)))
	require.NoError(t, err)
	at := curvePoint(t, "0", "0")
	r := curves(t, f, at, conservative.Rule{}, conservative.CurveOptions{Families: []conservative.CurveFamily{conservative.Projections}})
	require.Equal(t, conservative.Rejected, r.Verdict)
	require.Equal(t, []float64{0, 2}, []float64{r.Witness.Lowest.Float[0], r.Witness.Highest.Float[0]})
	require.Equal(t, 4, r.Witness.Choices)
	require.Equal(t, "larger", r.Witness.Blame[0].Node.Op().Name)
	w := ad.Override(ad.Override(ad.AtSlot(0), f.Out()[0].String()+".s", ad.SlotValue(expr.Num(1))), f.Out()[0].String()+".t", ad.SlotValue(expr.Num(0)))
	r = curves(t, f, at, conservative.Rule{Wiring: w}, conservative.CurveOptions{})
	require.Equal(t, conservative.ConservativeOnCurves, r.Verdict, r.Why)
}

// Among hundreds of kinks at the point, the one that is wrong is found.
func TestLargePrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	f := parsed(t, "norm1(v) + max(v)*sum(relu(v))", parse.Shapes(map[string][]int{"v": {100}}))
	r := curves(t, f, toFloat(origin(100)), conservative.Rule{Wiring: ad.JAX.Wiring()}, conservative.CurveOptions{Curves: 2})
	require.Equal(t, conservative.ConservativeOnCurves, r.Verdict, r.Why)
	r = curves(t, f, toFloat(origin(100)), conservative.Rule{Wiring: ad.GoMLX.Wiring()}, conservative.CurveOptions{})
	require.Equal(t, conservative.Rejected, r.Verdict, r.Why)
	require.Equal(t, "amax", r.Witness.Blame[0].Node.Op().Name)
}

// The side of a loop inside the tie of max([x, y]) counts twice for a rule that
// gives 1 to both: the integral is the length of those sides in x.
func TestLoopIntegral(t *testing.T) {
	f, x := parsed(t, "max([x, y])"), curvePoint(t, "0", "0")
	r := curves(t, f, x, conservative.Rule{Wiring: ad.Gorgonia.Wiring()}, conservative.CurveOptions{Families: []conservative.CurveFamily{conservative.InnerLoops}})
	require.Equal(t, conservative.Rejected, r.Verdict)
	require.Equal(t, conservative.InnerLoops, r.Witness.Family)
	want := new(big.Rat)
	vertices := r.Witness.Loop.Vertices
	for i, p := range vertices {
		q := vertices[(i+1)%len(vertices)]
		if p[0].Exact[0].Cmp(p[1].Exact[0]) == 0 && q[0].Exact[0].Cmp(q[1].Exact[0]) == 0 {
			want.Add(want, new(big.Rat).Sub(q[0].Exact[0], p[0].Exact[0]))
		}
	}
	require.NotZero(t, want.Sign())
	require.Equal(t, want.RatString(), r.Witness.Loop.Lower.Exact[0].RatString())
	require.Equal(t, want.RatString(), r.Witness.Loop.Upper.Exact[0].RatString())

	r = curves(t, parsed(t, "exp(0*x)*max([x, y])"), x, conservative.Rule{Wiring: ad.Gorgonia.Wiring()}, conservative.CurveOptions{Families: []conservative.CurveFamily{conservative.InnerLoops}})
	require.Equal(t, conservative.Rejected, r.Verdict)
	inFloats := r.Witness.Loop
	side := inFloats.Vertices[1][0].Float[0] - inFloats.Vertices[0][0].Float[0]
	require.InDelta(t, side, inFloats.Lower.Float[0], 1e-4)
	require.InDelta(t, side, inFloats.Upper.Float[0], 1e-4)
}

// A gradient that was rounded is in a field in rationals up to rounding: log1p has no
// rational value, and its derivative 2/7 no float.
func TestMembershipOfRoundedGradients(t *testing.T) {
	f, err := parse.Parse("norm1([abs(x), abs(y - 1)]) + log1p(y + 2.5)")
	require.NoError(t, err)
	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)}, []*big.Rat{new(big.Rat)})
	for _, p := range []ad.Preset{ad.PyTorch, ad.JAX} {
		m, err := conservative.CheckMembership(t.Context(), f, zero, conservative.Rule{Wiring: p.Wiring()}, conservative.Options{})
		require.NoError(t, err)
		require.Equal(t, "rational", m.Field.Arithmetic)
		require.NotEqual(t, clarke.No, m.Verdict, m.Why)
	}
	m, err := conservative.CheckMembership(t.Context(), f, zero, conservative.Rule{Wiring: ad.AtSlot(3)}, conservative.Options{})
	require.NoError(t, err)
	require.Equal(t, clarke.No, m.Verdict)
}

// What rounding leaves of terms that cancel, in slopes or in values, contradicts no rule;
// a rule that is wrong is still found where all that remains is rounding.
func TestRoundingIsNoContradiction(t *testing.T) {
	x := curvePoint(t, "1")
	for _, text := range []string{
		"direction([x, x, x], [1, 0, 0])[1] - 0.5773502691896258",
		"exp(0*x)*(x + 1000000000000) - 1000000000000",
		"log(exp(3*x)) - 3*x",
		"norminf(softmax([x, x + 3]) - [0.04742587317756678, 0.9525741268224333])",
		"norm2([x, 2*x, 7*x]) - norm2([x, 2*x, 7*x])",
		"100000000*(direction([3*x, x], [1, 0])[1] - direction([3*x, x], [1, 0])[1])",
	} {
		for seed := range uint64(8) {
			r := curves(t, parsed(t, text), x, conservative.Rule{}, conservative.CurveOptions{Seed: seed})
			require.Equal(t, conservative.ConservativeOnCurves, r.Verdict, "%s: %s", text, r.Why)
			require.Contains(t, r.Why, "are within rounding")
		}
	}
	require.NotContains(t, curves(t, parsed(t, "log(exp(3*x)) - x"), x, conservative.Rule{}, conservative.CurveOptions{}).Why, "rounding")
	exp, _ := expr.Lookup("exp")
	wrong := ad.WithRule(exp, ad.Derivative{Slopes: func(r *expr.Rule) []expr.Node { return []expr.Node{expr.Scale(1.001, r.Out())} }})
	r := curves(t, parsed(t, "log(exp(3*x)) - 3*x"), x, conservative.Rule{Rules: wrong}, conservative.CurveOptions{})
	require.Equal(t, conservative.Rejected, r.Verdict, r.Why)
}
