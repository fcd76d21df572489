package deep

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// Other dampings, and no damping, are seen.
func TestInertialMomentumSeesDamping(t *testing.T) {
	spoiled := func(m damping, more ...claim.Setting) []string {
		settings := append([]claim.Setting{
			{Name: "alphas", Value: "0.5"},
			{Name: "betas", Value: "0.1"},
			{Name: "powers", Value: "0.25"},
			{Name: "rows", Value: "20"},
			{Name: "channels", Value: "4"},
			{Name: "halvings", Value: "2"},
		}, more...)
		return claimtest.Sabotaged(t, inertialMomentum(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runInertialMomentum(ctx, c, m)
		}, settings...)
	}
	require.Empty(t, spoiled(func(a, b float64) sgd.Method { return sgd.INNA{Alpha: a, Beta: b} }))
	const pair = "alpha=0.5,beta=0.1"
	require.Subset(t, spoiled(func(a, b float64) sgd.Method { return sgd.INNA{Alpha: a, Beta: 1.5 * b} }), []string{"momentum/" + pair, "sgd"})
	require.Subset(t, spoiled(func(a, b float64) sgd.Method { return sgd.INNA{Alpha: 1.5 * a, Beta: b} }), []string{"momentum/" + pair, "sgd"})
	// A run that stays where it is keeps gradients too large for the rate.
	stay := func(float64, float64) sgd.Method { return frozen{} }
	require.Contains(t, spoiled(stay, claim.Setting{Name: "step", Value: "0.1"}, claim.Setting{Name: "steps", Value: "4000"}), "sublinear/"+pair)
	// Turned round, the field leads upwards.
	require.Subset(t, spoiled(func(a, b float64) sgd.Method { return ascent{sgd.INNA{Alpha: a, Beta: b}, 20} }), []string{"highest/" + pair, "highest/power=0.25"})
}

// For other dampings the difference of energies does not fall with the step, which makes that row no pass.
func TestEnergySeesDamping(t *testing.T) {
	c := inertialMomentum()
	values, err := c.Resolve(claim.Quick, []claim.Setting{{Name: "rows", Value: "20"}})
	require.NoError(t, err)
	n, err := newImageNet(&claim.Context{Claim: c.Name, Values: values, Seed: 1})
	require.NoError(t, err)
	order := func(share float64) float64 {
		var steps, gaps []float64
		for _, step := range []float64{0.02, 0.01, 0.005} {
			a, err := n.spend(t.Context(), func(a, b float64) sgd.Method { return sgd.INNA{Alpha: a, Beta: share * b} }, 0.5, 0.1, sgd.Constant(step), int(2/step))
			require.NoError(t, err)
			steps, gaps = append(steps, step), append(gaps, a.gap())
		}
		return claim.Slope(steps, gaps)
	}
	require.InDelta(t, 1, order(1), orderSlack)
	require.Greater(t, 1-order(1.5), 2*orderSlack)
}

// frozen makes no steps.
type frozen struct{}

func (frozen) Start([]sgd.Param) (sgd.State, error) { return frozen{}, nil }
func (frozen) Update([]sgd.Param, float64)          {}
func (frozen) Buffers() []sgd.Buffer                { return nil }

// ascent turns the gradients of the first steps round.
type ascent struct {
	sgd.Method
	steps int
}

func (a ascent) Start(p []sgd.Param) (sgd.State, error) {
	s, err := a.Method.Start(p)
	return &turned{s, a.steps}, err
}

type turned struct {
	sgd.State
	left int
}

func (s *turned) Update(p []sgd.Param, rate float64) {
	for _, q := range p {
		for j := range q.Grad {
			if s.left > 0 {
				q.Grad[j] = -q.Grad[j]
			}
		}
	}
	s.left--
	s.State.Update(p, rate)
}

// The derivation of quasi-hyperbolic momentum in rationals: both recursions for a few gradients, in
// one variable.
func TestInertialIsQuasiHyperbolicInRationals(t *testing.T) {
	r := func(a, b int64) *big.Rat { return big.NewRat(a, b) }
	mul := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
	add := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
	sub := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
	quo := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }
	one := r(1, 1)
	for _, c := range [][3]*big.Rat{{r(1, 2), r(1, 10), r(1, 50)}, {r(1, 10), r(3, 1), r(1, 7)}, {r(2, 1), r(1, 2), r(1, 9)}} {
		alpha, beta, gamma := c[0], c[1], c[2]
		mu := sub(one, mul(alpha, gamma))
		nu := quo(sub(one, mul(alpha, beta)), mu)
		x, y, b := r(3, 4), r(3, 4), r(0, 1)
		psi := mul(sub(one, mul(alpha, beta)), x)
		for _, g := range []*big.Rat{r(1, 1), r(-2, 3), r(5, 7), r(4, 1), r(-1, 9)} {
			common := sub(mul(sub(quo(one, beta), alpha), x), quo(psi, beta))
			x = add(x, mul(gamma, sub(common, mul(beta, g))))
			psi = add(psi, mul(gamma, common))
			b = add(mul(mu, b), mul(sub(one, mu), g))
			y = sub(y, mul(quo(gamma, alpha), add(mul(sub(one, nu), g), mul(nu, b))))
			require.Zero(t, x.Cmp(y))
		}
	}
}

// The account of energy by algebra: on a quadratic in one variable a step's change of energy less
// dampings is γ²/2 (αs + g)² + γ²/2 (1 + αβ)hs².
func TestLawEnergyOfAStep(t *testing.T) {
	const alpha, beta, gamma, h = 0.5, 0.1, 0.02, 3.0
	rapid.Check(t, func(t *rapid.T) {
		x, p := rapid.Float64Range(-2, 2).Draw(t, "x"), rapid.Float64Range(-2, 2).Draw(t, "p")
		energy := func(x, p float64) float64 { return (1+alpha*beta)*h*x*x/2 + p*p/2 }
		g := h * x
		s := p - beta*g
		change := energy(x+gamma*s, (1-alpha*gamma)*p-gamma*(1-alpha*beta)*g) - energy(x, p)
		second := gamma * gamma / 2 * ((alpha*s+g)*(alpha*s+g) + (1+alpha*beta)*h*s*s)
		require.InDelta(t, -gamma*(alpha*s*s+beta*g*g)+second, change, 1e-13)
	})
}
