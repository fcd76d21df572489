package ad

import "github.com/tamegrad/tamegrad/expr"

// pushforward returns the tangent of a node for given tangents of its
// operands; an invalid node stands for a structural zero.
func (r *rules) pushforward(n expr.Node, dx []expr.Node) expr.Node {
	op := n.Op()
	if d, ok := r.own[op]; ok {
		return r.ownForward(n, d, dx)
	}
	switch {
	case op.Constant:
		return expr.Node{}
	case op.Slopes != nil:
		return slopesForward(n, expr.Slopes(n), dx)
	case op.Weights != nil:
		return expr.SumLast(scaled(op, expr.Slopes(n)[0], dx[0]))
	case op.JVP != nil:
		return op.JVP(expr.NewRule(n), dx)
	}
	for i, a := range n.Args() { // linear in all operands jointly
		if !dx[i].Valid() {
			dx[i] = zeros(a)
		}
	}
	return op.Apply(n.Attr(), dx...)
}

func slopesForward(n expr.Node, slopes, dx []expr.Node) expr.Node {
	var sum expr.Node
	for i, s := range slopes {
		if dx[i].Valid() {
			sum = add(sum, scaled(n.Op(), s, dx[i]))
		}
	}
	return sum
}

// pullback returns the cotangents of a node's operands. Ops that only pick
// entries are not handled here, see adjoint.picks.
func (r *rules) pullback(n, ct expr.Node) []expr.Node {
	op := n.Op()
	if d, ok := r.own[op]; ok {
		return r.ownBackward(n, d, ct)
	}
	switch {
	case op.Constant:
		return make([]expr.Node, len(n.Args()))
	case op.Slopes != nil:
		return slopesBackward(n, expr.Slopes(n), ct)
	case op.Weights != nil:
		x := n.Args()[0].Shape()
		wide := expr.Expand(ct, x.Dim(-1))
		return []expr.Node{scaled(op, expr.Slopes(n)[0], wide)}
	case op.Transpose != nil:
		return op.Transpose(expr.NewRule(n), ct)
	}
	return op.VJP(expr.NewRule(n), ct)
}

func slopesBackward(n expr.Node, slopes []expr.Node, ct expr.Node) []expr.Node {
	out := make([]expr.Node, len(slopes))
	for i, s := range slopes {
		out[i] = scaled(n.Op(), s, ct)
	}
	return out
}

// scaled multiplies a tangent or cotangent d by a slope. At a kink a slope of 0
// is a branch that was not taken, whatever d is; in smooth code a d of 0 is one
// that does not count, whatever the slope is.
func scaled(op *expr.Op, slope, d expr.Node) expr.Node {
	if !slope.Valid() || !d.Valid() {
		return expr.Node{}
	}
	if c, ok := slope.Uniform(); ok {
		switch c.Float() {
		case 0:
			return expr.Node{}
		case 1:
			return d
		case -1:
			return expr.Neg(d)
		}
		return expr.ScaleNumber(c, d)
	}
	if op.Nonsmooth() {
		return expr.Gate(slope, d)
	}
	return expr.Gate(d, slope)
}

func add(a, b expr.Node) expr.Node {
	switch {
	case !a.Valid():
		return b
	case !b.Valid():
		return a
	}
	return expr.Add(a, b)
}

// zeros returns a constant 0 of the shape of n.
func zeros(n expr.Node) expr.Node { return filled(n, 0) }

func filled(n expr.Node, v float64) expr.Node {
	c := n.Graph().Const(v)
	if n.Shape().Rank() == 0 {
		return c
	}
	return expr.BroadcastTo(c, n.Shape().Dims()...)
}
