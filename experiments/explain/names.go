package explain

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// inputNames returns the flat names of the coordinates: x or x[0], x[1], ….
func (p *program) inputNames() []string {
	var names []string
	for _, n := range p.f.In() {
		for i := range n.Shape().Size() {
			names = append(names, n.String()+indexText(n.Shape(), i))
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
