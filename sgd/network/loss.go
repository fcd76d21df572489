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

// Hinge is the mean over rows of relu(1 − y·z) for one output z a row and targets y of −1
// and 1.
func Hinge(outputs, targets expr.Node) expr.Node {
	return expr.Mean(expr.ReLU(expr.AffineOf(expr.Mul(outputs, targets), -1, 1)))
}

// Logistic is the mean over rows of log(1 + exp(−y·z)) for one output z a row and targets y
// of −1 and 1.
func Logistic(outputs, targets expr.Node) expr.Node {
	return expr.Mean(expr.Softplus(expr.Neg(expr.Mul(outputs, targets))))
}

// MultiHinge is the mean over rows of (1/C)·Σⱼ max(0, 1 − z_k + zⱼ) over the classes j ≠ k,
// for outputs z and one-hot targets of C classes that are 1 at k (J. Weston, C. Watkins,
// ESANN 1999; MultiMarginLoss of PyTorch).
func MultiHinge(outputs, targets expr.Node) expr.Node {
	s := outputs.Shape()
	classes := float64(s.Dim(-1))
	own := expr.Reshape(expr.Dot(outputs, targets), append(s.Dims()[:s.Rank()-1], 1)...)
	margins := expr.ReLU(expr.Shift(expr.Sub(outputs, own), 1)) // 1 at the class k itself
	return expr.Shift(expr.Scale(1/classes, expr.Mean(expr.SumLast(margins))), -1/classes)
}
