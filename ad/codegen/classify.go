package codegen

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

// classify finds the kind of a value, or another value that is the same.
func (b *builder) classify(v *value) (*value, error) {
	op := v.node.Op()
	switch {
	case v.op == "sum" || v.op == "mean":
		if v.args[0].shape.Size() == v.size { // sums of one term are x + 0
			v.op, v.attr = "affine", []float64{1, 0}
		}
	case v.op == "snap" && v.attr[1] != 0:
		v.op = "snap rows"
	}
	if pointwise[v.op] != nil {
		return b.entrywise(v), nil
	}
	switch {
	case sharesOne(v):
		b.share(v)
		return v, nil
	case op.View || op.Selects:
		return b.selection(v), nil
	case sinks[v.op].update != nil && v.size == 1:
		return b.reduction(v), nil
	case singles[v.op].emit == nil:
		return nil, &UnsupportedError{v.node, "there is no way to write it as Go yet; run the program in expr/vm instead"}
	}
	b.single(v)
	return v, nil
}

// single gives the operands of a value with statements of its own slices.
func (b *builder) single(v *value) {
	v.kind = single
	if singles[v.op].entries {
		return
	}
	for k, a := range v.args {
		v.args[k] = b.whole(a)
	}
}

// whole returns an operand whose entries stand one after the other.
func (b *builder) whole(a operand) operand {
	switch {
	case a.kind == parameter && a.node.Shape().Size() > 1, a.kind == constant && a.size > 1, a.kind == loop:
		return a
	case a.kind == single && !singles[a.op].returns(a.value) && a.size == a.shape.Size(), a.kind == view && a.step == 1 && a.size > 1:
		return a
	}
	key := fmt.Sprintf("copy #%d of %d", a.number, a.shape.Size())
	if same := b.equal[key]; same != nil {
		return operand{same, a.shape}
	}
	v := b.add(&value{kind: single, node: a.node, op: "copy", args: []operand{a}, size: a.shape.Size()})
	b.equal[key] = v
	b.values = append(b.values, v)
	return operand{v, a.shape}
}

// reduction makes a number of the entries of a loop; of one entry it is that entry, more or less.
func (b *builder) reduction(v *value) *value {
	if n := v.args[0].shape.Size(); n > 1 {
		v.kind, v.size = sink, n
		return v
	}
	switch v.op {
	case "amax", "amin":
		return v.args[0].value
	case "norm1", "norminf":
		v.op = "abs"
	case "dot":
		v.op = "product in a sum"
	}
	v.kind = scalar
	return v
}

// entrywise is a statement if all operands are scalars, else a loop.
func (b *builder) entrywise(v *value) *value {
	if c := chosen(v); c != nil {
		z := v.args[0]
		if v.op == "affine" {
			z = z.args[0]
		}
		v.choice, v.args = c, []operand{z}
	}
	if v.op == "gate" {
		if s := v.args[0]; s.op == "gate" && s.args[1].isNumber(1) { // it is s, but for −0
			v.args[0] = s.args[0]
		}
		gated(v)
	}
	if same := trivial(v); same != nil {
		return same
	}
	v.kind = scalar
	for _, a := range v.args {
		if !a.isScalar() {
			v.kind = loop
		}
	}
	if v.kind == scalar {
		v.size = 1
	}
	return v
}

// isNumber reports whether an operand is that constant.
func (a operand) isNumber(x float64) bool {
	return a.kind == constant && a.size == 1 && math.Float64bits(a.data[0]) == math.Float64bits(x)
}

// trivial returns the operand that a value has the bits of, if there is one: 1·x and x − 0 are x, x + 0 need not be.
// A gate by a constant other than 0 is a product.
func trivial(v *value) *value {
	switch {
	case (v.op == "gate" || v.op == "mul") && v.args[0].isNumber(1):
		return v.args[1].value
	case v.op == "mul" && v.args[1].isNumber(1), v.op == "sub" && v.args[1].isNumber(0), v.op == "pow" && v.attr[0] == 1:
		return v.args[0].value
	case v.op == "gate" && v.args[0].kind == constant && v.args[0].size == 1 && v.args[0].data[0] != 0:
		v.op = "mul"
	}
	return nil
}

// chosen returns the constants of a step with one key and a constant slot, or of an affine op of one.
func chosen(v *value) *choice {
	switch {
	case v.op == "step" && len(v.args) == 2:
		if slot := v.args[1]; slot.kind == constant && slot.isScalar() {
			return &choice{1, 0, slot.data[0]}
		}
	case v.op == "affine" && v.args[0].choice != nil && v.args[0].op != "gate of choice":
		c := v.args[0].choice
		of := func(x float64) float64 { return evaluated("affine", v.attr, x) }
		return &choice{of(c.positive), of(c.negative), of(c.zero)}
	}
	return nil
}

// gated lets the gate of a choice look at the switch itself.
func gated(v *value) {
	s, x := v.args[0], v.args[1]
	c := s.choice
	if c == nil || s.op == "gate of choice" || c.positive == c.negative {
		return
	}
	if x.kind == constant && x.size == 1 { // three other constants
		v.op, v.choice, v.args = "choice", gatedChoice(*c, x.data[0]), []operand{s.args[0]}
		return
	}
	v.op, v.choice = "gate of choice", c
	v.args = []operand{s.args[0], x}
}

// gatedChoice is the gate of each constant.
func gatedChoice(c choice, x float64) *choice {
	for _, s := range []*float64{&c.positive, &c.negative, &c.zero} {
		if *s == 0 {
			*s = 0 // not −0
		} else {
			*s *= x
		}
	}
	return &c
}

// picked lists the position in the operand of every entry of a selection.
func (v *value) picked() []int32 {
	if index := v.node.Op().Index([]expr.Shape{v.args[0].shape}, v.node.Shape(), v.node.Attr()); index != nil {
		return index
	}
	index, times := make([]int32, v.size), v.size/v.args[0].size // entries are repeated one after the other
	for i := range index {
		index[i] = int32(i / times)
	}
	return index
}

// selection is the operand itself, a view of it, or copied entry by entry.
func (b *builder) selection(v *value) *value {
	a := v.args[0]
	if a.isScalar() || v.node.Op().View {
		return a.value
	}
	runs := runsOf(v.picked())
	if len(runs.counts) > 1 {
		v.kind, v.op = single, "pick"
		return v
	}
	lo, step := runs.first, runs.steps[0]
	switch {
	case lo == 0 && step == 1 && v.size == a.size:
		return a.value
	case step <= 0 && v.size > 1:
		v.kind, v.op = single, "pick"
		return v
	}
	v.kind, v.base, v.lo, v.step = view, a.value, lo, step
	if a.kind == view {
		v.base, v.lo, v.step = a.base, a.lo+lo*a.step, step*a.step
		v.args = []operand{{a.base, a.base.node.Shape()}}
	}
	return v
}
