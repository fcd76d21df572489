package critical

import (
	"context"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
)

func TestArtificialPointsFailForTheProgramWithoutKinks(t *testing.T) {
	failed := claimtest.Sabotaged(t, artificial(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runArtificial(ctx, c, "x")
	})
	require.Equal(t, []string{"hitting-step", "on-lattice", "field-width", "distance-to-field"}, failed)
}

// A program of another function with the same field at 0 is found out by ∂f.
func TestArtificialPointsFailForAKinkOfTheFunction(t *testing.T) {
	failed := claimtest.Sabotaged(t, artificial(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runArtificial(ctx, c, "2*relu(x)")
	})
	require.Contains(t, failed, "distance-to-clarke")
}

// The walk against integer arithmetic: x₀ = p/d and α = q/d meet 0 if and only if
// q divides p.
func TestWalksAgreeWithDivisibility(t *testing.T) {
	w, err := newWalk(identityText, 0)
	require.NoError(t, err)
	for p := int64(-6); p <= 24; p++ {
		for q := int64(1); q <= 7; q++ {
			x0, alpha := big.NewRat(p, 12), big.NewRat(q, 12)
			path, err := w.follow(context.Background(), x0, alpha)
			require.NoError(t, err)
			want := math.Inf(1)
			if p >= 0 && p%q == 0 {
				want = float64(p / q)
			}
			require.Equal(t, want, path.stuckAt(), "%d/%d", p, q)
			require.Equal(t, want, hittingStep(x0, alpha))
		}
	}
}

func TestArtificialPointsForOtherSettings(t *testing.T) {
	for _, s := range [][2]string{{"1", "0.1"}, {"-1", "0.5"}, {"0", "3"}, {"0.3", "0.7"}, {"100", "0.01"}} {
		run := claimtest.Execute(t, artificial(), claim.Setting{Name: "x0", Value: s[0]}, claim.Setting{Name: "step", Value: s[1]}, claim.Setting{Name: "trials", Value: "10"})
		claimtest.RequireKept(t, run.Rows)
	}
}
