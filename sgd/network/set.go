package network

import "github.com/tamegrad/tamegrad/expr"

// Points of a set are the axis −2 of a tensor and their features the last one. Layers that
// act on the last axis, such as [Linear], treat all points alike.

// MaxOverPoints is the largest value of each feature over the points of a set: the part of
// PointNet that does not depend on their order (C. R. Qi, H. Su, K. Mo, L. J. Guibas, CVPR
// 2017). Its kinks are ties of points.
func MaxOverPoints(x expr.Node) expr.Node { return expr.Max(expr.Transpose(x, 1, 0)) }

// Grouping replaces a set of points in ℝᵈ by groups of the K points nearest to each of
// Centres points, which are sampled farthest from each other (PointNet++: C. R. Qi, L. Yi, H.
// Su, L. J. Guibas, NeurIPS 2017): from minibatch × points × d to minibatch × Centres × K ×
// d. With Relative the centre is subtracted from its group.
//
// Which points these are jumps where distances tie: the class of the program says that it
// is not continuous, and sets at such a point are refused.
type Grouping struct {
	Centres, K int
	Relative   bool
}

// Apply implements [Layer].
func (g Grouping) Apply(b *Builder, x expr.Node) expr.Node {
	s := x.Shape()
	if s.Rank() != 3 {
		b.Fail("Grouping needs minibatches of points, of rank 3; it got the shape %v", s)
		return x
	}
	centres := expr.GatherRows(expr.Farthest(x, g.Centres), x)
	near := expr.Reshape(expr.KNN(x, centres, g.K), s.Dim(0), g.Centres*g.K)
	groups := expr.Reshape(expr.GatherRows(near, x), s.Dim(0), g.Centres, g.K, s.Dim(2))
	if !g.Relative {
		return groups
	}
	return expr.Sub(groups, expr.Reshape(centres, s.Dim(0), g.Centres, 1, s.Dim(2)))
}
