package network

import "github.com/tamegrad/tamegrad/expr"

// Loss returns the mean loss of a minibatch, a scalar, from the outputs of a
// network and the targets, both of shape rows×outputs.
type Loss func(outputs, targets expr.Node) expr.Node

// CrossEntropy is the mean over rows of −Σⱼ yⱼ log softmax(z)ⱼ for logits z and
// targets y ≥ 0 with Σⱼ yⱼ = 1, such as one-hot rows.
//
// It is built as logsumexp(z − ⟨z, y⟩). The logarithm's argument never overflows,
// a loss far below 1 keeps its digits, and a loss for one-hot targets is never
// below 0. The maximum that makes this stable is inside the primitive: as a node
// of the program it would be a kink where logits tie, although the function is
// analytic there.
func CrossEntropy(logits, targets expr.Node) expr.Node {
	own := expr.Dot(logits, targets)
	if s := logits.Shape(); s.Rank() > 0 {
		own = expr.Expand(own, s.Dim(-1))
	}
	return expr.Mean(expr.LogSumExp(expr.Sub(logits, own)))
}

// HalfSquares is the mean over rows of ½‖z − y‖².
func HalfSquares(outputs, targets expr.Node) expr.Node {
	d := expr.Sub(outputs, targets)
	return expr.Scale(0.5, expr.Mean(expr.Dot(d, d)))
}
