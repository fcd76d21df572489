package vm

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

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
