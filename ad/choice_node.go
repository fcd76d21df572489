package ad

import "github.com/tamegrad/tamegrad/expr"

// value returns the node that the slot is wired to, given all keys.
func (c Choice) value(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
	if err := c.check(s); err != nil {
		return expr.Node{}, err
	}
	switch {
	case c.mode == byValue:
		return c.constant(s), nil
	case c.mode == byNaN:
		return quotient(s), nil
	case s.Kind == expr.RankSlot:
		return expr.TieBreak(tieModes[c.mode], s.From, s.To, keys...), nil
	case c.mode == byEven:
		return expr.EvenTies(keys...), nil
	}
	return stableOrder(keys[0]), nil
}

// tieModes has the rules among tied entries; InOrder leaves no ties.
var tieModes = map[mode]expr.TieMode{
	byFirst: expr.TieFirst, byLast: expr.TieLast, byEven: expr.TieEven, byAll: expr.TieAll, byOrder: expr.TieFirst,
}

func (c Choice) constant(s *expr.Slot) expr.Node {
	g, dims := s.Node.Graph(), s.Node.Shape().Dims()
	if len(c.values) > 1 {
		return g.Numbers(c.values, dims...)
	}
	n := g.Number(c.values[0])
	if len(dims) == 0 {
		return n
	}
	return expr.BroadcastTo(n, dims...)
}

// quotient is the key divided by its norm, NaN exactly where the slot counts:
// frameworks that return NaN compute this. Exact arithmetic stops there with a
// division by zero.
func quotient(s *expr.Slot) expr.Node {
	key := s.Keys()[0]
	if s.Kind == expr.DirectionSlot {
		return expr.Div(key, expr.Expand(expr.Norm2(key), key.Shape().Dim(-1)))
	}
	return expr.Div(key, key)
}

// extra returns the further key that the choice needs: the index of every
// entry, so that nothing ties, counted down to prefer high indices.
func (c Choice) extra(s *expr.Slot) []expr.Node {
	ordered := c.mode == byFirst || c.mode == byLast
	switch {
	case s.Kind == expr.RankSlot && c.mode == byOrder:
		return []expr.Node{indices(s, 1)}
	case s.Kind == expr.PermutationSlot && ordered && (c.mode == byLast) != descending(s):
		return []expr.Node{indices(s, -1)}
	}
	return nil
}

// descending reports whether the op lists the entries from the largest, so that
// ascending order lists the tied ones back to front.
func descending(s *expr.Slot) bool { return s.Owner.Op().Name == "topk" }

// indices is a key that counts along the last axis by steps of ±1.
func indices(s *expr.Slot, step int) expr.Node {
	shape := s.Keys()[0].Shape()
	v := make([]float64, shape.Dim(-1))
	for i := range v {
		v[i] = float64(step * i)
	}
	row := s.Node.Graph().Tensor(v, len(v))
	return expr.BroadcastTo(row, shape.Dims()...)
}

// stableOrder is the slot of a Permutation that keeps tied entries in order.
func stableOrder(key expr.Node) expr.Node {
	dims := key.Shape().Dims()
	dims[len(dims)-1] = 1
	return expr.BroadcastTo(key.Graph().Const(0), dims...)
}
