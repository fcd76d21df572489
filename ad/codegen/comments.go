package codegen

import (
	"fmt"
	"strings"
)

// commenter writes the expressions that groups of statements come from, in the text form of programs.
type commenter struct {
	g    *generator
	last *value // what the last statements are a part of
}

// widest is the length of an expression in a comment.
const widest = 100

func newCommenter(g *generator) *commenter { return &commenter{g: g} }

// statement notes a statement. The first of a group of scalars announces what the group ends with.
func (c *commenter) statement(v *value) {
	if v.kind != scalar {
		fmt.Fprintf(&c.g.body, "// %s = %s\n", v.name, c.source(v))
		c.last = nil
		return
	}
	end := v
	for isInner(end) {
		end = end.readers[0]
	}
	if end != c.last {
		fmt.Fprintf(&c.g.body, "// %s = %s\n", end.name, c.source(end))
	}
	c.last = end
}

// isInner reports whether a scalar is only a part of another one.
func isInner(v *value) bool {
	return v.outputs == 0 && len(v.readers) == 1 && v.readers[0].kind == scalar
}

// loop lists what comes out of a loop.
func (c *commenter) loop(s step) {
	c.last = nil
	for _, v := range s.values {
		if v.kind == sink || v.stored {
			fmt.Fprintf(&c.g.body, "// %s = %s\n", v.name, c.source(v))
		}
	}
}

// source is the expression of a value. Parts that others read too go by their names.
func (c *commenter) source(v *value) string {
	var b strings.Builder
	c.write(&b, v)
	if r := []rune(b.String()); len(r) > widest {
		return string(r[:widest]) + "…"
	}
	return b.String()
}

func (c *commenter) write(b *strings.Builder, v *value) {
	op, _, _ := strings.Cut(v.op, " ")
	b.WriteString(op + "(")
	for i, a := range v.args {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > widest {
			break
		}
		if i == 0 && v.choice != nil && v.op != "step" && v.op != "choice" {
			b.WriteString("step(")
			c.refer(b, a)
			b.WriteString(")")
			continue
		}
		c.refer(b, a)
	}
	if v.op == "choice" {
		fmt.Fprintf(b, ", %v, %v, %v)", v.choice.positive, v.choice.negative, v.choice.zero)
		return
	}
	for _, x := range v.attr[:min(4, len(v.attr))] {
		b.WriteString(", " + strings.Trim(number(x), "()"))
	}
	if len(v.attr) > 4 {
		b.WriteString(", …")
	}
	b.WriteString(")")
}

func (c *commenter) refer(b *strings.Builder, a operand) {
	switch {
	case a.kind == constant && a.size == 1:
		b.WriteString(strings.Trim(number(a.data[0]), "()"))
	case a.kind == constant:
		b.WriteString(c.g.prefix + fmt.Sprintf("Const%d", a.number))
	case a.kind == view:
		c.write(b, a.value)
	case a.kind == parameter || len(a.readers) > 1 || a.outputs > 0:
		b.WriteString(a.name)
	default:
		c.write(b, a.value)
	}
}
