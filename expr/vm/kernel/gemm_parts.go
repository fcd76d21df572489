package kernel

// Part is a part of products that can run beside others: products with the entries at which their matrices and their
// bias begin.
type Part struct {
	Product
	C, A, B, Bias int
}

// worth is how many multiplications a part has at least: they take longer than to wake another processor.
const worth = 1 << 21

// Parts cuts products into at most so many parts of about the same size: between bands of rows of C, or between columns
// where the widest square tile ends, so that tiles stay full. The results have the same bits.
func (p *Product) Parts(most int) []Part {
	most = min(most, p.M*p.N*p.K*p.Count/worth)
	switch {
	case most < 2:
		return []Part{{Product: *p}}
	case p.Count > 1:
		return p.cut(p.Count, most, 1, func(q *Part, at, size int) {
			q.Count, q.C, q.A, q.B, q.Bias = size, at*p.NextC, at*p.NextA, at*p.NextB, at*p.NextBias
		})
	case p.N >= p.M || p.transposed() && p.N > widest: // a panel of B is packed by one part only
		return p.cut(p.N, most, widest, func(q *Part, at, size int) {
			q.N, q.C, q.B, q.Bias = size, at, at*p.ColB, at
		})
	}
	return p.cut(p.M, most, band, func(q *Part, at, size int) {
		q.M, q.C, q.A = size, at*p.RowC, at*p.RowA
	})
}

// cut makes parts of an extent, whose ends are multiples of unit.
func (p *Product) cut(extent, most, unit int, set func(q *Part, at, size int)) (out []Part) {
	size := (extent + most - 1) / most
	size = (size + unit - 1) / unit * unit
	for at := 0; at < extent; at += size {
		q := Part{Product: *p}
		set(&q, at, min(size, extent-at))
		out = append(out, q)
	}
	return out
}
