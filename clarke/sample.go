package clarke

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Spread says how sampled points lie around the centre.
type Spread int

// The distributions, with the radius r of SampleOptions: uniform in the ball of
// radius r; uniform on its sphere; Gaussian with standard deviation r in every
// coordinate.
const (
	Ball Spread = iota
	Sphere
	Gaussian
)

// SampleOptions of Sampler.Around.
type SampleOptions struct {
	Radius float64 // in the units of the inputs; finite and at least 0
	Count  int     // of points, at least 1
	Spread Spread
	Seed   uint64
	// Centre puts x itself first, besides the Count points, as gradient sampling
	// does (Burke, Lewis and Overton 2005).
	Centre bool
}

// Sample is a list of points near x with values and gradients, flat over the
// inputs f.Wrt().
type Sample struct {
	Points    [][]float64
	Values    []float64
	Gradients [][]float64
}

// Sampler computes gradients at random points near a given one, in lanes. Only
// the inputs f.Wrt() move. With probability 1 the points avoid the kinks of a
// definable program, so that the gradients are those of f, whatever the wiring:
// all of them lie in Goldstein's ε-subdifferential for ε the radius (A. A.
// Goldstein, Math. Programming 13, 1977).
//
// A Sampler is compiled once and safe for concurrent use.
type Sampler struct {
	f    *expr.Func
	p    *vm.Program
	move []int // inputs of f that are differentiated
}

// sampleLanes is how many points one run computes.
const sampleLanes = 32

// NewSampler compiles the gradient of a scalar program f, wired by w where a
// point falls on a kink; ad.AtKink(0) is the usual choice.
func NewSampler(f *expr.Func, w ad.Wiring) (*Sampler, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, w); err != nil {
		return nil, err
	}
	s := &Sampler{f: f}
	moves := map[expr.Node]bool{}
	for _, n := range f.Wrt() {
		moves[n] = true
	}
	var fixed []expr.Node
	for i, n := range f.In() {
		if moves[n] {
			s.move = append(s.move, i)
		} else {
			fixed = append(fixed, n)
		}
	}
	s.p, err = vm.Compile(g, vm.Options{Lanes: sampleLanes, Shared: fixed})
	return s, err
}

// Around draws points around x and returns the gradients there. The draws depend
// on the seed and the options only.
func (s *Sampler) Around(ctx context.Context, x Point, o SampleOptions) (*Sample, error) {
	if err := x.checkScalar(s.f); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	out := &Sample{Points: s.points(x, o)}
	out.Values = make([]float64, len(out.Points))
	for _, p := range out.Points {
		out.Gradients = append(out.Gradients, make([]float64, len(p)))
	}
	if err := s.Evaluate(ctx, x, out.Points, out.Values, out.Gradients); err != nil {
		return nil, err
	}
	return out, nil
}

// Evaluate writes the values and gradients at given points, flat over the inputs f.Wrt(), to
// values[i] and gradients[i]. The other inputs have their values in x.
func (s *Sampler) Evaluate(ctx context.Context, x Point, points [][]float64, values []float64, gradients [][]float64) error {
	w := s.p.NewWorkspace()
	for i, v := range x {
		if !slices.Contains(s.move, i) {
			copy(w.In(i), v.Float)
		}
	}
	for at := 0; at < len(points); at += sampleLanes {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := min(at+sampleLanes, len(points))
		if err := s.run(w, points[at:end], values[at:end], gradients[at:end]); err != nil {
			return err
		}
	}
	return nil
}

func (o *SampleOptions) check() error {
	switch {
	case o.Count < 1:
		return &InputError{"", fmt.Sprintf("%d points were asked; ask for at least 1", o.Count)}
	case !(o.Radius >= 0) || math.IsInf(o.Radius, 0):
		return &InputError{"", fmt.Sprintf("the radius is %v; it must be finite and at least 0", o.Radius)}
	case o.Spread < Ball || o.Spread > Gaussian:
		return &InputError{"", fmt.Sprintf("unknown spread %d; use Ball, Sphere or Gaussian", o.Spread)}
	}
	return nil
}

// sampleStream keeps the draws of points apart from those of other users of the
// same seed.
const sampleStream = 0x73616d70

func (s *Sampler) points(x Point, o SampleOptions) [][]float64 {
	rng := rand.New(rand.NewPCG(o.Seed, sampleStream))
	var centre []float64
	for _, i := range s.move {
		centre = append(centre, x[i].Float...)
	}
	var out [][]float64
	if o.Centre {
		out = append(out, centre)
	}
	for range o.Count {
		p := offset(rng, len(centre), o)
		for i, c := range centre {
			p[i] += c
		}
		out = append(out, p)
	}
	return out
}

// offset draws a displacement.
func offset(rng *rand.Rand, n int, o SampleOptions) []float64 {
	p := make([]float64, n)
	switch o.Spread {
	case Ball:
		random.Ball(p, o.Radius, rng)
	case Sphere:
		random.Sphere(p, o.Radius, rng)
	default:
		random.Normals(p, o.Radius, rng)
	}
	return p
}

// run computes one batch; lanes beyond it repeat the last point.
func (s *Sampler) run(w *vm.Workspace, batch [][]float64, values []float64, gradients [][]float64) error {
	for lane := range sampleLanes {
		p := batch[min(lane, len(batch)-1)]
		for _, i := range s.move {
			n := s.f.In()[i].Shape().Size()
			copy(w.In(i)[lane*n:(lane+1)*n], p[:n])
			p = p[n:]
		}
	}
	if err := w.Run(); err != nil {
		return err
	}
	copy(values, w.Out(0)[:len(batch)])
	for lane, g := range gradients {
		for k, i := range s.move {
			n := s.f.In()[i].Shape().Size()
			copy(g[:n], w.Out(1 + k)[lane*n:(lane+1)*n])
			g = g[n:]
		}
	}
	return nil
}

// Hull returns the extreme points of the hull of the gradients, sorted
// lexicographically: up to rounding an inner estimate of Goldstein's
// ε-subdifferential, and of ∂f(x) as the radius goes to 0.
func (s *Sample) Hull() ([]Vector, error) {
	extreme, _, err := ExtremePoints(s.vectors())
	return extreme, err
}

// MinNorm returns the point of the hull of the gradients nearest to 0: minus a
// direction of descent, or nearly 0 where x is nearly critical.
func (s *Sample) MinNorm() (Nearest, error) { return MinNorm(s.vectors()) }

func (s *Sample) vectors() []Vector {
	out := make([]Vector, len(s.Gradients))
	for i, g := range s.Gradients {
		out[i] = Floats(g)
	}
	return out
}
