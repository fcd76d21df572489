package codegen

import (
	"fmt"
	"slices"
)

// A sum of two vectors of which one is shifted by an entry, as the gradient of a sum over neighbours is, is made in the
// loop that computes both: it remembers one entry from round to round.

// joinNeighbours moves such sums to the ends of their loops. The vectors themselves need no room then.
func joinNeighbours(steps []step) (out []step) {
	loops := map[int]int{} // places in out by the number of the loop
	for _, s := range steps {
		v := s.values[0]
		if at, ok := loops[v.loopOfNeighbours()]; ok {
			v.group = out[at].values[0].group
			out[at].values = append(out[at].values, v)
			continue
		}
		if s.size > 0 {
			loops[v.group] = len(out)
		}
		out = append(out, s)
	}
	return out
}

// loopOfNeighbours is the number of the loop that computes both operands of such a sum, 0 if v is none, or if somebody
// else reads an operand.
func (v *value) loopOfNeighbours() int {
	if v.op != "assemble" || v.kind != single || len(v.args) != 2 {
		return 0
	}
	group := v.args[0].group
	for _, a := range v.args {
		others := slices.ContainsFunc(a.readers, func(r *value) bool { return r != v && r.group != group })
		if a.kind != loop || a.group != group || others || a.outputs > 0 || a.size != a.shape.Size() {
			return 0
		}
	}
	if first, late, ok := v.neighbours(); ok && first.isRange() && late.isRange() {
		return group
	}
	return 0
}

// neighbours returns the operand that begins first and the one that begins an entry later.
func (v *value) neighbours() (first, late part, ok bool) {
	parts := v.parts()
	first, late = parts[0], parts[1]
	if late.at[0] < first.at[0] {
		first, late = late, first
	}
	return first, late, late.at[0] == first.at[0]+1 && len(first.at) == len(late.at)
}

// beginNeighbours clears what neither operand reaches, and declares what is remembered: at first 0, which changes no sum that
// begins with 0.
func (g *generator) beginNeighbours(v *value) {
	first, late, _ := v.neighbours()
	lo, hi := int(first.at[0]), int(late.at[0])+len(late.at)
	if lo > 0 {
		fmt.Fprintf(&g.body, "clear(%s[:%d])\n", v.slice, lo)
	}
	if hi < v.size {
		fmt.Fprintf(&g.body, "clear(%s[%d:])\n", v.slice, hi)
	}
	g.before[v] = g.names.fresh("before")
	fmt.Fprintf(&g.body, "%s := 0.0\n", g.before[v])
}

// roundNeighbours adds in the order of the operands.
func (g *generator) roundNeighbours(v *value) string {
	first, late, _ := v.neighbours()
	sum := "0"
	for _, p := range v.parts() {
		if p.at[0] == late.at[0] {
			sum += " + " + g.before[v]
		} else {
			sum += " + " + g.at(p.operand, "i", v)
		}
	}
	at := affineIndex(int(first.at[0]), 1, "i", v.size)
	return fmt.Sprintf("%s[%s] = %s\n%s = %s\n", v.slice, at, sum, g.before[v], g.at(late.operand, "i", v))
}

func (g *generator) endNeighbours(v *value) {
	_, late, _ := v.neighbours()
	fmt.Fprintf(&g.body, "%s[%d] = 0 + %s\n", v.slice, int(late.at[len(late.at)-1]), g.before[v])
}
