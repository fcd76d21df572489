package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

func copyEntries(g *generator, v *value) {
	if v.size == 1 {
		fmt.Fprintf(&g.body, "%s[0] = %s\n", v.slice, g.at(v.args[0], "0", v))
		return
	}
	fmt.Fprintf(&g.body, "for i := range %d {\n%s[i] = %s\n}\n", v.size, v.slice, g.at(v.args[0], "i", v))
}

// unrolled is how many assignments need no loop.
const unrolled = 4

// nest writes loops over a list of positions; body gets the index in the list and the position.
func (g *generator) nest(r runs, body func(i, at string) string) {
	if r.table != nil {
		text := body("i", "o")
		index := "_"
		if mentions(text, "i") {
			index = "i"
		}
		fmt.Fprintf(&g.body, "for %s, o := range %s {\n%s}\n", index, g.positions(r.table), text)
		return
	}
	size := 1
	for _, n := range r.counts {
		size *= n
	}
	if size <= unrolled {
		for i, p := range r.list() {
			g.body.WriteString(body(fmt.Sprint(i), fmt.Sprint(p)))
		}
		return
	}
	i, at := r.indices()
	text := body(i, at)
	for d := len(r.counts) - 1; d >= 0; d-- {
		text = looped(variables[d:d+1], fmt.Sprint(r.counts[d]), text)
	}
	g.body.WriteString(text)
}

// variables are those of nested loops.
const variables = "ijkl"

// indices returns the index in the list and the position, in the variables of the loops.
func (r runs) indices() (i, at string) {
	for d, n := range r.counts {
		name := variables[d : d+1]
		if i == "" {
			i = name
		} else {
			i = fmt.Sprintf("%s*%d+%s", bracketed(i), n, name)
		}
		switch step := r.steps[d]; {
		case step == 1:
			at += "+" + name
		case step != 0:
			at += fmt.Sprintf("+%d*%s", step, name)
		}
	}
	if r.first != 0 || at == "" {
		at += fmt.Sprintf("+%d", r.first)
	}
	return i, strings.ReplaceAll(strings.TrimPrefix(at, "+"), "+-", "-")
}

func bracketed(s string) string {
	if strings.ContainsAny(s, "+*") {
		return "(" + s + ")"
	}
	return s
}

// list returns the positions.
func (r runs) list() []int {
	if r.table != nil {
		out := make([]int, len(r.table))
		for i, p := range r.table {
			out[i] = int(p)
		}
		return out
	}
	out := []int{r.first}
	for d, n := range r.counts {
		next := make([]int, 0, len(out)*n)
		for _, p := range out {
			for i := range n {
				next = append(next, p+i*r.steps[d])
			}
		}
		out = next
	}
	return out
}

func pick(g *generator, v *value) {
	a := v.args[0]
	index := v.picked()
	g.nest(runsOf(index), func(i, at string) string {
		return fmt.Sprintf("%s[%s] = %s\n", v.slice, i, g.atPlace(a, at, v))
	})
}

// atPlace is at for an index that is an expression.
func (g *generator) atPlace(a operand, at string, v *value) string {
	if a.kind == view {
		return g.at(a, bracketed(at), v)
	}
	return g.at(a, at, v)
}

func stack(g *generator, v *value) {
	n := len(v.args)
	rows := v.size / n
	g.each(rows, func(l string) {
		for k, a := range v.args {
			if l == "" {
				fmt.Fprintf(&g.body, "%s[%d] = %s\n", v.slice, k, g.at(a, "0", v))
			} else {
				fmt.Fprintf(&g.body, "%s[%s] = %s\n", v.slice, affineIndex(k, n, l, rows), g.at(a, l, v))
			}
		}
	})
}

func concat(g *generator, v *value) {
	axis := int(v.attr[0])
	whole, at := v.node.Shape().Trail(axis).Size(), 0
	rows := v.size / whole
	for k, a := range v.args {
		part := a.shape.Trail(axis).Size()
		if rows == 1 {
			fmt.Fprintf(&g.body, "copy(%s[%d:], %s)\n", v.slice, at, g.in(v, k))
		} else {
			fmt.Fprintf(&g.body, "for l := range %d {\ncopy(%s[%s:], %s)\n}\n", rows, v.slice, affineIndex(at, whole, "l", rows), row(g.in(v, k), "l", part, 0))
		}
		at += part
	}
}

func pad(g *generator, v *value) {
	axis, before := int(v.attr[0]), int(v.attr[1])
	inner := v.node.Shape().Trail(axis - 1).Size()
	n, m := v.args[0].shape.Dim(-axis)*inner, v.node.Shape().Dim(-axis)*inner
	fmt.Fprintf(&g.body, "clear(%s)\n", v.slice)
	g.each(v.size/m, func(l string) {
		to := row(v.slice, l, m, v.size)
		fmt.Fprintf(&g.body, "copy(%s[%d:], %s)\n", to, before*inner, g.rowIn(v, 0, l, n))
	})
}

// sum adds evenly spaced or listed entries for each entry of the result.
func sum(g *generator, v *value) {
	index := v.node.Op().Index([]expr.Shape{v.args[0].shape}, v.node.Shape(), v.node.Attr())
	first, terms := index[:v.size], index[v.size:]
	r, n, x := runsOf(terms), len(terms), g.in(v, 0)
	table := ""
	if len(r.counts) > 1 {
		table = g.positions(terms)
	}
	g.nest(runsOf(first), func(i, at string) string {
		text := ""
		switch {
		case table != "":
			text = fmt.Sprintf("%s(%s[%s:], %s[:])", g.use("SumAt"), x, at, table)
		case r.steps[0] == 1:
			text = fmt.Sprintf("%s(%s[%s:][:%d])", g.use("Sum"), x, at, n)
		default:
			text = fmt.Sprintf("%s(%s[%s:], %d, %d)", g.use("SumEvery"), x, at, n, r.steps[0])
		}
		if v.op == "mean" {
			text += fmt.Sprintf(" / %d", n)
		}
		if v.size == 1 {
			return fmt.Sprintf("%s := %s\n", v.name, text)
		}
		return fmt.Sprintf("%s[%s] = %s\n", v.slice, i, text)
	})
}

// part is an operand of assemble with its positions.
type part struct {
	operand
	at []int32
}

// overlapped is the operand of unwindows with the positions of its entries.
func (v *value) overlapped() part {
	p := part{operand: v.args[0]}
	inner, image := v.node.Op().Index(shapesOf(v.args), v.node.Shape(), v.node.Attr()), v.node.Shape().Trail(2).Size()
	for i := range p.shape.Size() {
		p.at = append(p.at, inner[i%len(inner)]+int32(i/len(inner)*image))
	}
	return p
}

func (v *value) parts() (out []part) {
	if v.node.Op().Name == "unwindows" {
		return []part{v.overlapped()}
	}
	index := v.node.Op().Index(shapesOf(v.args), v.node.Shape(), v.node.Attr())
	for _, a := range v.args {
		p := part{operand: a}
		count := int(index[0])
		index = index[1:]
		for range count {
			for i := range index[1] {
				p.at = append(p.at, index[0]+i)
			}
			index = index[2:]
		}
		out = append(out, p)
	}
	return out
}

func shapesOf(args []operand) (out []expr.Shape) {
	for _, a := range args {
		out = append(out, a.shape)
	}
	return out
}

// isRange reports whether the entries go to neighbours.
func (p part) isRange() bool {
	for i, at := range p.at {
		if at != p.at[0]+int32(i) { // positions may also repeat
			return false
		}
	}
	return true
}

// assemble adds operands at their positions: range by range if there are few, else one operand after the other.
func assemble(g *generator, v *value) {
	parts := v.parts()
	scattered := func(p part) bool { return !p.isRange() || p.kind == constant } // Go would add constants exactly
	if len(parts) <= 32 && !slices.ContainsFunc(parts, scattered) {
		g.ranges(v, parts)
		return
	}
	fmt.Fprintf(&g.body, "clear(%s)\n", v.slice)
	for _, p := range parts {
		g.nest(runsOf(p.at), func(i, at string) string {
			return fmt.Sprintf("%s[%s] += %s\n", v.slice, at, g.atPlace(p.operand, i, v))
		})
	}
}

// ranges adds what there is in each range between the ends of operands. A sum begins with 0, which turns −0 into 0.
func (g *generator) ranges(v *value, parts []part) {
	ends := []int{0, v.size}
	for _, p := range parts {
		ends = append(ends, int(p.at[0]), int(p.at[0])+len(p.at))
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	for e, hi := range ends[1:] {
		g.oneRange(v, parts, ends[e], hi)
	}
}

func (g *generator) oneRange(v *value, parts []part, lo, hi int) {
	text := func(i string) string {
		s := "0"
		for _, p := range parts {
			if from := int(p.at[0]); from <= lo && hi <= from+len(p.at) {
				s += " + " + g.at(p.operand, shifted(i, -from), v)
			}
		}
		return fmt.Sprintf("%s[%s] = %s\n", v.slice, i, s)
	}
	switch {
	case strings.HasSuffix(text("i"), "= 0\n") && hi-lo > 1:
		fmt.Fprintf(&g.body, "clear(%s[%d:%d])\n", v.slice, lo, hi)
	case hi-lo <= unrolled:
		for i := lo; i < hi; i++ {
			g.body.WriteString(text(fmt.Sprint(i)))
		}
	default:
		fmt.Fprintf(&g.body, "for i := %d; i < %d; i++ {\n%s}\n", lo, hi, text("i"))
	}
}

// shifted is the index i + by.
func shifted(i string, by int) string {
	var k int
	if _, err := fmt.Sscanf(i, "%d", &k); err == nil {
		return fmt.Sprint(k + by)
	}
	switch {
	case by == 0:
		return i
	case by < 0:
		return fmt.Sprintf("(%s - %d)", i, -by)
	}
	return fmt.Sprintf("(%s + %d)", i, by)
}
