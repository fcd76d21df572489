package ad

import "github.com/tamegrad/tamegrad/expr"

// Follow extends the keys of every kink by their tangents along d₁, d₂, … as
// Along does, but leaves open what still ties. The active kinks of the wired
// program are those that the directions do not settle: along one direction in
// general position, those whose switches have row 0.
func Follow(directions ...[]expr.Node) Wiring {
	return Wiring{along: directions, choose: leaveOpen}
}

func leaveOpen(*expr.Slot, []expr.Node) (expr.Node, error) { return expr.Node{}, nil }
