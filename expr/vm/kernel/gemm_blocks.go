package kernel

import "unsafe"

// tile computes a panel of C, of so many columns, with pointers to the first entries of matrices and of the bias,
// which may be nil.
type tile[T Real] func(m, k int, a *T, rowA, colA int, b *T, rowB int, c *T, rowC, columns, mode int, bias *T)

// The modes of a tile: chains begin with C instead of 0, and the result's relu is taken.
const (
	continued = 1 << iota
	rectified
)

// band is the number of rows of A that are packed together: a multiple of the rows of all tiles. Rows of B, and
// columns of A, are packed few at a time: each lies on pages of its own, of which the translation lookaside buffer (TLB)
// holds few.
const (
	band      = 12
	fewAtOnce = 8
)

// few is the number of rows for which B passes only once, so that the widest panels are best, as they are for a B of one row.
const few = 3

// pick returns the tile for the next columns of m rows and how many it takes. Those for one vector have a mask, the
// others only with 512 bits.
func (l *linear[T]) pick(m, columns, k int, packed bool) (tile[T], int) {
	size := int(unsafe.Sizeof(T(0)))
	vectors, spare := 4, 0
	if l.lanes*size == 64 {
		vectors, spare = 8, l.lanes-1
	}
	switch {
	case (m <= few || k == 1) && !packed && columns >= vectors*l.lanes-spare:
		return l.wide, min(columns, vectors*l.lanes)
	case columns >= 2*l.lanes-spare:
		return l.square, min(columns, 2*l.lanes)
	}
	return l.narrow, min(columns, l.lanes)
}

// side is the number of rows of a square that is transposed in registers.
func side[T Real]() int { return 32 / int(unsafe.Sizeof(T(0))) }

// mostVectors is the number of vectors up to which a matrix is rather transposed anew for some of them than packed.
const mostVectors = 8

// isUpright reports whether the products are of matrices, whose rows lie together, with few vectors that do.
func (p *Product) isUpright(side int) bool {
	return p.ColA == 1 && p.RowB == 1 && p.N <= mostVectors && min(p.M, p.K) >= side
}

// vectors computes such products. Their results are rows of the given C.
func (m *Multiplier[T]) vectors(c, a, b []T) {
	rowC := m.given.RowC
	for q := range m.Count {
		c, a, b := c[q*m.NextC:], a[q*m.NextA:], b[q*m.NextB:]
		for j := 0; j < m.N; {
			kernel, vectors, squares := m.uprightOne, 1, 4
			switch {
			case m.N-j >= 4:
				kernel, vectors, squares = m.uprightFour, 4, 2
			case m.N-j >= 2:
				kernel, vectors, squares = m.uprightTwo, 2, 2
			}
			cover(m.M, side[T](), squares, func(first, rows int) {
				kernel(rows, m.K, &a[first*m.RowA], m.RowA, &b[j*m.ColB], m.ColB, &c[j*rowC+first], rowC)
			})
			j += vectors
		}
	}
}

// cover calls f for ranges of rows, multiples of side, that cover all of them. What is left after the first is in the
// second with rows before it, which are computed again; so many squares of rows are fastest together.
func cover(rows, side, squares int, f func(first, rows int)) {
	unit := squares * side
	if rows < unit {
		unit = side
	}
	whole := rows / unit * unit
	f(0, whole)
	switch left := rows - whole; {
	case left > side:
		f(rows-unit, unit)
	case left > 0:
		f(rows-side, side)
	}
}

// single computes products of one tile each.
func (m *Multiplier[T]) single(c, a, b, bias []T) {
	mode, row := 0, (*T)(nil)
	if m.ReLU {
		mode = rectified
	}
	for q := range m.Count {
		if bias != nil {
			row = &bias[q*m.NextBias]
		}
		m.tile(m.M, m.K, &a[q*m.NextA], m.RowA, m.ColA, &b[q*m.NextB], m.RowB, &c[q*m.NextC], m.RowC, m.N, mode, row)
	}
}

// driver cuts products into tiles.
type driver[T Real] struct {
	*Multiplier[T]
	c, a, b, bias, scratch []T
}

// run computes products of many tiles: chunk by chunk of the summed index, strip by strip of columns.
func (d *driver[T]) run() {
	chunks := (d.K + chunk - 1) / chunk
	k := (d.K + chunks - 1) / chunks
	n := d.N
	if d.packed {
		n = strip
	}
	for range d.Count {
		for k0 := 0; k0 < d.K; k0 += k {
			for j0 := 0; j0 < d.N; j0 += n {
				d.strip(k0, min(k, d.K-k0), j0, min(n, d.N-j0))
			}
		}
		d.a, d.b, d.c = d.a[min(d.NextA, len(d.a)):], d.b[min(d.NextB, len(d.b)):], d.c[min(d.NextC, len(d.c)):]
		d.bias = after(d.bias, min(d.NextBias, len(d.bias)))
	}
}

// strip continues the chains of n columns of C from j0 on with k terms from k0 on.
func (d *driver[T]) strip(k0, k, j0, n int) {
	rows, room := d.M, d.scratch
	b, rowB := d.b[k0*d.RowB+j0*d.ColB:], d.RowB
	if d.packed {
		rowB = 2 * d.lanes
		packed := (n + rowB - 1) / rowB * rowB * k
		d.packAll(b, k, n)
		b, room = room[:packed], room[packed:]
	}
	if d.copied {
		room = room[:min(len(room), d.mostA())]
		rows = min(len(room)/(k+padding)/band*band, d.M)
	}
	for i := 0; i < d.M; i += rows {
		m := min(rows, d.M-i)
		a, rowA, colA, step := d.a[i*d.RowA+k0*d.ColA:], d.RowA, d.ColA, m
		if d.copied && d.RowA == 1 {
			a, rowA, colA, step = d.packA(room, a, m, k), 1, band, band
		} else if d.copied {
			a, rowA = copyA(room, a, d.RowA, m, k)
		}
		for j, w := 0, 0; j < n; j += w {
			var t tile[T]
			t, w = d.pick(m, n-j, k, d.packed)
			at := b[j:]
			if d.packed {
				at = b[j/rowB*rowB*k+j%rowB:]
			}
			mode, bias := d.mode(k0, k, j0+j)
			for i0 := 0; i0 < m; i0 += step {
				c := &d.c[(i+i0)*d.RowC+j0+j]
				t(min(step, m-i0), k, &a[i0*k], rowA, colA, &at[0], rowB, c, d.RowC, w, mode, bias)
			}
		}
	}
}

// mostA is how many entries a block of A has at most. Many processors with 256 bits have 512 KiB of second-level cache or
// less, and a first-level TLB of 64 pages: a block of 128 KiB leaves room in both for B and C.
func (l *linear[T]) mostA() int {
	if l.lanes*int(unsafe.Sizeof(T(0))) == 64 {
		return blockA
	}
	return blockA / 4
}

// mode returns the mode of a tile and its bias.
func (d *driver[T]) mode(k0, k, j int) (mode int, bias *T) {
	if k0 > 0 {
		mode = continued
	}
	if k0+k < d.K {
		return mode, nil
	}
	if d.ReLU {
		mode |= rectified
	}
	if d.bias != nil {
		bias = &d.bias[j]
	}
	return mode, bias
}

// packAll copies panels of B to the scratch, one after the other.
func (d *driver[T]) packAll(b []T, k, n int) {
	width := 2 * d.lanes
	whole := n / width * width
	if d.ColB == 1 {
		d.packRows(b, k, whole)
	} else {
		whole = 0
	}
	for j := whole; j < n; j += width {
		to, w := d.scratch[j*k:], min(width, n-j)
		if d.ColB != 1 {
			d.packTransposed(to, b[j*d.ColB:], k, w)
			continue
		}
		for p := range k {
			copy(to[p*width:][:w], b[p*d.RowB+j:])
		}
	}
}

// packRows copies whole panels whose rows lie together: some rows of all panels before the next ones.
func (d *driver[T]) packRows(b []T, k, n int) {
	width := 2 * d.lanes
	for p := 0; p < k; p += fewAtOnce {
		for j := 0; j < n; j += width {
			d.pack(&d.scratch[j*k+p*width], &b[p*d.RowB+j], d.RowB, min(fewAtOnce, k-p))
		}
	}
}

// packTransposed copies a panel whose columns lie apart.
func (d *driver[T]) packTransposed(to, b []T, k, n int) {
	width := 2 * d.lanes
	if d.RowB == 1 {
		d.turn(to, width, b, d.ColB, n, k)
		return
	}
	for j := range n {
		for p := range k {
			to[p*width+j] = b[p*d.RowB+j*d.ColB]
		}
	}
}

// turn copies the transposed of a matrix: square blocks at a time, the rest entry by entry.
func (l *linear[T]) turn(to []T, rowD int, from []T, rowS, rows, columns int) {
	m, n := rows&^(side[T]()-1), columns&^(side[T]()-1)
	if m > 0 && n > 0 {
		l.transpose(&to[0], rowD, &from[0], rowS, m, n)
	}
	for i := range rows {
		first := 0
		if i < m {
			first = n
		}
		for j := first; j < columns; j++ {
			to[j*rowD+i] = from[i*rowS+j]
		}
	}
}

// copyA copies a block of A whose rows lie together and returns it with its stride.
func copyA[T Real](to, a []T, rowA, m, k int) ([]T, int) {
	line := 64 / int(unsafe.Sizeof(T(0)))
	stride := ((k+line-1)/line | 1) * line // an odd number of lines, so that rows take all places of a cache
	for i := range m {
		copy(to[i*stride:][:k], a[i*rowA:])
	}
	return to, stride
}

// packA copies a block of A whose columns lie together, band by band of rows, so that a tile reads on and on.
func (d *driver[T]) packA(to, a []T, m, k int) []T {
	whole := m / band * band
	for p := 0; p < k; p += fewAtOnce {
		for i := 0; i < whole; i += band {
			d.packBand(&to[i*k+p*band], &a[p*d.ColA+i], d.ColA, min(fewAtOnce, k-p))
		}
	}
	for p := 0; whole < m && p < k; p++ {
		copy(to[whole*k+p*band:][:m-whole], a[p*d.ColA+whole:])
	}
	return to
}
