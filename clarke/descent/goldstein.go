package descent

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/expr/random"
)

// Goldstein is interpolated normalised gradient descent for exact values (J. Zhang, H. Lin, S. Jegelka,
// S. Sra and A. Jadbabaie, "Complexity of finding stationary points of nonconvex nonsmooth functions",
// ICML 2020). It ends at a (δ, ε)-stationary point for δ = Radius and ε = Tolerance after at most ⌈4Δ/(δε)⌉
// steps, Δ = f(start) − inf f, and Õ(ΔL²/(δε³)) calls with high probability, in any dimension.
//
// The bound supposes a DirectionalOracle, such as Program: a segment may lie in a kink, where only
// ⟨g, d⟩ = f′(x; d) makes gradients say what f does along it. An Oracle of another kind is
// asked for its gradients on the same segments, and for the first at a random point near x. If they say nothing, the
// run ends as stalled after some thousand of them, with a sentence; INGD is the method for such an oracle.
type Goldstein struct {
	Radius    float64 // δ in the units of x; 0 means 1e−3
	Tolerance float64 // ε; 0 means 1e−3
	Seed      uint64
}

const goldsteinStream = 0x676f6c64

// Name implements Method.
func (Goldstein) Name() string { return "goldstein" }

// Minimize implements Method.
func (m Goldstein) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	if err := checkOptions("Goldstein", m, m.Radius, m.Tolerance); err != nil {
		return nil, err
	}
	s := &segments{d: make([]float64, len(start))}
	s.oracle, _ = f.(DirectionalOracle)
	i := &interpolated{kind: s, radius: m.Radius, tolerance: m.Tolerance, rng: rand.New(rand.NewPCG(m.Seed, goldsteinStream))}
	return i.minimize(ctx, m.Name(), f, start, l)
}

// segments draws points of the segment itself.
type segments struct {
	oracle DirectionalOracle // or nil
	d      []float64
}

// first asks at x along a random direction; where that is not possible, at a random point near x.
func (s *segments) first(i *interpolated) ([]float64, error) {
	if s.oracle != nil {
		random.Sphere(s.d, 1, i.rng)
		copy(i.trial.x, i.at.x)
		if err := s.along(i); err != nil || i.trial.differentiable() {
			return slices.Clone(s.d), err
		}
	}
	return nil, i.around()
}

// next asks at y uniform on [x, x − δg/‖g‖], along −g.
func (s *segments) next(i *interpolated) ([]float64, error) {
	i.towards(i.g, i.rng.Float64())
	if s.oracle == nil {
		return nil, i.ask()
	}
	scale(s.d, -1/i.norm, i.g)
	return slices.Clone(s.d), s.along(i)
}

// along asks for the gradient at the trial along d.
func (s *segments) along(i *interpolated) error {
	if err := i.allow(1); err != nil {
		return err
	}
	i.result.Calls++
	_, err := s.oracle.EvaluateAlong(i.trial.x, s.d, i.trial.gradient)
	return err
}
