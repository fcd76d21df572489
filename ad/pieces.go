package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// WireByPieces is Wire for derivatives of derivatives, of any order. It accepts
// only wirings by pieces: at every kink of the program the slot is an extreme
// point of its set whatever ties, so that each kink is replaced by one of its
// smooth branches.
//
// The reason is that a slot strictly inside its set is a choice of first order
// only. With slot ½, abs′(0) = 0 and the gradient of |t|² at 0 is right, but its
// derivative is 0 where the truth is 2.
//
// Wirings by pieces are Along (and so Lexicographic directions), AtSlot(0),
// AtSlot(1), AtKink(1), Random, and each Preset for programs at whose slots its
// rules are pieces: numbers 0 or 1 for a Step; FirstTied, LastTied or InOrder for a
// Rank; FirstTied or LastTied for a Permutation. Direction is accepted: its set has
// no pieces, but it counts only at the zero vector, where the second derivative
// of the norm does not exist and comes out as NaN or infinite. For other
// wirings the error is a *PieceError.
func WireByPieces(f *expr.Func, w Wiring) (*expr.Func, error) { return Wire(f, byPieces(w)) }

// PieceError says that a slot is wired to no piece, so that second derivatives
// would mean nothing.
type PieceError struct {
	Slot   *expr.Slot
	Reason string
	Advice string
}

func (e *PieceError) Error() string {
	return fmt.Sprintf("ad: no second derivative: %v %s; %s, or use Along", e.Slot, e.Reason, e.Advice)
}

// byPieces makes a wiring fail at slots that it does not wire to pieces.
func byPieces(w Wiring) Wiring {
	out := w
	out.choose = func(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
		var n expr.Node
		if w.choose != nil {
			var err error
			if n, err = w.choose(s, keys); err != nil {
				return n, err
			}
		}
		if reason := noPiece(s, n); reason != "" {
			return expr.Node{}, &PieceError{s, reason, pieceAdvice(s)}
		}
		return n, nil
	}
	return out
}

// noPiece returns why a value of a slot is no piece, or "".
func noPiece(s *expr.Slot, value expr.Node) string {
	if !value.Valid() {
		return "is open"
	}
	switch s.Kind {
	case expr.StepSlot:
		if !isVertex(value) {
			return "is not wired to 0 or 1, and only these select a branch; values between are choices of first order"
		}
	case expr.RankSlot:
		if !isVertexRule(value) {
			return "is not wired to single entries; shares of several entries are choices of first order"
		}
	case expr.PermutationSlot:
		if stable := value.Shape().Rank() == s.Keys()[0].Shape().Rank(); !stable {
			return "is not wired to one order; mixtures are choices of first order"
		}
	}
	return ""
}

// isVertex reports whether all entries are the constants 0 or 1.
func isVertex(n expr.Node) bool {
	values, ok := n.IsConst()
	if v, uniform := n.Uniform(); uniform {
		values, ok = []expr.Number{v}, true
	}
	for _, v := range values {
		ok = ok && (v.Equal(zero) || v.Equal(one))
	}
	return ok
}

// isVertexRule reports whether a rule among tied entries picks single ones.
func isVertexRule(n expr.Node) bool {
	if n.Op().Name != "tiebreak" {
		return false
	}
	mode := expr.TieMode(n.Attr().Int(2))
	return mode == expr.TieFirst || mode == expr.TieLast
}

func pieceAdvice(s *expr.Slot) string {
	choice := "FirstTied"
	if s.Kind == expr.StepSlot {
		choice = "SlotValue(expr.Num(0))"
	}
	return fmt.Sprintf("wire it to a piece with Override(w, %q, %s)", s, choice)
}
