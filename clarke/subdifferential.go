package clarke

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Options of At; the zero value is the default.
type Options struct {
	Directions int    // how many random directions are drawn; 0 means 64
	Seed       uint64 // of the directions
}

const defaultDirections = 64

// Subdifferential is what is known of the Clarke subdifferential ∂f(x).
type Subdifferential struct {
	// Arithmetic is "rational" or "float64".
	Arithmetic string
	// Refused is the reason why f is not certified locally Lipschitz near x; all
	// that follows is empty then.
	Refused string
	// Vertices are the extreme points of the hull of the limiting gradients found,
	// flat over f.Wrt(), distinct and sorted lexicographically. The hull is
	// contained in ∂f(x), and equal to it if Exact.
	Vertices []Vector
	// Certificates has for each vertex a direction d such that the vertex is the
	// limit of ∇f(x + td) for t ↓ 0.
	Certificates []Certificate
	// Exact says that the hull is proved to be ∂f(x); it is false in this
	// release. Why gives the reason either way.
	Exact bool
	Why   string
	// MinNorm is the point of the hull nearest to 0 and Distance its norm, an
	// upper bound of the distance from 0 to ∂f(x).
	MinNorm  Vector
	Distance float64
	// ContainsZero is Yes if 0 is in the hull, so that x is Clarke critical, and
	// Unknown otherwise as long as the set is not exact.
	ContainsZero Verdict
}

// Certificate names a direction along which a vertex is the limiting gradient.
type Certificate struct{ Vertex, Direction Vector }

// At returns limiting gradients of f at x along random directions: an inner
// bound of ∂f(x). It is computed in rationals if x is rational and the program
// has an exact gradient, else in float64, where it holds up to rounding. A
// switch that is NaN is a *vm.NaNError.
func At(ctx context.Context, f *expr.Func, x Point, o Options) (*Subdifferential, error) {
	why, err := Refusal(f, x)
	if err != nil {
		return nil, err
	}
	e, err := NewElement(f)
	if err != nil {
		return nil, err
	}
	if e.Exactly() != nil {
		x = FloatPoint(x.Floats()...)
	}
	s, err := search(ctx, e, x, o, why)
	var fault *exact.FaultError
	if errors.As(err, &fault) { // numbers that grow too long
		return search(ctx, e, FloatPoint(x.Floats()...), o, why)
	}
	return s, err
}

func search(ctx context.Context, e *Element, x Point, o Options, refused string) (*Subdifferential, error) {
	s := &Subdifferential{Arithmetic: "float64", Refused: refused, ContainsZero: Unknown}
	if x.IsExact() {
		s.Arithmetic = "rational"
	}
	if refused != "" {
		s.Why = "the program is not certified to be locally Lipschitz: " + refused
		return s, nil
	}
	found, err := e.draws(ctx, x, o)
	if err != nil {
		return nil, err
	}
	return s, s.build(found)
}

// draws returns limiting gradients, each with its direction.
func (e *Element) draws(ctx context.Context, x Point, o Options) ([]Certificate, error) {
	n := o.Directions
	if n <= 0 {
		n = defaultDirections
	}
	rng := rand.New(rand.NewPCG(o.Seed, directionStream))
	var found []Certificate
	for range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g, d, err := e.At(x, rng)
		if err != nil {
			return nil, err
		}
		found = append(found, Certificate{g, d})
	}
	return found, nil
}

// directionStream keeps the draws of directions apart from those of other users
// of the same seed.
const directionStream = 0x64697265

// build makes the set of the limiting gradients found.
func (s *Subdifferential) build(found []Certificate) error {
	points := make([]Vector, len(found))
	for i, c := range found {
		points[i] = c.Vertex
	}
	vertices, index, err := ExtremePoints(points)
	if err != nil {
		return err
	}
	s.Vertices = vertices
	for _, i := range index {
		s.Certificates = append(s.Certificates, found[i])
	}
	s.Why = sampledWhy
	m, err := MinNorm(vertices)
	if err != nil {
		return err
	}
	s.MinNorm, s.Distance = m.Point, m.Distance
	if m.IsZero() {
		s.ContainsZero = Yes
	}
	return nil
}

const sampledWhy = "limiting gradients along random directions are an inner bound; this release does not prove that none is missing"
