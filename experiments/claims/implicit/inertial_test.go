package implicit

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

func spoiledInertial(t *testing.T, m method) []string {
	return claimtest.Sabotaged(t, inertial(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runInertial(ctx, c, m)
	}, claim.Setting{Name: "iterations", Value: "50000"})
}

func TestInertialPasses(t *testing.T) {
	require.Empty(t, spoiledInertial(t, func(a, b float64) sgd.Method { return sgd.INNA{Alpha: a, Beta: b} }))
}

// Another β is seen by energies and at kinks, another α by energies.
func TestInertialSeesDamping(t *testing.T) {
	failed := spoiledInertial(t, func(a, b float64) sgd.Method { return sgd.INNA{Alpha: a, Beta: 1.3 * b} })
	require.Subset(t, failed, []string{"energy/alpha=0.5,beta=0.5", "kink/alpha=0.5,beta=0.1/logarithm", "oscillations/alpha=0.5,beta=0.5"})
	failed = spoiledInertial(t, func(a, b float64) sgd.Method { return sgd.INNA{Alpha: 1.3 * a, Beta: b} })
	require.Subset(t, failed, []string{"energy/alpha=0.5,beta=0.1", "energy/alpha=0.1,beta=0.1"})
	require.Contains(t, spoiledInertial(t, func(_, b float64) sgd.Method { return sgd.INNA{Alpha: 0, Beta: b / 4} }), "overdamped")
}

// The energy's derivative along the equation, by differences.
func TestEnergyDerivative(t *testing.T) {
	const alpha, beta, theta, psi, h = 0.3, 0.7, 1.4, -0.6, 1e-5
	slope := func(x float64) float64 { return x * (x*x - 1) }
	field := func(x, y float64) (float64, float64) {
		common := (1/beta-alpha)*x - y/beta
		return common - beta*slope(x), common
	}
	energy := func(x, y float64) float64 {
		dx, _ := field(x, y)
		return (1+alpha*beta)*(x*x-1)*(x*x-1)/4 + math.Pow(dx+beta*slope(x), 2)/2
	}
	dx, dy := field(theta, psi)
	got := (energy(theta+h*dx, psi+h*dy) - energy(theta-h*dx, psi-h*dy)) / (2 * h)
	require.InDelta(t, -alpha*dx*dx-beta*slope(theta)*slope(theta), got, 1e-8)
}

// The error of energies is of the first order in the step.
func TestEnergyErrorIsLinear(t *testing.T) {
	for _, pair := range [][2]float64{{0.1, 0.1}, {0.5, 0.1}, {0.5, 0.5}} {
		off := func(step float64) float64 {
			e, err := dissipation(sgd.INNA{Alpha: pair[0], Beta: pair[1]}, pair[0], pair[1], step)
			require.NoError(t, err)
			require.InDelta(t, e.spent-e.second, e.lost, e.bound)
			return (e.lost - e.spent) / e.spent
		}
		coarse, fine := off(1e-3), off(5e-4)
		t.Log(coarse/1e-3, coarse/fine)
		require.InDelta(t, 2, coarse/fine, 0.1)
	}
}

// Half waves from powers of the step's matrix.
func TestHalfWaveFromMatrix(t *testing.T) {
	const alpha, beta, h, gamma = 0.5, 0.1, 4.0, 0.01
	a, b := 1+gamma*(1/beta-alpha-beta*h), -gamma/beta
	c, d := gamma*(1/beta-alpha), 1-gamma/beta
	cosine := (a + d) / 2 / math.Sqrt(a*d-b*c)
	require.InDelta(t, math.Acos(cosine), halfWave(alpha, beta, h, gamma), 1e-12)
	require.Zero(t, halfWave(2, 0.5, 4, gamma))
}
