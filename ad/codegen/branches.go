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

// withExtremum writes the maximum or minimum v with the choices by the difference z, as far as they can be made.
func (g *generator) withExtremum(v, z *value, done map[*value]bool) string {
	done[z], done[v] = true, true
	first := slices.IndexFunc(z.readers, func(r *value) bool { return r.choice != nil && r.group == v.group })
	choices := g.batch(z.readers[first], done)
	if len(choices) == 0 {
		return g.round(v)
	}
	for _, w := range choices {
		done[w] = true
	}
	return g.branches(append([]*value{v}, choices...))
}

// texts are what a value is where the switch z is positive, negative, and neither.
func (g *generator) texts(v, z *value) [3]string {
	e := g.entry(v)
	if v.choice == nil {
		larger, smaller := g.at(z.args[0], "i", v), g.at(z.args[1], "i", v)
		if v.op == "min" {
			larger, smaller = smaller, larger
		}
		return [3]string{larger, smaller, pointwise[v.op](e)}
	}
	text := number
	if v.op == "gate of choice" {
		text = func(c float64) string { return gatedText(c, e.x[1]) }
	}
	return [3]string{text(v.choice.positive), text(v.choice.negative), text(v.choice.zero)}
}

// branches looks at a switch once for several values.
func (g *generator) branches(batch []*value) string {
	last := batch[len(batch)-1] // a choice
	z := g.at(last.args[0], "i", last)
	var names []string
	texts := [3]strings.Builder{}
	for _, v := range batch {
		names = append(names, v.name)
		for k, text := range g.texts(v, last.args[0].value) {
			fmt.Fprintf(&texts[k], "%s = %s\n", v.name, text)
		}
	}
	after := ""
	for _, v := range batch {
		if v.stored {
			after += fmt.Sprintf("%s[i] = %s\n", v.slice, v.name)
		}
	}
	declared := "var " + strings.Join(names, ", ") + " float64\n"
	head := fmt.Sprintf("if %s > 0 {\n%s} else if %s < 0 {\n%s} else {\n%s}\n", z, &texts[0], z, &texts[1], &texts[2])
	if texts[1].String() == texts[2].String() {
		head = fmt.Sprintf("if %s > 0 {\n%s} else {\n%s}\n", z, &texts[0], &texts[1])
	}
	return declared + head + after
}

// gatedText is an entry times a constant, 0 if that is.
func gatedText(s float64, x string) string {
	if s == 0 {
		return "0"
	}
	return scaled(s, x)
}
