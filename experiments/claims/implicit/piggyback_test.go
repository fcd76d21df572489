package implicit

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
)

func spoiledPiggyback(t *testing.T, p programs) []string {
	return claimtest.Sabotaged(t, piggyback(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runPiggyback(ctx, c, p)
	}, claim.Setting{Name: "lassos", Value: "2"}, claim.Setting{Name: "networks", Value: "2"})
}

func honest() programs {
	return programs{softThreshold, "a*abs(x) + c", expr.ReLU, big.NewRat(1, 1)}
}

func TestPiggybackPasses(t *testing.T) { require.Empty(t, spoiledPiggyback(t, honest())) }

// A step of half the length has another rate.
func TestPiggybackSeesSteps(t *testing.T) {
	p := honest()
	p.slower = big.NewRat(1, 2)
	require.Equal(t, []string{"rate/lasso=1", "rate/lasso=2"}, spoiledPiggyback(t, p))
}

// Kinks that cancel change sets, and not what happens off kinks.
func TestPiggybackSeesPrograms(t *testing.T) {
	zero := func(w expr.Node) expr.Node {
		return expr.Scale(0.125, expr.Sub(expr.Sub(expr.ReLU(w), expr.ReLU(expr.Neg(w))), w))
	}
	p := honest()
	p.shrink = func(z, t expr.Node) expr.Node { return expr.Add(softThreshold(z, t), zero(expr.Sub(z, t))) }
	failed := spoiledPiggyback(t, p)
	require.Contains(t, failed, "lasso-set/step=1.25")
	require.NotContains(t, failed, "rate/lasso=1")
	p = honest()
	p.bend = "a*abs(x) + c + (relu(x) - relu(-x) - x)/8"
	require.Subset(t, spoiledPiggyback(t, p), []string{"bend-set/slope=0.25", "bend-implicit/slope=0.25", "bend-rate/slope=0.25"})
	p = honest()
	p.gate = func(w expr.Node) expr.Node { return expr.Add(expr.ReLU(w), zero(w)) }
	require.Subset(t, spoiledPiggyback(t, p), []string{"turn-set/w=0.5", "turn-implicit/w=0.5", "set-equation"})
}

// The ends of the limit sets: nothing leaves them, and what is near them comes from them.
func TestLimitSetPredictions(t *testing.T) {
	for _, gamma := range []float64{0.5, 1.25, 1.75} {
		top, most := lassoTop(gamma), 0.0
		for i := range 101 {
			for _, s := range []float64{0, 0.5, 1} {
				most = max(most, s*((1-gamma)*top*float64(i)/100+gamma))
			}
		}
		require.InDelta(t, top, most, 1e-15)
	}
	for _, a := range []float64{0.25, 0.75} {
		set := bendInterval(a)
		low, high := number(set.low), number(set.high)
		require.InDelta(t, bendLow(a), low, 1e-15)
		least, most := 10.0, -10.0
		for _, x := range []float64{low, high} {
			least, most = min(least, a*x+1, 1-a*x), max(most, a*x+1, 1-a*x)
		}
		require.InDelta(t, low, least, 1e-14)
		require.InDelta(t, high, most, 1e-14)
		j := 0.0
		for k := range 20 {
			if j = a*j + 1; k == 19 {
				j = 2 - j // 1 − a·J instead of 1 + a·J
			}
		}
		require.InDelta(t, j, bendReached(a, 20), 1e-13)
		require.InDelta(t, 1, bendImplicitLow(a)*(1+a), 1e-15)
	}
	for _, w := range []float64{0.5, 0.875} {
		j11, j21 := 0.0, 0.0
		for range 400 {
			j11, j21 = w*j21+1, -w*j11
		}
		require.InDelta(t, -j21, turnImplicit(w), 1e-14)
	}
}

// Rates as growth of powers of matrices.
func TestRatePredictions(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 10 {
		r := drawRated(rng)
		g, gamma := r.gram(r.tied), number(r.gamma)
		require.InEpsilon(t, r.rate, growth(1-gamma*number(g[0][0]), -gamma*number(g[0][1]), -gamma*number(g[1][0]), 1-gamma*number(g[1][1])), 1e-9)
	}
	// M(5/2)·M(1/4)
	require.InEpsilon(t, ballGrowth, growth(-1*1.25-0.5, 0.5, 1.25, -0.5), 1e-12)
}

// growth is the spectral radius of [[a, b], [c, d]] by powers.
func growth(a, b, c, d float64) float64 {
	x, y, size := 0.6, 0.35, 0.0
	for range 400 {
		x, y = a*x+b*y, c*x+d*y
		size = max(x, -x, y, -y)
		x, y = x/size, y/size
	}
	return size
}
