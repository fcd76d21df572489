package minimisation

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/experiments/profile"
)

// sabotaged runs the claim on some problems with its entrants changed and returns what fails.
func sabotaged(t *testing.T, problems []problem.Problem, change func(*entrant)) []string {
	all := entrants()
	for i := range all {
		change(&all[i])
	}
	return claimtest.Sabotaged(t, profiles(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runProfiles(ctx, c, problems, all)
	}, claim.Setting{Name: "calls", Value: "2000"})
}

func some(t *testing.T, names ...string) []problem.Problem {
	var out []problem.Problem
	for _, name := range names {
		p, err := problem.Lookup(name)
		require.NoError(t, err)
		out = append(out, p)
	}
	return out
}

func TestProfilesFail(t *testing.T) {
	problems := some(t, "dem", "maxquad", "ncr2")
	require.Empty(t, sabotaged(t, problems, func(*entrant) {}))
	require.Equal(t, []string{"dem", "maxquad"}, sabotaged(t, problems, func(e *entrant) {
		if e.name == autoName {
			e.solver = func(seed uint64) profile.Solver { return profile.Method(autoName, descent.Subgradient{Seed: seed}) }
		}
	}))
	// Steps that are much shorter than the theorem's do not come near in the same number of steps.
	require.Equal(t, []string{"subgradient-rate"}, sabotaged(t, problems, func(e *entrant) {
		if e.name == subgradientName {
			e.solver = func(seed uint64) profile.Solver {
				return profile.Method(subgradientName, descent.Subgradient{Step: 1e-6, Seed: seed})
			}
		}
	}))
	// A minimum that is too high by more than the tolerance is seen twice, by one a little too high only once.
	problems[0].Minimum += 1e-4
	require.Equal(t, []string{"dem", "no-value-below"}, sabotaged(t, problems, func(*entrant) {}))
	problems[0].Minimum -= .999e-4
	require.Equal(t, []string{"no-value-below"}, sabotaged(t, problems, func(*entrant) {}))
}

// BFGS alone stays at the saddle of ncr2, as theory lets it: a finding. What ends elsewhere fails.
func TestSaddleIsAFinding(t *testing.T) {
	r := &contest{c: &claim.Context{Values: claim.Values{"tolerance": 1e-6}}}
	p := some(t, saddleProblem)[0]
	for off, want := range map[float64]claim.Verdict{0: claim.Pass, .25: claim.Found, .2500005: claim.Found, .26: claim.Fail, .2: claim.Fail} {
		out := claim.Outcome{Checks: []claim.Check{r.accepted(p, entry{off: off})}}
		rows, err := claim.Rows(profiles(), nil, out)
		require.NoError(t, err)
		require.Equal(t, want, rows[0].Verdict, off)
		if want != claim.Fail {
			claimtest.RequireSharp(t, profiles(), out, .25)
		}
	}
	f, err := p.Func()
	require.NoError(t, err)
	at, err := clarke.At(t.Context(), f, clarke.RationalPoint([]*big.Rat{new(big.Rat), big.NewRat(-1, 1)}), clarke.Options{})
	require.NoError(t, err)
	require.True(t, at.Exact)
	require.Equal(t, clarke.Yes, at.ContainsZero)
	require.Equal(t, clarke.NotLocalMinimum, at.Minimality)
	require.Len(t, at.Vertices, 4)
	oracle, err := descent.NewProgram(f, ad.AtKink(0))
	require.NoError(t, err)
	value, err := oracle.Evaluate([]float64{0, -1}, nil)
	require.NoError(t, err)
	require.Equal(t, saddleValue, relative(value, p))
}

// counted is an oracle that notes the first point within the tolerance.
type counted struct {
	descent.Oracle
	target      float64
	calls, when int
}

func (c *counted) Evaluate(x, g []float64) (float64, error) {
	v, err := c.Oracle.Evaluate(x, g)
	if c.calls++; c.when == 0 && math.Abs(v-c.target) <= 1e-6*(1+math.Abs(c.target)) {
		c.when = c.calls
	}
	return v, err
}

// The calls of the table are those that a counter beside the claim finds, in a run with the same seed.
func TestProfilesCount(t *testing.T) {
	problems := some(t, "shor")
	c := &claim.Context{Claim: "minimisation-profiles", Values: claim.Values{"calls": 2000, "tolerance": 1e-6, "reduction": 1e-3}, Seed: 7}
	all := slices.DeleteFunc(entrants(), func(e entrant) bool {
		return e.name != "gradient-sampling" && e.name != "gonum-nelder-mead" && e.name != "bfgs"
	})
	out, err := runProfiles(t.Context(), c, problems, all)
	require.NoError(t, err)
	table := out.Result.(jsonnum.Object)["problems"].([]jsonnum.Object)[0]["methods"].(jsonnum.Object)
	for _, e := range all {
		f, err := problems[0].Func()
		require.NoError(t, err)
		oracle, err := descent.NewProgram(f, ad.AtKink(0))
		require.NoError(t, err)
		o := &counted{Oracle: oracle, target: problems[0].Minimum}
		seed := c.Rand(claim.At("problem", "shor"), claim.At("method", e.name)).Uint64()
		_, err = e.solver(seed).Minimize(t.Context(), o, problems[0].Start, 2000)
		require.NoError(t, err)
		require.Positive(t, o.when)
		require.Equal(t, float64(o.when), table[e.name].(jsonnum.Object)["calls_within"], e.name)
		require.Equal(t, o.calls, table[e.name].(jsonnum.Object)["calls"], e.name)
	}
}

// Two collections have MXHILB; profiles count it once.
func TestTwinsCountOnce(t *testing.T) {
	r := &contest{problems: some(t, "mxhilb", "maxq", "f2", "f1")}
	require.NoError(t, r.findTwins())
	require.Equal(t, []bool{false, false, true, false}, r.twin)
	r.runs = make([][]entry, 4)
	costs, variables := r.costs(nil)
	require.Len(t, costs, 3)
	require.Equal(t, []int{50, 20, 50}, variables)
}

// Every choice of parameters has a row for each problem, and figures.
func TestProfilesChoices(t *testing.T) {
	for _, settings := range [][]claim.Setting{
		{{Name: "problems", Value: "f8"}, {Name: "methods", Value: "bundle"}, {Name: "calls", Value: "100"}},
		{{Name: "variables", Value: "2"}, {Name: "methods", Value: "auto"}, {Name: "calls", Value: "10"}, {Name: "tolerance", Value: "1e-15"}, {Name: "reduction", Value: "0"}},
		{{Name: "variables", Value: "2"}, {Name: "tolerance", Value: "1"}, {Name: "reduction", Value: "1"}, {Name: "calls", Value: "10"}},
	} {
		run := claimtest.Execute(t, profiles(), settings...)
		require.NotEmpty(t, run.Rows)
		require.NotContains(t, string(run.Written), "NaN")
	}
}

func TestSubgradientBoundByHand(t *testing.T) {
	require.InDelta(t, 2*(9+1.5)/(2*(1+math.Sqrt2/2)), subgradientBound(3, 2, 2), 1e-14)
}

// The theorem holds for max |aᵢ(xᵢ − zᵢ)| and a method of three lines.
func TestLawSubgradientBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		a := rapid.SliceOfN(rapid.Float64Range(.1, 10), n, n).Draw(t, "a")
		z := rapid.SliceOfN(rapid.Float64Range(-3, 3), n, n).Draw(t, "z")
		steps := rapid.IntRange(1, 50).Draw(t, "steps")
		x, best := make([]float64, n), math.Inf(1)
		far := distance(x, z)
		for k := range steps {
			at := 0
			for i := range x {
				if a[i]*math.Abs(x[i]-z[i]) > a[at]*math.Abs(x[at]-z[at]) {
					at = i
				}
			}
			best = min(best, a[at]*math.Abs(x[at]-z[at]))
			x[at] -= math.Copysign(1/math.Sqrt(float64(k+1)), x[at]-z[at])
		}
		require.LessOrEqual(t, best, subgradientBound(far, slices.Max(a), steps)*(1+1e-12))
	})
}

func TestPower(t *testing.T) {
	for x, want := range map[float64]string{3.4e-4: "3·10⁻⁴", 1e-6: "10⁻⁶", 340: "340", 9.87: "9.9", .55: "0.55", 0: "0", 2e5: "2·10⁵", 47.2: "47"} {
		require.Equal(t, want, power(x), fmt.Sprint(x))
	}
}
