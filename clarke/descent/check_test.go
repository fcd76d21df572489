package descent_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// counter counts the points at which an oracle is asked. It is no Batch.
type counter struct {
	f     descent.Oracle
	calls int
}

func (c *counter) Dim() int { return c.f.Dim() }

func (c *counter) Evaluate(x, gradient []float64) (float64, error) {
	c.calls++
	return c.f.Evaluate(x, gradient)
}

// function is an oracle of one line.
type function struct {
	n int
	f func(x, g []float64) (float64, error)
}

func (f function) Dim() int { return f.n }

func (f function) Evaluate(x, gradient []float64) (float64, error) {
	if gradient == nil {
		gradient = make([]float64, f.n)
	}
	return f.f(x, gradient)
}

// minimize runs a method and checks all that a result says about itself.
func minimize(t require.TestingT, m descent.Method, f descent.Oracle, start []float64, l descent.Limits) *descent.Result {
	c := &counter{f: f}
	r, err := m.Minimize(context.Background(), c, start, l)
	require.NoError(t, err)
	require.Equal(t, m.Name(), r.Method)
	require.Equal(t, c.calls, r.Calls)
	if l.Calls > 0 {
		require.LessOrEqual(t, r.Calls, l.Calls)
	}
	value, err := f.Evaluate(r.X, make([]float64, f.Dim()))
	require.NoError(t, err)
	require.Equal(t, value, r.F)
	first, err := f.Evaluate(start, make([]float64, f.Dim()))
	require.NoError(t, err)
	require.LessOrEqual(t, r.F, first)
	require.Regexp(t, `^[A-Za-z].*\.$`, r.Message)
	if len(r.Certificate.Points) > 0 {
		require.NoError(t, r.Certificate.Check(f, r.X, 1e-9))
	} else {
		require.NotEqual(t, descent.Stationary, r.Status)
	}
	return r
}

// solves checks the acceptance rule |f − f*| ≤ 10⁻⁶(1 + |f*|).
func solves(t *testing.T, m descent.Method, p *problem) {
	t.Run(p.name, func(t *testing.T) {
		r := minimize(t, m, p, p.start, descent.Limits{})
		off := (r.F - p.minimum) / (1 + math.Abs(p.minimum))
		t.Logf("%6d calls, %7.1e off, certificate %7.1e within %7.1e, %s", r.Calls, off, r.Certificate.Distance, r.Certificate.Radius, r.Status)
		require.InDelta(t, 0, off, 1e-6)
	})
}

// program is the oracle of a text.
func program(t require.TestingT, text string) *descent.Program {
	f, err := parse.Parse(text)
	require.NoError(t, err)
	p, err := descent.NewProgram(f, ad.AtKink(0))
	require.NoError(t, err)
	return p
}

var nan = math.NaN()

// sgn is −1, 0 or 1.
func sgn(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func named(name string) *problem {
	for _, p := range small {
		if p.name == name {
			return p
		}
	}
	panic("no problem " + name)
}
