package conservative

import (
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// affine decides from the graph whether g is affine in all active slots jointly,
// so that D, the affine image of a convex set, is convex, and says why. It answers
// true only if that is proved.
func (p *at) affine() (bool, string) {
	switch {
	case len(p.kinks) == 0:
		return true, "no kink is active"
	case len(p.kinks) == 1:
		return true, "one kink is active"
	case p.degree() <= 1:
		return true, "no choice at a kink multiplies another"
	}
	return false, "choices at kinks may multiply each other"
}

// separable decides the same from rational values at all corners: whether they
// are a sum of one term for
// each block. Both sides are multi-affine, and multi-affine functions that agree
// at products of extreme points agree everywhere, so g is then such a sum with
// affine terms.
//
// With base the first corner and s_b(v) the corner that differs from it in block
// b only, the value at every corner must be base + Σ (s_b − base). By induction
// over the number of blocks that differ, it suffices that resetting the last of
// them changes the value by s_b − base.
func (c *corners) separable(all []clarke.Vector) (bool, string) {
	for i := range all {
		stride, reset, single := 1, i, 0
		for b := len(c.of) - 1; b >= 0; b-- {
			if digit := i / stride % len(c.of[b]); digit > 0 {
				reset, single = i-digit*stride, digit*stride
				break
			}
			stride *= len(c.of[b])
		}
		if reset != i && !sameDifference(all[i], all[reset], all[single], all[0]) {
			return false, "choices at different kinks multiply each other"
		}
	}
	return true, "the choices at different kinks add up"
}

// sameDifference reports whether a − b = c − d.
func sameDifference(a, b, c, d clarke.Vector) bool {
	left, right := new(big.Rat), new(big.Rat)
	for j := range a.Exact {
		left.Add(a.Exact[j], d.Exact[j])
		right.Add(b.Exact[j], c.Exact[j])
		if left.Cmp(right) != 0 {
			return false
		}
	}
	return true
}

// degree bounds the degree of g in the active slots jointly, by propagating it
// along the gradient graph; 2 stands for 2 and above. Everything that does not
// depend on an active slot is a constant at the point.
func (p *at) degree() int {
	active := map[expr.Node]bool{}
	for i := range p.kinks {
		active[p.kinks[i].Slot.Node] = true
	}
	degrees := map[expr.Node]int{}
	for _, n := range p.a.g.Nodes() {
		in := make([]int, len(n.Args()))
		for i, a := range n.Args() {
			in[i] = degrees[a]
		}
		switch {
		case active[n]:
			degrees[n] = 1
		case !n.IsInput():
			degrees[n] = min(degreeOf(n, in), 2)
		}
	}
	top := 0
	for _, n := range p.a.g.Out() {
		top = max(top, degrees[n])
	}
	return top
}

// degreeOf returns the degree of a node's value, given those of its operands.
func degreeOf(n expr.Node, in []int) int {
	sum, top := 0, 0
	for _, d := range in {
		sum, top = sum+d, max(top, d)
	}
	op := n.Op()
	class := op.Class
	if op.ClassAt != nil {
		class = op.ClassAt(n.Attr())
	}
	_, selects := n.SelectorSlot()
	switch {
	case top == 0:
		return 0
	case selects && top == in[len(in)-1] && sum == top: // only the slot depends on slots
		return top
	case op.Name == "permute" || op.Name == "unpermute": // bilinear in mixing and vector
		return sum
	case class == expr.Affine && op.Degree != nil:
		return op.Degree(in, n.Attr())
	case class == expr.Affine:
		return top
	}
	return 2
}
