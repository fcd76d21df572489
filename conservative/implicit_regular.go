package conservative

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
)

// Singular is a convex combination Σ wᵢ Bᵢ of the matrices B of an ImplicitSet
// that is singular. There is one on the segment of weights from Low to High: the
// determinants of Σ Low·B and Σ High·B are rational numbers of opposite sign, or
// Low and High are equal and the determinant is 0. All of this can be rechecked
// without rounding.
type Singular struct {
	Support   []int      // the Bᵢ that take part
	Low, High []*big.Rat // their weights, which add up to 1
	B         clarke.Vector
}

// Exact reports whether B = Σ Low·B itself is singular.
func (s *Singular) Exact() bool {
	return slices.EqualFunc(s.Low, s.High, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
}

// bracket is how often the segment from Low to High is halved.
const bracket = 64

// decideRegular decides whether all matrices of the hull are invertible. In order:
// a norm bound in float64 with its rounding errors accounted for; signs of
// determinants in rationals; the structure of the set; the determinant as a
// polynomial on the hull. All but the first are exact for the matrices given.
func (s *ImplicitSet) decideRegular(ctx context.Context, cells int) error {
	if q := preconditioned(ctx, s.Rows, s.B); q < 1 {
		s.RegularWhy = "not all of the hull is known: " + s.Why
		if s.Complete {
			s.Regular, s.RegularWhy = clarke.Yes, fmt.Sprintf("‖I − R·B‖ ≤ %.3g < 1 on the hull for one matrix R", q)
		}
		return nil
	}
	h := &matrixHull{ctx: ctx, m: s.Rows, b: s.B}
	if found, err := h.corners(); err != nil || found != nil {
		return s.singular(found, err)
	}
	switch {
	case !s.Complete:
		s.RegularWhy = "not all of the hull is known: " + s.Why
	case s.Rows == 1:
		s.Regular, s.RegularWhy = clarke.Yes, "B is a number, and has one sign"
	case s.m.affine() && s.m.ofRankOne():
		s.Regular, s.RegularWhy = clarke.Yes, "det B is affine in each choice, hence of one sign, and the set is convex"
	default:
		found, proved, why, err := h.search(cells)
		if err != nil || found != nil {
			return s.singular(found, err)
		}
		s.RegularWhy = why
		if proved {
			s.Regular = clarke.Yes
		}
	}
	return nil
}

func (s *ImplicitSet) singular(found *Singular, err error) error {
	if err != nil {
		return err
	}
	s.Regular, s.Singular, s.RegularWhy = clarke.No, found, "a convex combination of the elements has a singular B"
	return nil
}

// preconditioned bounds max ‖I − R·B‖ over the hull of the matrices, for R the
// inverse of their mean and the smaller of the norms by rows and by columns; +Inf
// if there is no R or the context ends. If it is below 1, R·B is invertible for every B of the hull,
// and so is B, since a norm is convex.
//
// The bound is rigorous: the m+1 roundings of an entry, and that of B to float64,
// change it by at most (m+3)·2⁻⁵²·Σ|r·b|, and by (m + Σ|r|)·2⁻¹⁰⁷³ where numbers
// are too small to have all their digits.
func preconditioned(ctx context.Context, m int, list []clarke.Vector) float64 {
	mean, unit := make([]float64, m*m), make([]float64, m*m)
	for _, b := range list {
		for i, x := range b.Float {
			mean[i] += x / float64(len(list))
		}
	}
	for i := range m {
		unit[i*m+i] = 1
	}
	r, _, err := float64s.solve(ctx, m, mean, unit)
	if r == nil || err != nil {
		return math.Inf(1)
	}
	rows, columns := 0.0, 0.0
	for _, b := range list {
		if ctx.Err() != nil {
			return math.Inf(1)
		}
		byRow, byColumn := residualNorms(m, r, b.Float)
		rows, columns = max(rows, byRow), max(columns, byColumn)
	}
	return min(rows, columns)
}

// residualNorms bounds both norms of I − R·B, rounding included.
func residualNorms(m int, r, b []float64) (rows, columns float64) {
	const unit, tiny = 0x1p-52, 0x1p-1073
	column := make([]float64, m)
	for i := range m {
		row, small := 0.0, float64(m)
		for l := range m {
			small += math.Abs(r[i*m+l])
		}
		for j := range m {
			sum, size := 0.0, 0.0
			if i == j {
				sum, size = -1, 1
			}
			for l := range m {
				sum += float64(r[i*m+l] * b[l*m+j])
				size += math.Abs(r[i*m+l] * b[l*m+j])
			}
			entry := math.Abs(sum) + float64(float64(m+3)*unit*size) + float64(small*tiny)
			row += entry
			column[j] += entry
		}
		rows = max(rows, row)
	}
	slack := 1 + float64(float64(2*m+4)*unit) // the sums of the entries round too
	return rows * slack, slices.Max(column) * slack
}

// matrixHull is the convex hull of square matrices, each a convex combination of the
// matrices of an ImplicitSet.
type matrixHull struct {
	ctx     context.Context
	m       int
	b       []clarke.Vector
	weights []combination // nil if they are the matrices of the set themselves
	dets    []*big.Rat
}

// combination has weights for some matrices of the set.
type combination map[int]*big.Rat

func (h *matrixHull) combination(i int) combination {
	if h.weights == nil {
		return combination{i: big.NewRat(1, 1)}
	}
	return h.weights[i]
}

// corners computes the determinants, until one is 0 or two differ in sign.
func (h *matrixHull) corners() (*Singular, error) {
	for i, b := range h.b {
		d, err := h.det(exactly(b))
		if err != nil {
			return nil, err
		}
		h.dets = append(h.dets, d)
		switch {
		case d.Sign() == 0:
			return h.between(i, i)
		case d.Sign() != h.dets[0].Sign():
			return h.between(0, i)
		}
	}
	return nil, nil
}

func (h *matrixHull) det(b []*big.Rat) (*big.Rat, error) {
	_, d, err := rationals.solve(h.ctx, h.m, b, nil)
	return d, err
}

// extreme returns the hull of the same matrices, made of those that are extreme
// points of it, in rationals.
func (h *matrixHull) extreme() (*matrixHull, error) {
	out := &matrixHull{ctx: h.ctx, m: h.m}
	all := make([]clarke.Vector, len(h.b))
	for i, b := range h.b {
		all[i] = clarke.Rational(exactly(b))
	}
	index, err := hullOf(h.ctx, all)
	for _, i := range index {
		out.weights = append(out.weights, h.combination(i))
	}
	out.b, out.dets = pick(all, index), pick(h.dets, index)
	return out, err
}

// between finds a singular matrix on the segment from matrix i to matrix j, whose
// determinants have opposite signs or are 0: first where the determinant would be
// 0 if it were affine, then by bisection.
func (h *matrixHull) between(i, j int) (*Singular, error) {
	low, high := new(big.Rat), new(big.Rat)
	if i != j {
		low.Quo(h.dets[i], new(big.Rat).Sub(h.dets[i], h.dets[j]))
		high.Set(low)
		d, err := h.detAt(i, j, low)
		if err != nil {
			return nil, err
		}
		if d.Sign() != 0 {
			low, high = new(big.Rat), big.NewRat(1, 1)
		}
	}
	for n := 0; n < bracket && low.Cmp(high) != 0; n++ {
		middle := new(big.Rat).Add(low, high)
		middle.Quo(middle, big.NewRat(2, 1))
		d, err := h.detAt(i, j, middle)
		switch {
		case err != nil:
			return nil, err
		case d.Sign() == 0:
			low, high = middle, middle
		case d.Sign() == h.dets[i].Sign():
			low = middle
		default:
			high = middle
		}
	}
	return h.witness(i, j, low, high), nil
}

// detAt is the determinant at t on the segment.
func (h *matrixHull) detAt(i, j int, t *big.Rat) (*big.Rat, error) { return h.det(h.point(i, j, t)) }

// point is the matrix at t on the segment from matrix i to matrix j.
func (h *matrixHull) point(i, j int, t *big.Rat) []*big.Rat {
	from, to := exactly(h.b[i]), exactly(h.b[j])
	out := make([]*big.Rat, len(from))
	for l := range out {
		out[l] = blend(from[l], to[l], t)
	}
	return out
}

// weightsAt are its weights.
func (h *matrixHull) weightsAt(i, j int, t *big.Rat) combination {
	from, to, out := h.combination(i), h.combination(j), combination{}
	for l := range from {
		out[l] = blend(from[l], to[l], t)
	}
	for l := range to {
		out[l] = blend(from[l], to[l], t)
	}
	return out
}

// blend returns (1 − t)·a + t·b; nil stands for 0.
func blend(a, b, t *big.Rat) *big.Rat {
	sum := new(big.Rat)
	if a != nil {
		sum.Sub(a, new(big.Rat).Mul(t, a))
	}
	if b != nil {
		sum.Add(sum, new(big.Rat).Mul(t, b))
	}
	return sum
}

func (h *matrixHull) witness(i, j int, low, high *big.Rat) *Singular {
	s := &Singular{B: clarke.Rational(h.point(i, j, low))}
	from, to := h.weightsAt(i, j, low), h.weightsAt(i, j, high)
	s.Support = slices.Sorted(maps.Keys(from))
	for _, l := range s.Support {
		s.Low, s.High = append(s.Low, from[l]), append(s.High, to[l])
	}
	return s
}
