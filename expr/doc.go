// Package expr is the language: programs as graphs of operations on dense
// tensors.
//
//	g := expr.NewGraph()
//	x := g.Input("x", 3)
//	w := g.Param("w", 2, 3)
//	f, err := g.Func(expr.In(x, w), expr.Out(expr.Norm1(expr.MatMul(w, x))))
//
// A [Func] is immutable; derivatives (package ad) are Funcs of the same graph,
// whose free choices at kinks are open slots. Mistakes made while building are
// returned by [Graph.Func], with the caller's line. Package vm executes
// programs, parse reads them from text, and [Format] writes them.
//
// [Func.Class] says how tame a program is: its class in the lattice of [Kind],
// and whether it is certified continuous and locally Lipschitz; [Func.ClassAt]
// says it of the germ at a point. Every occurrence of an op is a node of its own
// and is never merged with another: the conservative field of a program depends
// on its occurrences.
//
// # Ops
//
// Each is one record of type [Op], and the text form calls them by name with
// the operands first and then the attributes. The class is that of the op on the
// whole space; see [Op] for the classes of germs.
//
//	name             operands  attributes                                             class                   mathematics
//	abs              1                                                                piecewise affine        |x|
//	add              2                                                                affine                  x + y
//	affine           1         a b                                                    affine                  a·x + b with constants a and b
//	amax             1                                                                piecewise affine        the largest entry of the last axis
//	amin             1                                                                piecewise affine        the smallest entry of the last axis
//	assemble         1…        rank extents…                                          affine                  a tensor of zeros to which each operand is added at its flat positions
//	broadcast        1         k extents…                                             affine                  stretches the trailing k axes to the given extents
//	clamp            3                                                                piecewise affine        min(max(x, lo), hi)
//	compare          1         how                                                    piecewise affine        1 where z compares true with 0, else 0
//	concat           1…        axis                                                   affine                  joins tensors along an axis counted from the last, 1
//	const            0                                                                affine                  a constant
//	conv2d           2         stride×2 dilation×2 before×2 after×2 groups            piecewise polynomial    convolution of images [n, c, h, w] with a kernel [o, c/groups, k, l]
//	conv2dimages     2         stride×2 dilation×2 before×2 after×2 groups extents×2  piecewise polynomial    the adjoint of conv2d in the images, for a kernel and results
//	conv2dkernel     2         stride×2 dilation×2 before×2 after×2 groups extents×2  piecewise polynomial    the adjoint of conv2d in the kernel, for images and results
//	cos              1                                                                not definable           cosine
//	cumsum           1         reversed                                               affine                  running sums of the last axis, from its first entry or, reversed = 1, from its last
//	direction        2…                                                               semialgebraic           the first non-zero key divided by its norm, the slot if all are 0
//	div              2                                                                semialgebraic           x / y
//	dot              2                                                                piecewise polynomial    Σ x·y over the last axis
//	elu              1         a                                                      R_exp                   x for x ≥ 0, a·(eˣ − 1) for x < 0, a > 0
//	erf              1                                                                Pfaffian over R_an,exp  2/√π ∫₀ˣ e^(−t²) dt
//	exp              1                                                                R_exp                   eˣ
//	expm1            1                                                                R_exp                   eˣ − 1
//	farthest         1         m                                                      piecewise polynomial    the indices of m rows of x
//	floor            1                                                                not definable           the largest integer ≤ x
//	gate             2                                                                piecewise polynomial    s·x, and 0 where s = 0 whatever x is
//	gather           1         axis i…                                                affine                  the listed entries of an axis counted from the last, 1
//	gatherrows       2                                                                piecewise affine        the rows of a matrix x that an index vector i lists, operands i and x
//	groupsort        1         k                                                      piecewise affine        each group of k consecutive entries of the last axis in ascending order; k divides its extent
//	hinge            1                                                                piecewise affine        max(1 − x, 0)
//	huber            1         δ                                                      piecewise polynomial    x²/2 for |x| ≤ δ, δ·(|x| − δ/2) beyond, δ > 0
//	index            1         axis i                                                 affine                  entry i of an axis counted from the last, 1; the axis goes
//	input            0                                                                affine                  a variable, a parameter or data
//	knn              2         k                                                      piecewise polynomial    for each row of y the indices of its k nearest rows of x, nearest first, ties to the lower index; operands x and y
//	leakyrelu        1         a                                                      piecewise affine        x for x ≥ 0, a·x for x < 0
//	log              1                                                                R_exp                   natural logarithm
//	log1p            1                                                                R_exp                   log(1 + x)
//	logsumexp        1                                                                R_exp                   log Σ e^(xᵢ) over the last axis
//	matmul           2         ta tb                                                  piecewise polynomial    matrix product of the two trailing axes, each operand transposed if its flag is 1
//	matvec           2         t                                                      piecewise polynomial    matrix times vector, the matrix transposed if its flag is 1
//	max              2                                                                piecewise affine        the larger of x and y
//	maxpool          1                                                                piecewise affine        the largest entry of the last axis, as pooling takes it of a window
//	mean             1         k extents…                                             affine                  averages the trailing k axes, all by default, down to the given extents
//	median           1                                                                piecewise affine        the middle entry of the last axis, or the mean of the middle two
//	min              2                                                                piecewise affine        the smaller of x and y
//	mul              2                                                                piecewise polynomial    x·y
//	neg              1                                                                affine                  −x
//	norm1            1                                                                piecewise affine        Σ |xᵢ| over the last axis
//	norm2            1                                                                semialgebraic           √Σ xᵢ² over the last axis
//	norminf          1                                                                piecewise affine        max |xᵢ| over the last axis
//	outer            2                                                                piecewise polynomial    outer product of the last axes
//	pad              1         axis before after                                      affine                  zeros before and after the entries of an axis counted from the last, 1
//	permutation      2…                                                               piecewise affine        the ascending order of the last axis, tied blocks mixed by the slot
//	permute          2                                                                piecewise polynomial    the entries of x in the order of a permutation
//	pinball          1         τ                                                      piecewise affine        max(τ·x, (τ − 1)·x), 0 < τ < 1
//	pow              1         p                                                      semialgebraic           x^p with a constant rational p; 0^0 = 1
//	power            2                                                                R_exp                   x^y = exp(y·log x) for x > 0
//	prod             1         n                                                      affine                  the product of the n entries of the last axis
//	prodothers       1         n                                                      affine                  for each of the n entries of the last axis, the product of the others
//	quantile         1         q                                                      piecewise affine        the entry at position (n − 1)·q of the sorted last axis, linear between entries, 0 ≤ q ≤ 1
//	rank             2…        from to                                                piecewise affine        weight 1 on entries of ranks [from, to) from the largest; the slot's on a tied block partly in it
//	relu             1                                                                piecewise affine        max(x, 0)
//	reshape          1         k extents…                                             affine                  gives the trailing k axes other extents, entries in row-major order
//	scatterrows      2         n                                                      piecewise affine        n rows of zeros to which each row of v is added at the place that an index vector i lists, operands i and v
//	sigmoid          1                                                                R_exp                   1/(1 + e⁻ˣ)
//	sign             1                                                                piecewise affine        −1, 0 or 1
//	sin              1                                                                not definable           sine
//	slice            1         axis lo hi step                                        affine                  entries lo, lo + step, … below hi of an axis counted from the last, 1
//	slot             0                                                                affine                  the open choice at a kink
//	snap             1         tol mode                                               piecewise affine        x with near ties made exact
//	softmax          1                                                                R_exp                   e^(xᵢ)/Σ e^(xⱼ) over the last axis
//	softplus         1                                                                R_exp                   log(1 + eˣ)
//	softthreshold    1         t                                                      piecewise affine        relu(x − t) − relu(−x − t), t > 0
//	sort             1                                                                piecewise affine        the last axis in ascending order
//	sqrt             1                                                                semialgebraic           √x
//	stack            1…                                                               affine                  makes a new last axis of its operands
//	step             2…                                                               piecewise affine        1 or 0 by the sign of the first non-zero key, the slot if all are 0
//	sub              2                                                                affine                  x − y
//	sum              1         k extents…                                             affine                  sums the trailing k axes, all by default, down to the given extents
//	take             1         k rank extents… i…                                     affine                  entries at flat positions i… of the trailing k axes, in the given shape
//	tanh             1                                                                R_exp                   hyperbolic tangent
//	tiebreak         1…        from to mode                                           piecewise affine        rank with ties settled
//	tied             1…                                                               piecewise affine        1 where all keys are 0, else 0
//	tieddirection    1…                                                               semialgebraic           1 on rows where all keys are the zero vector, else 0
//	tiedpermutation  1…        even                                                   piecewise affine        entry (i, j) is 1, or with even = 1 its even share, where sorted positions i and j tie, else 0
//	tiedrank         1…        from to                                                piecewise affine        1 on entries of a tied block that is partly in ranks [from, to), else 0
//	topk             1         k                                                      piecewise affine        the k largest entries of the last axis, in descending order
//	topksum          1         k                                                      piecewise affine        the sum of the k largest entries of the last axis
//	transpose        1         perm…                                                  affine                  permutes trailing axes
//	unpermute        2                                                                piecewise polynomial    the adjoint of permute
//	unwindows        1         size×2 stride×2 dilation×2 extents×2                   affine                  the adjoint of windows
//	where            3         how                                                    piecewise affine        x where z compares true with 0, else y
//	windows          1         size×2 stride×2 dilation×2                             affine                  the entries of every window of images, which are the two trailing axes, in rows
package expr
