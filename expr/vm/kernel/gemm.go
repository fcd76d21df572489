package kernel

// Product says which products C = A·B to compute: of A with M rows and K columns and B with N columns. Each entry is
// one chain of fused multiply-adds that begins at 0, in the order of the summed index, on every path.
type Product struct {
	M, N, K int
	// Entry i, p of A is a[i·RowA + p·ColA], entry p, j of B is b[p·RowB + j·ColB] and entry i, j of C is
	// c[i·RowC + j]. A transposed matrix has its strides exchanged. No stride is negative.
	RowA, ColA, RowB, ColB, RowC int
	// There are Count products; the matrices of each begin so many entries after those of the one before. A matrix
	// that all share has 0.
	Count               int
	NextA, NextB, NextC int
	NextBias            int // likewise of the bias, see Multiply
	// ReLU takes the relu of the result: 0 where it is below 0, else the result.
	ReLU bool
}

// Sizes of blocks, in entries. A panel of B, of chunk rows and at most widest columns, stays in the first-level cache
// while the rows of a block of A pass, which stays in that of the second level; panels are copied for so many columns.
const (
	chunk   = 320
	widest  = 32
	strip   = 1024
	blockA  = 1 << 16 // with registers of 512 bits; less with 256
	padding = 31      // the most that a copy of a row is longer
)

// Scratch returns how many numbers of scratch the products need.
func (p *Product) Scratch() int {
	n := p.blocks()
	if p.isSlim(widest) {
		t := p.exchanged()
		n = max(n, p.M*p.N+t.blocks())
	}
	return n
}

// blocks is how many numbers the copies of panels of B and of a block of A have.
func (p *Product) blocks() int {
	n := 0
	if p.transposed() || p.repeats() {
		n = min(p.K, chunk) * min((p.N+widest-1)/widest*widest, strip)
	}
	if p.copies() {
		n += blockA
	}
	return n
}

// isSlim reports whether C has few columns, which fill vectors of so many entries badly, while a column of A lies together.
func (p *Product) isSlim(lanes int) bool {
	filled := (p.N + lanes - 1) / lanes * lanes
	return p.RowA == 1 && 1 < p.N && p.N < 2*lanes && 4*p.N <= 3*filled && p.M >= 32 && p.K >= 16 && p.Count == 1
}

// transposed reports whether the entries of a row of B do not lie together.
func (p *Product) transposed() bool { return p.N > 1 && p.ColB != 1 }

// repeats reports whether panels of B are read so often that copies pay, which stay in the first-level cache.
func (p *Product) repeats() bool { return p.M >= 48 && p.N > 1 && p.K*p.RowB > 1<<13 }

// copies reports whether to copy blocks of A: if its columns lie together, which a tile reads across, or if it is large,
// or has rows so far apart that their entries compete for the same places of a cache.
func (p *Product) copies() bool {
	if p.N <= 2*widest || p.M <= 8 || p.K <= 8 {
		return false
	}
	if p.RowA == 1 {
		return p.M*p.K > 1<<12
	}
	return p.ColA == 1 && (p.RowA%512 == 0 || p.RowA*p.M > 1<<17)
}

// Multiplier computes products of one form; what the form decides is decided once. It is immutable.
type Multiplier[T Real] struct {
	*linear[T]
	given          Product //
	Product                // what is computed: that, or the product of the transposed matrices
	way            way     //
	tile           tile[T] // of products of one tile
	packed, copied bool    // panels of B and blocks of A are
	swapped        bool    // A and B are, since their transposed are multiplied
	turned         bool    // the result is transposed then
	direct         bool    // one tile computes each product at once, but for the bias of those that are swapped
	scratch        int     // what the product needs
	ends           [3]int  // the last entries of A, B and C
}

// way is how products are computed.
type way int8

const (
	nothing way = iota // to do
	plain              // the path in Go
	oneTile            // each
	tiles              // many
	upright            // a matrix times some vectors
)

// NewMultiplier returns what computes such products. It panics for a negative stride.
func NewMultiplier[T Real](p Product) *Multiplier[T] {
	m := newMultiplier(linearOf[T](chosen), p)
	return &m
}

func newMultiplier[T Real](l *linear[T], p Product) Multiplier[T] {
	m := Multiplier[T]{linear: l, given: p, Product: p}
	if min(p.RowA, p.ColA, p.RowB, p.ColB, p.RowC, p.NextA, p.NextB, p.NextC, p.NextBias) < 0 {
		panic("kernel: a product has a negative stride")
	}
	if p.M <= 0 || p.N <= 0 || p.Count <= 0 {
		return m
	}
	last := p.Count - 1
	m.ends = [3]int{
		last*p.NextA + (p.M-1)*p.RowA + (p.K-1)*p.ColA, last*p.NextB + (p.N-1)*p.ColB + (p.K-1)*p.RowB,
		last*p.NextC + (p.M-1)*p.RowC + p.N - 1,
	}
	if m.way = plain; l.square != nil && p.K > 0 {
		m.arrange()
	}
	return m
}

// arrange decides how to compute products, and whether rather those of the transposed matrices.
func (m *Multiplier[T]) arrange() {
	p, t := m.given, m.exchanged()
	switch {
	case p.N == 1 && p.RowC == 1 && p.isUpright(side[T]()):
		m.way = upright
	case p.transposed() && t.isUpright(side[T]()):
		m.way, m.swapped = upright, true
	case p.M == 1 && p.transposed(): // needs no packing of B
		m.swapped = true
	case p.N == 1 && p.M > 1 && p.RowA == 1 && p.RowC == 1: // takes vectors of the columns of A
		m.swapped = true
	case p.isSlim(m.lanes): // likewise
		m.swapped, m.turned = true, true
		t.RowC, m.scratch = p.M, p.M*p.N
	}
	if m.swapped {
		m.Product = t
	}
	m.ReLU = p.ReLU && !m.later()
	if m.way == upright {
		return
	}
	m.scratch += m.blocks()
	m.way, m.packed, m.copied = tiles, m.transposed() || m.repeats(), m.copies()
	if t, n := m.pick(m.M, m.N, m.K, m.packed); n == m.N && m.K <= chunk && !m.packed && !m.copied {
		m.way, m.tile = oneTile, t
		m.direct = !m.turned && !(m.swapped && p.ReLU)
	}
}

// exchanged is the product of the transposed matrices, for which the entries of a column of C lie together.
func (p *Product) exchanged() Product {
	return Product{
		M: p.N, N: p.M, K: p.K, RowA: p.ColB, ColA: p.RowB, RowB: p.ColA, ColB: p.RowA, RowC: 1,
		Count: p.Count, NextA: p.NextB, NextB: p.NextA, NextC: p.NextC,
	}
}

// later reports whether the bias and the relu are done after the product.
func (m *Multiplier[T]) later() bool { return m.swapped || m.way == upright }

// Multiply computes products and adds bias, a row of N entries unless it is nil, to every row; with NextBias each
// product has its own. C must not overlap the others. With less scratch than the product asks for it takes the path in Go. It panics if a slice is too short.
func (m *Multiplier[T]) Multiply(c, a, b, bias, scratch []T) {
	if m.way == nothing {
		return
	}
	_ = c[m.ends[2]] // kernels do not look
	if m.K > 0 {
		_, _ = a[m.ends[0]], b[m.ends[1]]
	}
	if bias != nil {
		_ = bias[(m.Count-1)*m.given.NextBias+m.given.N-1]
	}
	switch {
	case m.direct && !m.swapped:
		m.single(c, a, b, bias)
	case m.direct && bias == nil:
		m.single(c, b, a, nil)
	case m.way == plain || len(scratch) < m.scratch:
		plainProducts(&m.given, c, a, b, bias)
	case m.later():
		m.inSteps(c, a, b, bias, scratch)
	default:
		m.products(c, a, b, bias, scratch)
	}
}

// inSteps computes products whose bias and relu are done later.
func (m *Multiplier[T]) inSteps(c, a, b, bias, scratch []T) {
	if m.swapped {
		a, b = b, a
	}
	if m.turned {
		size := m.M * m.N
		m.products(scratch[:size], a, b, nil, scratch[size:])
		m.turn(c, m.given.RowC, scratch, m.N, m.M, m.N)
	} else {
		m.products(c, a, b, nil, scratch)
	}
	if bias != nil || m.given.ReLU {
		finishAll(&m.given, c, bias)
	}
}

func (m *Multiplier[T]) products(c, a, b, bias, scratch []T) {
	switch m.way {
	case upright:
		m.vectors(c, a, b)
	case oneTile:
		m.single(c, a, b, bias)
	default:
		d := driver[T]{Multiplier: m, c: c, a: a, b: b, bias: bias, scratch: scratch}
		d.run()
	}
}

// Outer sets dst to the outer product of x and y, in rows of the length of y.
func Outer[T Real](dst, x, y []T) {
	scale := of[T](chosen).Scale
	for i, v := range x {
		scale(dst[i*len(y):(i+1)*len(y)], y, v)
	}
}

// plainProducts is the path in Go: whole rows of C where rows of B lie together, else entry by entry.
func plainProducts[T Real](p *Product, c, a, b, bias []T) {
	for q := range p.Count {
		for i := range p.M {
			row := c[q*p.NextC+i*p.RowC:][:p.N]
			clear(row)
			if p.K > 0 {
				plainRow(p, row, a[q*p.NextA+i*p.RowA:], b[q*p.NextB:])
			}
			finish(row, after(bias, q*p.NextBias), p.ReLU)
		}
	}
}

// finishAll adds the bias to products and takes their relu.
func finishAll[T Real](p *Product, c, bias []T) {
	for q := range p.Count {
		for i := range p.M {
			finish(c[q*p.NextC+i*p.RowC:][:p.N], after(bias, q*p.NextBias), p.ReLU)
		}
	}
}

// after returns the entries from i on, none if there are none at all.
func after[T Real](bias []T, i int) []T {
	if bias == nil {
		return nil
	}
	return bias[i:]
}

// finish adds the bias, unless it is nil, to a row of C and takes its relu if it is asked for.
func finish[T Real](row, bias []T, relu bool) {
	for j, v := range bias[:min(len(bias), len(row))] {
		row[j] += v
	}
	for j, v := range row {
		if relu && v < 0 {
			row[j] = 0
		}
	}
}

func plainRow[T Real](p *Product, row, a, b []T) {
	if p.N > 1 && p.ColB == 1 {
		for s := range p.K {
			fmaScaled(row, b[s*p.RowB:], a[s*p.ColA])
		}
		return
	}
	for j := range row {
		row[j] = fmaChain(p.K, a, p.ColA, b[j*p.ColB:], p.RowB)
	}
}
