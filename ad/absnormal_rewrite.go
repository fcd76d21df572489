package ad

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// twin is one value of a program written twice: with an input for every |z|, and
// with |z| itself.
type twin struct{ symbolic, actual expr.Node }

// absRewriter writes the kinks of f by absolute values.
type absRewriter struct {
	f     *expr.Func
	to    map[expr.Node]twin // what depends on f.Wrt()
	input func(name string, dims ...int) expr.Node
	kinks map[string]*absKink

	// absolute returns what is written for |z|, given the input of a kink: that input itself, or
	// the product of it and z.
	absolute func(input, z expr.Node) expr.Node
	partial  bool // whether an op without such a form stays as it is

	names    []string
	symbols  []expr.Node // inputs that stand for |z|, or for its slope
	switches []expr.Node // z in terms of x and the symbols
	actual   []expr.Node // z in terms of x
}

func newAbsRewriter(f *expr.Func) *absRewriter {
	g := f.Graph()
	r := &absRewriter{
		f: f, to: map[expr.Node]twin{}, input: g.Input, kinks: map[string]*absKink{},
		absolute: func(u, _ expr.Node) expr.Node { return u },
	}
	for _, n := range f.Wrt() {
		r.to[n] = twin{n, n}
		if in, _ := n.Input(); in.Role == expr.Parameter { // to be differentiated too
			r.input = g.Param
		}
	}
	return r
}

// write writes the whole program.
func (r *absRewriter) write() error {
	for _, n := range r.f.Nodes() {
		if err := r.visit(n); err != nil {
			return err
		}
	}
	return nil
}

// visit writes one node, whose operands have been.
func (r *absRewriter) visit(n expr.Node) error {
	args, moves := make([]twin, len(n.Args())), false
	for i, a := range n.Args() {
		_, moving := r.to[a]
		args[i], moves = r.twin(a), moves || moving
	}
	if !moves {
		return nil
	}
	if !kinked(n) {
		r.keep(n, args)
		return nil
	}
	t, err := r.spell(n, args)
	var form *NoAbsNormalError
	if r.partial && errors.As(err, &form) {
		r.keep(n, args)
		return nil
	}
	r.to[n] = twin{t.symbolic, n}
	return err
}

// keep writes a node by itself.
func (r *absRewriter) keep(n expr.Node, args []twin) {
	symbolic := make([]expr.Node, len(args))
	for i, a := range args {
		symbolic[i] = a.symbolic
	}
	r.to[n] = twin{n.Op().Apply(n.Attr(), symbolic...), n}
}

// twin returns what a node was written as; what does not depend on f.Wrt() stays.
func (r *absRewriter) twin(n expr.Node) twin {
	if t, ok := r.to[n]; ok {
		return t
	}
	return twin{n, n}
}

// kinked reports whether a node has branches: the class says so, or its own
// selectors do.
func kinked(n expr.Node) bool {
	op := n.Op()
	if op.Class == expr.PiecewiseAffine || op.Local == expr.PiecewiseAffine {
		return true
	}
	return len(ownSlots(n)) > 0
}

// ownSlots returns the slots of a node whose derivative is slopes or weights.
func ownSlots(n expr.Node) (out []*expr.Slot) {
	if op := n.Op(); op.Slopes == nil && op.Weights == nil {
		return nil
	}
	var given []expr.Node
	for _, d := range expr.Slopes(n) {
		if d.Valid() {
			given = append(given, d)
		}
	}
	for _, m := range expr.Reach(given...) {
		if s, ok := m.SelectorSlot(); ok && s.Owner == n {
			out = append(out, s)
		}
	}
	return out
}

// spell writes a kink. Reductions are written by scalar kinks.
func (r *absRewriter) spell(n expr.Node, args []twin) (twin, error) {
	if r.partial {
		if t, ok, err := r.ordering(n, args); ok {
			return t, err
		}
	}
	switch n.Op().Name {
	case "norm1":
		t, err := r.scalar(n, "s", "abs", nil, args...)
		return twin{expr.SumLast(t.symbolic), expr.SumLast(t.actual)}, err
	case "norminf":
		t, err := r.scalar(n, "s", "abs", nil, args...)
		if err != nil {
			return t, err
		}
		return r.fold(n, "max", t)
	case "amax", "maxpool":
		return r.fold(n, "max", args[0])
	case "amin":
		return r.fold(n, "min", args[0])
	}
	return r.scalar(n, "", n.Op().Name, n.Attr(), args...)
}

var indexing = primitive("index")

// fold compares the entries of the last axis in order, each with the largest (or
// smallest) before it.
func (r *absRewriter) fold(n expr.Node, op string, x twin) (t twin, err error) {
	t = entry(x, 0)
	for i := 1; i < x.actual.Shape().Dim(-1) && err == nil; i++ {
		t, err = r.scalarAt(n, "w", fmt.Sprint(i), op, nil, t, entry(x, i))
	}
	return t, err
}

// entry is entry i of the last axis.
func entry(x twin, i int) twin {
	at := expr.Ints(1, i)
	return twin{indexing.Apply(at, x.symbolic), indexing.Apply(at, x.actual)}
}

// scalar writes an elementwise kink of that name, which stands in node n for its
// slot; "" takes the kink's own slots.
func (r *absRewriter) scalar(n expr.Node, slot, op string, at expr.Attr, args ...twin) (twin, error) {
	return r.scalarAt(n, slot, "", op, at, args...)
}

// scalarAt is scalar with one more index, the last, in the names.
func (r *absRewriter) scalarAt(n expr.Node, slot, index, op string, at expr.Attr, args ...twin) (twin, error) {
	k, err := r.kink(n, op, at, len(args))
	if err != nil {
		return twin{}, err
	}
	var parts []twin // the positive parts of the switches
	for i, row := range k.rows {
		name := slot
		if name == "" {
			name = k.slots[i]
		}
		z := combine(append(args, parts...), append(append([]*big.Rat{}, row...), k.through[i]...), k.at[i])
		parts = append(parts, r.positive(fmt.Sprintf("%v.%s", n, name), index, z))
	}
	return combine(append(args, parts...), append(append([]*big.Rat{}, k.base...), k.jump...), k.offset), nil
}

// kink returns the form of an op, derived once for each of its attributes.
func (r *absRewriter) kink(n expr.Node, name string, at expr.Attr, operands int) (*absKink, error) {
	key := fmt.Sprint(name, at, operands)
	if k, ok := r.kinks[key]; ok {
		return k, nil
	}
	op := n.Op()
	if op.Name != name {
		op = primitive(name)
	}
	k, ok := decompose(op, at, operands)
	if !ok {
		return nil, &NoAbsNormalError{n, noFormReason(n)}
	}
	r.kinks[key] = k
	return k, nil
}

func noFormReason(n expr.Node) string {
	op := n.Op()
	if op.JVP != nil {
		return "orders its entries; write what is needed of it with max and min of pairs"
	}
	for _, s := range ownSlots(n) {
		switch s.Kind {
		case expr.RankSlot:
			return "selects by rank; write it with max and min of pairs, or use Along"
		case expr.DirectionSlot:
			return "is not piecewise smooth at the zero vector; use Along"
		}
	}
	return "is no continuous piecewise affine function of its operands; if it jumps, write the branches with max and min"
}

// positive adds the switch z and returns (z + |z|)/2.
func (r *absRewriter) positive(name, index string, z twin) twin {
	shape := z.actual.Shape()
	u := r.input("|"+name+index+"|", shape.Dims()...)
	r.symbols, r.switches, r.actual = append(r.symbols, u), append(r.switches, z.symbolic), append(r.actual, z.actual)
	for flat := range shape.Size() {
		r.names = append(r.names, name+bracket(unravel(shape, flat), index))
	}
	return twin{
		expr.ScaleNumber(half, expr.Add(z.symbolic, r.absolute(u, z.symbolic))),
		expr.ScaleNumber(half, expr.Add(z.actual, expr.Abs(z.actual))),
	}
}

// bracket writes a multi-index: "[1,2]", or "" for that of a scalar.
func bracket(index []int, last string) string {
	var parts []string
	for _, i := range index {
		parts = append(parts, fmt.Sprint(i))
	}
	if last != "" {
		parts = append(parts, last)
	}
	if len(parts) == 0 {
		return ""
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// combine returns Σ aᵢ·xᵢ + b.
func combine(x []twin, a []*big.Rat, b *big.Rat) (sum twin) {
	for i, v := range a {
		if v.Sign() != 0 {
			c := expr.Rational(v)
			sum = twin{
				add(sum.symbolic, expr.ScaleNumber(c, x[i].symbolic)),
				add(sum.actual, expr.ScaleNumber(c, x[i].actual)),
			}
		}
	}
	switch {
	case !sum.actual.Valid():
		c := expr.Add(zeros(x[0].actual), x[0].actual.Graph().Rat(b))
		return twin{c, c}
	case b.Sign() == 0:
		return sum
	}
	c := sum.actual.Graph().Rat(b)
	return twin{expr.Add(sum.symbolic, c), expr.Add(sum.actual, c)}
}
