package descent_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/expr"
)

// vee is maxᵢ ⟨gᵢ, x − z⟩ + ½‖x − z‖² for gradients with 0 inside their hull, so that z is its
// minimum.
type vee struct {
	z []float64
	g [][]float64
}

func (v *vee) Dim() int { return len(v.z) }

func (v *vee) Evaluate(x, gradient []float64) (float64, error) {
	best, at, square := math.Inf(-1), 0, 0.0
	for i, g := range v.g {
		value := 0.0
		for j := range x {
			value += g[j] * (x[j] - v.z[j])
		}
		if value > best {
			best, at = value, i
		}
	}
	for j := range x {
		d := x[j] - v.z[j]
		square += d * d
		if gradient != nil {
			gradient[j] = v.g[at][j] + d
		}
	}
	return best + square/2, nil
}

func drawVee(t *rapid.T) (*vee, []float64) {
	n := rapid.IntRange(1, 5).Draw(t, "n")
	vector := rapid.SliceOfN(rapid.Float64Range(-2, 2), n, n)
	v := &vee{z: vector.Draw(t, "minimum")}
	last, sum := make([]float64, n), 0.0
	for range rapid.IntRange(0, n).Draw(t, "pieces") {
		g, w := vector.Draw(t, "gradient"), rapid.Float64Range(.2, 1).Draw(t, "weight")
		v.g = append(v.g, g)
		sum += w
		for j := range last {
			last[j] -= w * g[j]
		}
	}
	v.g = append(v.g, last)
	return v, vector.Draw(t, "start")
}

// For convex f, a certificate of distance ε and radius δ proves f(x) − f(z) ≤ ε‖x − z‖ + 2Lδ, where L
// bounds the gradients; and methods come near the minimum.
func TestLawCertificatesBoundTheError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, start := drawVee(t)
		for _, name := range []string{"bfgs", "limited memory", "gradient sampling", "auto"} {
			r := minimize(t, methods[name], f, start, descent.Limits{})
			away, longest := 0.0, 0.0
			for j := range r.X {
				away += (r.X[j] - f.z[j]) * (r.X[j] - f.z[j])
			}
			for _, g := range r.Certificate.Gradients {
				square := 0.0
				for _, v := range g {
					square += v * v
				}
				longest = max(longest, math.Sqrt(square))
			}
			c := r.Certificate
			require.LessOrEqual(t, r.F, c.Distance*math.Sqrt(away)+2*(longest+c.Radius)*c.Radius+1e-12, name)
			if name != "limited memory" { // whose last steps are short, so its certificates are wide
				require.LessOrEqual(t, r.F, 2e-5, name)
			}
		}
	})
}

// single is a program without its lanes.
type single struct{ p *descent.Program }

func (s single) Dim() int                                 { return s.p.Dim() }
func (s single) Func() *expr.Func                         { return s.p.Func() }
func (s single) Evaluate(x, g []float64) (float64, error) { return s.p.Evaluate(x, g) }

// Lanes change no bit.
func TestBatchesHaveTheSameBits(t *testing.T) {
	p := program(t, "max(x^2 + y^4, (2-x)^2 + (2-y)^2, 2*exp(y-x))")
	each(t, func(t *testing.T, m descent.Method) {
		lanes, err := m.Minimize(context.Background(), p, []float64{1, -.1}, descent.Limits{})
		require.NoError(t, err)
		one, err := m.Minimize(context.Background(), single{p}, []float64{1, -.1}, descent.Limits{})
		require.NoError(t, err)
		require.Equal(t, one, lanes)
		require.InDelta(t, 1.952224493870659, lanes.F, 1e-6)
		again, err := m.Minimize(context.Background(), p, []float64{1, -.1}, descent.Limits{})
		require.NoError(t, err)
		require.Equal(t, lanes, again)
	})
}
