package expr

// Transpose permutes the trailing axes; none given reverses all of them.
func Transpose(x Node, perm ...int) Node { return opTranspose.Apply(Ints(perm...), x) }

// Reshape gives x other extents, its entries in row-major order.
func Reshape(x Node, dims ...int) Node {
	return opReshape.Apply(append(Ints(x.Shape().Rank()), Ints(dims...)...), x)
}

// BroadcastTo stretches x to the given extents under numpy's rule.
func BroadcastTo(x Node, dims ...int) Node {
	return opBroadcast.Apply(append(Ints(x.Shape().Rank()), Ints(dims...)...), x)
}

// Expand repeats x along a new last axis of extent n.
func Expand(x Node, n int) Node { return opBroadcast.Apply(Ints(0, n), x) }

// Slice returns entries lo ≤ i < hi of the last axis.
func Slice(x Node, lo, hi int) Node { return opSlice.Apply(Ints(1, lo, hi, 1), x) }

// Index returns entry i of the first axis, as x[i] does in text.
func Index(x Node, i int) Node { return opIndex.Apply(Ints(max(x.Shape().Rank(), 1), i), x) }

// Gather returns the listed entries of the last axis.
func Gather(x Node, list ...int) Node { return opGather.Apply(append(Ints(1), Ints(list...)...), x) }

// Pad puts zeros before and after the entries of an axis counted from the last, 1.
func Pad(x Node, axis, before, after int) Node { return opPad.Apply(Ints(axis, before, after), x) }

// Concat joins tensors along the last axis.
func Concat(x ...Node) Node { return opConcat.Apply(Ints(1), x...) }

// Stack makes a new last axis of its arguments: [x, y, z] in text.
func Stack(x ...Node) Node { return opStack.Apply(nil, x...) }

// Tied returns 1 where all keys are 0, else 0: the derivative of a Step with
// respect to its slot.
func Tied(keys ...Node) Node { return opTied.Apply(nil, keys...) }

// TieBreak returns the weights of ranks [from, to), ties settled by a rule.
func TieBreak(mode TieMode, from, to int, keys ...Node) Node {
	return opTieBreak.Apply(Ints(from, to, int(mode)), keys...)
}

// Assemble returns a tensor of the given shape that is 0 except at the listed
// flat positions, to which the parts are added: positions[i] has one position
// for every entry of parts[i].
func Assemble(s Shape, parts []Node, positions [][]int32) Node {
	at := append(Ints(s.Rank()), Ints(s.Dims()...)...)
	for i, p := range parts {
		at = append(at, Num(float64(p.Shape().Rank())))
		for _, j := range positions[i] {
			at = append(at, Num(float64(j)))
		}
	}
	return opAssemble.Apply(at, parts...)
}

// EvenTies returns the slot of a Permutation that mixes tied blocks evenly.
func EvenTies(keys ...Node) Node { return opTiedPermutation.Apply(Ints(1), keys...) }

// Permute returns the entries of x in the order of a permutation.
func Permute(p, x Node) Node { return opPermute.Apply(nil, p, x) }

// Unpermute is the adjoint of Permute.
func Unpermute(p, x Node) Node { return opUnpermute.Apply(nil, p, x) }

func shapesOfNodes(nodes []Node) []Shape {
	out := make([]Shape, len(nodes))
	for i, n := range nodes {
		out[i] = n.Shape()
	}
	return out
}

// KNN returns, for each row of y of shape [m, d], the indices of its k nearest
// rows of x of shape [n, d], in the Euclidean norm: shape [m, k], nearest first,
// ties to the lower index. Leading axes are a batch and agree, or are absent from
// one of the operands. The indices jump where distances tie; their derivative is
// 0 and programs are refused at such points.
func KNN(x, y Node, k int) Node { return opKNN.Apply(Ints(k), x, y) }

// Farthest returns the indices of m of the rows of x, shape [n, d]: row 0, then
// always the row whose distance to those taken is largest, ties to the lowest
// index (farthest point sampling: Eldar, Lindenbaum, Porat and Zeevi, IEEE
// Transactions on Image Processing 6, 1997; PointNet++, Qi et al., NeurIPS 2017).
// No row is taken twice. The indices jump where distances tie, as those of KNN.
func Farthest(x Node, m int) Node { return opFarthest.Apply(Ints(m), x) }

// GatherRows returns the rows of the matrix x, of shape [n, d], that a vector of
// m indices from 0 lists: shape [m, d]. Indices of shape [m, k], such as those of
// KNN, give [m, k, d]. Further leading axes are a batch and agree, or are absent
// from one of the operands. It is linear in x; the derivative in the indices is
// 0, although the result jumps with them. An index that is none of a row is an
// error of the run.
func GatherRows(indices, x Node) Node {
	s, t := indices.Shape(), x.Shape()
	if !indices.Valid() || s.Rank() < t.Rank() || s.Rank() < 2 || t.Rank() < 2 {
		return opGatherRows.Apply(nil, indices, x)
	}
	m, k := s.Dim(-2), s.Dim(-1)
	rows := opGatherRows.Apply(nil, opReshape.Apply(Ints(2, m*k), indices), x)
	return opReshape.Apply(Ints(2, m, k, t.Dim(-1)), rows)
}

// ScatterRows is the adjoint of GatherRows: n rows of zeros to which row j of v
// is added at the place indices[j], in the order of j.
func ScatterRows(indices, v Node, n int) Node { return opScatterRows.Apply(Ints(n), indices, v) }
