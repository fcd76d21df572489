package optest

import (
	"math/rand/v2"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// law is one property of every op. It may be about single applications, which
// the op's sampler draws, about the op as a whole, or both.
type law struct {
	name string
	each func(t *rapid.T, op *expr.Op, e expr.Example)
	once func(t require.TestingT, op *expr.Op)
	// why says why the law has nothing to say about an op, or ""; nil if it has
	// something to say about all.
	why func(op *expr.Op) string
}

// laws lists what Run checks, besides the record itself.
var laws = []law{
	// ⟨v, Ju⟩ = ⟨Jᵀv, u⟩ for one wiring.
	{name: "adjoint", each: on(CheckAdjoint)},
	// J is linear for one wiring.
	{name: "linear", each: on(CheckLinear)},
	// One-sided directional derivatives are limits of difference quotients, on
	// kinks too.
	{name: "difference", each: func(t *rapid.T, op *expr.Op, e expr.Example) {
		CheckDirectional(t, Single(t, op, e), op.Class <= expr.PiecewiseAffine && op.Degree == nil)
	}},
	// What is certified to be continuous is.
	{name: "continuity", each: on(CheckContinuous), why: alwaysRefused},
	// What is not, jumps somewhere.
	{name: "jump", once: checkJumps, why: neverRefused},
	// Nothing changes but where a switch crosses zero.
	{name: "pieces", each: on(CheckPieces), why: first(noSwitches, notPiecewiseAffine, alwaysRefused)},
	// The slots' sets are the Clarke set, on small applications.
	{name: "slots", each: checkSlots, why: first(noSlots, alwaysRefused)},
	// Derivatives nearby are among those declared.
	{name: "nearby", each: on(CheckNearby), why: first(noSlots, alwaysRefused)},
	// The chain rule along curves, also inside kinks.
	{name: "curve", each: on(CheckCurve), why: alwaysRefused},
	// What wirings choose lies in the slots' sets.
	{name: "selections", each: on(CheckSelections), once: checkInvalid, why: noSlots},
	// Euler's identity.
	{
		name: "homogeneity",
		each: func(t *rapid.T, op *expr.Op, e expr.Example) {
			if k := degreeOf(op, e.Attr); k != nil {
				CheckEuler(t, Single(t, op, e), k)
			}
		},
		why: first(notHomogeneous, alwaysRefused),
	},
	// Ties go by index.
	{
		name: "ties",
		each: func(t *rapid.T, op *expr.Op, e expr.Example) {
			CheckTies(t, Single(t, op, e))
			if hasSlot(op, expr.PermutationSlot) {
				checkOrder(t, op, e)
			}
		},
		why: noOrder,
	},
	// Branches that are not taken leak nothing.
	{name: "leak", each: checkLeak, why: first(noBranches, isPermuting, listsRows)},
	// Rationals and float64 agree where float64 does not round.
	{name: "exact", each: checkExactOp, why: notRational},
	// Lanes compute what single runs do, bit for bit.
	{name: "lanes", each: checkLanesOp, why: isPermuting},
	// A leading axis is a loop over rows, bit for bit.
	{name: "batch", each: checkBatch},
	// All modes agree on extreme numbers, and none panics.
	{name: "modes", each: func(t *rapid.T, op *expr.Op, e expr.Example) {
		CheckModes(t, Single(t, op, extreme(t, e)))
		checkBatch(t, op, extreme(t, e))
	}},
}

// on checks the program of one application.
func on(check func(t *rapid.T, p Program)) func(t *rapid.T, op *expr.Op, e expr.Example) {
	return func(t *rapid.T, op *expr.Op, e expr.Example) { check(t, Single(t, op, e)) }
}

// first returns the first reason of several.
func first(reasons ...func(op *expr.Op) string) func(op *expr.Op) string {
	return func(op *expr.Op) string {
		for _, why := range reasons {
			if text := why(op); text != "" {
				return text
			}
		}
		return ""
	}
}

// skips returns why the law says nothing about an op, or "".
func (l *law) skips(op *expr.Op) string {
	if l.why == nil {
		return ""
	}
	return l.why(op)
}

// slotKinds returns the kinds of the slots of an op's derivative.
func slotKinds(op *expr.Op) (kinds []expr.SlotKind) {
	p := Single(failNow{}, op, op.Sample(rand.New(rand.NewPCG(1, 13))))
	b, err := ad.Backward(p.Func)
	require.NoError(failNow{}, err)
	for _, n := range b.Slots() {
		s, _ := n.Slot()
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

func hasSlot(op *expr.Op, kind ...expr.SlotKind) bool {
	for _, k := range slotKinds(op) {
		for _, wanted := range kind {
			if k == wanted {
				return true
			}
		}
	}
	return false
}

func noSlots(op *expr.Op) string {
	if len(slotKinds(op)) == 0 {
		return "its derivative has no slots"
	}
	return ""
}

func noSwitches(op *expr.Op) string {
	if !hasSlot(op, expr.StepSlot, expr.RankSlot, expr.PermutationSlot) {
		return "no switch decides about its derivative"
	}
	return ""
}

func noOrder(op *expr.Op) string {
	if !hasSlot(op, expr.RankSlot, expr.PermutationSlot) {
		return "it orders nothing"
	}
	return ""
}

func notPiecewiseAffine(op *expr.Op) string {
	if op.Class > expr.PiecewiseAffine || op.Degree != nil {
		return "it is not piecewise affine"
	}
	return ""
}

func notHomogeneous(op *expr.Op) string {
	rng := rand.New(rand.NewPCG(1, 14))
	for range 20 {
		if degreeOf(op, op.Sample(rng).Attr) != nil {
			return ""
		}
	}
	return "it is not homogeneous"
}

func noBranches(op *expr.Op) string {
	if !op.Nonsmooth() || op.Constant {
		return "it has no branches"
	}
	return ""
}

func notRational(op *expr.Op) string {
	if op.Exact == nil {
		return "it has no exact value"
	}
	return ""
}

// isPermuting is the reason to leave ops alone whose first operand lists
// positions: its entries cannot be drawn one by one.
func isPermuting(op *expr.Op) string {
	switch op.Name {
	case "permute", "unpermute", "gatherrows", "scatterrows":
		return "its first operand lists positions"
	}
	return ""
}

// listsRows is the reason to leave the branches of ops alone that have none: their
// first operand jumps.
func listsRows(op *expr.Op) string {
	if op.Name == "gatherrows" || op.Name == "scatterrows" {
		return "its first operand lists rows"
	}
	return ""
}
