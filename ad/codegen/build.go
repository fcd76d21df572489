package codegen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// builder turns nodes into values.
type builder struct {
	*program
	of    []*value          // by number in the order of the program
	equal map[string]*value // by op, attributes and operands
	count int
}

func build(f *expr.Func) (*program, error) {
	b := &builder{program: &program{f: f, names: expr.Identifiers(f)}, of: make([]*value, f.Len()), equal: map[string]*value{}}
	order := f.Order()
	for _, n := range append(f.In(), f.Slots()...) {
		v := b.add(&value{kind: parameter, node: n, size: n.Shape().Size()})
		b.inputs = append(b.inputs, v)
		if i := order.Index(n); i >= 0 {
			b.of[i] = v
		}
	}
	if err := b.fold(); err != nil {
		return nil, err
	}
	for i := range order.Len() {
		if b.of[i] != nil {
			continue
		}
		v, err := b.node(order.Node(i))
		if err != nil {
			return nil, err
		}
		b.of[i] = v
	}
	for _, n := range f.Out() {
		v := b.of[order.Index(n)]
		b.out = append(b.out, operand{v, n.Shape()})
		v.outputs++
	}
	b.prune()
	return b.program, nil
}

func (b *builder) add(v *value) *value {
	v.number = b.count
	b.count++
	return v
}

// node returns the value of a node whose operands have theirs.
func (b *builder) node(n expr.Node) (*value, error) {
	v := &value{node: n, op: n.Op().Name, size: n.Shape().Size()}
	if n.Op().IsCustom() {
		return nil, &UnsupportedError{n, "an op of one's own is a Go function already; call it around the generated code"}
	}
	for _, a := range n.Attr() {
		v.attr = append(v.attr, a.Float())
	}
	for _, a := range n.Args() {
		v.args = append(v.args, operand{b.of[b.f.Order().Index(a)], a.Shape()})
	}
	if same := settled(v); same != nil {
		return same, nil
	}
	key := v.key()
	if same := b.equal[key]; same != nil {
		return same, nil
	}
	same, err := b.classify(v)
	if err != nil {
		return nil, err
	}
	b.equal[key] = same
	if same == v {
		b.values = append(b.values, b.add(v))
	}
	return same, nil
}

// key tells values apart.
func (v *value) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %v", v.op, v.node.Shape())
	for _, a := range v.args {
		fmt.Fprintf(&b, " #%d%v", a.number, a.shape)
	}
	for _, a := range v.node.Attr() {
		b.WriteByte(' ')
		b.WriteString(a.Rat().RatString())
	}
	return b.String()
}

// settled returns the rule among tied entries to which the slot of a rank of the same keys is wired: what the rank
// selects is what the rule says, also where nothing ties.
func settled(v *value) *value {
	if v.op != "rank" {
		return nil
	}
	last := len(v.args) - 1
	rule := v.args[last].value
	keys := rule.args
	if rule.op == "share" {
		keys = keys[:1]
	}
	if rule.op != "share" && rule.op != "tiebreak" || len(keys) != last || rule.attr[0] != v.attr[0] || rule.attr[1] != v.attr[1] {
		return nil
	}
	for i, a := range keys {
		if a != v.args[i] {
			return nil
		}
	}
	return rule
}

// prune drops values that no output needs and notes who reads the others.
func (b *builder) prune() {
	needed := make([]bool, b.count)
	for _, o := range b.out {
		needed[o.number] = true
	}
	for i := len(b.values) - 1; i >= 0; i-- {
		if v := b.values[i]; needed[v.number] {
			for _, a := range v.args {
				needed[a.number] = true
			}
		}
	}
	live := b.values[:0]
	for _, v := range b.values {
		if needed[v.number] {
			live = append(live, v)
			for _, a := range v.args {
				a.readers = append(a.readers, v)
			}
		}
	}
	b.values = live
}

// number writes a float64 as Go reads it back, as an operand.
func number(v float64) string {
	s := bare(v)
	if s[0] == '-' {
		return "(" + s + ")"
	}
	return s
}

// bare is number without parentheses.
func bare(v float64) string {
	switch {
	case v != v:
		return "math.NaN()"
	case v > maxFloat:
		return "math.Inf(1)"
	case v < -maxFloat:
		return "math.Inf(-1)"
	case v == 0 && 1/v < 0:
		return "math.Copysign(0, -1)"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
