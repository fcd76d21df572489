package vm

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// recomputedOps is how many operations a group does again at most instead of reading a value that an earlier group has
// computed: on a block in the first-level cache each takes a fraction of what it takes to write a value that is not in
// it, and to read it back.
const recomputedOps = 2

// recomputer lets each group compute again what others have computed from values that are kept anyway, such as inputs,
// if that takes few operations. Those values then need room for one block only.
type recomputer struct {
	*memory
	outside []bool  // whether members of other groups read a value
	kept    []bool  // whether it has to be there as a whole
	ops     []int32 // how many operations compute it from what is kept
	copies  map[recomputed]int32
}

// recomputed is a value that a group computes again.
type recomputed struct{ value, group int32 }

func (m *memory) recompute(f *expr.Func) {
	n := len(m.home)
	r := &recomputer{memory: m, outside: make([]bool, n), kept: make([]bool, n), ops: make([]int32, n), copies: map[recomputed]int32{}}
	r.findReaders(f)
	found := false
	for _, i := range m.list {
		r.settle(i)
		found = found || r.outside[i] && !r.kept[i]
	}
	if found {
		r.rewrite()
		r.dropUnread(f)
	}
}

// findReaders notes which values other groups read, and which must be there as a whole.
func (r *recomputer) findReaders(f *expr.Func) {
	for _, i := range r.list {
		for _, a := range r.v.operands(i) {
			h := r.home[a]
			switch {
			case r.group[h] == 0 || r.group[h] == r.group[i]:
			case h == a && r.readsBlocks(i) && r.v.region[h] == r.v.region[i]:
				r.outside[h] = true
			default:
				r.kept[h] = true
			}
		}
	}
	for _, n := range f.Out() {
		r.kept[r.home[r.v.value(n)]] = true
	}
}

// readsBlocks reports whether a value is computed by a group, from blocks of its operands.
func (r *recomputer) readsBlocks(i int32) bool { return r.isEnd[i] || r.group[i] > 0 && r.isLong(i) }

// settle decides whether value i is kept, once that is decided for its operands.
func (r *recomputer) settle(i int32) {
	if r.group[i] == 0 || r.isEnd[i] || !r.isLong(i) {
		return
	}
	op, args := r.v.op(i), r.v.operands(i)
	r.ops[i] = 1
	for _, a := range args {
		switch h := r.home[a]; {
		case r.group[h] == 0 || r.kept[h]:
		case h != a: // a view, which no group has of its own
			r.ops[i] += recomputedOps
		default:
			r.ops[i] += r.ops[h]
		}
	}
	takesLong := op.Code == simd.NoCode || op.Code == simd.CodeDiv || len(args) > op.MinArgs
	if takesLong || r.ops[i] > recomputedOps || r.size(i) <= manyBlocks*int(r.entries) {
		r.ops[i] = recomputedOps + 1
		r.kept[i] = r.kept[i] || r.outside[i]
	}
}

// rewrite puts what a group computes again before its first reader.
func (r *recomputer) rewrite() {
	list := r.list
	r.list = make([]int32, 0, len(list)+len(list)/4)
	for _, i := range list {
		if r.readsBlocks(i) {
			r.readCopies(i)
		}
		r.list = append(r.list, i)
	}
}

// readCopies lets value i read what its own group computes again.
func (r *recomputer) readCopies(i int32) {
	args := slices.Clone(r.v.operands(i))
	for k, a := range args {
		if r.home[a] == a && r.group[a] > 0 && r.group[a] != r.group[i] && !r.kept[a] && !r.isEnd[a] {
			args[k] = r.copyIn(a, r.group[i])
		}
	}
	if !slices.Equal(args, r.v.operands(i)) {
		r.v.setOperands(i, args...)
	}
}

// copyIn returns the value that computes value a again in a group.
func (r *recomputer) copyIn(a, group int32) int32 {
	a = r.v.original(a) // another group may have read a copy of its own
	key := recomputed{a, group}
	k, ok := r.copies[key]
	if !ok {
		k = r.v.copyOf(a)
		r.copies[key] = k
		r.span, r.home, r.skip, r.last = append(r.span, span{}), append(r.home, k), append(r.skip, -1), append(r.last, 0)
		r.group, r.short, r.isEnd = append(r.group, group), append(r.short, false), append(r.isEnd, false)
		r.kept = append(r.kept, false)
		r.readCopies(k)
		r.list = append(r.list, k)
	}
	return k
}

// dropUnread drops values that only copies would have read.
func (r *recomputer) dropUnread(f *expr.Func) {
	read := make([]bool, len(r.home))
	for _, n := range f.Out() {
		read[r.v.value(n)] = true
	}
	for _, i := range slices.Backward(r.list) {
		for _, a := range r.v.operands(i) {
			read[a] = read[a] || read[i]
		}
	}
	r.list = slices.DeleteFunc(r.list, func(i int32) bool { return !read[i] })
}
