package expr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The listing aligns its columns up to these widths, so that one long line does
// not stretch all others.
const (
	nameColumn = 16
	bodyColumn = 40
)

// longList is how many attributes or entries a listing shows of one node.
const longList = 8

// String returns a listing for reading: the inputs with shapes and roles, the
// open slots, one line for each node, and the outputs. Nodes go by op and id,
// the names under which kinks are reported; operands come before attributes.
// Long lists of numbers are cut. Use Format for text that can be read back.
func (f *Func) String() string {
	var b strings.Builder
	b.WriteString("func(")
	for i, n := range f.in {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(inputText(n))
	}
	b.WriteString(")\n")
	rows := make([]row, 0, len(f.live))
	for _, n := range f.slots {
		rows = append(rows, slotRow(n))
	}
	for _, n := range f.Nodes() {
		if !n.IsInput() {
			rows = append(rows, nodeRow(n))
		}
	}
	writeRows(&b, rows)
	fmt.Fprintf(&b, "  return %s\n", strings.Join(listNames(f.out), ", "))
	return b.String()
}

// String returns the role in lower case.
func (r Role) String() string {
	switch r {
	case Variable:
		return "variable"
	case Parameter:
		return "parameter"
	case Datum:
		return "datum"
	}
	return fmt.Sprintf("role %d", int(r))
}

func inputText(n Node) string {
	in, _ := n.Input()
	text := in.Name + " " + n.Shape().String()
	if in.Role != Variable {
		text += " " + in.Role.String()
	}
	return text
}

type row struct {
	name, body string
	shape      Shape
}

func slotRow(n Node) row {
	s, _ := n.Slot()
	return row{listName(n), fmt.Sprintf("slot: %v of %v", s.Kind, s.Owner), n.Shape()}
}

func nodeRow(n Node) row {
	r := row{name: listName(n), shape: n.Shape()}
	if values, ok := n.IsConst(); ok {
		r.body = numbersText(values)
		return r
	}
	r.body = n.Op().Name + "(" + strings.Join(listNames(n.Args()), ", ")
	if at := n.Attr(); len(at) > 0 {
		r.body += "; " + numbersText(at)
	}
	r.body += ")"
	return r
}

func writeRows(b *strings.Builder, rows []row) {
	var name, body int
	for _, r := range rows {
		name = max(name, fitting(r.name, nameColumn))
		body = max(body, fitting(r.body, bodyColumn))
	}
	for _, r := range rows {
		fmt.Fprintf(b, "  %-*s = %-*s %v\n", name, r.name, body, r.body, r.shape)
	}
}

// fitting returns the width of a text, or 0 if it is above the limit.
func fitting(s string, limit int) int {
	if n := utf8.RuneCountInString(s); n <= limit {
		return n
	}
	return 0
}

// listName is the node's name; slots go by that of their owner.
func listName(n Node) string {
	if s, ok := n.Slot(); ok {
		return s.String()
	}
	return n.String()
}

func listNames(nodes []Node) []string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = listName(n)
	}
	return out
}

func numbersText(values []Number) string {
	words := make([]string, 0, min(len(values), longList+1))
	for i, v := range values {
		if i == longList {
			words = append(words, fmt.Sprintf("… %d in all", len(values)))
			break
		}
		words = append(words, shortText(v))
	}
	return strings.Join(words, " ")
}

// shortText rounds nothing that float64 can tell apart.
func shortText(v Number) string {
	if s := strconv.FormatFloat(v.f, 'g', -1, 64); v.r == nil || len(v.String()) > len(s)+longList {
		return s
	}
	return v.String()
}
