package vm

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// operation is what computes a value instead of its node's own op, with the same bits.
type operation struct {
	op   *expr.Op
	attr expr.Attr
	node int // for faults
}

// instead returns what computes value i instead of its node's own op, nil if that does.
func (v *values) instead(i int32) *operation {
	if v.other == nil || v.other[i] == 0 {
		return nil
	}
	return &v.fused[v.other[i]-1]
}

// op returns the op that computes value i.
func (v *values) op(i int32) *expr.Op {
	if o := v.instead(i); o != nil {
		return o.op
	}
	return v.node(i).Op()
}

func (v *values) attr(i int32) expr.Attr {
	if o := v.instead(i); o != nil {
		return o.attr
	}
	return v.node(i).Attr()
}

// id returns the node that a fault of value i names.
func (v *values) id(i int32) int {
	if o := v.instead(i); o != nil {
		return o.node
	}
	return v.node(i).ID()
}

func (v *values) shape(i int32) expr.Shape {
	if s, ok := v.shapeOf[i]; ok {
		return s
	}
	return v.node(i).Shape()
}

// shapes returns the shapes of the operands of value i.
func (v *values) shapes(i int32) []expr.Shape {
	out := make([]expr.Shape, len(v.operands(i)))
	for k, a := range v.operands(i) {
		out[k] = v.shape(a)
	}
	return out
}

// replace lets another op compute value i from these operands.
func (v *values) replace(i int32, o operation, args ...int32) {
	if v.other == nil {
		v.other = make([]int32, len(v.same))
	}
	v.fused = append(v.fused, o)
	v.other[i] = int32(len(v.fused))
	v.setOperands(i, args...)
}

// setOperands changes the operands of value i.
func (v *values) setOperands(i int32, args ...int32) {
	v.first[i] = int32(len(v.args))
	v.args = append(v.args, args...)
	v.end[i] = int32(len(v.args))
}

var affine, _ = expr.Lookup("affine")

// rewriter puts fused ops, see expr/fused.go, in the place of several. Nothing moves
// to another region: what lanes share is still computed once.
type rewriter struct {
	*values
	readers []int32         // how often a value is read, as an output too
	relus   map[int32]int32 // the relu of a value
	rows    map[int32]bool  // products with rows
	looked  map[int32]bool  // steps that a gate makes again, which also finds a NaN switch
}

// rewrite changes the operations of the values of f, and drops values that nobody
// reads then.
func (v *values) rewrite(f *expr.Func) {
	r := &rewriter{values: v, relus: map[int32]int32{}, rows: map[int32]bool{}, looked: map[int32]bool{}}
	r.sortInOrder()
	r.lookOnce()
	for _, i := range v.distinct {
		if v.shape(i).Size() > 1 {
			r.stepOfReLU(i)
			r.productOfTransposed(i)
		}
		r.sumOfOne(i)
	}
	r.countReaders(f)
	for _, i := range v.distinct {
		if r.readers[i] == 0 {
			continue
		}
		switch r.op(i).Code {
		case simd.CodeReLU:
			r.withReLU(i)
		case simd.CodeGate:
			_ = r.ofStep(i) || r.ofTies(i)
		case simd.CodeAdd:
			_ = r.withRow(i) || r.ofNegative(i) || r.ofOneStep(i) || r.withGate(i)
		}
	}
	for _, i := range v.distinct { // gates have been found
		if r.readers[i] > 0 {
			r.withConstant(i)
		}
	}
	live := v.distinct[:0]
	for _, i := range v.distinct {
		if r.readers[i] > 0 {
			live = append(live, i)
		}
	}
	v.distinct = live
}

func (r *rewriter) countReaders(f *expr.Func) {
	r.readers = make([]int32, len(r.same))
	for _, n := range f.Out() {
		r.readers[r.value(n)]++
	}
	for _, i := range r.distinct {
		for _, a := range r.operands(i) {
			r.readers[a]++
		}
	}
	for k := len(r.distinct) - 1; k >= 0; k-- {
		if i := r.distinct[k]; r.readers[i] == 0 {
			for _, a := range r.operands(i) {
				r.readers[a]--
			}
		}
	}
}

// fuse lets another op compute value i from other operands, and drops operands that
// nobody else reads.
func (r *rewriter) fuse(i int32, o operation, args ...int32) {
	old := r.operands(i)
	for _, a := range args {
		r.readers[a]++
	}
	r.replace(i, o, args...)
	r.drop(old)
}

// drop takes back one reading of each value.
func (r *rewriter) drop(values []int32) {
	for _, a := range values {
		if r.readers[a]--; r.readers[a] == 0 && !r.node(a).IsInput() {
			r.drop(r.operands(a))
		}
	}
}

// stepOfReLU lets step(z, 0) look at relu(z), which has the same sign if it is not
// 0, and then both steps are 0. So z is often read no more.
func (r *rewriter) stepOfReLU(i int32) {
	args := r.operands(i)
	switch r.op(i).Code {
	case simd.CodeReLU:
		r.relus[args[0]] = i
	case simd.CodeStep:
		relu, ok := r.relus[args[0]]
		slot, uniform := r.node(args[len(args)-1]).Uniform()
		if ok && uniform && len(args) == 2 && r.region[relu] == r.region[args[0]] && math.Float64bits(slot.Float()) == 0 {
			r.setOperands(i, relu, args[1])
		}
	}
}

// sortInOrder takes sorted rows from their order where a derivative needs that too, which then runs first.
func (r *rewriter) sortInOrder() {
	orders := map[int32]int32{} // by the values that they sort
	for _, i := range r.distinct {
		if r.isOrder(i) {
			orders[r.operands(i)[0]] = i
		}
	}
	if len(orders) == 0 {
		return
	}
	list, ran := make([]int32, 0, len(r.distinct)), make([]bool, len(r.same))
	run := func(i int32) {
		if !ran[i] {
			ran[i] = true
			list = append(list, i)
		}
	}
	canRun := func(i int32) bool {
		return !slices.ContainsFunc(r.operands(i), func(a int32) bool { return !ran[a] && r.along(a, i) })
	}
	for _, i := range r.distinct {
		if op := r.op(i); op.InOrder != nil {
			x := r.operands(i)[0]
			if order, ok := orders[x]; ok && r.region[order] == r.region[i] && (ran[order] || canRun(order)) {
				run(order)
				r.replace(i, operation{op.InOrder, nil, r.id(i)}, order, x)
			}
		}
		run(i)
	}
	r.distinct = list
}

// Rows of two are sorted as fast as they are permuted; in longer ones than longestOrdered a float32 cannot count.
const longestOrdered = 1 << 24

// isOrder reports whether value i is the stable order of rows by themselves.
func (r *rewriter) isOrder(i int32) bool {
	if r.op(i).Name != "permutation" || len(r.operands(i)) != 2 {
		return false
	}
	s := r.shape(i)
	return s.Dim(-2) == 2 && 2 < s.Dim(-1) && s.Dim(-1) <= longestOrdered
}

// lookOnce lets the weights of a row's ties, and its extreme entry if that is asked for too, share one look at the row,
// which then runs before the first of them.
func (r *rewriter) lookOnce() {
	looks := map[endOfRow]operation{}
	for _, i := range r.distinct {
		if e, row := r.asksForEnd(i); e.dir != 0 && row.Look != nil && looks[e].op == nil {
			looks[e] = operation{row.Look, r.attr(i), r.id(i)}
		}
	}
	if len(looks) == 0 {
		return
	}
	values, list := map[endOfRow]int32{}, make([]int32, 0, len(r.distinct)+len(looks))
	for _, i := range r.distinct {
		e, row := r.asksForEnd(i)
		look := looks[e]
		if look.op != nil && (row.Look == nil || row.Look == look.op && r.attr(i).Equal(look.attr)) {
			k, ok := values[e]
			if !ok {
				k = r.insert(look, e.keys, i)
				values[e], list = k, append(list, k)
			}
			r.replace(i, operation{row.Take, r.attr(i), r.id(i)}, e.keys, k)
		}
		list = append(list, i)
	}
	r.distinct = list
}

// endOfRow is the largest or the smallest entry of a row of keys.
type endOfRow struct {
	keys   int32
	dir    int
	region region
}

// asksForEnd returns which end of which row a value asks for; its direction is 0 if it does not.
func (r *rewriter) asksForEnd(i int32) (endOfRow, *expr.OfRow) {
	row := r.op(i).OfRow
	if row == nil {
		return endOfRow{}, nil
	}
	return endOfRow{r.operands(i)[0], row.End(r.shapes(i), r.attr(i)), r.region[i]}, row
}

// insert returns a new value of the region of value i.
func (r *rewriter) insert(o operation, operand, i int32) int32 {
	k := r.copyOf(i)
	r.replace(k, o, operand)
	if r.shapeOf == nil {
		r.shapeOf = map[int32]expr.Shape{}
	}
	r.shapeOf[k], _ = o.op.Shape(r.shapes(k), o.attr) // fused ops make no mistakes
	return k
}

// transposes reports whether value i is the transposed of matrices.
func (r *rewriter) transposes(i int32) bool {
	at := r.attr(i)
	return r.op(i).Name == "transpose" && len(at) == 2 && at.Int(0) == 1
}

// productOfTransposed reads a transposed matrix the other way instead of transposing
// it, and computes the transposed of a product as the product in the other order.
func (r *rewriter) productOfTransposed(i int32) {
	switch r.op(i).Name {
	case "matmul":
		args, at := slices.Clone(r.operands(i)), slices.Clone(r.attr(i))
		for k, a := range args {
			if r.transposes(a) && r.region[a] == r.region[i] {
				args[k], at[k] = r.operands(a)[0], expr.Num(float64(1-at.Int(k)))
			}
		}
		if !slices.Equal(args, r.operands(i)) {
			r.replace(i, operation{r.op(i), at, r.id(i)}, args...)
		}
	case "transpose":
		a := r.operands(i)[0]
		if r.transposes(i) && r.op(a).Name == "matmul" && r.region[a] == r.region[i] {
			args, at := r.operands(a), r.attr(a)
			r.replace(i, operation{r.op(a), expr.Ints(1-at.Int(1), 1-at.Int(0)), r.id(i)}, args[1], args[0])
		}
	}
}

// sumOfOne turns sums and means of single entries, as of minibatches of one row, into
// x + 0, which is what sums of one term are.
func (r *rewriter) sumOfOne(i int32) {
	op := r.op(i)
	if (op.Name == "sum" || op.Name == "mean") && r.shape(r.operands(i)[0]).Size() == r.shape(i).Size() {
		r.replace(i, operation{affine, expr.Attr{expr.Num(1), expr.Num(0)}, r.id(i)}, r.operands(i)[0])
	}
}

// single reports whether value a is read by value i only, and computed as often.
func (r *rewriter) single(a, i int32) bool { return r.readers[a] == 1 && r.along(a, i) }

// along reports whether value a is computed as often as value i.
func (r *rewriter) along(a, i int32) bool {
	return r.region[a] == r.region[i] && !r.node(a).IsInput()
}

// withRow adds the rows of an affine layer as its products end.
func (r *rewriter) withRow(i int32) bool {
	for k, product := range r.operands(i) {
		op := r.op(product)
		if op.WithRow == nil || !r.single(product, i) {
			continue
		}
		if row := r.rowOf(r.operands(i)[1-k], product); row >= 0 {
			r.rows[i] = true
			at := append(slices.Clone(r.attr(product)), expr.Num(0))
			r.fuse(i, operation{op.WithRow, at, r.id(i)}, append(slices.Clone(r.operands(product)), row)...)
			return true
		}
	}
	return false
}

// rowOf returns what stretches to value i along the rows of a product, or −1.
func (r *rewriter) rowOf(i, product int32) int32 {
	out := r.shape(product)
	if out.Rank() == 0 {
		return -1
	}
	width, own := out.Dim(-1), slices.Min(r.op(product).Shares)
	switch {
	case out.Size() == width && r.shape(i) == out: // one row
		return i
	case r.op(i).Name != "broadcast":
		return -1
	}
	a, axes := r.operands(i)[0], r.attr(i).Int(0)
	in := r.shape(a)
	if axes == 0 || in.Trail(axes).Size() != width || in.Dim(-1) != width {
		return -1
	}
	if lead := in.Rank() - axes; lead > 0 && lead != out.Rank()-own { // one row for all, or one for each product
		return -1
	}
	return a
}

// withReLU takes the relu of a product as it ends.
func (r *rewriter) withReLU(i int32) {
	a := r.operands(i)[0]
	if !r.single(a, i) {
		return
	}
	op, at := r.op(a), slices.Clone(r.attr(a))
	switch {
	case op.WithRow != nil:
		op, at = op.WithRow, append(at, expr.Num(1))
	case r.rows[a]:
		at[len(at)-1] = expr.Num(1)
	default:
		return
	}
	r.fuse(i, operation{op, at, r.id(i)}, r.operands(a)...)
}

// ofStep gates by a step, or by what an affine op makes of one: a cotangent meets a
// kink. A step is made again for each of its readers, which costs less than to keep it.
func (r *rewriter) ofStep(i int32) bool {
	step, x := r.operands(i)[0], r.operands(i)[1]
	at, shape := expr.Attr{expr.Num(1), expr.Num(0)}, r.shape(i)
	if r.op(step).Code == simd.CodeAffine && r.along(step, i) && r.shape(step) == shape {
		at, step = r.attr(step), r.operands(step)[0]
	}
	if r.op(step).Code != simd.CodeStep || len(r.operands(step)) != 2 || !r.along(step, i) {
		return false
	}
	z, slot := r.operands(step)[0], r.operands(step)[1]
	if r.shape(step) != shape || r.shape(z) != shape || r.shape(slot) != shape || r.shape(x) != shape {
		return false
	}
	r.fuse(i, operation{r.op(i).OfStep, at, r.id(step)}, z, slot, x)
	r.looked[step] = true
	return true
}

// ofTies gates by the weights of a row's largest or smallest entries: a cotangent meets a maximum.
func (r *rewriter) ofTies(i int32) bool {
	ties, x := r.operands(i)[0], r.operands(i)[1]
	gates := r.op(ties).Gates
	if gates == nil || !r.single(ties, i) || r.shape(ties) != r.shape(i) || r.shape(x) != r.shape(i) {
		return false
	}
	r.fuse(i, operation{gates, r.attr(ties), r.id(ties)}, append(slices.Clone(r.operands(ties)), x)...)
	return true
}

// ofNegative subtracts instead of adding the negative.
func (r *rewriter) ofNegative(i int32) bool {
	for k, a := range r.operands(i) {
		if r.op(a).Code == simd.CodeNeg && r.along(a, i) && r.shape(a) == r.shape(i) {
			sub, _ := expr.Lookup("sub")
			r.fuse(i, operation{sub, nil, r.id(i)}, r.operands(i)[1-k], r.operands(a)[0])
			return true
		}
	}
	return false
}

// ofOneStep adds up affine functions of one step with a constant slot, as the weights of both operands of a maximum: the sum
// is an affine function of it too, if that has the same bits for all that the step can be.
func (r *rewriter) ofOneStep(i int32) bool {
	step, a, b := r.affineOfStep(r.operands(i)[0])
	other, c, d := r.affineOfStep(r.operands(i)[1])
	if step < 0 || step != other || !r.along(step, i) || r.shape(step) != r.shape(i) {
		return false
	}
	same := r.eachStep(step, func(s float64) bool {
		x, y := float64(a*s)+b, float64(c*s)+d
		whole := float64((a+c)*s) + (b + d)
		return sameBits(x+y, whole) && sameBits(float64(float32(x)+float32(y)), float64(float32(whole)))
	})
	if same {
		r.fuse(i, operation{affine, expr.Attr{expr.Num(a + c), expr.Num(b + d)}, r.id(i)}, step)
	}
	return same
}

// affineOfStep returns a, b and the step of which value i is a·step + b, −1 if it is not.
func (r *rewriter) affineOfStep(i int32) (step int32, a, b float64) {
	step, a = i, 1
	if r.op(i).Code == simd.CodeAffine {
		at := r.attr(i)
		step, a, b = r.operands(i)[0], at[0].Float(), at[1].Float()
	}
	if r.op(step).Code != simd.CodeStep || r.shape(step) != r.shape(i) {
		return -1, 0, 0
	}
	return step, a, b
}

// withConstant adds or subtracts c instead of 0·s + c for a step s, whose switch a gate looks at too. The slot of the step is
// constant, since it might be ∞, and c a float32, since an affine op does not round it.
func (r *rewriter) withConstant(i int32) {
	code := r.op(i).Code
	if code != simd.CodeAdd && code != simd.CodeSub {
		return
	}
	for k, other := range r.operands(i) {
		x := r.operands(i)[1-k]
		step, a, c := r.affineOfStep(other)
		if step < 0 || a != 0 || c == 0 || float64(float32(c)) != c || !r.looked[step] {
			continue
		}
		if !r.along(other, i) || r.shape(other) != r.shape(i) || r.shape(x) != r.shape(i) {
			continue
		}
		if !r.eachStep(step, func(s float64) bool { return sameBits(float64(a*s)+c, c) }) {
			continue
		}
		if code == simd.CodeSub {
			if c = -c; k == 0 {
				continue
			}
		}
		r.fuse(i, operation{affine, expr.Attr{expr.Num(1), expr.Num(c)}, r.id(i)}, x)
		return
	}
}

// withGate adds up cotangents as they pass a gate.
func (r *rewriter) withGate(i int32) bool {
	for k, a := range r.operands(i) {
		y := r.operands(i)[1-k]
		if r.op(a).Code == simd.CodeGate && r.single(a, i) && r.shape(a) == r.shape(i) && r.shape(y) == r.shape(i) {
			s, x := r.operands(a)[0], r.operands(a)[1]
			if r.shape(s) == r.shape(i) && r.shape(x) == r.shape(i) {
				r.fuse(i, operation{r.op(a).Added, nil, r.id(i)}, s, x, y)
				return true
			}
		}
	}
	return false
}
