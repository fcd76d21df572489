package deep

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// Another method in INNA's place changes verdicts: Adam is as good as itself, and what climbs
// does so faster with longer steps.
func TestInertialTrainingSeesOtherMethods(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for seconds")
	}
	spoiled := func(m sgd.Method) map[string]claim.Verdict {
		c := inertialTraining()
		c.Run = func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runInertialTraining(ctx, c, m)
		}
		verdicts := map[string]claim.Verdict{}
		for _, r := range claimtest.Execute(t, c,
			claim.Setting{Name: "channels", Value: "4"}, claim.Setting{Name: "search", Value: "1"}, claim.Setting{Name: "epochs", Value: "1"}).Rows {
			verdicts[r.Name] = r.Verdict
		}
		return verdicts
	}
	require.Equal(t, claim.Fail, spoiled(ascent{sgd.DefaultINNA(), math.MaxInt})["inertial-training/powers"])
	require.NotEqual(t, claim.Found, spoiled(sgd.DefaultAdam())["inertial-training/adagrad"])
}

// The grid has two rates in each power of ten.
func TestGrid(t *testing.T) {
	rates := grid()
	require.InEpsilon(t, 1e-3, rates[0], 1e-12)
	require.InEpsilon(t, 10, rates[len(rates)-1], 1e-12)
	for i := 2; i < len(rates); i++ {
		require.InEpsilon(t, 10, rates[i]/rates[i-2], 1e-12)
	}
}
