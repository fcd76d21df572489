package codegen

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// header writes the comment of the function and its first line, and cuts its arguments to length.
func (g *generator) header(b *bytes.Buffer) {
	isLarge := g.memory.size > localRoom
	if isLarge {
		fmt.Fprintf(b, "// %s is how many numbers of room %s needs.\nconst %[1]s = %[3]d\n\n", g.workName(), g.o.Func, g.memory.size)
	}
	g.comment(b, isLarge)
	fmt.Fprintf(b, "func %s(%s)%s {\n", g.o.Func, strings.Join(g.parameters(isLarge), ", "), map[bool]string{true: " float64"}[g.returns])
	for _, v := range g.inputs {
		if v.size > 1 && (len(v.readers) > 0 || v.outputs > 0) {
			fmt.Fprintf(b, "%s = %[1]s[:%d:%[2]d]\n", v.name, v.size)
		}
	}
	if g.total > 0 {
		fmt.Fprintf(b, "dst = dst[:%d:%[1]d]\n", g.total)
	}
	switch {
	case isLarge:
		fmt.Fprintf(b, "room := work[:%s:%[1]s]\n", g.workName())
	case g.memory.size > 0:
		fmt.Fprintf(b, "var room [%d]float64\n", g.memory.size)
	}
	for _, s := range g.inDst {
		b.WriteString(s)
	}
}

func (g *generator) workName() string { return g.o.Func + "Work" }

func (g *generator) parameters(isLarge bool) []string {
	var list []string
	if g.total > 0 {
		list = append(list, "dst []float64")
	}
	if isLarge {
		list = append(list, "work []float64")
	}
	for _, v := range g.inputs {
		kind := "float64"
		if v.size > 1 {
			kind = "[]float64"
		}
		list = append(list, v.name+" "+kind)
	}
	return list
}

// comment says what the function computes, of what, and where everything goes.
func (g *generator) comment(b *bytes.Buffer, isLarge bool) {
	fmt.Fprintf(b, "// %s computes the program\n//\n", g.o.Func)
	for line := range strings.SplitSeq(g.programText(), "\n") {
		fmt.Fprintf(b, "//\t%s\n", strings.TrimRight(line, " "))
	}
	b.WriteString("//\n")
	if g.o.Preset != "" {
		fmt.Fprintf(b, "// Kinks are settled as by %s.\n", g.o.Preset)
	}
	for i, v := range g.inputs {
		if v.size > 1 {
			what := "input"
			if i >= len(g.f.In()) {
				what = "slot"
			}
			fmt.Fprintf(b, "// The %s %s has the shape %v.\n", what, v.name, v.node.Shape())
		}
	}
	if g.returns {
		b.WriteString("// It returns the value")
	}
	for k, o := range g.out {
		switch {
		case k == 0 && g.returns:
		case k == 0:
			fmt.Fprintf(b, "// It sets dst[0:%d] to the output, of shape %v", o.shape.Size(), o.shape)
		default:
			fmt.Fprintf(b, ",\n// sets dst[%d:%d] to %s, of shape %v", g.offset[k], g.offset[k]+o.shape.Size(), g.outputName(k), o.shape)
		}
	}
	b.WriteString(".\n")
	if isLarge {
		fmt.Fprintf(b, "// Work has room for %s numbers.\n", g.workName())
	}
}

// outputName guesses that outputs after the first are gradients, if they have the shapes of inputs.
func (g *generator) outputName(k int) string {
	wrt := g.f.Wrt()
	if len(g.out) != len(wrt)+1 {
		return fmt.Sprintf("output %d", k)
	}
	for i, n := range wrt {
		if g.out[i+1].shape != n.Shape() {
			return fmt.Sprintf("output %d", k)
		}
	}
	in, _ := wrt[k-1].Input()
	return fmt.Sprintf("output %d, for %s", k, in.Name)
}

// programText is what the author wrote, or a short listing.
func (g *generator) programText() string {
	if g.o.Program != "" {
		return g.o.Program
	}
	if g.f.Len() <= 20 {
		return expr.Format(g.f)
	}
	return fmt.Sprintf("of %d nodes with the hash %.16s", g.f.Len(), g.f.Hash())
}

// results copies the outputs that do not stand in their place yet.
func (g *generator) results() {
	for k, o := range g.out {
		from, n := g.offset[k], o.shape.Size()
		switch {
		case g.written[k] || k == 0 && g.returns:
		case n == 1:
			fmt.Fprintf(&g.body, "dst[%d] = %s\n", from, g.at(o, "0", nil))
		case o.kind == constant && o.size > 1:
			fmt.Fprintf(&g.body, "copy(dst[%d:%d], %s[:])\n", from, from+n, g.table(o.value))
		case o.isScalar() || o.kind == view:
			fmt.Fprintf(&g.body, "for i := range %d {\ndst[%s] = %s\n}\n", n, affineIndex(from, 1, "i", n), g.at(o, "i", nil))
		default:
			fmt.Fprintf(&g.body, "copy(dst[%d:%d], %s)\n", from, from+n, o.slice)
		}
	}
	if g.returns {
		fmt.Fprintf(&g.body, "return %s\n", g.at(g.out[0], "0", nil))
	}
}
