package expr

// Sort returns the last axis in ascending order.
func Sort(x Node) Node { return opSort.Apply(nil, x) }

// TopK returns the k largest entries of the last axis in descending order.
func TopK(x Node, k int) Node { return opTopK.Apply(Ints(k), x) }

// TopKSum returns the sum of the k largest entries of the last axis.
func TopKSum(x Node, k int) Node { return opTopKSum.Apply(Ints(k), x) }

// Median returns the middle entry of the last axis, or the mean of the two
// middle entries if their number is even.
func Median(x Node) Node { return opMedian.Apply(nil, x) }

// Quantile returns the entry at position (n − 1)·q of the sorted last axis, for
// 0 ≤ q ≤ 1, and between two entries their linear interpolation, as numpy and
// PyTorch do by default. Quantile(x, 0.5) is Median(x).
func Quantile(x Node, q float64) Node { return QuantileNumber(x, Num(q)) }

// QuantileNumber is Quantile for an exact q: with q = 1/3 of four entries it is
// the second from below, and has the kinks of one entry only.
func QuantileNumber(x Node, q Number) Node { return opQuantile.Apply(Attr{q}, x) }

// GroupSort returns the last axis with each group of k consecutive entries in
// ascending order; k divides its extent. The activation of Anil, Lucas and Grosse
// (ICML 2019), which preserves the norms of gradients.
func GroupSort(x Node, k int) Node { return opGroupSort.Apply(Ints(k), x) }

// Norm1 returns Σ |xᵢ| over the last axis.
func Norm1(x Node) Node { return opNorm1.Apply(nil, x) }

// Norm2 returns the Euclidean norm over the last axis.
func Norm2(x Node) Node { return opNorm2.Apply(nil, x) }

// NormInf returns max |xᵢ| over the last axis.
func NormInf(x Node) Node { return opNormInf.Apply(nil, x) }

// Sum returns the sum of all entries.
func Sum(x Node) Node { return opSum.Apply(nil, x) }

// SumLast returns the sums over the last axis.
func SumLast(x Node) Node { return opSum.Apply(Ints(1), x) }

// Mean returns the mean of all entries.
func Mean(x Node) Node { return opMean.Apply(nil, x) }

// Prod returns the products of the last axis, multiplied from the first entry on.
// Derivatives of every order are right where entries are 0.
func Prod(x Node) Node { return opProd.Apply(nil, x) }

// CumSum returns the running sums of the last axis: entry i is the sum of entries
// 0 to i, added in this order.
func CumSum(x Node) Node { return opCumSum.Apply(Ints(0), x) }

// CumSumReversed is the adjoint of CumSum: entry i is the sum of the last entry
// to entry i, added in this order.
func CumSumReversed(x Node) Node { return opCumSum.Apply(Ints(1), x) }

// CrossEntropy returns −Σⱼ yⱼ log softmax(z)ⱼ over the last axis, for logits z and
// a target y ≥ 0 of the same shape with Σⱼ yⱼ = 1, such as a one-hot row: one
// value a row, of which a loss takes the Mean.
//
// It is built as logsumexp(z − ⟨z, y⟩). The logarithm's argument never overflows,
// a loss far below 1 keeps its digits, and a loss for one-hot targets is never
// below 0. The maximum that makes this stable is inside the primitive: as a node
// of the program it would be a kink where logits tie, although the function is
// analytic there.
func CrossEntropy(logits, target Node) Node {
	own := Dot(logits, target)
	if s := logits.Shape(); s.Rank() > 0 {
		own = Expand(own, s.Dim(-1))
	}
	return LogSumExp(Sub(logits, own))
}

// Dot returns Σ x·y over the last axis.
func Dot(x, y Node) Node { return opDot.Apply(nil, x, y) }

// Outer returns the outer product over the last axes.
func Outer(x, y Node) Node { return opOuter.Apply(nil, x, y) }

// MatMul returns the product of matrices (the two trailing axes), of a matrix
// and a vector, of a vector and a matrix, or of two vectors.
func MatMul(a, b Node) Node {
	switch {
	case a.Shape().Rank() == 1 && b.Shape().Rank() == 1:
		return Dot(a, b)
	case b.Shape().Rank() == 1:
		return opMatVec.Apply(nil, a, b)
	case a.Shape().Rank() == 1:
		return opMatVec.Apply(Ints(1), b, a)
	}
	return opMatMul.Apply(nil, a, b)
}
