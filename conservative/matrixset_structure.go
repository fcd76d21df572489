package conservative

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// ofRankOne reports whether every active block changes the Jacobian by matrices
// u·rᵀ only, where for all choices in the block one of the two vectors is the
// same up to scale, whatever is chosen in the other blocks.
//
// A block acts where its op is differentiated and nowhere else: the change of the
// Jacobian is U·E·V, with V the tangents of the op's operands, U the derivative
// of the outputs by the op's, and E the change of the op's own derivative. An
// entry of a Step and a row of a Rank act on one entry of the op's output, so u
// is a column of U. Two tied entries of a Permutation change places: E is
// ±(1, −1)ᵀ(1, −1), perhaps with one row missing, and rᵀ is the difference of two
// rows of V. All ops of package expr are of that form; a user's own op is not
// trusted.
func (m *matrixSet) ofRankOne() bool {
	for i := range m.kinks {
		k := &m.kinks[i]
		op := k.Slot.Owner.Op()
		own, known := expr.Lookup(op.Name)
		switch {
		case !known || own != op:
			return false
		case k.Slot.Kind == expr.PermutationSlot && k.Count != 2:
			return false
		case k.Slot.Kind == expr.DirectionSlot && len(k.Entries) != 1:
			return false
		}
	}
	return true
}

// affine reports whether the Jacobian is proved to be affine in all slots jointly,
// so that J_F(x) is convex. It is a sum over the paths from inputs to outputs of
// products of the local derivatives on them, so slots multiply each other only if
// a path passes two of them: their ops follow each other, or are one op with two
// slots, which act on different entries if the op is elementwise.
func (m *matrixSet) affine() bool {
	upstream := map[expr.Node]bool{} // nodes after the op of an active kink
	owner := map[expr.Node]bool{}
	for i := range m.kinks {
		k := &m.kinks[i]
		owner[k.Slot.Owner] = true
		for j := range i {
			other := &m.kinks[j]
			if k.Slot.Owner == other.Slot.Owner && k.Slot != other.Slot &&
				(k.Slot.Owner.Op().Slopes == nil || slices.Equal(k.Index, other.Index)) {
				return false
			}
		}
	}
	for _, n := range m.j.f.Nodes() {
		for _, a := range n.Args() {
			upstream[n] = upstream[n] || upstream[a] || owner[a]
		}
		if owner[n] && upstream[n] {
			return false
		}
	}
	return true
}
