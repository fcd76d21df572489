package descent

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

const (
	// stationaryTolerance is the distance from 0 of the certificate of a polished point, in units of 1 plus the
	// longest gradient in it.
	stationaryTolerance = 1e-9
	// nearest and farthest bound the distances from X, relative to 1 + ‖X‖, at which a point of a
	// piece is looked for.
	nearestPoint, farthestPoint = 0x1p-50, 0x1p-30
)

// pieceSearch collects gradients of pieces of f that meet at x. A piece is known by the signs of the
// active switches.
type pieceSearch struct {
	*kkt
	f      Oracle
	x      []float64
	on     []int     // active switches
	v      []float64 // x, and τ of a piece
	seen   map[string]bool
	points cloud
	rng    *rand.Rand
	rows   [][]float64 // of the switches of the last piece, of length 1
	gram   *factors    // of their Gram matrix, which does not change from piece to piece without nested kinks
}

// polishStream is that of the draws, which keep points off kinks that are not on the manifold: an oracle may return
// anything there. They are the same in every run.
const polishStream = 0x706f6c697368

// tilted returns d/‖d‖ plus a vector of length by in general position.
func (s *pieceSearch) tilted(d []float64, by float64) []float64 {
	out := make([]float64, len(d))
	random.Sphere(out, by, s.rng)
	if norm := kernel.Norm(d); norm > 0 {
		move(out, out, 1/norm, d)
	}
	return out
}

// certify finds points of pieces around x whose gradients have nearly 0 in their hull. Where ∇ₓP is affine in
// τ, the pieces of the chain suffice: sorted by τ, the first j active switches positive and the others
// negative, with the differences of neighbours as weights (Carathéodory in the cube). Else pieces are added
// that are lowest along the shortest vector so far, until there are no more.
func (k *kkt) certify(f Oracle, x []float64, active []int) (Certificate, error) {
	s := &pieceSearch{
		kkt: k, f: f, x: x, on: k.switchRows(active), v: slices.Clone(k.v), seen: map[string]bool{},
		rng: rand.New(rand.NewPCG(0, polishStream)),
	}
	order := slices.Clone(s.on)
	sort.SliceStable(order, func(a, b int) bool { return k.v[order[a]] > k.v[order[b]] })
	for _, i := range order {
		s.v[i] = -1
	}
	if err := s.add(); err != nil {
		return Certificate{}, err
	}
	for _, i := range order {
		s.v[i] = 1
		if err := s.add(); err != nil {
			return Certificate{}, err
		}
	}
	return s.extend()
}

// extend adds points while they help: of what f takes along the direction of steepest descent for the hull
// so far, and of pieces.
func (s *pieceSearch) extend() (c Certificate, err error) {
	for range 4*(s.n+len(s.on)) + 4 {
		if err := s.ctx.Err(); err != nil {
			return c, err
		}
		if len(s.points.points) > 0 {
			if c, err = Certify(s.x, s.points.points, s.points.gradients); err != nil {
				return c, err
			}
			if small(c) {
				return c, nil
			}
		}
		helped, err := s.steepest(c)
		if err == nil && !helped && len(c.Points) > 0 {
			helped, err = s.piece(c)
		}
		if err != nil || !helped {
			return c, err
		}
	}
	return c, nil
}

// steepest adds a point on the way along −c.MinNorm whose gradient g has ⟨g, MinNorm⟩ ≤ ‖MinNorm‖²/2. There
// is one if x is a minimiser, since the directional derivative −⟨g, MinNorm⟩ is not negative then. It asks
// nothing of the switches, which may be dependent.
func (s *pieceSearch) steepest(c Certificate) (bool, error) {
	size := 1 + kernel.Norm(s.x)
	for t := nearestPoint * size; t <= farthestPoint*size && c.Distance > 0; t *= 4 {
		p, g := slices.Clone(s.x), make([]float64, s.n)
		move(p, p, -t, s.tilted(c.MinNorm, 1e-3))
		if _, err := s.f.Evaluate(p, g); err != nil {
			return false, err
		}
		if dot(g, c.MinNorm) <= c.Distance*c.Distance/2 {
			s.points.add(p, g)
			return true, nil
		}
	}
	return false, nil
}

// piece adds a point of the piece that lowest finds, if it is new.
func (s *pieceSearch) piece(c Certificate) (bool, error) {
	before := len(s.points.points)
	if err := s.lowest(c.MinNorm); err != nil {
		return false, err
	}
	err := s.add()
	return len(s.points.points) > before, err
}

// lowest sets the signs of a piece whose gradient g has ⟨g, d⟩ ≤ ⟨∇ₓP(x, τ), d⟩ for the multipliers τ, which
// is 0 up to the residual: so it makes a hull with shortest vector d larger. The gradient is affine in each τᵢ, so
// one of −1 and 1 does not increase the product, whatever the others are (the method of conditional
// expectations). Further passes change single signs while that helps.
func (s *pieceSearch) lowest(d []float64) error {
	copy(s.v, s.kkt.v)
	for changed, rounds := true, 0; changed && rounds <= len(s.on); rounds++ {
		changed = false
		for _, i := range s.on {
			slope, err := s.slope(i, d)
			if err != nil {
				return err
			}
			switch {
			case slope*s.v[i] > 0 || slope != 0 && math.Abs(s.v[i]) != 1:
				s.v[i], changed = -math.Copysign(1, slope), true
			case math.Abs(s.v[i]) != 1:
				s.v[i] = math.Copysign(1, s.v[i])
			}
		}
	}
	return nil
}

// slope is the derivative of ⟨∇ₓP, d⟩ in variable i.
func (s *pieceSearch) slope(i int, d []float64) (float64, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	_, jacobian, err := s.at(s.v)
	if err != nil {
		return 0, err
	}
	return dot(column(jacobian[:s.n], i), d), nil
}

// small says whether a certificate is that of a stationary point.
func small(c Certificate) bool {
	return c.Distance <= stationaryTolerance*(1+longest(c.Gradients))
}

// add looks for a point of the piece whose signs are in v, and adds it with the oracle's gradient.
func (s *pieceSearch) add() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	signs := pick(s.v, s.on)
	if key := string(encode(signs)); s.seen[key] {
		return nil
	} else {
		s.seen[key] = true
	}
	d, err := s.into(signs)
	if err != nil {
		return err
	}
	size := 1 + kernel.Norm(s.x)
	p := slices.Clone(s.x)
	for t := nearestPoint * size; t <= farthestPoint*size; t *= 2 {
		move(p, s.x, t, d)
		z, err := s.values(p)
		if err != nil {
			return err
		}
		if s.agree(z, signs) {
			g := make([]float64, len(p))
			if _, err := s.f.Evaluate(p, g); err != nil {
				return err
			}
			s.points.add(p, g)
			return nil
		}
	}
	return nil
}

// agree says whether the active switches have the signs. One that is 0 has none: the oracle stands on its kink.
func (s *pieceSearch) agree(z, signs []float64) bool {
	for j, i := range s.on {
		if !(z[i-s.n]*signs[j] > 0) {
			return false
		}
	}
	return true
}

// into returns a direction in general position along which the active switches take the given signs, of length about 1: the
// shortest with ⟨∇zᵢ, d⟩ = ±‖∇zᵢ‖ under these signs, found by Gram's matrix, and tilted by less
// than what keeps the signs.
func (s *pieceSearch) into(signs []float64) ([]float64, error) {
	_, jacobian, err := s.at(s.v)
	if err != nil {
		return nil, err
	}
	rows := make([][]float64, len(s.on))
	for j, i := range s.on {
		rows[j] = slices.Clone(jacobian[i][:s.n])
		scale(rows[j], inverse(kernel.Norm(rows[j])), rows[j])
	}
	if s.gram == nil || !slices.EqualFunc(rows, s.rows, slices.Equal[[]float64]) {
		s.rows, s.gram = rows, factorise(s.ctx, gramian(rows), len(rows))
	}
	y := s.gram.solve(signs)
	d := make([]float64, s.n)
	for i, r := range rows {
		move(d, d, y[i], r)
	}
	return s.tilted(d, 0.5/max(1, kernel.Norm(d))), nil
}

// gramian is the matrix of the products of rows.
func gramian(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i := range out {
		for _, r := range rows {
			out[i] = append(out[i], dot(rows[i], r))
		}
	}
	return out
}

func encode(signs []float64) []byte {
	out := make([]byte, len(signs))
	for i, v := range signs {
		if math.Signbit(v) {
			out[i] = 1
		}
	}
	return out
}
