package expr

// term is one term of an entry that is a sum: an entry of an operand, or the
// product of two. Its sign matters for a difference of one term only.
type term struct {
	arg, at  int
	paired   bool
	by, byAt int
	minus    bool
}

// terms calls yield with every term of entry k.
type terms func(k int, yield func(term))

func single(arg, at int) term { return term{arg: arg, at: at} }
func product(arg, at, by, byAt int) term {
	return term{arg: arg, at: at, paired: true, by: by, byAt: byAt}
}

// termsOf returns the terms of every entry of a node that is made by moving,
// adding and multiplying entries; nil for other ops.
func termsOf(n Node) terms {
	op, in := n.Op(), shapesOfNodes(n.Args())
	switch {
	case op.View:
		return func(k int, yield func(term)) { yield(single(0, k)) }
	case op.Selects:
		return selectedTerms(op.Index(in, n.Shape(), n.Attr()), n.Shape().Size()/in[0].Size())
	}
	switch op {
	case opAdd, opSub:
		return func(k int, yield func(term)) {
			yield(single(0, k))
			yield(term{arg: 1, at: k, minus: op == opSub})
		}
	case opMul, opGate:
		return func(k int, yield func(term)) { yield(product(0, k, 1, k)) }
	case opStack:
		return func(k int, yield func(term)) { yield(single(k%len(in), k/len(in))) }
	case opConcat:
		return concatTerms(n, in)
	case opAssemble:
		return assembledTerms(n, in)
	case opSum, opMean:
		return summedTerms(op.Index(in, n.Shape(), n.Attr()), n.Shape().Size())
	case opDot, opOuter, opMatVec, opMatMul:
		return productTerms(n, in)
	}
	return nil
}

func selectedTerms(index []int32, times int) terms {
	return func(k int, yield func(term)) {
		if index == nil { // entries are repeated one after the other
			yield(single(0, k/times))
			return
		}
		yield(single(0, int(index[k])))
	}
}

func concatTerms(n Node, in []Shape) terms {
	axis := n.Attr().Int(0)
	whole := n.Shape().Trail(axis).Size()
	return func(k int, yield func(term)) {
		b, at := k/whole, k%whole
		for i, s := range in {
			part := s.Trail(axis).Size()
			if at < part {
				yield(single(i, b*part+at))
				return
			}
			at -= part
		}
	}
}

func assembledTerms(n Node, in []Shape) terms {
	parts := make([][]term, n.Shape().Size())
	assembleRuns(opAssemble.Index(in, n.Shape(), n.Attr()), func(operand, first, at, length int) {
		for k := range length {
			parts[at+k] = append(parts[at+k], single(operand, first+k))
		}
	})
	return func(k int, yield func(term)) {
		for _, t := range parts[k] {
			yield(t)
		}
	}
}

func summedTerms(index []int32, size int) terms {
	return func(k int, yield func(term)) {
		for _, off := range index[size:] {
			yield(single(0, int(index[k]+off)))
		}
	}
}

// productTerms pairs rows and columns: entry (i, j) at position l of the leading
// axes is a sum over p. An operand without leading axes serves all positions.
func productTerms(n Node, in []Shape) terms {
	m, inner, cols, ai, ap, bp, bj := productStrides(n, in)
	sizes := [2]int{in[0].Size(), in[1].Size()}
	own := [2]int{m * inner, inner * cols}
	return func(k int, yield func(term)) {
		l, i, j := k/(m*cols), k/cols%m, k%cols
		var base [2]int
		for side := range base {
			if sizes[side] > own[side] {
				base[side] = l * own[side]
			}
		}
		for p := range inner {
			yield(product(0, base[0]+i*ai+p*ap, 1, base[1]+p*bp+j*bj))
		}
	}
}

// productStrides describes every product as one of matrices.
func productStrides(n Node, in []Shape) (m, inner, cols, ai, ap, bp, bj int) {
	at := n.Attr()
	switch n.Op() {
	case opDot:
		inner = in[0].Dim(-1)
		return 1, inner, 1, inner, 1, 1, 1
	case opOuter:
		m, cols = in[0].Dim(-1), in[1].Dim(-1)
		return m, 1, cols, 1, 1, cols, 1
	case opMatVec:
		m, inner = in[0].Dim(-2), in[0].Dim(-1)
		if at.Int(0) == 1 {
			return inner, m, 1, 1, inner, 1, 1
		}
		return m, inner, 1, inner, 1, 1, 1
	}
	m, inner, _, cols = matmulDims(in[0], in[1], at)
	ai, ap, bp, bj = matmulStrides(m, inner, cols, at)
	return m, inner, cols, ai, ap, bp, bj
}
