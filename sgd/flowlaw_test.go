package sgd_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/sgd"
)

// flowOf draws a program of few variables that NewFlow takes, and solves it from its point.
func flowOf(t *rapid.T, class expr.Kind, horizon float64) (*expr.Func, *sgd.Trajectory) {
	p := optest.Programs(optest.Config{Class: class, Steps: 6}).Draw(t, "program")
	x0 := slices.Concat(p.At...)
	if len(x0) > 5 || len(x0) == 0 {
		t.SkipNow()
	}
	flow, err := sgd.NewFlow(p.Func, sgd.GradientFlow{}, sgd.FlowOptions{Steps: 3000})
	if config := (*sgd.ConfigError)(nil); errors.As(err, &config) {
		t.SkipNow()
	}
	require.NoError(t, err)
	r, err := flow.Solve(context.Background(), x0, horizon)
	require.NoError(t, err)
	ends := []sgd.FlowStatus{sgd.ReachedHorizon, sgd.ReachedCritical}
	if class != expr.PiecewiseAffine { // at poles, at the boundary of the domain, and where flat switches tie
		ends = append(ends, sgd.Blocked, sgd.TooManySteps, sgd.NotLipschitz, sgd.TooManyEvents, sgd.Undecided)
	}
	require.Contains(t, ends, r.Status, "%s", r.Reason)
	return p.Func, r
}

// value is f at a flat x, computed by the interpreter of the test kit.
func value(t *rapid.T, f *expr.Func, x []float64) float64 {
	var in [][]float64
	for _, n := range f.In() {
		in = append(in, x[:n.Shape().Size()])
		x = x[n.Shape().Size():]
	}
	return optest.Float(t, f, in...)[0][0]
}

// checkEnergy: f falls along the solution, for all a < b by ‖x(a) − x(b)‖²/(b − a) at least (Cauchy and Schwarz), and
// d/dt f = −‖ẋ‖² away from events.
func checkEnergy(t *rapid.T, f *expr.Func, r *sgd.Trajectory) {
	const samples = 24
	var times, values, sizes []float64
	for i := range samples + 1 {
		at := r.End * float64(i) / samples
		if i == samples && r.Status == sgd.Blocked { // there it leaves the domain of f, at a pole say
			at -= r.End * 0x1p-20
		}
		x := r.At(at)
		if math.IsNaN(value(t, f, x)) { // a hole such as that of x/x, which steps do not see
			t.SkipNow()
		}
		times, values, sizes = append(times, at), append(values, value(t, f, x)), append(sizes, norm(x))
	}
	for i := range times {
		for j := range i {
			apart := r.At(times[i])
			for k, v := range r.At(times[j]) {
				apart[k] -= v
			}
			fall := norm(apart) * norm(apart) / (times[i] - times[j])
			if times[i] == times[j] {
				fall = 0
			}
			slack := 1e-6 * (1 + math.Abs(values[j]) + fall + sizes[j])
			require.GreaterOrEqual(t, values[j]-values[i], fall-slack, "times %v and %v of %v, events %v", times[j], times[i], r.End, r.Events)
		}
	}
	for i := range samples {
		at := (times[i] + times[i+1]) / 2
		h := min(1e-5, 1e-2*min(at, r.End-at)) // a flow that ends early may do so at a singularity
		if h == 0 || slices.ContainsFunc(r.Events, func(e sgd.FlowEvent) bool { return math.Abs(e.Time-at) < 3*h }) {
			continue
		}
		v := norm(r.Velocity(at))
		if v > 100 { // differences over h do not resolve what changes so fast
			continue
		}
		rate := (value(t, f, r.At(at+h)) - value(t, f, r.At(at-h))) / (2 * h)
		require.InDelta(t, -v*v, rate, 1e-3*(1+v*v)+1e-9*math.Abs(values[i]), "time %v of %v, events %v", at, r.End, r.Events)
	}
}

func norm(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s = math.Hypot(s, v)
	}
	return s
}

func TestLawFlowLosesEnergyPiecewiseAffine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, r := flowOf(t, expr.PiecewiseAffine, 3)
		checkEnergy(t, f, r)
	})
}

func TestLawFlowLosesEnergySemialgebraic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, r := flowOf(t, expr.Semialgebraic, 1)
		checkEnergy(t, f, r)
	})
}

// Where an event is, the solution goes on no slower than dist(0, ∂f(x)), the distance of Clarke's set, and the speed is an
// element's.
func TestLawFlowGoesOnInClarkesSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, r := flowOf(t, expr.PiecewiseAffine, 3)
		for _, e := range r.Events {
			require.GreaterOrEqual(t, norm(e.After), e.Distance*(1-1e-9))
			var in [][]float64
			x := e.X
			for _, n := range f.In() {
				in = append(in, x[:n.Shape().Size()])
				x = x[n.Shape().Size():]
			}
			s, err := clarke.At(context.Background(), f, clarke.FloatPoint(in...), clarke.Options{Tol: 1e-9})
			require.NoError(t, err)
			minus := make([]float64, len(e.After))
			for i, v := range e.After {
				minus[i] = -v
			}
			gap := math.Inf(1)
			for _, y := range shifted(s.Vertices, minus) {
				gap = min(gap, norm(y.Float))
			}
			if gap > 1e-9 {
				m, err := clarke.MinNorm(shifted(s.Vertices, minus))
				require.NoError(t, err)
				gap = m.Distance
			}
			require.LessOrEqual(t, gap, 1e-6*(1+norm(minus)))
		}
	})
}

func shifted(points []clarke.Vector, by []float64) (out []clarke.Vector) {
	for _, p := range points {
		q := slices.Clone(p.Float)
		for i, v := range by {
			q[i] -= v
		}
		out = append(out, clarke.Floats(q))
	}
	return out
}

// affines are those of a convex piecewise affine function max aᵢ·x + bᵢ in the plane.
type affines struct {
	a [][2]float64
	b []float64
}

func drawAffines(t *rapid.T) (m affines) {
	for range rapid.IntRange(2, 4).Draw(t, "pieces") {
		n := optest.Rough(t, 3, "piece")
		m.a, m.b = append(m.a, [2]float64{n[0], n[1]}), append(m.b, n[2])
	}
	return m
}

func (m affines) text() string {
	out := ""
	for i, a := range m.a {
		piece := fmt.Sprintf("(%v)*x + (%v)*y + (%v)", a[0], a[1], m.b[i])
		if i == 0 {
			out = piece
		} else {
			out = "max(" + out + ", " + piece + ")"
		}
	}
	return out
}

// proximal is argmin f(z) + ‖z − x‖²/(2h), by its dual: z = x − hΣwᵢaᵢ for the w in the simplex that maximises Σwᵢ(aᵢ·x + bᵢ) −
// h/2·‖Σwᵢaᵢ‖². Supports of one to three pieces are tried, and the best primal value wins.
func (m affines) proximal(x [2]float64, h float64) [2]float64 {
	best, at := math.Inf(1), x
	try := func(g [2]float64) {
		z := [2]float64{x[0] - h*g[0], x[1] - h*g[1]}
		f := math.Inf(-1)
		for i, a := range m.a {
			f = max(f, a[0]*z[0]+a[1]*z[1]+m.b[i])
		}
		if f += h / 2 * (g[0]*g[0] + g[1]*g[1]); f < best {
			best, at = f, z
		}
	}
	for i, a := range m.a {
		try(a)
		for j := range i {
			u := [2]float64{a[0] - m.a[j][0], a[1] - m.a[j][1]}
			uu := h * (u[0]*u[0] + u[1]*u[1])
			if uu == 0 {
				continue
			}
			c := m.a[j] // w of piece i at which both are equal at z
			w := (u[0]*x[0] + u[1]*x[1] + m.b[i] - m.b[j] - h*(u[0]*c[0]+u[1]*c[1])) / uu
			if w >= 0 && w <= 1 {
				try([2]float64{c[0] + w*u[0], c[1] + w*u[1]})
			}
			for k := range j { // three are equal where two lines meet
				v := [2]float64{a[0] - m.a[k][0], a[1] - m.a[k][1]}
				det := u[0]*v[1] - u[1]*v[0]
				if det == 0 {
					continue
				}
				p, q := m.b[j]-m.b[i], m.b[k]-m.b[i]
				z := [2]float64{(p*v[1] - u[1]*q) / det, (u[0]*q - p*v[0]) / det}
				try([2]float64{(x[0] - z[0]) / h, (x[1] - z[1]) / h})
			}
		}
	}
	return at
}

// Implicit Euler steps of size h, which are proximal points, stay within h‖∂⁰f(x₀)‖/√2 of the solution for convex f (R. H.
// Nochetto, G. Savaré and C. Verdi, Comm. Pure Appl. Math. 53, 2000).
func TestLawFlowIsTheLimitOfProximalSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawAffines(t)
		x0 := optest.Rough(t, 2, "start")
		f := program(t, m.text())
		x := [2]float64{x0[0], x0[1]}
		r := solve(t, f, sgd.GradientFlow{}, 2, x[:]...)
		require.Contains(t, []sgd.FlowStatus{sgd.ReachedHorizon, sgd.ReachedCritical}, r.Status, r.Reason)
		longest := 0.0
		for _, a := range m.a {
			longest = max(longest, math.Hypot(a[0], a[1]))
		}
		const h = 1. / 256
		for k := range int(2/h) + 1 {
			got := r.At(float64(k) * h)
			require.LessOrEqual(t, math.Hypot(got[0]-x[0], got[1]-x[1]), h*longest/math.Sqrt2+1e-7*(1+longest), "step %d of %s, events %v", k, m.text(), r.Events)
			x = m.proximal(x, h)
		}
	})
}
