package problem_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/problem"
)

// reporter is what tests and properties have in common.
type reporter interface {
	require.TestingT
	Helper()
}

func oracle(t reporter, p problem.Problem) *descent.Program {
	t.Helper()
	f, err := p.Func()
	require.NoError(t, err, p.Name)
	o, err := descent.NewProgram(f, ad.AtKink(0))
	require.NoError(t, err, p.Name)
	require.Equal(t, p.N, o.Dim())
	return o
}

func value(t reporter, o descent.Oracle, x []float64) float64 {
	t.Helper()
	v, err := o.Evaluate(x, nil)
	require.NoError(t, err)
	return v
}

func at(t reporter, name string, n int) problem.Problem {
	t.Helper()
	p, err := problem.At(name, n)
	require.NoError(t, err)
	return p
}

// sizes are the numbers of variables at which a problem is tested.
func sizes(p problem.Problem) []int {
	if !p.Scalable() {
		return []int{p.N}
	}
	return []int{2, 3, 5, p.N}
}

// published holds f₀ and f* as literature prints them; digits beyond those are not checked here.
var published = []struct {
	name, start, minimum string
	n                    int
}{
	{"cb2", "5.41", "1.9522245", 2},
	{"cb3", "20", "2.0", 2},
	{"dem", "6", "-3", 2},
	{"ql", "56", "7.20", 2},
	{"lq", "1", "-1.4142136", 2},
	{"mifflin1", "-0.8", "-1.0", 2},
	{"mifflin2", "4.75", "-1.0", 2},
	{"crescent", "4.25", "0", 2},
	{"wolfe", "60.20797289", "-8.0", 2},
	{"rosen-suzuki", "0", "-44", 4},
	{"shor", "80", "22.600162", 5},
	{"maxquad", "5337.066429", "-0.8414083", 10},
	{"wong1", "714", "680.63006", 7},
	{"maxq", "400", "0", 20},
	{"mxhilb", "4.4992053383", "0", 50},
	{"l1hilb", "68.817217931", "0", 50},
	{"rosenbrock", "4", "0", 2},
	{"ncr1", "1", "0", 2},
	{"ncr2", "0.5", "0", 2},
	{"f1", "2500", "0", 50},
	{"f2", "4.49920534", "0", 50},
	{"f3", "49", "-69.296465", 50},
	{"f4", "980", "98", 50},
	{"f5", "980", "98", 50},
	{"f6", "3.931825633", "0", 50},
	{"f7", "98", "0", 50},
	{"f8", "4.75", "-1", 2},
	{"f8", "9.5", "-1.5605173186", 3},
	{"f8", "19", "-2.9747308809", 5},
	{"f8", "42.75", "-6.5146142107", 10},
	{"f8", "90.25", "-13.5831178692", 20},
	{"f8", "232.75", "-34.7951814095", 50},
	{"f8", "4745.25", "-706.55", 1000},
	{"f9", "292.25", "0", 50},
	{"f10", "292.25", "0", 50},
}

func TestPublishedValues(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range published {
		p := at(t, row.name, row.n)
		seen[p.Name] = true
		o := oracle(t, p)
		requireDigits(t, row.start, value(t, o, p.Start), p.Name)
		requireDigits(t, row.start, p.StartValue, p.Name)
		requireDigits(t, row.minimum, p.Minimum, p.Name)
		requireDigits(t, row.minimum, value(t, o, p.Minimizer), p.Name)
	}
	for _, p := range problem.All() {
		require.True(t, seen[p.Name], p.Name)
	}
}

// requireDigits checks that a number rounds to all the digits of a text; one without a fraction is an
// exact number.
func requireDigits(t *testing.T, want string, got float64, name string) {
	t.Helper()
	v, err := strconv.ParseFloat(want, 64)
	require.NoError(t, err)
	within := 1e-12
	if _, fraction, found := strings.Cut(want, "."); found {
		within = 0.5001 * math.Pow(10, -float64(len(fraction)))
	}
	require.InDelta(t, v, got, within, name)
}

// The records' own numbers hold to rounding, at every size.
func TestStartAndMinimum(t *testing.T) {
	for _, standard := range problem.All() {
		for _, n := range sizes(standard) {
			p := at(t, standard.Name, n)
			o := oracle(t, p)
			require.Equal(t, n, p.N)
			require.InDelta(t, p.StartValue, value(t, o, p.Start), 1e-14*(1+math.Abs(p.StartValue))*float64(n), "%s, n = %d", p.Name, n)
			require.InDelta(t, p.Minimum, value(t, o, p.Minimizer), 1e-12*(1+math.Abs(p.Minimum)), "%s, n = %d", p.Name, n)
		}
	}
}

// A program has the values of loops over scalars, everywhere.
func TestNaiveLoopLaw(t *testing.T) {
	for _, standard := range problem.All() {
		for _, n := range slices.Compact(slices.Sorted(slices.Values(append(sizes(standard), standard.N)))) {
			p := at(t, standard.Name, n)
			o := oracle(t, p)
			rapid.Check(t, func(t *rapid.T) {
				x := point(t, p.N)
				want := naive[p.Name](x)
				require.InDelta(t, want, value(t, o, x), 1e-12*(1+magnitude(p, x)), "%s at %v", p.Name, x)
			})
		}
	}
}

// point draws coordinates in [−3, 3], a quarter of them small integers, so that kinks are met.
func point(t *rapid.T, n int) []float64 {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(rng.IntN(6145)-3072) / 1024
		if rng.IntN(4) == 0 {
			x[i] = math.Round(x[i])
		}
	}
	return x
}

// magnitude bounds what cancels when f is computed.
func magnitude(p problem.Problem, x []float64) float64 {
	largest := 1.0
	for _, y := range x {
		largest = max(largest, math.Abs(y))
	}
	return math.Pow(largest, 9)*float64(p.N) + 1e4
}

// The gradient of the program is that of finite differences near the start; at the start itself
// for all problems but those with kinks there.
func TestGradientAgreesWithFiniteDifferences(t *testing.T) {
	kinked := map[string]bool{"dem": true, "mifflin1": true, "rosenbrock": true, "ncr1": true, "ncr2": true}
	for _, standard := range problem.All() {
		for _, n := range sizes(standard) {
			p := at(t, standard.Name, n)
			f, err := p.Func()
			require.NoError(t, err)
			g, err := ad.Gradient(f)
			require.NoError(t, err)
			active, err := ad.Kinks(g, p.Start)
			require.NoError(t, err)
			require.Equal(t, kinked[p.Name], len(active) > 0, "%s, n = %d", p.Name, n)
			x := slices.Clone(p.Start)
			for i := range x {
				if kinked[p.Name] {
					x[i] += 1e-2 / float64(i+1)
				}
			}
			requireGradient(t, p, x)
		}
	}
}

func requireGradient(t *testing.T, p problem.Problem, x []float64) {
	t.Helper()
	o := oracle(t, p)
	gradient := make([]float64, p.N)
	f, err := o.Evaluate(x, gradient)
	require.NoError(t, err)
	const h = 1e-5
	for i := range x {
		y := slices.Clone(x)
		y[i] = x[i] + h
		above := naive[p.Name](y)
		y[i] = x[i] - h
		below := naive[p.Name](y)
		require.InDelta(t, (above-below)/(2*h), gradient[i], 1e-6*(1+math.Abs(f)), "%s, coordinate %d", p.Name, i)
	}
}

// The programs of large problems are as short as those of small ones.
func TestProgramsDoNotGrow(t *testing.T) {
	for _, standard := range problem.All() {
		if !standard.Scalable() || strings.Contains(standard.Name, "hilb") || standard.Name == "f2" {
			continue // the dense matrix is large for 1000 variables
		}
		small, err := at(t, standard.Name, 50).Func()
		require.NoError(t, err)
		large, err := at(t, standard.Name, 1000).Func()
		require.NoError(t, err)
		require.Equal(t, small.Len(), large.Len(), standard.Name)
		require.Less(t, large.Len(), 25, standard.Name)
	}
}

func TestLookup(t *testing.T) {
	names := map[string]bool{}
	for _, p := range problem.All() {
		require.False(t, names[p.Name], "twice")
		names[p.Name] = true
		q, err := problem.Lookup(strings.ToUpper(p.Name))
		require.NoError(t, err)
		require.Equal(t, p.Name, q.Name)
		require.NotEmpty(t, p.Title)
		require.NotEmpty(t, p.Source)
		require.NotEmpty(t, p.Structure)
		require.Len(t, p.Start, p.N)
		require.Len(t, p.Minimizer, p.N)
		require.True(t, p.Global || !p.Convex)
	}
	require.Len(t, names, 29)
	p := at(t, "ql", 2)
	p.Start[0], p.Minimizer[0], p.Certificate.Gradients[0][0] = 7, 7, 7
	require.NotEqual(t, p, at(t, "ql", 2), "callers own what they get")
	require.Equal(t, -1.0, at(t, "ql", 2).Start[0])
	require.Equal(t, 2.4, at(t, "ql", 2).Certificate.Gradients[0][0])
}

func TestLookupErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		n    int
		want string
	}{
		{"maxp", 3, `there is no problem "maxp": did you mean "maxq"?`},
		{"Rosen-Suzuky", 4, `there is no problem "Rosen-Suzuky": did you mean "rosen-suzuki"?`},
		{"cb2", 3, "problem cb2 has 2 variables, not 3: leave the number out"},
		{"f3", 1, "problem f3 is there for 2 to 4096 variables, not for 1: choose a number in between"},
		{"f3", 5000, "problem f3 is there for 2 to 4096 variables, not for 5000: choose a number in between"},
		{"f3", -1, "problem f3 is there for 2 to 4096 variables, not for -1: choose a number in between"},
	} {
		_, err := problem.At(test.name, test.n)
		require.EqualError(t, err, test.want)
	}
	_, err := problem.Lookup("gradient-descent")
	var unknown *problem.NameError
	require.ErrorAs(t, err, &unknown)
	require.Empty(t, unknown.Nearest)
	require.ErrorContains(t, err, "there are cb2, cb3")
}

func ExampleAt() {
	p, err := problem.At("f3", 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := p.Func()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Title, f.In()[0].Shape(), f.Len(), "nodes")
	fmt.Printf("from %v to %.6f\n", p.StartValue, p.Minimum)
	// Output:
	// chained LQ [1000] 12 nodes
	// from 999 to -1412.799349
}
