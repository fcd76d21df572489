package ad

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// Linearization is the piecewise linearisation of a program at a point: Griewank's
// abs-normal form (On stable piecewise linearization and generalized algorithmic
// differentiation, Optim. Methods Softw. 28, 2013) with slots in place of absolute
// values, so that it covers all four selectors. Everything that does not depend on
// an active kink is a number there, and what remains is
//
//	ż = Z·ẋ + L·v     tangents of the active switches
//	ẏ = Y·ẋ + J·v     tangents of the outputs
//	v = S(λ)·ż        tangents that pass the kinks, block by block
//
// in which S depends on the slots λ: v = λż for a Step, v = Σ λₖżₖ over the tied
// entries of a Rank and over the row of a Direction, vₚ = Σ λₚₖżₖ for every
// position p of a Permutation. L is strictly lower triangular by blocks. With
// slots chosen by the signs of ż it gives the directional derivative, and with
// free slots the conservative field, {Y + J·S(I − L·S)⁻¹·Z}.
//
// Numbers are float64 always; Exact fields are set where they are rational.
type Linearization struct {
	// Kinks are the active blocks, in topological order: a switch depends on
	// slots of earlier blocks only.
	Kinks []Kink
	// Switch has one row for every member of every block, block by block: Z and
	// L. The members of a block are its tied entries, in the order of
	// Kink.Entries, or of the columns of a Permutation's mixing matrix.
	Switch []Row
	// Output has one row for every entry of the outputs, flat: Y and J.
	Output []Row

	members, throughs []int // first of every block, then the total
}

// Row is the tangent of one number: ⟨X, ẋ⟩ + Σ Terms.
type Row struct {
	X     []float64 // flat over the inputs to differentiate
	Exact []*big.Rat
	Terms []Term // only those that are not 0, ascending
}

// Term is a coefficient of a tangent that passes a kink: entry Through of v.
type Term struct {
	Through     int
	Coefficient float64
	Exact       *big.Rat
}

// Members returns the rows of Switch that belong to a block: lo ≤ i < hi.
func (l *Linearization) Members(block int) (lo, hi int) {
	return l.members[block], l.members[block+1]
}

// Throughs returns the entries of v that belong to a block: lo ≤ i < hi.
func (l *Linearization) Throughs(block int) (lo, hi int) {
	return l.throughs[block], l.throughs[block+1]
}

// BlockOf returns the block that an entry of v belongs to.
func (l *Linearization) BlockOf(through int) int {
	b := 0
	for l.throughs[b+1] <= through {
		b++
	}
	return b
}

// Tied returns how many entries tie: 1 for a Step.
func (k *Kink) Tied() int { return len(k.members) }

// Throughs returns how many tangents pass the block: one for every position of
// a Permutation, else 1.
func (k *Kink) Throughs() int {
	if k.Slot.Kind == expr.PermutationSlot {
		return len(k.members)
	}
	return 1
}

// IsExact reports whether all rows are rational, SwitchesExact whether those of
// the switches are.
func (l *Linearization) IsExact() bool { return l.SwitchesExact() && areExact(l.Output) }

// SwitchesExact reports whether the rows of all switches are rational, and so
// the kinks decided exactly.
func (l *Linearization) SwitchesExact() bool { return areExact(l.Switch) }

func areExact(rows []Row) bool {
	for i := range rows {
		if rows[i].Exact == nil {
			return false
		}
	}
	return true
}
