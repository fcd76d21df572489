package vm

import (
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
