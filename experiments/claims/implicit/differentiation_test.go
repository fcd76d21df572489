package implicit

import (
	"context"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
)

func spoiledDifferentiation(t *testing.T, shrink shrinkage, solve solver) []string {
	return claimtest.Sabotaged(t, differentiation(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runDifferentiation(ctx, c, shrink, solve)
	}, claim.Setting{Name: "trials", Value: "30"})
}

// The same function with kinks that cancel has a larger set at kinks only, and may be refused.
func TestImplicitSeesOtherPrograms(t *testing.T) {
	require.Empty(t, spoiledDifferentiation(t, softThreshold, (*lasso).solve))
	failed := spoiledDifferentiation(t, func(z, t expr.Node) expr.Node {
		w := expr.Sub(z, t)
		cancel := expr.Sub(expr.Sub(expr.ReLU(w), expr.ReLU(expr.Neg(w))), w)
		return expr.Add(softThreshold(z, t), cancel)
	}, (*lasso).solve)
	require.Contains(t, failed, "kinks")
	require.NotContains(t, failed, "smooth")
}

// Solutions of another λ have other derivatives.
func TestImplicitSeesOtherSolutions(t *testing.T) {
	failed := spoiledDifferentiation(t, softThreshold, func(l *lasso, b []*big.Rat, lambda *big.Rat) ([]*big.Rat, []int) {
		return l.solve(b, new(big.Rat).Mul(lambda, rat(2)))
	})
	require.Equal(t, []string{"smooth", "kinks"}, failed)
}

// The closed form of the Jacobians, and that each of them is one of the hull for any step.
func TestLassoClosedForm(t *testing.T) {
	rng, seen := rand.New(rand.NewPCG(1, 2)), 0
	for range 60 {
		p := drawLasso(3, rng)
		if !p.regular {
			continue
		}
		var want []clarke.Vector
		for joins := range 1 << len(p.zero) {
			var columns, at []int
			for i, j := range p.tied {
				if bit := slices.Index(p.zero, i); bit < 0 || joins>>bit&1 == 1 {
					columns, at = append(columns, j), append(at, i)
				}
			}
			right := make([][]*big.Rat, len(columns))
			for i, j := range columns {
				for _, row := range p.k {
					right[i] = append(right[i], row[j])
				}
				right[i] = append(right[i], rat(int64(-p.signs[at[i]])))
			}
			matrix := zeros(p.n * (p.m + 1))
			for i, row := range eliminated(p.gram(columns), right) {
				copy(matrix[columns[i]*(p.m+1):], row)
			}
			require.True(t, equal(matrix, p.neighbour(joins).quotients((*lasso).solve)))
			want = append(want, clarke.Rational(matrix))
		}
		extreme, _, err := clarke.ExtremePoints(want)
		require.NoError(t, err)
		for _, gamma := range []*big.Rat{big.NewRat(1, 7), rat(11)} {
			set, err := p.set(t.Context(), gamma, softThreshold)
			require.NoError(t, err)
			require.True(t, sameSet(extreme, set.Vertices))
		}
		seen += len(p.zero)
	}
	require.Greater(t, seen, 10)
}

// The numbers of the scalar examples, from the equations themselves.
func TestScalarPredictions(t *testing.T) {
	for _, gamma := range []float64{0.125, 0.5, 3} {
		v := slotHalf(gamma) // v = ½((1 − γ)v + γ)
		require.InDelta(t, 0.5*((1-gamma)*v+gamma), v, 1e-15)
	}
	for _, a := range []float64{0.25, 0.75} {
		y := -1e-3 // for x < 0: y − a·y = x
		require.InDelta(t, steepest(a), y/(y+a*-y), 1e-12)
	}
	for _, a := range []float64{2, 5} {
		w := singularWeight(a)
		require.InDelta(t, 0, w*(1+a)+(1-w)*(1-a), 1e-14)
	}
}
