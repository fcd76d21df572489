package expr

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxRank is the largest rank of a tensor that a program may build. The
// executor may put one more axis in front, for lanes.
const MaxRank = 5

// MaxSize is the largest number of entries of one tensor.
const MaxSize = 1<<31 - 1

// Shape is the extent of a dense tensor, outermost axis first. The zero value
// is the shape of a scalar. Shapes are values: compare them with ==.
type Shape struct {
	rank int8
	dims [MaxRank + 1]int32
}

// NewShape returns the shape with the given extents, each at least 1.
func NewShape(dims ...int) (Shape, error) {
	var s Shape
	if len(dims) > len(s.dims) {
		return s, fmt.Errorf("rank %d is above the limit of %d", len(dims), MaxRank)
	}
	size := 1
	for i, d := range dims {
		if d < 1 || d > MaxSize/size {
			return Shape{}, fmt.Errorf("extents %v: each must be at least 1 and their product at most %d", dims, MaxSize)
		}
		size *= d
		s.dims[i] = int32(d)
	}
	s.rank = int8(len(dims))
	return s, nil
}

// Rank returns the number of axes.
func (s Shape) Rank() int { return int(s.rank) }

// Dim returns the extent of axis i; a negative i counts from the last axis.
func (s Shape) Dim(i int) int {
	if i < 0 {
		i += int(s.rank)
	}
	return int(s.dims[i])
}

// Dims returns the extents as a new slice.
func (s Shape) Dims() []int {
	d := make([]int, s.rank)
	for i := range d {
		d[i] = int(s.dims[i])
	}
	return d
}

// Size returns the number of entries; 1 for a scalar.
func (s Shape) Size() int {
	n := 1
	for _, d := range s.dims[:s.rank] {
		n *= int(d)
	}
	return n
}

// Lead returns the shape without its k trailing axes.
func (s Shape) Lead(k int) Shape {
	r := Shape{rank: s.rank - int8(k)}
	copy(r.dims[:], s.dims[:r.rank])
	return r
}

// Trail returns the k trailing axes.
func (s Shape) Trail(k int) Shape {
	r := Shape{rank: int8(k)}
	copy(r.dims[:], s.dims[int(s.rank)-k:s.rank])
	return r
}

// Append returns the shape with further trailing axes.
func (s Shape) Append(dims ...int) (Shape, error) {
	return NewShape(append(s.Dims(), dims...)...)
}

// Join returns the axes of s followed by those of t.
func (s Shape) Join(t Shape) (Shape, error) { return s.Append(t.Dims()...) }

// String returns the extents in brackets: "[2,3]"; "[]" for a scalar.
func (s Shape) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range s.dims[:s.rank] {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(d)))
	}
	b.WriteByte(']')
	return b.String()
}

// Broadcast returns the common shape of a and b under numpy's rule: axes are
// aligned at the right, and an extent of 1 (or a missing axis) stretches.
func Broadcast(a, b Shape) (Shape, error) {
	if a == b {
		return a, nil
	}
	if a.rank < b.rank {
		a, b = b, a
	}
	out := a
	for i := 1; i <= int(b.rank); i++ {
		x, y := a.Dim(-i), b.Dim(-i)
		if x != y && x != 1 && y != 1 {
			return Shape{}, fmt.Errorf("shapes %v and %v do not broadcast: extents %d and %d meet", a, b, x, y)
		}
		out.dims[int(a.rank)-i] = int32(max(x, y))
	}
	return NewShape(out.Dims()...) // the size may be too large
}

// commonLead returns the leading axes that operands share when operand i has
// trail[i] trailing axes of its own. Operands without leading axes are shared
// by all positions of the others.
func commonLead(in []Shape, trail ...int) (Shape, error) {
	var lead Shape
	for i, s := range in {
		if s.Rank() < trail[i] {
			return Shape{}, fmt.Errorf("operand %d has shape %v; it needs at least %d axes", i, s, trail[i])
		}
		l := s.Lead(trail[i])
		switch {
		case l.rank == 0 || l == lead:
		case lead.rank == 0:
			lead = l
		default:
			return Shape{}, fmt.Errorf("leading axes %v and %v differ; they must agree or be absent", lead, l)
		}
	}
	return lead, nil
}
