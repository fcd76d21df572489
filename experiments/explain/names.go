package explain

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// Names returns the flat names of the entries of inputs: x or x[0], x[1], ….
func Names(inputs []expr.Node) []string {
	var names []string
	for _, n := range inputs {
		for i := range n.Shape().Size() {
			names = append(names, n.String()+indexText(n.Shape(), i))
		}
	}
	return names
}

// derivativeNames returns what the entries of a gradient, or of a Jacobian row by
// row, are derivatives by.
func (p *program) derivativeNames() []string {
	if p.scalar() {
		return p.inputs
	}
	var names []string
	y := p.f.Out()[0].Shape()
	for i := range p.outputs() {
		for _, x := range p.inputs {
			names = append(names, fmt.Sprintf("output %s by %s", indexText(y, i), x))
		}
	}
	return names
}

// indexText writes a flat position as [i][j]…, nothing for a scalar.
func indexText(s expr.Shape, flat int) string {
	text := ""
	for a := s.Rank() - 1; a >= 0; a-- {
		text = fmt.Sprintf("[%d]", flat%s.Dim(a)) + text
		flat /= s.Dim(a)
	}
	return text
}

// shortList joins at most a few names.
func shortList(names []string) string {
	const most = 6
	if len(names) > most {
		return strings.Join(names[:most-1], ", ") + ", …, " + names[len(names)-1]
	}
	return strings.Join(names, ", ")
}
