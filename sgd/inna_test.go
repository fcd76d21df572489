package sgd_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/sgd"
)

// Algorithm 1 of Castera and others in rationals. With dyadic constants and J =
// ½θ² the first steps round nothing in float64 either: they are equal bit by bit.
func TestINNARecursion(t *testing.T) {
	rat := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
	const alpha, beta, gamma = 0.5, 0.25, 0.5
	theta, psi := rat(3), ratMul(rat(1-alpha*beta), rat(3))
	slope := func(_ int, x float64) float64 { return x }
	for k, got := range run(t, sgd.INNA{Alpha: alpha, Beta: beta}, 3, 12, slope, sgd.Constant(gamma)) {
		common := ratMul(rat(1/beta-alpha), theta)
		common.Sub(common, ratQuo(psi, rat(beta)))
		v := new(big.Rat).Sub(common, ratMul(rat(beta), theta))
		theta = new(big.Rat).Add(theta, ratMul(rat(gamma), v))
		psi = new(big.Rat).Add(psi, ratMul(rat(gamma), common))
		want, exact := theta.Float64()
		require.True(t, exact, "step %d", k)
		require.Equal(t, want, got, "step %d", k)
	}
}

// For J = λ/2·θ² INNA's equation is that of a damped spring, θ″ + (α + βλ)θ′ + λθ
// = 0 with θ′ = −βλθ at first, whose solution is known. The iterates tend to it as γ
// does to 0, with an error of order γ.
func TestINNAFollowsItsEquation(t *testing.T) {
	const alpha, beta, lambda, end = 0.5, 0.1, 4.0, 2.0
	slope := func(_ int, x float64) float64 { return lambda * x }
	decay := (alpha + beta*lambda) / 2
	omega := math.Sqrt(lambda - decay*decay)
	want := math.Exp(-decay*end) * (math.Cos(omega*end) + (decay-beta*lambda)/omega*math.Sin(omega*end))
	distance := func(steps int) float64 {
		x := run(t, sgd.INNA{Alpha: alpha, Beta: beta}, 1, steps, slope, sgd.Constant(end/float64(steps)))
		return math.Abs(x[steps-1] - want)
	}
	coarse, fine := distance(2000), distance(4000)
	require.Less(t, fine, 1e-3)
	require.InDelta(t, 2, coarse/fine, 0.02)
}
