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
	// ReLU takes the relu of the result: 0 where it is below 0, else the result.
	ReLU bool
}

// Sizes of blocks, in entries. A panel of B, of chunk rows and at most widest columns, stays in the first-level cache
// while the rows of a block of A pass, which stays in that of the second level; panels are copied for so many columns.
const (
	chunk   = 320
	widest  = 32
	strip   = 1024
	blockA  = 1 << 16
	padding = 31 // the most that a copy of a row is longer
)

// Scratch returns how many numbers of scratch the products need.
func (p *Product) Scratch() int {
	n := 0
	if p.transposed() || p.repeats() {
		n = min(p.K, chunk) * min((p.N+widest-1)/widest*widest, strip)
	}
	if p.copies() {
		n += blockA
	}
	return n
}

// transposed reports whether the entries of a row of B do not lie together.
func (p *Product) transposed() bool { return p.N > 1 && p.ColB != 1 }

// repeats reports whether panels of B are read so often that copies pay, which stay in the first-level cache.
func (p *Product) repeats() bool { return p.M >= 48 && p.N > 1 && p.K*p.RowB > 1<<13 }

// copies reports whether to copy blocks of A: if it is large, or has rows, or columns if it is transposed, so far
// apart that their entries compete for the same places of a cache.
func (p *Product) copies() bool {
	far := max(p.RowA, p.ColA)
	return p.N > 4*widest && p.M > 8 && p.K > 8 && (far%512 == 0 || far*min(p.M, p.K) > 1<<17) && min(p.RowA, p.ColA) == 1
}

// Multiply computes products and adds bias, a row of N entries unless it is nil, to every row. C must not overlap A
// or B. With less scratch than the product asks for it takes the path in Go.
func Multiply[T Real](p *Product, c, a, b, bias, scratch []T) {
	multiply(linearOf[T](chosen), *p, c, a, b, bias, scratch)
}

// Outer sets dst to the outer product of x and y, in rows of the length of y.
func Outer[T Real](dst, x, y []T) {
	scale := of[T](chosen).Scale
	for i, v := range x {
		scale(dst[i*len(y):(i+1)*len(y)], y, v)
	}
}

func multiply[T Real](l *linear[T], p Product, c, a, b, bias, scratch []T) {
	if p.M <= 0 || p.N <= 0 || p.Count <= 0 {
		return
	}
	within(&p, c, a, b, bias)
	if p.M == 1 && p.transposed() {
		multiply(l, p.turned(), c, b, a, nil, scratch)
		for q := range p.Count {
			finish(c[q*p.NextC:][:p.N], bias, p.ReLU)
		}
		return
	}
	if l.square == nil || p.K <= 0 || len(scratch) < p.Scratch() {
		plainProducts(&p, c, a, b, bias)
		return
	}
	d := driver[T]{linear: l, Product: p, c: c, a: a, b: b, bias: bias, scratch: scratch}
	d.packed, d.copied = p.transposed() || p.repeats(), p.copies()
	t, n := l.pick(p.M, p.N, d.packed)
	switch {
	case d.upright():
		d.vectors()
	case n == p.N && p.K <= chunk && !d.packed && !d.copied:
		d.small(t)
	default:
		d.run()
	}
}

// within panics unless the matrices lie in their slices: kernels do not look.
func within[T Real](p *Product, c, a, b, bias []T) {
	last := p.Count - 1
	_ = c[min(p.RowA, p.ColA, p.RowB, p.ColB, p.RowC, p.NextA, p.NextB, p.NextC, 0)]
	_ = c[last*p.NextC+(p.M-1)*p.RowC+p.N-1]
	if bias != nil {
		_ = bias[p.N-1]
	}
	if p.K > 0 {
		_ = a[last*p.NextA+(p.M-1)*p.RowA+(p.K-1)*p.ColA]
		_ = b[last*p.NextB+(p.N-1)*p.ColB+(p.K-1)*p.RowB]
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
			finish(row, bias, p.ReLU)
		}
	}
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

// turned is the transposed product of one row, Cᵀ = Bᵀ·Aᵀ, which needs no packing if B is transposed.
func (p *Product) turned() Product {
	return Product{
		M: p.N, N: 1, K: p.K, RowA: p.ColB, ColA: p.RowB, RowB: p.ColA, ColB: 1, RowC: 1,
		Count: p.Count, NextA: p.NextB, NextB: p.NextA, NextC: p.NextC,
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
