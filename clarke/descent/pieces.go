package descent

import (
	"math"
	"slices"
	"sort"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

const (
	// stationaryTolerance is the distance from 0 of the certificate of a polished point, relative to the longest
	// gradient in it.
	stationaryTolerance = 1e-9
	// nearest and farthest bound the distances from X, relative to 1 + ‖X‖, at which a point of a
	// piece is looked for.
	nearestPoint, farthestPoint = 0x1p-50, 0x1p-20
)

// pieceSearch collects gradients of pieces of f that meet at x. A piece is known by the signs of the
// active switches.
type pieceSearch struct {
	*kkt
	f      *Program
	x      []float64
	on     []int     // active switches
	v      []float64 // x, and τ of a piece
	seen   map[string]bool
	points cloud
	calls  int
}

// certify finds points of pieces around x whose gradients have nearly 0 in their hull. Where ∇ₓP is affine in
// τ, the pieces of the chain suffice: sorted by τ, the first j active switches positive and the others
// negative, with the differences of neighbours as weights (Carathéodory in the cube). Else pieces are added
// that are lowest along the shortest vector so far, until there are no more.
func (k *kkt) certify(f *Program, x []float64, active []int) (Certificate, int, error) {
	s := &pieceSearch{kkt: k, f: f, x: x, on: k.switchRows(active), v: slices.Clone(k.v), seen: map[string]bool{}}
	order := slices.Clone(s.on)
	sort.SliceStable(order, func(a, b int) bool { return k.v[order[a]] > k.v[order[b]] })
	for _, i := range order {
		s.v[i] = -1
	}
	if err := s.add(); err != nil {
		return Certificate{}, s.calls, err
	}
	for _, i := range order {
		s.v[i] = 1
		if err := s.add(); err != nil {
			return Certificate{}, s.calls, err
		}
	}
	c, err := s.extend()
	return c, s.calls, err
}

// extend adds pieces while they help.
func (s *pieceSearch) extend() (c Certificate, err error) {
	for range 2*len(s.on) + 2 {
		if len(s.points.points) == 0 {
			return c, nil
		}
		if c, err = Certify(s.x, s.points.points, s.points.gradients); err != nil {
			return c, err
		}
		before := len(s.points.points)
		if c.Distance <= stationaryTolerance*longest(c.Gradients) {
			return c, nil
		}
		if err := s.lowest(c.MinNorm); err != nil {
			return c, err
		}
		if err := s.add(); err != nil || len(s.points.points) == before {
			return c, err
		}
	}
	return c, nil
}

// lowest sets the signs of a piece whose gradient has a small product with d: no single sign makes it
// smaller. ∇ₓP is affine in each τ.
func (s *pieceSearch) lowest(d []float64) error {
	for changed, rounds := true, 0; changed && rounds <= len(s.on); rounds++ {
		changed = false
		for _, i := range slices.Backward(s.on) {
			_, jacobian, err := s.at(s.v)
			if err != nil {
				return err
			}
			slope := 0.0
			for j, dj := range d {
				slope += float64(jacobian[j][i] * dj)
			}
			if slope*s.v[i] > 0 {
				s.v[i], changed = -s.v[i], true
			}
		}
	}
	return nil
}

// add looks for a point of the piece whose signs are in v, and adds it with the oracle's gradient.
func (s *pieceSearch) add() error {
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
		if len(s.on) > 0 {
			move(p, s.x, t, d)
		}
		at, err := s.signs(p)
		if err != nil {
			return err
		}
		if s.agree(at, signs) {
			s.calls++
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

func (s *pieceSearch) agree(at, signs []float64) bool {
	for j, i := range s.on {
		if at[i-s.n] != signs[j] {
			return false
		}
	}
	return true
}

// into returns a direction of length 1 along which the active switches take the given signs: the shortest
// with ⟨∇zᵢ, d⟩ = ±‖∇zᵢ‖ under these signs, found by Gram's matrix.
func (s *pieceSearch) into(signs []float64) ([]float64, error) {
	_, jacobian, err := s.at(s.v)
	if err != nil {
		return nil, err
	}
	rows := make([][]float64, len(s.on))
	for j, i := range s.on {
		rows[j] = slices.Clone(jacobian[i][:s.n])
		if norm := kernel.Norm(rows[j]); norm > 0 {
			scale(rows[j], 1/norm, rows[j])
		}
	}
	gram := make([][]float64, len(rows))
	for i := range gram {
		for _, r := range rows {
			gram[i] = append(gram[i], dot(rows[i], r))
		}
	}
	y, _ := leastSquares(gram, slices.Clone(signs), len(rows))
	d := make([]float64, s.n)
	for i, r := range rows {
		move(d, d, y[i], r)
	}
	if norm := kernel.Norm(d); norm > 0 {
		scale(d, 1/norm, d)
	}
	return d, nil
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

func longest(vectors [][]float64) float64 {
	out := 0.0
	for _, v := range vectors {
		out = max(out, kernel.Norm(v))
	}
	return out
}
