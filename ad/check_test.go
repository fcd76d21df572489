package ad_test

import (
	"context"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

func slopes(f func(r *expr.Rule) []expr.Node) ad.Derivative { return ad.Derivative{Slopes: f} }

// bad are rules as people write them by mistake, and points at which they show.
var bad = []struct {
	name, text, op string
	rule           func(r *expr.Rule) []expr.Node
	at             []float64
}{
	{"sign flipped", "abs(v[0]) + v[1]^2", "abs", func(r *expr.Rule) []expr.Node {
		return []expr.Node{expr.Neg(expr.AffineOf(r.Step("s", r.In(0)), 2, -1))}
	}, []float64{3, 1}},
	{"sign flipped at a kink", "relu(2*v[0]) + abs(v[1])", "relu", func(r *expr.Rule) []expr.Node {
		return []expr.Node{r.Const(-0.5)}
	}, []float64{0, 0}},
	{"all ones at a tie", "max(v[0], v[1])", "max", func(r *expr.Rule) []expr.Node {
		return []expr.Node{r.Const(1), r.Const(1)}
	}, []float64{1, 1}},
	{"nothing at a tie", "max(v[0], v[1])", "max", func(r *expr.Rule) []expr.Node {
		return []expr.Node{r.Const(0), r.Const(0)}
	}, []float64{1, 1}},
	{"factor 2", "relu(v[0] - v[1])", "relu", func(r *expr.Rule) []expr.Node {
		return []expr.Node{expr.Scale(2, r.Step("s", r.In(0)))}
	}, []float64{2, 1}},
	{"the other branch", "relu(v[0]*v[1])", "relu", func(r *expr.Rule) []expr.Node {
		return []expr.Node{r.Step("other", expr.Neg(r.In(0)))}
	}, []float64{2, 1}},
	{"missing chain factor", "relu(v[0])^3 + v[1]", "pow", func(r *expr.Rule) []expr.Node {
		return []expr.Node{r.Const(1)}
	}, []float64{2, 0}},
	{"missing chain factor, not rational", "exp(3*v[0]) + abs(v[1])", "exp", func(r *expr.Rule) []expr.Node {
		return []expr.Node{r.Const(1)}
	}, []float64{0.5, 2}},
	{"missing chain factor at another kink", "exp(3*v[0]) + abs(v[1])", "exp", func(r *expr.Rule) []expr.Node {
		return []expr.Node{r.Const(1)}
	}, []float64{0.5, 0}},
	{"1 % off", "sin(v[0]*v[1])", "sin", func(r *expr.Rule) []expr.Node {
		return []expr.Node{expr.Scale(1.01, expr.Cos(r.In(0)))}
	}, []float64{0.5, 2}},
}

// Known-bad rules are found, with a witness that holds.
func TestCheckFindsBadRules(t *testing.T) {
	for _, c := range bad {
		f := parsed(t, c.text, 2)
		g, err := ad.WithRule(lookup(t, c.op), slopes(c.rule)).Gradient(f)
		require.NoError(t, err)
		g, err = ad.Wire(g, ad.AtSlot(1))
		require.NoError(t, err)
		x := [][]float64{c.at}
		r, err := ad.CheckFunc(context.Background(), f, g, x, ad.CheckOptions{})
		require.NoError(t, err)
		require.Equal(t, ad.VerdictWrong, r.Verdict, "%s: %v", c.name, r)
		claimed := optest.Float(t, g, x...)[1]
		requireWitness(t, f, claimed, x, r.Witness, c.name)
		require.True(t, strings.HasPrefix(r.String(), "wrong: along ["), r.String())
	}
}

// requireWitness recomputes a witness: the field's bounds along its direction at
// all extreme points of the slots' sets, and off kinks from values.
func requireWitness(t require.TestingT, f *expr.Func, claimed []float64, x [][]float64, w *ad.Witness, name string) {
	claim := 0.0
	for i, v := range w.Direction {
		claim += v * claimed[i]
	}
	require.InDelta(t, claim, w.Claimed, 1e-12*(1+math.Abs(claim)), name)
	require.True(t, w.Claimed < w.Lo || w.Claimed > w.Hi, "%s: %v", name, w)
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, g := range fieldAt(t, f, x) {
		v := 0.0
		for i, d := range w.Direction {
			v += d * g[i]
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	tol := 1e-7 * (1 + math.Abs(lo) + math.Abs(hi))
	require.True(t, claim < lo-tol/10 || claim > hi+tol/10, "%s: %v is in [%v, %v]", name, claim, lo, hi)
	require.InDelta(t, lo, w.Lo, tol, name)
	require.InDelta(t, hi, w.Hi, tol, name)
}

// combinationsAt counts the extreme points of the slots' sets, or enough of them.
func combinationsAt(t require.TestingT, f *expr.Func, x [][]float64) int {
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	kinks, err := ad.Kinks(g, x...)
	require.NoError(t, err)
	n := 1
	for i := range kinks {
		of := 0
		for range kinks[i].Vertices() {
			if of++; of > 64 {
				break
			}
		}
		if n *= of; n > 64 {
			break
		}
	}
	return n
}

// fieldAt lists the gradients at all extreme points of the slots' sets.
func fieldAt(t require.TestingT, f *expr.Func, x [][]float64) (all [][]float64) {
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	kinks, err := ad.Kinks(g, x...)
	require.NoError(t, err)
	slots := zerosFor(g.Slots())
	var choose func(k int)
	choose = func(k int) {
		if k == len(kinks) {
			all = append(all, optest.Join(optest.Float(t, g, optest.Join(x, slots)...)[1:]...))
			return
		}
		for v := range kinks[k].Vertices() {
			for i, n := range g.Slots() {
				for j, e := range kinks[k].Entries {
					if n == kinks[k].Slot.Node {
						slots[i][e] = float64(v[j])
					}
				}
			}
			choose(k + 1)
		}
	}
	choose(0)
	return all
}

// Right rules are not wrong: every preset on every random program for which it has
// valid rules, and random slots.
func TestLawCheckAcceptsWhatIsRight(t *testing.T) {
	each(t, []string{"affine", "polynomial", "any"}, func(t *rapid.T, p optest.Program) {
		open, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		right := wirings(p.Func)
		for _, preset := range ad.Presets() {
			if len(preset.Invalid(open)) == 0 {
				right[preset.Name] = preset.Wiring()
			}
		}
		for name, w := range right {
			g, err := ad.Wire(open, w)
			if err != nil {
				continue // the preset has no rule
			}
			r, err := ad.CheckFunc(context.Background(), p.Func, g, p.At, ad.CheckOptions{Budget: 2000})
			require.NoError(t, err)
			require.NotEqual(t, ad.VerdictWrong, r.Verdict, "%s: %v", name, r)
			if r.Verdict == ad.VerdictKink {
				claimed := optest.Join(optest.Float(t, g, p.At...)[1:]...)
				requireSlots(t, open, p.At, claimed, r.Slots)
			}
		}
	})
}

// requireSlots runs the gradient at the slots that the report lists. They give the
// claim up to a share of its largest entry.
func requireSlots(t *rapid.T, open *expr.Func, at [][]float64, claimed []float64, slots [][]float64) {
	got := optest.Join(optest.Float(t, open, optest.Join(at, slots)...)[1:]...)
	size := 1.0
	for _, v := range append(got, claimed...) {
		size = max(size, math.Abs(v))
	}
	for i, v := range claimed {
		require.InDelta(t, v, got[i], 1e-6*size)
	}
}

// Claims moved away at random are judged as an exact oracle does, before rounding: a wrong one has
// a witness that holds, and what is accepted lies in the hull of the field.
func TestLawCheckAgainstTheHull(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewiseAffine, Steps: 6})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		if combinationsAt(t, p.Func, p.At) > 64 {
			t.Skip("too many extreme points for the oracle")
		}
		field := fieldAt(t, p.Func, p.At)
		exactly := optest.ToRats(rapid.SampledFrom(field).Draw(t, "element"))
		other := optest.ToRats(rapid.SampledFrom(field).Draw(t, "other"))
		beyond := rapid.SampledFrom([]float64{0, 0.5, 1, 1.5, -0.25}).Draw(t, "beyond")
		toOther := optest.AddScaled(other, big.NewRat(-1, 1), exactly)
		exactly = optest.AddScaled(exactly, new(big.Rat).SetFloat64(beyond), toOther)
		if rapid.Bool().Draw(t, "move") {
			i := rapid.IntRange(0, len(exactly)-1).Draw(t, "i")
			by := rapid.SampledFrom([]float64{1, -0.5, 0.125}).Draw(t, "by")
			exactly[i] = new(big.Rat).Add(exactly[i], new(big.Rat).SetFloat64(by))
		}
		claimed := floats(exactly)
		r, err := ad.Check(context.Background(), p.Func, claimed, p.At, ad.CheckOptions{Budget: 2000})
		require.NoError(t, err)
		var points [][]*big.Rat
		for _, g := range field {
			points = append(points, optest.ToRats(g))
		}
		m, err := convex.ExactContains(points, exactly)
		require.NoError(t, err)
		inside := m.Inside
		switch r.Verdict {
		case ad.VerdictWrong:
			require.False(t, inside, "%v", r)
			requireWitness(t, p.Func, claimed, p.At, r.Witness, "")
		case ad.VerdictAgree, ad.VerdictKink:
			require.True(t, inside, "%v", r)
		default:
			require.True(t, inside, "a claim outside of the hull is found out: %v", r)
		}
	})
}

// What is left of larger numbers that cancel is no gradient: here adjoints of 1 add up to
// 2·10⁻¹⁶ where the true derivative is 0, and depend on the choice at the tie.
func TestCheckIgnoresWhatCancels(t *testing.T) {
	f := parsed(t, "let s = softmax([x, x]); norm2(s + [0.5, 1.5]) + power(2.25, max(s) + 2) - 1.5*max(s) + 0.25")
	for _, v := range []float64{0, 0x1p-52, -0x1p-51} {
		r, err := ad.Check(context.Background(), f, []float64{v}, [][]float64{{0}}, ad.CheckOptions{})
		require.NoError(t, err)
		require.Equal(t, ad.VerdictKink, r.Verdict, "%v: %v", v, r)
	}
	r, err := ad.Check(context.Background(), f, []float64{1e-9}, [][]float64{{0}}, ad.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, ad.VerdictWrong, r.Verdict, "%v", r)
}

// A slope is no term of a sum: however large it is, a claim is held to the digits that the
// gradient has.
func TestCheckSeesBesideLargeSlopes(t *testing.T) {
	f := parsed(t, "relu(x) + 1e-30*log(y)")
	x := [][]float64{{0}, {1e-20}}
	for claim, want := range map[float64]ad.Verdict{0.5: ad.VerdictKink, 1: ad.VerdictKink, 1 + 1e-6: ad.VerdictWrong, -1e-6: ad.VerdictWrong} {
		r, err := ad.Check(context.Background(), f, []float64{claim, 1e-10}, x, ad.CheckOptions{})
		require.NoError(t, err)
		require.Equal(t, want, r.Verdict, "%v: %v", claim, r)
	}
}

// The verdicts at some well-known points.
func TestCheckVerdicts(t *testing.T) {
	for _, c := range []struct {
		text    string
		at      []float64
		claimed []float64
		want    ad.Verdict
	}{
		{"relu(v[0]) - relu(-v[0])", []float64{0}, []float64{1}, ad.VerdictKink},
		{"relu(v[0]) - relu(-v[0])", []float64{0}, []float64{0}, ad.VerdictKink},
		{"relu(v[0]) - relu(-v[0])", []float64{0}, []float64{2.001}, ad.VerdictWrong},
		{"relu(v[0]) - relu(-v[0])", []float64{1}, []float64{1}, ad.VerdictAgree},
		{"relu(v[0]) - relu(-v[0])", []float64{1}, []float64{1.0001}, ad.VerdictWrong},
		{"norm2(v)", []float64{0, 0}, []float64{0.6, 0.8}, ad.VerdictKink},
		{"norm2(v)", []float64{0, 0}, []float64{0.1, -0.2}, ad.VerdictKink},
		{"norm2(v)", []float64{0, 0}, []float64{0.8, 0.8}, ad.VerdictWrong},
		{"norm2(v)", []float64{3, 4}, []float64{0.6, 0.8}, ad.VerdictAgree},
		{"max(v)", []float64{1, 1, 1}, []float64{0.2, 0.3, 0.5}, ad.VerdictKink},
		{"max(v)", []float64{1, 1, 1}, []float64{0.2, 0.3, 0.4}, ad.VerdictWrong},
		{"topksum(v, 2)", []float64{1, 1, 1}, []float64{0.5, 0.75, 0.75}, ad.VerdictKink},
		{"topksum(v, 2)", []float64{1, 1, 1}, []float64{1.25, 0.5, 0.25}, ad.VerdictWrong},
		{"sort(v)[0] - sort(v)[2]", []float64{0, 0, 0}, []float64{-1, 0, 1}, ad.VerdictKink},
		{"sum(abs(v))", []float64{0, 0, 2}, []float64{math.NaN(), 0, 1}, ad.VerdictWrong},
		{"sqrt(v[0])", []float64{0}, []float64{1}, ad.VerdictUnknown},
		{"v[0] > 0 ? 1 : 0", []float64{0}, []float64{0}, ad.VerdictUnknown},
		// relu(x)·relu(y) with weights: D is not convex, and its hull is.
		{"relu(v[0])*exp(v[1])", []float64{0, 1}, []float64{1, 0}, ad.VerdictKink},
		{"exp(v[0])", []float64{100}, []float64{math.Exp(100)}, ad.VerdictAgree},
		// what is narrow: long steps see a straight line
		{"v[0] + v[0]*exp(-10^8*v[0]^2)", []float64{0}, []float64{2}, ad.VerdictAgree},
		{"v[0] + v[0]*exp(-10^8*v[0]^2)", []float64{0}, []float64{1}, ad.VerdictWrong},
		{"v[0] + tanh(10000*v[0])/1000", []float64{0}, []float64{11}, ad.VerdictAgree},
		{"v[0] + tanh(10000*v[0])/1000", []float64{0}, []float64{1}, ad.VerdictWrong},
		{"relu(v[0] - 1)", []float64{1 + 1e-9}, []float64{1}, ad.VerdictAgree},
		{"relu(exp(v[0]) - 1)", []float64{1e-7}, []float64{math.Exp(1e-7)}, ad.VerdictAgree},
		{"relu(exp(v[0]) - 1)", []float64{1e-7}, []float64{0.5}, ad.VerdictWrong},
	} {
		f := parsed(t, c.text, len(c.at))
		r, err := ad.Check(context.Background(), f, c.claimed, [][]float64{c.at}, ad.CheckOptions{})
		require.NoError(t, err)
		require.Equal(t, c.want, r.Verdict, "%s at %v: %v", c.text, c.at, r)
	}
}

// The field of coupled kinks need not be convex: here it is {(s(1 − 2t), −2t)}, a
// bow tie. What lies in its hull only is unknown, never right or wrong.
func TestCheckOfAFieldThatIsNotConvex(t *testing.T) {
	f := parsed(t, "let u = relu(v[0]); u - 2*relu(u + v[1])", 2)
	for _, c := range []struct {
		claimed []float64
		want    ad.Verdict
	}{
		{[]float64{0.25, -0.5}, ad.VerdictKink}, // s = ½, t = ¼
		{[]float64{-1, -2}, ad.VerdictKink},
		{[]float64{0, -1}, ad.VerdictKink},
		{[]float64{0.25, -1}, ad.VerdictUnknown},
		{[]float64{0.75, -1}, ad.VerdictWrong},
	} {
		r, err := ad.Check(context.Background(), f, c.claimed, [][]float64{{0, 0}}, ad.CheckOptions{})
		require.NoError(t, err)
		require.Equal(t, c.want, r.Verdict, "%v: %v", c.claimed, r)
	}
}

// Many kinks side by side are one slot gradient, not 2²⁰⁰ combinations.
func TestCheckOfManyKinks(t *testing.T) {
	const n = 200
	f := parsed(t, "sum(abs(v)) - 2*max(v[0], v[1])", n)
	at, claimed := make([]float64, n), make([]float64, n)
	for i := range claimed {
		claimed[i] = float64(i%11)/5 - 1
	}
	claimed[0] = 0.25
	r, err := ad.Check(context.Background(), f, claimed, [][]float64{at}, ad.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, ad.VerdictKink, r.Verdict, "%v", r.Why)
	claimed[150] = 1.5
	r, err = ad.Check(context.Background(), f, claimed, [][]float64{at}, ad.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, ad.VerdictWrong, r.Verdict, "%v", r.Why)
	require.Equal(t, 1.0, r.Witness.Direction[150])
	require.Equal(t, []float64{-1, 1}, []float64{r.Witness.Lo, r.Witness.Hi})
}

// A rule of an op that is wrong itself is found by values.
func TestCheckOfAnOpWithAWrongRecord(t *testing.T) {
	for _, name := range []string{"tanh", "relu"} {
		wrong := *lookup(t, name)
		wrong.Name = "mine"
		wrong.Slopes = func(r *expr.Rule) []expr.Node { return []expr.Node{r.Const(0.25)} }
		g := expr.NewGraph()
		x := g.Input("x")
		f, err := g.Func(expr.In(x), expr.Out(wrong.Apply(nil, x)))
		require.NoError(t, err)
		gradient, err := ad.Gradient(f)
		require.NoError(t, err)
		r, err := ad.CheckFunc(context.Background(), f, gradient, [][]float64{{0.5}}, ad.CheckOptions{})
		require.NoError(t, err)
		require.Equal(t, ad.VerdictWrong, r.Verdict, "%v", r)
		require.ErrorContains(t, errorOf(r.Why), "a rule of one of its ops is")
	}
}

type errorOf string

func (e errorOf) Error() string { return string(e) }

func TestCheckMistakes(t *testing.T) {
	f := parsed(t, "sum(abs(v))", 2)
	at := [][]float64{{0, 0}}
	_, err := ad.Check(context.Background(), f, []float64{1}, at, ad.CheckOptions{})
	require.ErrorContains(t, err, "has 1 entries; the inputs to differentiate have 2")
	_, err = ad.Check(context.Background(), f, []float64{1, 1}, [][]float64{{math.Inf(1), 0}}, ad.CheckOptions{})
	require.ErrorContains(t, err, "finite point")
	open, err := ad.Gradient(f)
	require.NoError(t, err)
	_, err = ad.CheckFunc(context.Background(), f, open, at, ad.CheckOptions{})
	require.ErrorContains(t, err, "1 open slots")
	_, err = ad.Check(context.Background(), parsed(t, "abs(v)", 2), []float64{1, 1}, at, ad.CheckOptions{})
	require.ErrorContains(t, err, "one scalar output")
}

// Rounding must not decide which kinks are active: 0.1 + 0.2 is 0.3 rounded up, but
// the exact sum of the three floats is not what float64 adds.
func TestCheckIsUnsureAboutRoundedKinks(t *testing.T) {
	f := parsed(t, "abs(v[0] + v[1] - v[2])", 3)
	at := [][]float64{{1, 0x1p-60, 1}}
	r, err := ad.Check(context.Background(), f, []float64{1, 1, -1}, at, ad.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, ad.VerdictUnknown, r.Verdict)
	require.ErrorContains(t, errorOf(r.Why), "than in rationals")
}

// What cancels in one entry leaves rounding: eleven times 1/11 is not 1. Beside a
// large entry that is no error, but anything larger is one.
func TestCheckAllowsForCancellation(t *testing.T) {
	f := parsed(t, "1000*x + norminf([y, y, y, y, y, y, y, y, y, y, y]) - norminf([y])")
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	w, err := ad.Wire(g, ad.AtSlot(0.5))
	require.NoError(t, err)
	r, err := ad.CheckFunc(context.Background(), f, w, [][]float64{{0}, {1}}, ad.CheckOptions{})
	require.NoError(t, err)
	require.NotEqual(t, ad.VerdictWrong, r.Verdict, "%v", r)
	wrong := []float64{1000, 1e-3}
	r, err = ad.Check(context.Background(), f, wrong, [][]float64{{0}, {1}}, ad.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, ad.VerdictWrong, r.Verdict, "%v", r)
}
