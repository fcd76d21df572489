package subgradient

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
)

// The closed forms satisfy the differential inclusion: difference quotients of the
// flow are minus the nearest element, off the times where it changes.
func TestFlowsSatisfyTheInclusion(t *testing.T) {
	const h = 1e-6
	for _, e := range flows {
		p, err := at(e.text, "0", "0")
		require.NoError(t, err)
		for _, time := range []float64{0.1, 0.3, 0.6, 1.2} {
			x, y := e.at(e.start[0], e.start[1], time)
			nextX, nextY := e.at(e.start[0], e.start[1], time+h)
			s, err := rationalPlace(p, x, y).clarke(t.Context())
			require.NoError(t, err)
			require.InDelta(t, -s.MinNorm.Float[0], (nextX-x)/h, 1e-4, "%s at %v", e.name, time)
			require.InDelta(t, -s.MinNorm.Float[1], (nextY-y)/h, 1e-4, "%s at %v", e.name, time)
		}
	}
}

// Another flow, twice as fast, breaks the rate and the error of Euler's method.
func TestWrongFlowFails(t *testing.T) {
	e := flows[1]
	right := e.at
	e.at = func(x, y, t float64) (float64, float64) { return right(x, y, 2*t) }
	p, err := at(e.text, "0", "0")
	require.NoError(t, err)
	curve, err := e.energyError(t.Context(), p, 24)
	require.NoError(t, err)
	require.Greater(t, curve.worst, 0.5)
	analyzer, err := clarke.NewAnalyzer(p.f, clarke.Options{})
	require.NoError(t, err)
	off, err := e.eulerError(t.Context(), analyzer, 1, 2, 1.0/64)
	require.NoError(t, err)
	require.Greater(t, off, 10*e.bound/64)
}
