package expr

// broadcastAll stretches nodes to their common shape under numpy's rule.
func broadcastAll(args []Node) ([]Node, error) {
	target := args[0].Shape()
	alike := true
	for _, a := range args[1:] {
		s := a.Shape()
		alike = alike && s == target
		var err error
		if target, err = Broadcast(target, s); err != nil {
			return nil, err
		}
	}
	if alike {
		return args, nil
	}
	out := make([]Node, len(args))
	for i, a := range args {
		out[i] = stretch(a, target)
	}
	return out, nil
}

func stretch(a Node, target Shape) Node {
	if a.Shape() == target {
		return a
	}
	return opBroadcast.Apply(append(Ints(a.Shape().Rank()), Ints(target.Dims()...)...), a)
}

// Arithmetic is elementwise, with numpy's broadcasting.

// Add returns x + y.
func Add(x, y Node) Node { return opAdd.Apply(nil, x, y) }

// Sub returns x − y.
func Sub(x, y Node) Node { return opSub.Apply(nil, x, y) }

// Mul returns x·y, entry by entry.
func Mul(x, y Node) Node { return opMul.Apply(nil, x, y) }

// Div returns x/y.
func Div(x, y Node) Node { return opDiv.Apply(nil, x, y) }

// Neg returns −x.
func Neg(x Node) Node { return opNeg.Apply(nil, x) }

// Scale returns a·x.
func Scale(a float64, x Node) Node { return ScaleNumber(Num(a), x) }

// Shift returns x + b.
func Shift(x Node, b float64) Node { return AffineOf(x, 1, b) }

// AffineOf returns a·x + b.
func AffineOf(x Node, a, b float64) Node { return affineNumbers(x, Num(a), Num(b)) }

// ScaleNumber returns a·x with an exact constant.
func ScaleNumber(a Number, x Node) Node { return affineNumbers(x, a, Number{}) }

func affineNumbers(x Node, a, b Number) Node { return opAffine.Apply(Attr{a, b}, x) }

// Pow returns x^p for a constant p; 0^0 is 1.
func Pow(x Node, p float64) Node { return PowNumber(x, Num(p)) }

// PowNumber returns x^p for an exact constant p.
func PowNumber(x Node, p Number) Node { return opPow.Apply(Attr{p}, x) }

// Power returns x^y for x > 0.
func Power(x, y Node) Node { return opPower.Apply(nil, x, y) }

// Exp returns eˣ.
func Exp(x Node) Node { return opExp.Apply(nil, x) }

// Log returns the natural logarithm.
func Log(x Node) Node { return opLog.Apply(nil, x) }

// Log1p returns log(1 + x).
func Log1p(x Node) Node { return opLog1p.Apply(nil, x) }

// Expm1 returns eˣ − 1.
func Expm1(x Node) Node { return opExpm1.Apply(nil, x) }

// Sqrt returns √x.
func Sqrt(x Node) Node { return opSqrt.Apply(nil, x) }

// Sin returns the sine.
func Sin(x Node) Node { return opSin.Apply(nil, x) }

// Cos returns the cosine.
func Cos(x Node) Node { return opCos.Apply(nil, x) }

// Tanh returns the hyperbolic tangent.
func Tanh(x Node) Node { return opTanh.Apply(nil, x) }

// Sigmoid returns 1/(1 + e⁻ˣ).
func Sigmoid(x Node) Node { return opSigmoid.Apply(nil, x) }

// Softplus returns log(1 + eˣ).
func Softplus(x Node) Node { return opSoftplus.Apply(nil, x) }

// Erf returns the error function.
func Erf(x Node) Node { return opErf.Apply(nil, x) }

// ReLU returns max(x, 0).
func ReLU(x Node) Node { return opReLU.Apply(nil, x) }

// LeakyReLU returns x for x ≥ 0 and a·x for x < 0.
func LeakyReLU(x Node, a float64) Node { return opLeakyReLU.Apply(Attr{Num(a)}, x) }

// Abs returns |x|.
func Abs(x Node) Node { return opAbs.Apply(nil, x) }

// Hinge returns max(1 − x, 0).
func Hinge(x Node) Node { return opHinge.Apply(nil, x) }

// SoftThreshold returns relu(x − t) − relu(−x − t) for t > 0.
func SoftThreshold(x Node, t float64) Node { return opSoftThreshold.Apply(Attr{Num(t)}, x) }

// Clamp returns min(max(x, lo), hi).
func Clamp(x, lo, hi Node) Node { return opClamp.Apply(nil, x, lo, hi) }

// Sign returns −1, 0 or 1. It jumps at 0.
func Sign(x Node) Node { return opSign.Apply(nil, x) }

// Floor returns the largest integer ≤ x. It jumps at integers.
func Floor(x Node) Node { return opFloor.Apply(nil, x) }

// Where returns x where z compares true with 0, and y elsewhere. It is a
// branch, not a kink: at z = 0 its derivative is that of the branch taken.
func Where(z Node, how Comparison, x, y Node) Node {
	return opWhere.Apply(Ints(int(how)), z, x, y)
}

// Gate returns s·x, and 0 where s = 0 whatever x is.
func Gate(s, x Node) Node { return opGate.Apply(nil, s, x) }

// Max returns the largest of its arguments: of two, a Step selects; of three
// or more, or of the entries of one tensor's last axis, a Rank.
func Max(x ...Node) Node { return extremumOf(opMax, opAMax, x) }

// Min returns the smallest of its arguments, see Max.
func Min(x ...Node) Node { return extremumOf(opMin, opAMin, x) }

func extremumOf(two, many *Op, x []Node) Node {
	switch len(x) {
	case 1:
		return many.Apply(nil, x...)
	case 2:
		return two.Apply(nil, x...)
	}
	return many.Apply(nil, Stack(x...))
}

// Sort returns the last axis in ascending order.
func Sort(x Node) Node { return opSort.Apply(nil, x) }

// TopK returns the k largest entries of the last axis in descending order.
func TopK(x Node, k int) Node { return opTopK.Apply(Ints(k), x) }

// TopKSum returns the sum of the k largest entries of the last axis.
func TopKSum(x Node, k int) Node { return opTopKSum.Apply(Ints(k), x) }

// Median returns the middle entry of the last axis, or the mean of the two
// middle entries if their number is even.
func Median(x Node) Node { return opMedian.Apply(nil, x) }

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
