package codegen

import (
	"fmt"
	"strconv"
	"strings"
)

// at returns the text of an entry of an operand at a flat index; reader is who reads it.
func (g *generator) at(a operand, i string, reader *value) string {
	v := a.value
	switch {
	case v.kind == constant && v.size == 1:
		return number(v.data[0])
	case v.kind == view:
		return fmt.Sprintf("%s[%s]", v.base.slice, affineIndex(v.lo, v.step, i, v.size))
	case v.isScalar():
		return v.name
	case v.kind == constant:
		return fmt.Sprintf("%s[%s]", g.table(v), i)
	case v.kind == loop && reader != nil && reader.group == v.group:
		return v.name
	}
	return fmt.Sprintf("%s[%s]", v.slice, i)
}

// affineIndex is lo + step·i; i is 0 for a single entry.
func affineIndex(lo, step int, i string, size int) string {
	if k, err := strconv.Atoi(i); err == nil {
		return strconv.Itoa(lo + step*k)
	}
	switch {
	case size == 1:
		return strconv.Itoa(lo)
	case step == 1 && lo == 0:
		return i
	}
	if strings.Contains(i, " ") {
		i = "(" + i + ")"
	}
	if step != 1 {
		i = fmt.Sprintf("%d*%s", step, i)
	}
	if lo == 0 {
		return i
	}
	return fmt.Sprintf("%s+%d", i, lo)
}

// in returns the slice with all entries of an operand.
func (g *generator) in(v *value, k int) string {
	switch a := v.args[k]; {
	case a.kind == constant:
		return g.table(a.value) + "[:]"
	case a.kind == view:
		return fmt.Sprintf("%s[%d:%d]", a.base.slice, a.lo, a.lo+a.size)
	default:
		return a.slice
	}
}

// table returns the name of a constant with several entries.
func (g *generator) table(v *value) string {
	name := g.prefix + "Const" + strconv.Itoa(v.number)
	if !g.tables[name] {
		g.tables[name] = true
		text := make([]string, len(v.data))
		for i, x := range v.data {
			text[i] = bare(x)
		}
		fmt.Fprintf(&g.constants, "\n// %s holds a constant of the program.\nvar %[1]s = [...]float64{%s}\n", name, wrapped(text))
	}
	return name
}

// positions returns the name of a table of positions.
func (g *generator) positions(list []int32) string {
	name := g.prefix + "At" + strconv.Itoa(len(g.tables))
	g.tables[name] = true
	text := make([]string, len(list))
	for i, x := range list {
		text[i] = strconv.Itoa(int(x))
	}
	fmt.Fprintf(&g.constants, "\n// %s holds positions of entries.\nvar %[1]s = [...]int32{%s}\n", name, wrapped(text))
	return name
}

// wrapped puts a dozen entries on a line.
func wrapped(text []string) string {
	if len(text) <= 12 {
		return strings.Join(text, ", ")
	}
	var b strings.Builder
	for i, s := range text {
		if i%12 == 0 {
			b.WriteString("\n")
		}
		b.WriteString(s + ", ")
	}
	return b.String() + "\n"
}
