package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// Layer adds nodes to a program.
type Layer interface {
	// Apply returns the layer's output for x, whose first axis is the minibatch.
	// It makes parameters with b and leaves mistakes to the graph.
	Apply(b *Builder, x expr.Node) expr.Node
}

// Use is what a network is built for.
type Use int

// In training masks are drawn and batch-norm takes the statistics of the minibatch; in
// evaluation there are no masks, and statistics are inputs.
const (
	Training Use = iota
	Evaluation
	normalising // for the statistics: as in training, without masks
)

// Builder collects the parameters of a network that is being built, and the inputs that
// its layers need besides.
type Builder struct {
	graph      *expr.Graph
	use        Use
	params     []parameter
	drawn      map[string]sgd.Distribution
	inputs     []expr.Node // that are drawn, or statistics
	statistics []statistic
	layers     int // numbered so far
	err        error
}

type parameter struct {
	node expr.Node
	init Initialiser
}

// Graph returns the graph to build in.
func (b *Builder) Graph() *expr.Graph { return b.graph }

// Use returns what the network is built for.
func (b *Builder) Use() Use { return b.use }

// Fail keeps the first mistake of a layer.
func (b *Builder) Fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("network: "+format, args...)
	}
}

// Layer starts a layer with inputs of its own and returns its number, from 0, for
// names such as w0.
func (b *Builder) Layer() int {
	b.layers++
	return b.layers - 1
}

// Param adds a parameter. Names must differ.
func (b *Builder) Param(name string, init Initialiser, dims ...int) expr.Node {
	n := b.graph.Param(name, dims...)
	b.params = append(b.params, parameter{n, init})
	return n
}

// Drawn adds a data input that training draws in each step, such as a mask. Names must
// differ; the first axis is the minibatch.
func (b *Builder) Drawn(name string, of sgd.Distribution, dims ...int) expr.Node {
	n := b.graph.Data(name, dims...)
	b.drawn[name] = of
	b.inputs = append(b.inputs, n)
	return n
}

// nodes returns the parameters in the order in which they were made.
func (b *Builder) nodes() []expr.Node {
	out := make([]expr.Node, len(b.params))
	for i, p := range b.params {
		out[i] = p.node
	}
	return out
}

// Activation applies a function without parameters, such as expr.ReLU.
type Activation func(x expr.Node) expr.Node

// Apply implements [Layer].
func (f Activation) Apply(_ *Builder, x expr.Node) expr.Node { return f(x) }

// Sequence applies layers one after the other; none is the identity.
type Sequence []Layer

// Apply implements [Layer].
func (s Sequence) Apply(b *Builder, x expr.Node) expr.Node {
	for _, l := range s {
		x = l.Apply(b, x)
	}
	return x
}

// Residual adds what layers make of x to x (K. He et al., CVPR 2016); shapes must agree.
type Residual struct{ Body Layer }

// Apply implements [Layer].
func (r Residual) Apply(b *Builder, x expr.Node) expr.Node { return expr.Add(x, r.Body.Apply(b, x)) }

// Flatten joins all axes but the first.
type Flatten struct{}

// Apply implements [Layer].
func (Flatten) Apply(_ *Builder, x expr.Node) expr.Node {
	s := x.Shape()
	if s.Rank() < 2 {
		return x
	}
	return expr.Reshape(x, s.Dim(0), s.Size()/s.Dim(0))
}

// GroupSort is the activation that sorts groups of so many consecutive entries of the last
// axis (C. Anil, J. Lucas, R. Grosse, ICML 2019): it permutes entries, so that it keeps the
// norms of vectors and of gradients.
func GroupSort(size int) Layer {
	return Activation(func(x expr.Node) expr.Node { return expr.GroupSort(x, size) })
}
