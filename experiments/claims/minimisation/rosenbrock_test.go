package minimisation

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// few makes a run short.
var few = []claim.Setting{{Name: "variables", Value: "2,3"}, {Name: "starts", Value: "5"}}

func TestRosenbrockHoldsForOtherSeeds(t *testing.T) {
	for seed := range uint64(8) {
		r := claimtest.ExecuteWith(t, rosenbrock(), seed, 2, few...)
		claimtest.RequireKept(t, r.Rows)
		claimtest.RequireSharp(t, rosenbrock(), r.Outcome, .25)
	}
}

// Another function in its place: the first of Nesterov has one stationary point, and its minimum is no affine one.
func TestRosenbrockSeesAnotherFunction(t *testing.T) {
	failed := claimtest.Sabotaged(t, rosenbrock(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runRosenbrock(ctx, c, func(n int) (*expr.Func, error) {
			p, err := problem.At("ncr1", n)
			if err != nil {
				return nil, err
			}
			return p.Func()
		})
	}, few...)
	for _, check := range []string{"on-the-curve", "listed", "minima", "descent"} {
		require.Contains(t, failed, check+"/n=3")
	}
}

// A list without blocks is too short, and a run that ends elsewhere is counted.
func TestRosenbrockSeesRunsElsewhere(t *testing.T) {
	f, err := secondOfNesterov(2)
	require.NoError(t, err)
	c := &claim.Context{Claim: "test", Values: claim.Values{"starts": 5, "variables": []int{2}}, Workers: 1}
	s := &census{n: 2}
	require.NoError(t, s.visit(t.Context(), c, f))
	require.Equal(t, 5, s.elsewhere)
}

// drawChain draws multiples of 1/16, of which many lie on kinks.
func drawChain(t *rapid.T, n int) chain {
	var x chain
	for i := range n {
		v := big.NewRat(rapid.Int64Range(-48, 48).Draw(t, "sixteenths"), 16)
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			v = new(big.Rat)
		case 1:
			if i > 0 {
				v = fold(x[i-1])
			}
		}
		x = append(x, v)
	}
	return x
}

// Every pattern of signs that a random point has is among those listed.
func TestLawPatternsAreAll(t *testing.T) {
	known := map[int]map[string]bool{}
	for n := 2; n <= 5; n++ {
		known[n] = map[string]bool{}
		for _, x := range patterns(n) {
			require.Len(t, x, n)
			key := fmt.Sprint(x.signs())
			require.False(t, known[n][key], "twice: %v", x)
			known[n][key] = true
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := drawChain(t, rapid.IntRange(2, 5).Draw(t, "n"))
		require.True(t, known[len(x)][fmt.Sprint(x.signs())], "%v", x)
	})
}

// The formula in rationals is the program of the test problem.
func TestLawChainHasTheValueOfTheProblem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawChain(t, rapid.IntRange(2, 5).Draw(t, "n"))
		f, err := secondOfNesterov(len(x))
		require.NoError(t, err)
		program, err := exact.Compile(f)
		require.NoError(t, err)
		out, err := program.Run(x)
		require.NoError(t, err)
		require.Zero(t, out[0][0].Cmp(x.value()), "%v", x)
	})
}

// The points that the theory lists are different, as many as it says, and obey the equations of the means: the mean of tᵢ is found
// by going along x, and it has to vanish at the end.
func TestListedPointsObeyTheEquations(t *testing.T) {
	for n := 2; n <= 6; n++ {
		points := listed(n)
		require.Len(t, points, int(predicted(n)))
		seen, on := map[string]bool{}, 0
		for i, x := range points {
			require.False(t, seen[x.String()])
			seen[x.String()] = true
			require.Zero(t, x.dimension())
			if x.onCurve() {
				on++
			}
			if i > 0 {
				require.True(t, balanced(x), "%v", x)
			}
		}
		require.Equal(t, 1<<(n-1), on)
	}
	for _, s := range [][]string{{"1/2", "0", "1"}, {"0", "-1", "2"}, {"1/2", "1/2", "0"}} {
		require.False(t, balanced(rationals(t, s)), "%v", s)
	}
}

func rationals(t *testing.T, texts []string) (x chain) {
	for _, s := range texts {
		v, ok := new(big.Rat).SetString(s)
		require.True(t, ok)
		x = append(x, v)
	}
	return x
}

// balanced solves E[tᵢ₋₁] = 2E[sᵢtᵢ] along x, with −1/4 at the start.
func balanced(x chain) bool {
	mean := big.NewRat(-1, 4)
	for i, miss := range x.misses() {
		half := new(big.Rat).Mul(mean, big.NewRat(1, 2)) // E[sᵢtᵢ]
		if half.Cmp(big.NewRat(1, 1)) > 0 || half.Cmp(big.NewRat(-1, 1)) < 0 {
			return false
		}
		switch {
		case miss.Sign() != 0 && x[i].Sign() != 0:
			return false // |E[sᵢtᵢ]| would be 1
		case miss.Sign() != 0:
			mean = big.NewRat(int64(miss.Sign()), 1)
		case x[i].Sign() != 0:
			mean = half.Mul(half, big.NewRat(int64(x[i].Sign()), 1))
		default:
			mean = new(big.Rat)
		}
	}
	return mean.Sign() == 0
}

// falls sees a direction along which f does not fall.
func TestFalls(t *testing.T) {
	x, d := rationals(t, []string{"0", "-1"}), rationals(t, []string{"1", "2"})
	require.True(t, falls(x, d))
	require.False(t, falls(x, rationals(t, []string{"-1", "2"})))
	require.False(t, falls(rationals(t, []string{"1", "1"}), d))
}

func TestPlaces(t *testing.T) {
	got := places(rationals(t, []string{"1", "0", "1"}))
	require.True(t, slices.EqualFunc(got, rationals(t, []string{"-1", "0", "1/2", "1", "2"}), func(a, b *big.Rat) bool { return a.Cmp(b) == 0 }), "%v", got)
}
