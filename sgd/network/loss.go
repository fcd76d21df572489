package network

import "github.com/tamegrad/tamegrad/expr"

// Loss returns the mean loss of a minibatch, a scalar, from the outputs of a
// network and the targets, both of shape rows×outputs.
type Loss func(outputs, targets expr.Node) expr.Node

// CrossEntropy is the mean over rows of expr.CrossEntropy: −Σⱼ yⱼ log softmax(z)ⱼ
// for logits z and targets y ≥ 0 with Σⱼ yⱼ = 1, such as one-hot rows. It neither
// overflows nor loses digits, and has no kinks where logits tie.
func CrossEntropy(logits, targets expr.Node) expr.Node {
	return expr.Mean(expr.CrossEntropy(logits, targets))
}

// HalfSquares is the mean over rows of ½‖z − y‖².
func HalfSquares(outputs, targets expr.Node) expr.Node {
	d := expr.Sub(outputs, targets)
	return expr.Scale(0.5, expr.Mean(expr.Dot(d, d)))
}
