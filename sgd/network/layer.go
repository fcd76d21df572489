package network

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
)

// Layer adds nodes to a program.
type Layer interface {
	// Apply returns the layer's output for x, whose first axis is the minibatch.
	// It makes parameters with b and leaves mistakes to the graph.
	Apply(b *Builder, x expr.Node) expr.Node
}

// Initialiser draws the initial values of a parameter.
type Initialiser func(dst []float64, rng *rand.Rand)

// Zero is the initialiser 0.
func Zero(dst []float64, _ *rand.Rand) { clear(dst) }

// He returns the initialiser N(0, 2/in) for weights of units with in inputs,
// which keeps the mean square of activations through relu layers (He, Zhang,
// Ren and Sun, ICCV 2015, equation 10).
func He(in int) Initialiser {
	scale := math.Sqrt(2 / float64(in))
	return func(dst []float64, rng *rand.Rand) {
		random.Normals(dst, scale, rng)
	}
}

// Builder collects the parameters of a network that is being built.
type Builder struct {
	graph  *expr.Graph
	params []parameter
	layers int // with parameters, so far
}

type parameter struct {
	node expr.Node
	init Initialiser
}

// Graph returns the graph to build in.
func (b *Builder) Graph() *expr.Graph { return b.graph }

// Layer starts a layer with parameters and returns its number, from 0, for
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

// nodes returns the parameters in the order in which they were made.
func (b *Builder) nodes() []expr.Node {
	out := make([]expr.Node, len(b.params))
	for i, p := range b.params {
		out[i] = p.node
	}
	return out
}

// Linear is the affine layer x·W + b from the last axis of x, of extent in, to
// Out units: W has the shape in×Out and He's initial values, b the shape Out and
// 0. They are named w0 and b0 in the first layer with parameters, and so on.
type Linear struct {
	Out    int
	NoBias bool
}

// Apply implements [Layer].
func (l Linear) Apply(b *Builder, x expr.Node) expr.Node {
	in, k := 1, b.Layer()
	if s := x.Shape(); s.Rank() > 0 {
		in = s.Dim(-1)
	}
	y := expr.MatMul(x, b.Param(fmt.Sprintf("w%d", k), He(in), in, l.Out))
	if l.NoBias {
		return y
	}
	return expr.Add(y, b.Param(fmt.Sprintf("b%d", k), Zero, l.Out))
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
