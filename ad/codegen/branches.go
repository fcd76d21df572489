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

// branches looks at a switch once for several values.
func (g *generator) branches(batch []*value) string {
	z := g.at(batch[0].args[0], "i", batch[0])
	var names []string
	texts := [3]strings.Builder{}
	for _, v := range batch {
		names = append(names, v.name)
		e := g.entry(v)
		for k, c := range []float64{v.choice.positive, v.choice.negative, v.choice.zero} {
			text := number(c)
			if v.op == "gate of choice" {
				text = gatedText(c, e.x[1])
			}
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
