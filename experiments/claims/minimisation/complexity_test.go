package minimisation

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr/random"
)

// wrongWalk runs the claim with ingd changed and returns what fails, without "ingd-".
func wrongWalk(t *testing.T, change func(m descent.INGD) descent.Method) []string {
	w := walkers()[0]
	right := w.make
	w.make = func(delta, epsilon, lipschitz float64, seed uint64) descent.Method {
		return change(right(delta, epsilon, lipschitz, seed).(descent.INGD))
	}
	failed := claimtest.Sabotaged(t, complexity(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runComplexity(ctx, c, []walker{w})
	},
		claim.Setting{Name: "radii", Value: "0.05,0.02,0.01"}, claim.Setting{Name: "tolerances", Value: "0.2,0.1,0.05"},
		claim.Setting{Name: "corners", Value: "9,20,45"}, claim.Setting{Name: "problem", Value: "crescent"})
	for i := range failed {
		failed[i] = strings.TrimPrefix(failed[i], "ingd-")
	}
	return failed
}

func TestComplexityFails(t *testing.T) {
	require.Empty(t, wrongWalk(t, func(m descent.INGD) descent.Method { return m }))
	// Shorter steps: certificates hold, but the exponent of δ is −3/2.
	require.Equal(t, []string{"steps-by-radius", "calls-by-radius", "cone-by-radius"}, wrongWalk(t, func(m descent.INGD) descent.Method {
		m.Radius *= math.Sqrt(m.Radius / .05)
		return m
	}))
	// An answer that is better than asked for costs more in ε.
	require.Equal(t, []string{"steps-by-tolerance", "tail-by-tolerance", "corner-calls", "corner-by-tolerance"}, wrongWalk(t, func(m descent.INGD) descent.Method {
		m.Tolerance *= m.Tolerance
		return m
	}))
	require.Subset(t, wrongWalk(t, func(m descent.INGD) descent.Method {
		m.Radius *= 2
		return m
	}), []string{"fewest-steps", "certificates"})
	require.Subset(t, wrongWalk(t, func(m descent.INGD) descent.Method {
		m.Tolerance *= 2
		return m
	}), []string{"fewest-steps", "corner-calls", "certificates"})
	require.Equal(t, []string{"certificates"}, wrongWalk(t, func(m descent.INGD) descent.Method { return boaster{m} }))
}

// boaster tells of points that it has not asked about.
type boaster struct{ descent.INGD }

func (b boaster) Minimize(ctx context.Context, f descent.Oracle, start []float64, l descent.Limits) (*descent.Result, error) {
	r, err := b.INGD.Minimize(ctx, f, start, l)
	if err == nil {
		r.Certificate.Points[0] = r.X
	}
	return r, err
}

// A certificate that is changed anywhere is refused.
func TestRecheckRefuses(t *testing.T) {
	const delta, epsilon = .05, .1
	l := tail(.25)
	f, err := l.build()
	require.NoError(t, err)
	oracle, err := descent.NewProgram(f, ad.AtKink(0))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		change func(r *descent.Result)
		why    string
	}{
		"nothing":       {func(*descent.Result) {}, ""},
		"the status":    {func(r *descent.Result) { r.Status = descent.OutOfCalls }, "ended as"},
		"the point":     {func(r *descent.Result) { r.X[0] += 2 * delta }, "distance"},
		"a gradient":    {func(r *descent.Result) { r.Certificate.Gradients[0][0] += .01 }, "gradient 0"},
		"a far point":   {func(r *descent.Result) { r.Certificate.Points[1][0] += 2 * delta }, "distance"},
		"another side":  {func(r *descent.Result) { r.Certificate.Points[1][1] = math.Copysign(1e-9, -r.Certificate.Points[1][1]) }, "length"},
		"a weight":      {func(r *descent.Result) { r.Certificate.Weights[0] += .01 }, "add up"},
		"a sign":        {func(r *descent.Result) { r.Certificate.Weights[0] *= -1 }, "weight 0"},
		"no weights":    {func(r *descent.Result) { r.Certificate.Weights = nil }, "0 weights"},
		"no points":     {func(r *descent.Result) { r.Certificate = descent.Certificate{} }, "0 points"},
		"equal weights": {func(r *descent.Result) { r.Certificate.Weights = []float64{.8, .2} }, "length"},
		"a radius":      {func(r *descent.Result) { r.Certificate.Radius /= 2 }, "radius"},
		"the claimed":   {func(r *descent.Result) { r.Certificate.MinNorm[0] += .01 }, "combination"},
		"the claimed ε": {func(r *descent.Result) { r.Certificate.Distance = 0 }, "distance"},
		"not a number":  {func(r *descent.Result) { r.Certificate.Points[0][0] = math.NaN() }, "distance NaN"},
		"no weight sum": {func(r *descent.Result) { r.Certificate.Weights[0] = math.NaN() }, "weight 0"},
	} {
		r, err := descent.INGD{Radius: delta, Tolerance: epsilon, Seed: 1}.Minimize(t.Context(), oracle, l.start, descent.Limits{})
		require.NoError(t, err)
		require.Len(t, r.Certificate.Points, 2)
		c.change(r)
		err = recheck(oracle, r, delta, epsilon)
		if c.why == "" {
			require.NoError(t, err, name)
			require.ErrorContains(t, recheck(oracle, r, delta, r.Certificate.Distance*.99), "length")
			continue
		}
		require.ErrorContains(t, err, c.why, name)
	}
}

// Programs are the functions of the mathematics, with constants and gradients written by hand.
func TestLawLandscapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom([]float64{.05, .25, 1, 2}).Draw(t, "p")
		x := rapid.SliceOfN(rapid.Float64Range(-3, 3), 2, 2).Draw(t, "x")
		x[0] = math.Abs(x[0]) + shelf
		if x[1] == 0 {
			x[1] = 1
		}
		for _, c := range []struct {
			land  landscape
			value float64
			g     []float64
		}{
			{cone(), math.Hypot(x[0], x[1]), []float64{x[0] / math.Hypot(x[0], x[1]), x[1] / math.Hypot(x[0], x[1])}},
			{tail(p), math.Abs(x[1]) + 4/p*math.Pow(x[0], -p), []float64{-4 * math.Pow(x[0], -p-1), math.Copysign(1, x[1])}},
		} {
			f, err := c.land.build()
			require.NoError(t, err)
			oracle, err := descent.NewProgram(f, ad.AtKink(1))
			require.NoError(t, err)
			g := make([]float64, 2)
			value, err := oracle.Evaluate(x, g)
			require.NoError(t, err)
			require.InEpsilon(t, c.value, value, 1e-12)
			require.InDeltaSlice(t, c.g, g, 1e-11)
			require.LessOrEqual(t, math.Hypot(g[0], g[1]), c.land.lipschitz*(1+1e-12))
			first, err := oracle.Evaluate(c.land.start, nil)
			require.NoError(t, err)
			require.InDelta(t, c.land.drop, first, 1e-12, "both fall to 0")
		}
	})
}

// Where the mathematics says that x is not (δ, ε)-stationary, no hull of gradients drawn nearby comes within ε of 0.
func TestLawWaysThatMustBeGone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		delta, epsilon := rapid.Float64Range(.01, .4).Draw(t, "delta"), rapid.Float64Range(.01, .5).Draw(t, "epsilon")
		p := rapid.Float64Range(.05, 2).Draw(t, "p")
		left := rapid.Float64Range(0, 1).Draw(t, "left")
		near := delta / math.Sqrt(1-epsilon*epsilon)
		end := math.Pow(4/epsilon, 1/(p+1)) - delta
		for _, c := range []struct {
			land landscape
			x    []float64 // where the share left of the way is ahead
			way  float64
		}{
			{cone(), []float64{0, near + left*(1-near)}, 1 - near},
			{tail(p), []float64{end - left*(end-1), 0}, end - 1},
		} {
			require.InDelta(t, c.way/delta, c.land.rounds(delta, epsilon)-1, 1e-9/delta)
			f, err := c.land.build()
			require.NoError(t, err)
			oracle, err := descent.NewProgram(f, ad.AtKink(0))
			require.NoError(t, err)
			rng, gradients := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), make([][]float64, 40)
			for i := range gradients {
				y := make([]float64, 2)
				random.Ball(y, delta, rng)
				y[0], y[1], gradients[i] = y[0]+c.x[0], y[1]+c.x[1], make([]float64, 2)
				_, err := oracle.Evaluate(y, gradients[i])
				require.NoError(t, err)
			}
			nearest, err := convex.MinNorm(gradients)
			require.NoError(t, err)
			require.GreaterOrEqual(t, nearest.Norm, epsilon*(1-1e-9))
		}
	})
}

// m unit vectors have the mean of norm 1/√m, so that ⌈1/ε²⌉ of them are needed.
func TestCornerByHand(t *testing.T) {
	for m := 1; m <= 1000; m++ {
		epsilon := cornerTolerance(m)
		require.Equal(t, float64(2*m), cornerCalls(epsilon))
		require.LessOrEqual(t, 1/math.Sqrt(float64(m)), epsilon)
		require.True(t, m == 1 || epsilon < 1/math.Sqrt(float64(m-1)))
	}
}

func TestSlopes(t *testing.T) {
	var cells []cell
	for _, delta := range []float64{1, 2, 8} {
		for _, epsilon := range []float64{1, 3} {
			cells = append(cells, cell{delta: delta, epsilon: epsilon, calls: 5 * math.Pow(delta, -2) * math.Pow(epsilon, -delta)})
		}
	}
	require.InDeltaSlice(t, []float64{-1, -2, -8}, slopes(cells, byTolerance, calls), 1e-12)
	first := slopes(cells, byRadius, calls)
	require.Len(t, first, 2)
	require.InDelta(t, -2, first[0], 1e-12)
	s := &survey{cells: [][]cell{cells, cells[:4]}}
	require.InDelta(t, -8, s.steepest(byTolerance, calls), 1e-12)
	require.InDelta(t, slices.Min(first), s.steepest(byRadius, calls), 1e-12)
}

// The bounds at numbers for which they can be computed by hand.
func TestBoundsByHand(t *testing.T) {
	l, c := landscape{drop: 3, lipschitz: 2}, cell{delta: .5, epsilon: .25, most: 10, mostCalls: 10}
	require.Equal(t, 96.0, mostSteps(l, c)) // 12/0.125
	// 64·64 gradients times ⌈2 log(96/γ)⌉, which for γ = 96·e⁻⁵ is ⌈10⌉ up to rounding
	require.Equal(t, 40960.0, mostGradients(l, c, 96*math.Exp(-4.9)))
	s := &survey{}
	require.Equal(t, 9.0/96, s.stepsQuotient(l, c))
}

func TestComplexityRefusals(t *testing.T) {
	for name, value := range map[string]string{"radii": "0.1,0.1", "tolerances": "0.1", "corners": "9"} {
		values, err := complexity().Resolve(claim.Quick, []claim.Setting{{Name: name, Value: value}})
		require.NoError(t, err)
		_, err = complexity().Run(t.Context(), &claim.Context{Values: values})
		require.ErrorContains(t, err, name+": a slope needs at least two different numbers")
	}
}

// A budget that is too small is a failure, not an error, also if it leaves no certificate at all.
func TestComplexityOutOfCalls(t *testing.T) {
	for _, calls := range []string{"1", "50"} {
		run := claimtest.Execute(t, complexity(), claim.Setting{Name: "calls", Value: calls}, claim.Setting{Name: "problem", Value: "wolfe"})
		i := slices.IndexFunc(run.Rows, func(r claim.Row) bool { return strings.HasSuffix(r.Name, "ingd-certificates") })
		require.Equal(t, claim.Fail, run.Rows[i].Verdict)
	}
}
