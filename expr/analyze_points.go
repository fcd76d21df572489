package expr

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Whether distances tie is decided with a margin: coordinates may be rationals
// rounded to float64, and a tie that rounding hides must not be certified as
// none. With u = 2⁻⁵³ the rounded difference of coordinates x and y is off by at
// most 3u(|x| + |y|), and the sum of d squares, in chains of d/8 fused
// multiply-adds and three more additions, by (d + 8)·2u·Σ(|x| + |y|)² at most.

// span is what is known of a distance: lo ≤ distance ≤ hi. An end that is NaN
// compares as unknown.
type span struct {
	row    int
	lo, hi float64
}

func distanceSpan(row int, x, y []float64) span {
	size := 0.0
	for i, v := range x {
		s := math.Abs(v) + math.Abs(y[i])
		size += float64(s * s)
	}
	d, e := kernel.SquaredDistance(x, y), float64(float64(len(x)+8)*0x1p-52*size)
	return span{row, d - e, d + e}
}

// before reports whether the distance is certainly below the other.
func (s span) before(t span) bool { return s.hi < t.lo }

func tiedRows(s, t span) string {
	return fmt.Sprintf("rows %d and %d are equally far, within rounding, and the choice between them jumps", min(s.row, t.row), max(s.row, t.row))
}

// regularKNN certifies that the k nearest rows of every point keep their order.
func regularKNN(c *Call[float64]) string {
	k, d := c.Attr.Int(0), c.Shapes[0].Dim(-1)
	own, other := c.Shapes[0].Trail(2).Size(), c.Shapes[1].Trail(2).Size()
	for b := range c.Shape.Lead(2).Size() {
		x, y := c.row(0, b, own), c.row(1, b, other)
		for len(y) > 0 {
			if why := tieAmongNearest(x, y[:d], k); why != "" {
				return why
			}
			y = y[d:]
		}
	}
	return ""
}

func tieAmongNearest(x, y []float64, k int) string {
	d := len(y)
	all := make([]span, len(x)/d)
	for i := range all {
		all[i] = distanceSpan(i, x[i*d:(i+1)*d], y)
	}
	slices.SortStableFunc(all, func(s, t span) int { return cmp.Compare(s.lo+s.hi, t.lo+t.hi) })
	for i, s := range all[:k] {
		for _, t := range all[i+1:] {
			if !s.before(t) {
				return tiedRows(s, t)
			}
		}
	}
	return ""
}

// regularFarthest certifies that every row taken is farther from those before it
// than any other.
func regularFarthest(c *Call[float64]) string {
	own := c.Shapes[0].Trail(2).Size()
	for b := range c.Shape.Lead(1).Size() {
		if why := tieAmongFarthest(c.row(0, b, own), c.Shapes[0].Dim(-1), c.Attr.Int(0)); why != "" {
			return why
		}
	}
	return ""
}

func tieAmongFarthest(x []float64, d, m int) string {
	row := func(i int) []float64 { return x[i*d : (i+1)*d] }
	left := make([]span, len(x)/d)
	for i := range left {
		left[i] = span{i, math.Inf(1), math.Inf(1)}
	}
	for last, taken := 0, 1; taken < m; taken++ {
		left = slices.DeleteFunc(left, func(s span) bool { return s.row == last })
		for i, s := range left {
			t := distanceSpan(s.row, row(s.row), row(last))
			left[i].lo, left[i].hi = min(s.lo, t.lo), min(s.hi, t.hi)
		}
		top := slices.MaxFunc(left, func(s, t span) int { return cmp.Compare(s.lo+s.hi, t.lo+t.hi) })
		for _, s := range left {
			if s.row != top.row && !s.before(top) {
				return tiedRows(s, top)
			}
		}
		last = top.row
	}
	return ""
}
