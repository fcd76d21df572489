package vm

import (
	"hash/maphash"
	"math"
	"math/bits"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// values numbers the values of a program: equal operations on equal operands
// compute the same bits and run once. Selectors with different slots are
// different operations, so no choice at a kink is ever merged. Everything is
// indexed by the number of a node in the program's order; values that are computed
// again have the numbers after these.
type values struct {
	order    *expr.Order
	again    []int32 // the originals of values that are computed again
	same     []int32 // the node that computes the value
	distinct []int32 // those nodes, inputs excepted
	region   []region
	args     []int32 // the values of all operands, node by node
	first    []int32 // where those of a node begin
	end      []int32 // and where they end
	other    []int32 // the number, from 1, of what runs instead of a node's own op; nil if nothing does
	fused    []operation
	shapeOf  map[int32]expr.Shape // of values that have another shape than their node
}

func number(f *expr.Func, isShared map[expr.Node]bool) *values {
	o := f.Order()
	v := &values{order: o, same: make([]int32, o.Len()), region: make([]region, o.Len()), first: make([]int32, o.Len()), end: make([]int32, o.Len())}
	v.args = make([]int32, 0, 2*o.Len()) // most operations have one or two operands
	t, shown := newTable(o.Len()), shownByOutputs(f)
	for i := range o.Len() {
		n := o.Node(i)
		v.same[i] = int32(i)
		v.first[i] = int32(len(v.args))
		for _, a := range n.ArgIDs() {
			v.args = append(v.args, v.value(n.At(int(a))))
		}
		v.end[i] = int32(len(v.args))
		if n.IsInput() {
			v.region[i] = laned
			if isShared[n] {
				v.region[i] = shared
			}
			continue
		}
		for _, a := range v.operands(int32(i)) {
			v.region[i] = max(v.region[i], v.region[a])
		}
		if k := v.settled(int32(i)); k >= 0 && !(shown[n] && v.showsInput(k)) {
			v.same[i] = k
			continue
		}
		if v.same[i] = t.find(v, int32(i)); v.same[i] == int32(i) {
			v.distinct = append(v.distinct, int32(i))
		}
	}
	return v
}

// shownByOutputs returns the outputs, and what they show entries of. They have places of their own: who reads them may
// write inputs in the meantime, as a step of gradient descent does.
func shownByOutputs(f *expr.Func) map[expr.Node]bool {
	shown := map[expr.Node]bool{}
	for _, n := range f.Out() {
		for shown[n] = true; shows(n); shown[n] = true {
			n = n.Args()[0]
		}
	}
	return shown
}

// shows reports whether a node may be a view of its first operand.
func shows(n expr.Node) bool { return !n.IsInput() && (n.Op().View || n.Op().Selects) }

// showsInput reports whether value i is an input or may be a view of one.
func (v *values) showsInput(i int32) bool {
	for shows(v.node(i)) {
		i = v.operands(i)[0]
	}
	return v.node(i).IsInput()
}

// settled returns another value that value i always has, −1 if none is known. The value of a rule among tied entries,
// to which the slot of a rank of the same keys is wired, is what the rank selects, also where nothing ties; a gate that 1
// opens lets everything through; and a gate through which 1 goes, as a gradient's first cotangent, is what opens it.
func (v *values) settled(i int32) int32 {
	n, args := v.node(i), v.operands(i)
	switch n.Op().Name {
	case "rank":
		last := len(args) - 1
		rule := v.node(args[last])
		if rule.Op().Name == "tiebreak" && slices.Equal(v.operands(args[last]), args[:last]) && rule.Attr()[:2].Equal(n.Attr()) {
			return args[last]
		}
	case "gate":
		opens, x := args[0], args[1]
		switch {
		case v.isOne(opens) && v.shape(x) == n.Shape():
			return x
		case v.isOne(x) && v.shape(opens) == n.Shape() && v.isNotNegativeZero(opens):
			return opens
		}
	}
	return -1
}

// isOne reports whether all entries of a value are 1.
func (v *values) isOne(i int32) bool {
	x, uniform := v.node(i).Uniform()
	return uniform && x.Float() == 1
}

// isNotNegativeZero reports whether no entry of a value is ever −0, in either precision, which a gate turns into 0.
func (v *values) isNotNegativeZero(i int32) bool {
	isNot := func(y float64) bool { return !sameBits(float64(float32(y)), math.Copysign(0, -1)) }
	if n := v.node(i); n.Op().Name == "affine" {
		a, b := n.Attr()[0].Float(), n.Attr()[1].Float()
		return v.eachStep(v.operands(i)[0], func(s float64) bool { return isNot(float64(a*s) + b) })
	}
	return v.node(i).Op().Name == "tiebreak" || v.eachStep(i, isNot)
}

// eachStep reports whether a value is a step with a constant slot, and f holds for all that it can be in either precision.
func (v *values) eachStep(i int32, f func(s float64) bool) bool {
	args := v.operands(i)
	if v.node(i).Op().Name != "step" {
		return false
	}
	slot, uniform := v.node(args[len(args)-1]).Uniform()
	return uniform && f(0) && f(1) && f(slot.Float()) && f(float64(float32(slot.Float())))
}

func sameBits(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }

// node returns the node that value i belongs to.
func (v *values) node(i int32) expr.Node { return v.order.Node(int(v.original(i))) }

// original returns the value that value i computes again, i if it is none such.
func (v *values) original(i int32) int32 {
	if k := int(i) - v.order.Len(); k >= 0 {
		return v.again[k]
	}
	return i
}

// copyOf returns a new value, which computes value i, an original, again.
func (v *values) copyOf(i int32) int32 {
	k := int32(len(v.same))
	if v.other != nil {
		v.other = append(v.other, v.other[i])
	}
	v.again, v.same, v.region = append(v.again, i), append(v.same, k), append(v.region, v.region[i])
	v.first, v.end = append(v.first, v.first[i]), append(v.end, v.end[i])
	return k
}

// operands returns the values of the operands of node i.
func (v *values) operands(i int32) []int32 { return v.args[v.first[i]:v.end[i]] }

// table is a hash table of values with linear probing.
type table struct {
	slots []tableSlot
	seed  maphash.Seed
	ops   map[*expr.Op]uint64
}

// tableSlot is a value with a part of its hash, which tells most others apart
// without a look at their nodes.
type tableSlot struct {
	number int32 // from 1; 0 is free
	hash   uint32
}

func newTable(n int) *table {
	return &table{slots: make([]tableSlot, 1<<bits.Len(uint(n+n/2))), seed: maphash.MakeSeed(), ops: map[*expr.Op]uint64{}}
}

// find returns the first value that is equal to value i: i itself if it is new.
func (t *table) find(v *values, i int32) int32 {
	mask := len(t.slots) - 1
	h := t.hash(v, i)
	at, tag := int(h)&mask, uint32(h>>32)
	for ; t.slots[at].number != 0; at = (at + 1) & mask {
		if k := t.slots[at].number - 1; t.slots[at].hash == tag && v.equal(i, k) {
			return k
		}
	}
	t.slots[at] = tableSlot{i + 1, tag}
	return i
}

func (t *table) hash(v *values, i int32) uint64 {
	n := v.node(i)
	op := n.Op()
	h, ok := t.ops[op]
	if !ok {
		h = maphash.Comparable(t.seed, op)
		t.ops[op] = h
	}
	for _, a := range v.operands(i) {
		h = mix(h, uint64(a))
	}
	for _, a := range n.Attr() {
		h = mix(h, math.Float64bits(a.Float()))
	}
	return h ^ h>>32
}

// mix adds a word to a hash; the factor is 2⁶⁴ divided by the golden ratio
// (Knuth, The Art of Computer Programming 3, section 6.4).
func mix(h, x uint64) uint64 {
	h = (h ^ x) * 0x9E3779B97F4A7C15
	return h ^ h>>29
}

func (v *values) equal(i, k int32) bool {
	n, m := v.node(i), v.node(k)
	return n.Op() == m.Op() && slices.Equal(v.operands(i), v.operands(k)) &&
		n.Shape() == m.Shape() && n.Attr().Equal(m.Attr())
}

// value returns the number of the node that computes the value of n, −1 if n is
// an input that nothing needs.
func (v *values) value(n expr.Node) int32 {
	if i := v.order.Index(n); i >= 0 {
		return v.same[i]
	}
	return -1
}
