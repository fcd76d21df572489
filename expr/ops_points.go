package expr

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
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
		Eval:       func(c *Call[float64]) { eachPoint(c, &floats, floatBits, knn) },
		Exact:      func(c *Call[*big.Rat]) { eachPoint(c, &rats, exactSquares, knn) },
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
		Eval:  func(c *Call[float64]) { eachPoint(c, &floats, floatBits, farthest) },
		Exact: func(c *Call[*big.Rat]) { eachPoint(c, &rats, exactSquares, farthest) },
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

// points is one batch entry of an op on points: rows x and what is measured
// from them, rows y of as many coordinates (x itself for farthest).
type points[T any] struct {
	a    *arith[T]
	n, d int
	x, y []T
	out  []T
	k    int // indices wanted, for each row of y or in all
}

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
	measure: func(x, y []float64) int { return int(math.Float64bits(math.Abs(squaredDistance(x, y)))) }, // a NaN may have a sign
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

func squaredDistance(x, y []float64) float64 {
	var a [8]float64
	for j, v := range x {
		v -= y[j]
		a[j&7] = math.FMA(v, v, a[j&7])
	}
	return pairwise(&a)
}

// eachPoint runs f on every batch entry. A distance that is NaN is a fault; it
// counts as the largest.
func eachPoint[T, D any](c *Call[T], a *arith[T], s *scale[T, D], f func(p *points[T], s *scale[T, D], near []D) bool) {
	last := len(c.In) - 1
	n, d := c.Shapes[0].Dim(-2), c.Shapes[0].Dim(-1)
	p := points[T]{a: a, n: n, d: d, k: c.Attr.Int(0)}
	own, other := n*d, c.Shapes[last].Trail(2).Size()
	size := p.k
	if last > 0 {
		size *= other / d
	}
	near := s.room(c.Work[:n])
	for b := range c.rows(size) {
		p.x, p.y, p.out = c.row(0, b, own), c.row(last, b, other), c.Out[b*size:(b+1)*size]
		if !f(&p, s, near) {
			c.Fail(b*own%len(c.In[0])+max(0, firstNaN(a, p.x)), FaultNaN)
		}
	}
}

func (p *points[T]) row(x []T, i int) []T { return x[i*p.d : (i+1)*p.d] }

// knn lists the nearest rows by insertion; it reports whether all distances are
// numbers.
func knn[T, D any](p *points[T], s *scale[T, D], near []D) bool {
	sound := true
	for j := range len(p.y) / p.d {
		out := p.out[j*p.k : (j+1)*p.k]
		listed := 0
		for i := range near {
			near[i] = s.measure(p.row(p.x, i), p.row(p.y, j))
			sound = sound && !s.isNaN(near[i])
			at := listed
			for at > 0 && s.cmp(near[i], near[p.a.toInt(out[at-1])]) < 0 {
				at--
			}
			if at == p.k {
				continue
			}
			listed = min(listed+1, p.k)
			copy(out[at+1:listed], out[at:listed-1])
			out[at] = p.a.fromInt(i)
		}
	}
	return sound
}

// farthest keeps the distance of every row to the nearest row taken.
func farthest[T, D any](p *points[T], s *scale[T, D], near []D) bool {
	sound := true
	last := 0
	for step := range p.k {
		if step > 0 {
			last = argmaxBy(near, s.cmp)
		}
		p.out[step] = p.a.fromInt(last)
		if step == p.k-1 {
			break
		}
		for i := range near {
			d := s.measure(p.row(p.x, i), p.row(p.x, last))
			sound = sound && !s.isNaN(d)
			if step == 0 || s.cmp(d, near[i]) < 0 {
				near[i] = d
			}
		}
		near[last] = s.taken
	}
	return sound
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
