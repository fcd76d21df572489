package ad

import "github.com/tamegrad/tamegrad/expr"

// Within leaves slots open but counts a kink as active when its switch is
// within tol of a tie: |z| ≤ tol for a Step, chains of gaps ≤ tol for a Rank or
// a Permutation, ‖x‖ ≤ tol for a Direction. Nothing that follows is exact then.
func Within(tol float64) Wiring {
	return Wiring{
		rekey: func(s *expr.Slot, key expr.Node) expr.Node {
			switch s.Kind {
			case expr.StepSlot:
				return expr.Snap(key, tol, expr.SnapEntries)
			case expr.DirectionSlot:
				return expr.Snap(key, tol, expr.SnapVectors)
			}
			return expr.Snap(key, tol, expr.SnapRows)
		},
		choose: leaveOpen,
	}
}
