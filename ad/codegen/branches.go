package codegen

import (
	"fmt"
	"slices"
	"strings"
)

// batch returns the values of a loop that choose by the same switch as v and whose other operands are there, and
// marks them as done; none if v is no choice or done already.
func (g *generator) batch(v *value, done map[*value]bool) (batch []*value) {
	if v.choice == nil || done[v] {
		return nil
	}
	for _, w := range v.args[0].readers {
		isThere := w == v || w.choice != nil && w.kind == loop && w.group == v.group && w.args[0] == v.args[0] && !done[w]
		for _, a := range w.args {
			isThere = isThere && (a.kind != loop || a.group != v.group || done[a.value])
		}
		if isThere && !slices.Contains(batch, w) { // it may read the switch twice
			batch = append(batch, w)
		}
	}
	if len(batch) > 1 {
		for _, w := range batch {
			done[w] = true
		}
	}
	return batch
}

// difference returns the difference of the operands of a maximum or minimum, if choices of its loop are made by it; nil
// if there is none. Where it has a sign, that tells which operand it is.
func (g *generator) difference(v *value, done map[*value]bool) *value {
	if v.op != "max" && v.op != "min" {
		return nil
	}
	for _, z := range v.args[0].readers {
		isOne := z.op == "sub" && z.kind == loop && z.group == v.group && !done[z] &&
			(z.args[0] == v.args[0] && z.args[1] == v.args[1] || z.args[0] == v.args[1] && z.args[1] == v.args[0])
		if isOne && slices.ContainsFunc(z.readers, func(r *value) bool { return r.choice != nil && r.group == v.group }) {
			return z
		}
	}
	return nil
}

// withExtremum returns the maximum or minimum v with the choices by the difference z, as far as they can be made.
func (g *generator) withExtremum(v, z *value, done map[*value]bool) (batch []*value) {
	done[z], done[v] = true, true
	first := slices.IndexFunc(z.readers, func(r *value) bool { return r.choice != nil && r.group == v.group })
	choices := g.batch(z.readers[first], done)
	for _, w := range choices {
		done[w] = true
	}
	return append([]*value{v}, choices...)
}

// isFolded are the ops, cheap ones, that are computed beforehand where a branch knows the operands.
var isFolded = map[string]bool{"neg": true, "add": true, "sub": true, "mul": true, "affine": true}

// branch is what values are for one sign of a switch.
type branch struct {
	number map[*value]float64 // of those that are constants
	text   map[*value]string
}

// branches looks at a switch once for several values of a loop, and for those that follow from them and are constants in
// a branch.
func (g *generator) branches(batch, loop []*value, done map[*value]bool) string {
	last := batch[len(batch)-1] // a choice
	z := last.args[0]
	var all [3]branch
	for k := range all {
		all[k] = branch{map[*value]float64{}, map[*value]string{}}
		for _, v := range batch {
			g.choose(&all[k], k, v, z.value)
		}
	}
	for _, v := range loop {
		if !done[v] && g.follows(v, &all, done) {
			batch, done[v] = append(batch, v), true
		}
	}
	var texts [3]string
	declared, after := "", ""
	for _, v := range batch {
		isOutside := v.stored || slices.ContainsFunc(v.readers, func(r *value) bool { return !slices.Contains(batch, r) })
		for k := range all {
			texts[k] += all[k].assigned(v, isOutside)
		}
		if isOutside {
			declared += ", " + v.name
		}
		if v.stored {
			after += fmt.Sprintf("%s[i] = %s\n", v.slice, v.name)
		}
	}
	at := g.at(z, "i", last)
	head := fmt.Sprintf("if %s > 0 {\n%s} else if %[1]s < 0 {\n%[3]s} else {\n%[4]s}\n", at, texts[0], texts[1], texts[2])
	if texts[1] == texts[2] {
		head = fmt.Sprintf("if %s > 0 {\n%s} else {\n%s}\n", at, texts[0], texts[1])
	}
	return "var " + strings.TrimPrefix(declared, ", ") + " float64\n" + head + after
}

// choose finds what a choice, or an extremum, is where the switch z is positive, negative, or neither.
func (g *generator) choose(b *branch, k int, v, z *value) {
	e := g.entry(v)
	if v.choice == nil {
		larger, smaller := g.at(z.args[0], "i", v), g.at(z.args[1], "i", v)
		if v.op == "min" {
			larger, smaller = smaller, larger
		}
		b.text[v] = [3]string{larger, smaller, pointwise[v.op](e)}[k]
		return
	}
	switch c := [3]float64{v.choice.positive, v.choice.negative, v.choice.zero}[k]; {
	case v.op != "gate of choice":
		b.number[v] = c
	case c == 0:
		b.number[v] = 0 // not −0
	default:
		b.text[v] = scaled(c, e.x[1])
	}
}

// follows reports whether a value has all that it needs, and is a constant in a branch; then the branches know it.
func (g *generator) follows(v *value, all *[3]branch, done map[*value]bool) bool {
	isReady := v.kind == loop && v.choice == nil && isFolded[v.op]
	for _, a := range v.args {
		isReady = isReady && (a.kind != loop || a.group != v.group || done[a.value])
	}
	if !isReady || !slices.ContainsFunc(all[:], func(b branch) bool { return b.isConstant(v) }) {
		return false
	}
	for k := range all {
		all[k].follow(g, v)
	}
	return true
}

// of returns an operand where it is a constant.
func (b *branch) of(a operand) (c float64, ok bool) {
	if a.kind == constant && a.size == 1 {
		return a.data[0], true
	}
	c, ok = b.number[a.value]
	return c, ok
}

// isConstant reports whether the branch makes a constant of a value.
func (b *branch) isConstant(v *value) bool {
	chosen := false
	for _, a := range v.args {
		if _, ok := b.of(a); !ok {
			return false
		}
		chosen = chosen || a.kind != constant
	}
	return chosen
}

// follow computes a value from what the branch knows.
func (b *branch) follow(g *generator, v *value) {
	e := g.entry(v)
	var x []float64
	for k, a := range v.args {
		if c, ok := b.of(a); ok {
			x, e.x[k] = append(x, c), number(c)
		} else if text := b.text[a.value]; isPlain(text) {
			e.x[k] = text
		}
	}
	if len(x) == len(v.args) {
		b.number[v] = evaluated(v.op, v.attr, x...)
		return
	}
	b.text[v] = pointwise[v.op](e)
}

// isPlain reports whether a text is a variable or an entry of a slice, so that nobody needs another name for it.
func isPlain(text string) bool { return text != "" && !strings.ContainsAny(text, " (-") }

// assigned gives a value what it is in the branch. Constants and plain texts stand in the place of values that are read
// in the branches alone.
func (b *branch) assigned(v *value, isOutside bool) string {
	text := b.text[v]
	c, isNumber := b.number[v]
	switch {
	case isNumber && isOutside:
		return fmt.Sprintf("%s = %s\n", v.name, bare(c))
	case isOutside:
		return fmt.Sprintf("%s = %s\n", v.name, text)
	case isNumber, isPlain(text):
		return ""
	}
	return fmt.Sprintf("%s := %s\n", v.name, text)
}

// gatedText is an entry times a constant, 0 if that is.
func gatedText(s float64, x string) string {
	if s == 0 {
		return "0"
	}
	return scaled(s, x)
}
