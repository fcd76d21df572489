package descent

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/random"
)

// INGD is perturbed interpolated normalised gradient descent (D. Davis, D. Drusvyatskiy, Y. T. Lee,
// S. Padmanabhan and G. Ye, "A gradient sampling method with complexity guarantees for Lipschitz
// functions in high and low dimensions", NeurIPS 2022). It asks for gradients at random points only, where a
// Lipschitz function has one with probability 1, so that any Oracle will do.
//
// It ends at a (δ, ε)-stationary point for δ = Radius and ε = Tolerance, with probability 1 − γ after at
// most ⌈4Δ/(δε)⌉ steps, Δ = f(start) − inf f, between two of which there are at most ⌈64L²/ε²⌉·⌈2 log(4Δ/(γδε))⌉
// gradients, in any dimension. All steps have the length δ: a start at distance D takes at least D/δ of them.
// Unlike the paper, which interpolates between two vectors, it takes the shortest vector of the hull of
// the gradients, which only helps.
type INGD struct {
	Radius    float64 // δ in the units of x; 0 means 1e−3
	Tolerance float64 // ε; 0 means 1e−3
	// Lipschitz is a constant L of f near the sublevel set of the start; 0 means the length of the longest
	// gradient so far. It sets how far draws are from the segment.
	Lipschitz float64
	Seed      uint64
}

const ingdStream = 0x696e6764

// Name implements Method.
func (INGD) Name() string { return "ingd" }

// Minimize implements Method.
func (m INGD) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	if err := checkOptions("INGD", m, m.Radius, m.Tolerance, m.Lipschitz); err != nil {
		return nil, err
	}
	p := &perturbed{m.Lipschitz, make([]float64, len(start))}
	i := &interpolated{kind: p, radius: m.Radius, tolerance: m.Tolerance, rng: rand.New(rand.NewPCG(m.Seed, ingdStream))}
	return i.minimize(ctx, m.Name(), f, start, l)
}

// perturbed draws points of segments whose ends are moved at random.
type perturbed struct {
	lipschitz float64
	z         []float64
}

func (*perturbed) first(i *interpolated) ([]float64, error) { return nil, i.around() }

// next asks at y uniform on [x, x − δζ/‖ζ‖], ζ uniform in the ball around g whose radius is half of the
// bound ‖g‖√(1 − (1 − ‖g‖²/(128L²))²).
func (p *perturbed) next(i *interpolated) ([]float64, error) {
	ratio := i.norm / max(p.lipschitz, i.lipschitz)
	a := float64(ratio*ratio) / 128
	random.Ball(p.z, float64(i.norm/2)*math.Sqrt(float64(a*(2-a))), i.rng)
	move(p.z, p.z, 1, i.g)
	i.towards(p.z, i.rng.Float64())
	return nil, i.ask()
}
