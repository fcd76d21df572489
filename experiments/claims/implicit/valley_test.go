package implicit

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd"
)

// Other dampings are seen, and a method that is not INNA.
func TestValleySeesDamping(t *testing.T) {
	spoiled := func(m method) []string {
		return claimtest.Sabotaged(t, valley(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runValley(ctx, c, m)
		}, claim.Setting{Name: "iterations", Value: "500000"})
	}
	failed := spoiled(func(a, b float64) sgd.Method { return sgd.INNA{Alpha: a, Beta: 1.5 * b} })
	require.Subset(t, failed, []string{"arrival/alpha=0.5,beta=0.1", "limit/0.5", "limit/0.0625"})
	failed = spoiled(func(a, b float64) sgd.Method { return sgd.INNA{Alpha: a, Beta: b / 2} })
	require.Subset(t, failed, []string{"swings/alpha=0.5,beta=0.1", "corners/alpha=0.5,beta=0.03"})
	require.Contains(t, spoiled(func(a, b float64) sgd.Method { return sgd.INNA{Alpha: 2 * a, Beta: b} }), "swings/alpha=0.5,beta=0.03")
	// With a few gradients of another sign it climbs.
	require.Contains(t, spoiled(func(a, b float64) sgd.Method { return ascent{sgd.INNA{Alpha: a, Beta: b}} }), "energy/alpha=0.5,beta=0.1")
}

// ascent turns the first gradients round.
type ascent struct{ sgd.Method }

func (a ascent) Start(p []sgd.Param) (sgd.State, error) {
	s, err := a.Method.Start(p)
	return &turned{s, 10}, err
}

type turned struct {
	sgd.State
	left int
}

func (s *turned) Update(p []sgd.Param, rate float64) {
	for _, q := range p {
		if s.left > 0 {
			q.Grad[0] = -q.Grad[0]
		}
	}
	s.left--
	s.State.Update(p, rate)
}

// The closed form of a step's powers against repeated steps, with and without oscillations, at the
// border between them, and without curvature.
func TestDampedByRepeatedSteps(t *testing.T) {
	for _, d := range []damped{
		{0.5, 0.01, 0.01, 400, 0.7},
		{0.5, 0.1, 0.002, 400, 0.7},
		{2, 0.5, 0.01, 4, -1}, // α + βh = 2√h
		{0.3, 0.2, 0.01, 0, -0.7},
	} {
		z, p := 0.3, -0.2
		for k := range 200 {
			gotZ, gotP := d.after(0.3, -0.2, k)
			require.InDelta(t, z, gotZ, 1e-12, "%v after %d", d, k)
			require.InDelta(t, p, gotP, 1e-12, "%v after %d", d, k)
			g := d.h*z + d.c
			z, p = z+d.gamma*(p-d.beta*g), (1-d.alpha*d.gamma)*p-d.gamma*(1-d.alpha*d.beta)*g
		}
	}
}

// The loss and its gradient in coordinates across and along.
func TestValleyCoordinates(t *testing.T) {
	p, err := newPlane(valleyText)
	require.NoError(t, err)
	for _, at := range []place{{x: -0.7, y: 0.4}, {x: 0.6, y: 0.9}, {x: 0.1, y: -0.3}} {
		s := sideOf(at.x)
		w, tau := s.across(at.x, at.y), s.along(at.x, at.y)
		err := p.run(t.Context(), sgd.SGD{}, at.x, at.y, nil, func(_ int, _, _, loss float64) bool {
			require.InDelta(t, 200*w*w+float64(s)*w/math.Sqrt2-tau/math.Sqrt2+1, loss, 1e-12)
			return false
		})
		require.NoError(t, err)
		dy, dx := p.ws.Out(1)[0], p.ws.Out(2)[0]
		require.InDelta(t, valleyCurvature*w+float64(s)/math.Sqrt2, s.across(dx, dy), 1e-12)
		require.InDelta(t, -1/math.Sqrt2, s.along(dx, dy), 1e-12)
	}
}

// As steps tend to 0 the closed forms tend, at the first order, to the solution of the differential
// equation on the right side, which another solver follows.
func TestForecastTendsToTheFlow(t *testing.T) {
	const x, y, time = 0.2, 0.5, 0.5
	f, err := parse.Parse("100*(y - x)^2 + 1 - x")
	require.NoError(t, err)
	for _, pair := range [][2]float64{{0.5, 0.01}, {0.5, 0.1}, {0.5, 1}} {
		flow, err := sgd.NewFlow(f, sgd.INNAFlow{Alpha: pair[0], Beta: pair[1]}, sgd.FlowOptions{})
		require.NoError(t, err)
		way, err := flow.Solve(t.Context(), []float64{y, x}, time)
		require.NoError(t, err)
		gap := func(gamma float64) float64 {
			now := foresee(x, y, pair[0], pair[1], gamma, 1e6).path[int(math.Round(time/gamma))-1]
			return math.Hypot(now.x-way.At(time)[1], now.y-way.At(time)[0])
		}
		require.InDelta(t, 2, gap(2e-4)/gap(1e-4), 0.05)
		require.Less(t, gap(1e-4), 0.01)
	}
}
