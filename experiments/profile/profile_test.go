package profile_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/profile"
)

var inf = math.Inf(1)

// Worked by hand: A is the best on problem 1, both tie on 2, only B solves 3, and nobody 4. Ratios of
// A are 1, 1, ∞, ∞ and of B 3, 1, 1, ∞.
var (
	costs     = [][]float64{{10, 30}, {8, 8}, {inf, 60}, {inf, inf}}
	variables = []int{1, 3, 2, 50}
)

func TestPerformanceByHand(t *testing.T) {
	d, err := profile.Performance(costs)
	require.NoError(t, err)
	for tau, want := range map[float64][2]float64{0.99: {0, 0}, 1: {.5, .5}, 2.9: {.5, .5}, 3: {.5, .75}, 1e9: {.5, .75}} {
		require.Equal(t, want, [2]float64{d[0].At(tau), d[1].At(tau)}, "τ = %v", tau)
	}
	require.Equal(t, .5, d[0].Solved())
	require.Equal(t, .75, d[1].Solved())
	require.Equal(t, 3.0, d[1].Last())
	require.Zero(t, d[0].At(math.NaN()))
}

// In units of n + 1 calls: A has 5, 2, ∞, ∞ and B has 15, 2, 20, ∞.
func TestDataByHand(t *testing.T) {
	d, err := profile.Data(costs, variables)
	require.NoError(t, err)
	for alpha, want := range map[float64][2]float64{0: {0, 0}, 1.9: {0, 0}, 2: {.25, .25}, 5: {.5, .25}, 14.9: {.5, .25}, 15: {.5, .5}, 20: {.5, .75}, 1e9: {.5, .75}} {
		require.Equal(t, want, [2]float64{d[0].At(alpha), d[1].At(alpha)}, "α = %v", alpha)
	}
	x, y := d[1].Steps(1, 18)
	require.Equal(t, []float64{1, 2, 2, 15, 15, 18}, x)
	require.Equal(t, []float64{0, 0, .25, .25, .5, .5}, y)
	x, y = d[1].Steps(2, 20)
	require.Equal(t, []float64{2, 15, 15, 20, 20, 20}, x)
	require.Equal(t, []float64{.25, .25, .5, .5, .75, .75}, y)
}

func TestNothingSolved(t *testing.T) {
	d, err := profile.Performance([][]float64{{inf}, {inf}})
	require.NoError(t, err)
	require.Zero(t, d[0].At(inf))
	require.Zero(t, d[0].Solved())
	require.True(t, math.IsNaN(d[0].Last()))
	require.Zero(t, profile.Distribution{}.At(1))
}

func TestRefusals(t *testing.T) {
	for _, bad := range [][][]float64{nil, {{}}, {{1, 2}, {1}}, {{0}}, {{-1}}, {{math.NaN()}}} {
		_, err := profile.Performance(bad)
		var input *profile.InputError
		require.ErrorAs(t, err, &input)
		_, err = profile.Data(bad, make([]int, len(bad)))
		require.ErrorAs(t, err, &input)
	}
	_, err := profile.Data(costs, variables[1:])
	require.EqualError(t, err, "profile: variables: there are 3 for 4 problems.")
	_, err = profile.Data(costs, []int{1, 2, 0, 4})
	require.EqualError(t, err, "profile: variables of problem 2: there are 0; a problem has one or more.")
}

// drawCosts draws small whole costs, so that ties are frequent, and failures.
func drawCosts(t *rapid.T) [][]float64 {
	solvers := rapid.IntRange(1, 4).Draw(t, "solvers")
	cost := rapid.Custom(func(t *rapid.T) float64 {
		if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
			return inf
		}
		return float64(rapid.IntRange(1, 12).Draw(t, "cost"))
	})
	return rapid.SliceOfN(rapid.SliceOfN(cost, solvers, solvers), 1, 8).Draw(t, "costs")
}

// rat is nil for +Inf.
func rat(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

// naive counts in rationals what the definition says.
func naive(costs [][]float64, s int, tau *big.Rat) float64 {
	count := 0
	for _, row := range costs {
		cost, best := rat(row[s]), rat(slices.Min(row))
		if cost != nil && cost.Cmp(best.Mul(best, tau)) <= 0 {
			count++
		}
	}
	return float64(count) / float64(len(costs))
}

func TestLawPerformanceIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		costs := drawCosts(t)
		d, err := profile.Performance(costs)
		require.NoError(t, err)
		// Ratios of whole numbers up to 12 are apart by more than their rounding, so that τ may be a little more.
		p, q := rapid.Int64Range(1, 144).Draw(t, "p"), rapid.Int64Range(1, 12).Draw(t, "q")
		tau, _ := big.NewRat(p, q).Float64()
		for s := range d {
			require.Equal(t, naive(costs, s, big.NewRat(p, q)), d[s].At(tau*(1+1e-12)))
		}
	})
}

func TestLawPerformance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		costs := drawCosts(t)
		d, err := profile.Performance(costs)
		require.NoError(t, err)
		solvers, problems := len(costs[0]), float64(len(costs))
		wins, solvable := make([]float64, solvers), 0.0
		for _, row := range costs {
			best := slices.Min(row)
			if best < inf {
				solvable++
			}
			for s, c := range row {
				if c == best && c < inf {
					wins[s]++
				}
			}
		}
		won := 0.0
		for s := range d {
			require.Equal(t, wins[s]/problems, d[s].At(1), "at 1 it is the share of problems on which s is among the best")
			require.Zero(t, d[s].At(math.Nextafter(1, 0)))
			require.Equal(t, d[s].Solved(), d[s].At(144))
			won += wins[s]
			last := 0.0
			for tau := 0.0; tau < 13; tau += .25 {
				share := d[s].At(tau)
				require.GreaterOrEqual(t, share, last)
				require.LessOrEqual(t, share, 1.0)
				last = share
			}
		}
		require.GreaterOrEqual(t, won, solvable, "every problem that is solved has a best solver")
	})
}

// The unit of a problem's costs does not matter for the first profile; it is n + 1 for the second.
func TestLawScales(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		costs := drawCosts(t)
		scaled, units, ones := make([][]float64, len(costs)), make([]int, len(costs)), make([]int, len(costs))
		for p, row := range costs {
			ones[p] = 1
			units[p] = rapid.IntRange(1, 1000).Draw(t, "unit")
			for _, c := range row {
				scaled[p] = append(scaled[p], c*float64(units[p]+1)/2)
			}
		}
		first, err := profile.Performance(costs)
		require.NoError(t, err)
		second, err := profile.Performance(scaled)
		require.NoError(t, err)
		require.Equal(t, first, second)
		first, err = profile.Data(costs, ones)
		require.NoError(t, err)
		second, err = profile.Data(scaled, units)
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}

// One more solver can lower the performance profiles of the others, never raise them, and
// leaves their data profiles alone.
func TestLawOneMoreSolver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		costs := drawCosts(t)
		fewer, n := make([][]float64, len(costs)), make([]int, len(costs))
		for p, row := range costs {
			fewer[p], n[p] = row[:len(row)-1], 1+p
		}
		if len(fewer[0]) == 0 {
			return
		}
		before, err := profile.Performance(fewer)
		require.NoError(t, err)
		after, err := profile.Performance(costs)
		require.NoError(t, err)
		for s, d := range before {
			require.Equal(t, d.Solved(), after[s].Solved())
			for tau := 1.0; tau < 13; tau += .25 {
				require.LessOrEqual(t, after[s].At(tau), d.At(tau))
			}
		}
		before, err = profile.Data(fewer, n)
		require.NoError(t, err)
		after, err = profile.Data(costs, n)
		require.NoError(t, err)
		require.Equal(t, before, after[:len(before)])
	})
}

// Steps is the graph: its corners lie on it, and between two of them it is constant.
func TestLawSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		costs := drawCosts(t)
		d, err := profile.Performance(costs)
		require.NoError(t, err)
		to := float64(rapid.IntRange(1, 13).Draw(t, "to"))
		x, y := d[0].Steps(1, to)
		require.True(t, slices.IsSorted(x) && slices.IsSorted(y))
		require.Equal(t, []float64{1, to}, []float64{x[0], x[len(x)-1]})
		require.Equal(t, d[0].At(to), y[len(y)-1])
		for i := 1; i < len(x); i++ {
			if x[i] > x[i-1] {
				require.Equal(t, y[i-1], y[i])
				require.Equal(t, y[i], d[0].At((x[i-1]+x[i])/2))
			}
		}
	})
}
