package expr

import "strings"

// Format returns the text form of a program: one let for each node, and the
// output as the last expression.
//
//	let a = relu(x); let b = neg(x); let c = relu(b); sub(a, c)
//
// Package parse reads it back to the same nodes, in the same order, when it is
// told the shapes and roles of the inputs (parse.Like does); for programs of
// scalar variables the text is enough. In it,
//
//   - every op goes by its name, attributes following the operands;
//   - a scalar constant that is used once and has finitely many decimals is
//     written in place; other constants are bound to a name, and those that are
//     not decimal scalars are written const(rank, extents…, entries…);
//   - inputs and open slots have the names that Identifiers gives. Slots are
//     read back as inputs;
//   - if the inputs would not first appear in their order, or not all of them,
//     the text begins with let _ = x; for each of them, which binds nothing;
//   - several outputs are written as a vector, [a, b], for reading only: read
//     back, they are one stacked output.
func Format(f *Func) string {
	w := newFormatter(f)
	for _, n := range f.Nodes() {
		switch {
		case n.isLeaf():
		case w.last(n):
			w.bindConstants(n)
		default:
			w.bindConstants(n)
			w.let(n, w.apply(n))
		}
	}
	w.result()
	return w.prefix() + w.body.String()
}

type formatter struct {
	f      *Func
	body   strings.Builder
	inputs []string // identifiers of inputs and slots
	order  []Node   // inputs and slots as they appear
	seen   []bool   // the same as a set, by number
	name   []string // of inputs, slots and bound nodes, by number
	uses   []int    // by number
	fresh  func() string
}

func newFormatter(f *Func) *formatter {
	w := &formatter{
		f: f, inputs: Identifiers(f),
		seen: make([]bool, f.Len()), name: make([]string, f.Len()), uses: make([]int, f.Len()),
	}
	w.fresh = freshNames(append(f.customNames(), w.inputs...))
	for i, n := range append(f.In(), f.slots...) {
		if k := f.order.Index(n); k >= 0 {
			w.name[k] = w.inputs[i]
		}
	}
	for k := range w.uses {
		for _, a := range f.order.Node(k).ArgIDs() {
			w.uses[f.order.index(a)]++
		}
	}
	for _, n := range f.out {
		w.uses[f.order.Index(n)]++
	}
	return w
}

// last reports whether the node is the final expression.
func (w *formatter) last(n Node) bool { return len(w.f.out) == 1 && n == w.f.out[0] }

func (w *formatter) let(n Node, text string) {
	name := w.fresh()
	w.name[w.f.order.Index(n)] = name
	w.body.WriteString("let " + name + " = " + text + "; ")
}

// bindConstants binds the constants among the operands that are not written in
// place. A variadic op would read a number before its attributes as one of them.
func (w *formatter) bindConstants(n Node) {
	op := n.Op()
	inPlace := op.MinArgs == op.MaxArgs || op.Attrs.Max == 0
	for _, a := range n.Args() {
		w.bindConstant(a, inPlace)
	}
}

func (w *formatter) bindConstant(n Node, inPlace bool) {
	values, ok := n.IsConst()
	k := w.f.order.Index(n)
	if !ok || w.name[k] != "" {
		return
	}
	if text := constText(n, values); !inPlace || w.uses[k] > 1 || isCall(text) {
		w.let(n, text)
	} else {
		w.name[k] = text
	}
}

// constText returns the literal or the call of const.
func constText(n Node, values []Number) string {
	if n.Shape().Rank() == 0 {
		if s := values[0].String(); !strings.Contains(s, "/") {
			return s
		}
	}
	return callText("const", nil, n.Attr())
}

func isCall(text string) bool { return strings.HasSuffix(text, ")") }

func callText(op string, operands []string, at Attr) string {
	for _, v := range at {
		operands = append(operands, v.String())
	}
	return op + "(" + strings.Join(operands, ", ") + ")"
}

func (w *formatter) apply(n Node) string {
	operands := make([]string, 0, len(n.ArgIDs())+len(n.Attr()))
	for _, a := range n.Args() {
		operands = append(operands, w.refer(a))
	}
	return callText(n.Op().Name, operands, n.Attr())
}

// refer returns the text of a node that is bound, and notes where inputs first
// appear.
func (w *formatter) refer(n Node) string {
	k := w.f.order.Index(n)
	if n.IsInput() && !w.seen[k] {
		w.seen[k] = true
		w.order = append(w.order, n)
	}
	return w.name[k]
}

func (w *formatter) result() {
	if out := w.f.out; len(out) > 1 {
		text := make([]string, len(out))
		for i, n := range out {
			w.bindConstant(n, true)
			text[i] = w.refer(n)
		}
		w.body.WriteString("[" + strings.Join(text, ", ") + "]")
		return
	}
	n := w.f.out[0]
	if values, ok := n.IsConst(); ok {
		w.body.WriteString(constText(n, values))
	} else if n.IsInput() {
		w.body.WriteString(w.refer(n))
	} else {
		w.body.WriteString(w.apply(n))
	}
}

// prefix returns the bindings that fix the order of the inputs, if any are
// needed.
func (w *formatter) prefix() string {
	all := append(w.f.In(), w.f.slots...)
	same := len(w.order) == len(all)
	for i := 0; same && i < len(all); i++ {
		same = w.order[i] == all[i]
	}
	if same {
		return ""
	}
	var b strings.Builder
	for _, name := range w.inputs {
		b.WriteString("let _ = " + name + "; ")
	}
	return b.String()
}
