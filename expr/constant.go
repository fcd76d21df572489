package expr

import "fmt"

// Numbers adds a constant tensor with exact values, in row-major order.
func (g *Graph) Numbers(values []Number, dims ...int) Node {
	s, err := NewShape(dims...)
	if err == nil {
		err = g.checkRank(s)
	}
	if err == nil && s.Size() != len(values) {
		err = fmt.Errorf("shape %v has %d entries, got %d values", s, s.Size(), len(values))
	}
	if err != nil {
		return g.fail("const", nil, err)
	}
	return g.constant(s, values)
}
