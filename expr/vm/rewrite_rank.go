package vm

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

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
