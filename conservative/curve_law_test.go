package conservative_test

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// families of random programs with a point, on kinks about half of the time.
var families = map[string]*rapid.Generator[optest.Program]{
	"affine":     affine,
	"polynomial": polynomial,
	"any":        optest.Programs(optest.Config{Steps: 6}),
}

// few draws some curves of some families: a law draws many programs.
func few(t *rapid.T) conservative.CurveOptions {
	kinds := [][]conservative.CurveFamily{
		{conservative.Segments, conservative.Arcs},
		{conservative.InnerSegments, conservative.InnerArcs, conservative.Projections},
		{conservative.Loops},
		{conservative.InnerLoops},
	}
	return conservative.CurveOptions{
		Curves: rapid.IntRange(1, 3).Draw(t, "curves"), Seed: rapid.Uint64().Draw(t, "seed"),
		Families: rapid.SampledFrom(append(kinds, kinds[1], kinds[1])).Draw(t, "families"),
	}
}

func pointFor(p optest.Program) clarke.Point { return clarke.RationalPoint(p.Rats()...) }

// What frameworks return is conservative, and in D, unless the preset says that
// it leaves the slots' sets.
func TestLawPresetsPass(t *testing.T) {
	for name, programs := range families {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			p := programs.Draw(t, "program")
			if len(p.Func.Wrt()) == 0 {
				t.Skip("nothing to differentiate")
			}
			g, err := ad.Gradient(p.Func)
			require.NoError(t, err)
			x, o := pointFor(p), few(t)
			for _, preset := range []ad.Preset{ad.PyTorch, ad.JAX, ad.TensorFlow} {
				if len(preset.Invalid(g)) > 0 {
					continue
				}
				rule := conservative.Rule{Wiring: preset.Wiring()}
				r, err := conservative.CheckCurves(context.Background(), p.Func, x, rule, o)
				require.NoError(t, err)
				require.NotEqual(t, conservative.Rejected, r.Verdict, "%s: %s", preset.Name, r.Why)
				if r.Verdict == conservative.NotApplicable {
					continue
				}
				m, err := conservative.CheckMembership(context.Background(), p.Func, x, rule, conservative.Options{MaxSlots: 8})
				require.NoError(t, err)
				require.NotEqual(t, clarke.No, m.Verdict, "%s: %s", preset.Name, m.Why)
				if m.Field.Complete && m.Field.Affine && m.Field.Arithmetic == "rational" {
					require.Equal(t, clarke.Yes, m.Verdict, "%s: %s", preset.Name, m.Why)
				}
			}
		}))
	}
}

// All choices at the kinks of a program obey the chain rule, in both arithmetics.
func TestLawFieldPasses(t *testing.T) {
	for name, programs := range families {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			p := programs.Draw(t, "program")
			if len(p.Func.Wrt()) == 0 {
				t.Skip("nothing to differentiate")
			}
			for _, x := range []clarke.Point{pointFor(p), clarke.FloatPoint(p.At...)} {
				r, err := conservative.CheckCurves(context.Background(), p.Func, x, conservative.Rule{}, few(t))
				require.NoError(t, err)
				require.NotEqual(t, conservative.Rejected, r.Verdict, r.Why)
			}
		}))
	}
}

// For the larger of two affine functions aᵢ·x + bᵢ that tie at x, giving 1 to both
// predicts the slope (a₁ + a₂)·u along the tie a₁·u = a₂·u: wrong if and only if a₁ is
// not 0 there, which is if a₁ is no multiple of a₁ − a₂.
func TestLawAllOnesIsRejected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "n")
		draw := func(label string) []int64 {
			return rapid.SliceOfN(rapid.Int64Range(-2, 2), n, n).Draw(t, label)
		}
		a, b, at := draw("a"), draw("b"), draw("x")
		g := expr.NewGraph()
		x := g.Input("x", n)
		form := func(c []int64) expr.Node {
			w, height := make([]float64, n), 0.0
			for i, v := range c {
				w[i] = float64(v)
				height -= float64(v * at[i])
			}
			return expr.Shift(expr.Sum(expr.Mul(x, g.Tensor(w, n))), height)
		}
		f, err := g.Func(expr.In(x), expr.Out(expr.Max(expr.Stack(form(a), form(b)))))
		require.NoError(t, err)

		point := make([]*big.Rat, n)
		for i, v := range at {
			point[i] = big.NewRat(v, 1)
		}
		r, err := conservative.CheckCurves(context.Background(), f, clarke.RationalPoint(point), conservative.Rule{Wiring: ad.Gorgonia.Wiring()}, conservative.CurveOptions{})
		require.NoError(t, err)
		want := conservative.ConservativeOnCurves
		if !parallel(a, b) {
			want = conservative.Rejected
		}
		require.Equal(t, want, r.Verdict, r.Why)
	})
}

// parallel reports whether a is a multiple of a − b; where a = b, whether it is 0.
func parallel(a, b []int64) bool {
	for i := range a {
		for j := range a {
			if a[i]*(a[j]-b[j]) != a[j]*(a[i]-b[i]) {
				return false
			}
		}
	}
	same := true
	for i := range a {
		same = same && a[i] == b[i]
	}
	if !same {
		return true
	}
	for _, v := range a {
		if v != 0 {
			return false
		}
	}
	return true
}

// A rule that scales the derivative of one kink is wrong wherever that node moves:
// whatever happens downstream is to blame on it alone.
func TestLawBlame(t *testing.T) {
	twice := func(op *expr.Op) ad.Derivative {
		return ad.Derivative{Slopes: func(r *expr.Rule) []expr.Node {
			s := op.Slopes(r)
			for i := range s {
				s[i] = expr.Scale(2, s[i])
			}
			return s
		}}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := polynomial.Draw(t, "program")
		if len(p.Func.Wrt()) == 0 {
			t.Skip("nothing to differentiate")
		}
		op, ok := expr.Lookup(rapid.SampledFrom([]string{"mul", "relu", "abs", "max", "softthreshold"}).Draw(t, "op"))
		require.True(t, ok)
		rule := conservative.Rule{Rules: ad.WithRule(op, twice(op)), Wiring: ad.AtSlot(1)}
		r, err := conservative.CheckCurves(context.Background(), p.Func, pointFor(p), rule, few(t))
		require.NoError(t, err)
		if r.Verdict != conservative.Rejected {
			return
		}
		require.NotEmpty(t, r.Witness.Blame)
		sum := 0.0
		for _, b := range r.Witness.Blame {
			require.Equal(t, op.Name, b.Node.Op().Name, r.Why)
			sum += b.Error
		}
		if r.Witness.Arithmetic == "rational" {
			require.InEpsilon(t, r.Witness.Lowest.Float[0]-r.Witness.Slope.Float[0], sum, 1e-9)
		}
	})
}

// Wrong rules are found whatever the seed of the curves is.
func TestLawWrongRulesAreRejected(t *testing.T) {
	rules := wrongRules(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := rapid.SampledFrom(rules).Draw(rt, "rule")
		f, x := w.program(t)
		if rapid.Bool().Draw(rt, "float64") {
			x = toFloat(x)
		}
		o := conservative.CurveOptions{Seed: rapid.Uint64().Draw(rt, "seed"), Tol: 1e-9}
		r, err := conservative.CheckCurves(context.Background(), f, x, w.rule, o)
		require.NoError(rt, err)
		require.Equal(rt, conservative.Rejected, r.Verdict, "%s: %s", w.name, r.Why)
	})
}

// The laws are not empty: a good part of the random programs have curves inside
// kinks, in both arithmetics, and few verdicts stay open.
func TestRandomProgramsHaveStrata(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	const programs = 50
	inner, undecided := map[string]int{}, 0
	for seed := range programs {
		p := polynomial.Example(seed)
		if len(p.Func.Wrt()) == 0 {
			continue
		}
		for _, x := range []clarke.Point{pointFor(p), clarke.FloatPoint(p.At...)} {
			r := curves(t, p.Func, x, conservative.Rule{}, conservative.CurveOptions{Curves: 3, Families: []conservative.CurveFamily{conservative.InnerSegments, conservative.InnerArcs, conservative.Segments}})
			if r.Verdict == conservative.Undecided {
				undecided++
			}
			if len(r.Counts) > 0 && r.Counts[conservative.InnerSegments].Compared+r.Counts[conservative.InnerArcs].Compared > 0 {
				inner[r.Arithmetic]++
			}
		}
	}
	t.Log(inner, undecided)
	require.Greater(t, inner["rational"], programs/4)
	require.Greater(t, inner["float64"], programs/4)
	require.Less(t, undecided, programs/10)
}
