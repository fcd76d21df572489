package expr

import (
	"fmt"
	"strings"
)

// DOT returns the program as a graph in the language of Graphviz. Inputs are
// boxes; kinks are filled: the nodes whose op is nonsmooth and those that own a
// slot; slots are dashed diamonds, and dotted edges lead to them from their
// owners if the program holds these; outputs have a double border.
func DOT(f *Func) string {
	var b strings.Builder
	b.WriteString("digraph program {\n  node [shape=ellipse, fontname=\"sans-serif\"];\n")
	isOut := map[Node]bool{}
	for _, n := range f.out {
		isOut[n] = true
	}
	nodes := f.canonical()
	for _, n := range nodes {
		fmt.Fprintf(&b, "  n%d [%s];\n", n.id, dotStyle(n, len(n.memo().choices) > 0, isOut[n]))
	}
	for _, n := range nodes {
		for _, id := range n.ArgIDs() {
			fmt.Fprintf(&b, "  n%d -> n%d;\n", id, n.id)
		}
		if s, ok := n.Slot(); ok && f.order.Index(s.Owner) >= 0 {
			fmt.Fprintf(&b, "  n%d -> n%d [style=dotted, arrowhead=none];\n", s.Owner.id, n.id)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func dotStyle(n Node, owner, out bool) string {
	style := "label=" + dotQuote(dotLabel(n))
	switch {
	case n.Op() == opInput:
		style += ", shape=box"
	case n.Op() == opSlot:
		style += ", shape=diamond, style=dashed, color=\"#c0392b\""
	case n.Op() == opConst:
		style += ", shape=plaintext"
	case owner || n.Op().Nonsmooth():
		style += ", style=filled, fillcolor=\"#f9d6d2\", color=\"#c0392b\""
	}
	if out {
		style += ", peripheries=2"
	}
	return style
}

func dotLabel(n Node) string {
	label := listName(n)
	if values, ok := n.IsConst(); ok {
		label = numbersText(values)
	} else if at := n.Attr(); len(at) > 0 {
		label += "\n" + numbersText(at)
	}
	if s := n.Shape(); s.Rank() > 0 {
		label += "\n" + s.String()
	}
	return label
}

var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// dotQuote quotes a label: backslashes begin escapes in DOT.
func dotQuote(s string) string { return `"` + dotEscapes.Replace(s) + `"` }
