package expr

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Points are the rows of a matrix. Which of them are near or far is an index,
// constant until two distances tie and jumping there: no gradient tells what
// happens when it does, and programs are refused at such points.

var (
	opKNN = new(Op)
	_     = define(opKNN, Op{
		Name: "knn", Doc: "for each row of y the indices of its k nearest rows of x, nearest first, ties to the lower index; operands x and y",
		MinArgs: 2, MaxArgs: 2, Attrs: countAttr, Shares: []int{2, 2},
		Shape: knnShape, Work: pointWork, Flops: knnFlops,
		Class: PiecewisePolynomial, Constant: true, Range: indexRange,
		Partial: true, Regular: regularKNN,
		Everywhere: func(*Known) (Regularity, string) { return Unproved, "nearest rows change where two distances tie" },
		Eval:       func(c *Call[float64]) { knn(c, &floats, floatBits) },
		Exact:      func(c *Call[*big.Rat]) { knn(c, &rats, exactSquares) },
		Sample: func(r *rand.Rand) Example {
			return sampleShaped(Ints(1+r.IntN(3)), smallInt, []int{4, 2}, []int{2, 2})(r)
		},
	})

	opFarthest = new(Op)
	_          = define(opFarthest, Op{
		// Eldar, Lindenbaum, Porat and Zeevi, IEEE Trans. Image Processing 6, 1997;
		// Qi, Yi, Su and Guibas, "PointNet++", NeurIPS 2017.
		Name: "farthest", Doc: "the indices of m rows of x: first row 0, then always the row farthest from those taken, ties to the lowest index",
		MinArgs: 1, MaxArgs: 1, Attrs: AttrSpec{Names: "m", Min: 1, Max: 1, Integer: true},
		Shape: farthestShape, Work: pointWork, Flops: farthestFlops,
		Class: PiecewisePolynomial, Constant: true, Range: indexRange,
		Partial: true, Regular: regularFarthest, Everywhere: farthestEverywhere,
		Eval:  func(c *Call[float64]) { farthest(c, &floats, floatBits) },
		Exact: func(c *Call[*big.Rat]) { farthest(c, &rats, exactSquares) },
		Sample: func(r *rand.Rand) Example {
			return sampleShaped(Ints(1+r.IntN(4)), smallInt, []int{4, 2})(r)
		},
	})
)

func checkPoints(want int, have Shape) error {
	if n := have.Dim(-2); want < 1 || want > n {
		return fmt.Errorf("%d rows asked of %d", want, n)
	}
	return nil
}

func knnShape(in []Shape, at Attr) (Shape, error) {
	lead, err := commonLead(in, 2, 2)
	if err != nil {
		return lead, err
	}
	if in[0].Dim(-1) != in[1].Dim(-1) {
		return lead, fmt.Errorf("rows of %d and of %d coordinates", in[0].Dim(-1), in[1].Dim(-1))
	}
	if err := checkPoints(at.Int(0), in[0]); err != nil {
		return lead, err
	}
	return lead.Append(in[1].Dim(-2), at.Int(0))
}

func farthestShape(in []Shape, at Attr) (Shape, error) {
	lead, err := commonLead(in, 2)
	if err != nil {
		return lead, err
	}
	if err := checkPoints(at.Int(0), in[0]); err != nil {
		return lead, err
	}
	return lead.Append(at.Int(0))
}

// indexRange bounds indices, whose number of rows it does not know.
func indexRange(*Known) Interval {
	i := between(0, inf)
	i.Bounded = true
	return i
}

func farthestEverywhere(k *Known) (Regularity, string) {
	if k.Attr.Int(0) == 1 {
		return LocallyLipschitz, ""
	}
	return Unproved, "the row taken changes where two distances tie"
}

// A distance costs a difference, a product and a sum for each coordinate.
func knnFlops(in []Shape, out Shape, _ Attr) int {
	return 3 * out.Lead(1).Size() * in[0].Trail(2).Size()
}

func farthestFlops(in []Shape, _ Shape, at Attr) int { return 3 * (at.Int(0) - 1) * in[0].Size() }

func pointWork(in []Shape) int { return in[0].Dim(-2) }

// scale holds distances in an order of their own: of bits or of rationals.
type scale[T, D any] struct {
	room    func(work []int) []D // for n distances
	measure func(x, y []T) D
	cmp     func(a, b D) int
	taken   D // below every distance
	isNaN   func(D) bool
}

// floatBits measures squared distances in float64, as the integers that hold their
// bits: for numbers that are not negative these have the same order. The squares
// add up as in dot.
var floatBits = &scale[float64, int]{
	room:    func(work []int) []int { return work },
	measure: func(x, y []float64) int { return int(math.Float64bits(math.Abs(kernel.SquaredDistance(x, y)))) }, // a NaN may have a sign
	cmp:     func(a, b int) int { return a - b },
	taken:   -1,
	isNaN:   func(d int) bool { return d > infinityBits },
}

const infinityBits = 0x7FF << 52

var exactSquares = &scale[*big.Rat, *big.Rat]{
	room: func(work []int) []*big.Rat { return make([]*big.Rat, len(work)) },
	measure: func(x, y []*big.Rat) *big.Rat {
		s, t := new(big.Rat), new(big.Rat)
		for i, v := range x {
			t.Sub(v, y[i])
			s.Add(s, t.Mul(t, t))
		}
		return s
	},
	cmp:   (*big.Rat).Cmp,
	taken: big.NewRat(-1, 1),
	isNaN: func(*big.Rat) bool { return false },
}

// failDistance reports a distance that is NaN in batch entry b, of which x are the rows
// of the first operand. NaN counts as the largest distance.
func failDistance[T any](c *Call[T], a *arith[T], b int, x []T) {
	c.Fail(b*len(x)%len(c.In[0])+max(0, firstNaN(a, x)), FaultNaN)
}

func rowOf[T any](x []T, d, i int) []T { return x[i*d : (i+1)*d] }

// knn keeps the nearest rows so far in order, by insertion.
func knn[T, D any](c *Call[T], a *arith[T], s *scale[T, D]) {
	n, d, m, k := c.Shapes[0].Dim(-2), c.Shapes[0].Dim(-1), c.Shape.Dim(-2), c.Attr.Int(0)
	near := s.room(c.Work[:n])
	for o := range c.rows(k) {
		b, j := o/m, o%m
		x, y, out := c.row(0, b, n*d), c.row(1, b, m*d), c.Out[o*k:(o+1)*k]
		listed := 0
		for i := range near {
			near[i] = s.measure(rowOf(x, d, i), rowOf(y, d, j))
			if s.isNaN(near[i]) {
				failDistance(c, a, b, x)
			}
			at := listed
			for at > 0 && s.cmp(near[i], near[a.toInt(out[at-1])]) < 0 {
				at--
			}
			if at < k {
				listed = min(listed+1, k)
				copy(out[at+1:listed], out[at:listed-1])
				out[at] = a.fromInt(i)
			}
		}
	}
}

// farthest keeps the distance of every row to the nearest of the rows taken.
func farthest[T, D any](c *Call[T], a *arith[T], s *scale[T, D]) {
	n, d, m := c.Shapes[0].Dim(-2), c.Shapes[0].Dim(-1), c.Attr.Int(0)
	near := s.room(c.Work[:n])
	for b := range c.rows(m) {
		x, last := c.row(0, b, n*d), 0
		for o := range m {
			if o > 0 {
				approach(near, s, x, d, last, o == 1)
				last = argmaxBy(near, s.cmp)
			}
			if o > 0 && s.isNaN(near[last]) {
				failDistance(c, a, b, x)
			}
			c.Out[b*m+o] = a.fromInt(last)
		}
	}
}

// approach takes row last: the others may be nearer to it than to those before.
func approach[T, D any](near []D, s *scale[T, D], x []T, d, last int, first bool) {
	for i := range near {
		if v := s.measure(rowOf(x, d, i), rowOf(x, d, last)); first || s.cmp(v, near[i]) < 0 {
			near[i] = v
		}
	}
	near[last] = s.taken
}

func argmaxBy[D any](x []D, cmp func(a, b D) int) int {
	at := 0
	for i, v := range x[1:] {
		if cmp(v, x[at]) > 0 {
			at = i + 1
		}
	}
	return at
}
