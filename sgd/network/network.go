package network

import (
	"cmp"
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// Network is a network with a loss. Its programs name the inputs "x", the
// targets "y" and the parameters as the layers do.
type Network struct {
	Input []int // shape of one row of x
	Body  Layer
	Loss  Loss // nil is CrossEntropy
}

// Names of the data inputs.
const (
	Inputs  = "x"
	Targets = "y"
)

// Dense returns the fully connected relu network with layers of the given
// sizes, the inputs first and the outputs last, with biases and without relu
// after the last layer. Dense(64, 64, 10) has one hidden layer.
func Dense(sizes ...int) Network {
	if len(sizes) == 0 {
		return Network{Body: Sequence{}}
	}
	var body Sequence
	for i, size := range sizes[1:] {
		if i > 0 {
			body = append(body, Activation(expr.ReLU))
		}
		body = append(body, Linear{Out: size})
	}
	return Network{Input: sizes[:1], Body: body}
}

// build returns the outputs of the network for a minibatch.
func (n Network) build(batch int, use Use) (b *Builder, x, z expr.Node, err error) {
	if n.Body == nil || len(n.Input) == 0 {
		return nil, x, z, fmt.Errorf("network: a network needs the shape of its input and a body; make one with Dense or give both")
	}
	b = &Builder{graph: expr.NewGraph(), use: use, drawn: map[string]sgd.Distribution{}}
	x = b.graph.Data(Inputs, append([]int{batch}, n.Input...)...)
	z = n.Body.Apply(b, x)
	return b, x, z, cmp.Or(b.err, b.graph.Err())
}

// Objective returns the mean loss of a minibatch of the given number of rows, for
// training: inputs are the parameters, "x" and "y", and what is drawn, see Random. It is an
// sgd.Model. The targets have the shape of the outputs.
func (n Network) Objective(batch int) (*expr.Func, error) {
	b, x, z, err := n.build(batch, Training)
	if err != nil {
		return nil, err
	}
	y := b.graph.Data(Targets, z.Shape().Dims()...)
	loss := n.Loss
	if loss == nil {
		loss = CrossEntropy
	}
	return b.graph.Func(expr.In(b.nodes()...), expr.In(x, y), expr.In(b.inputs...), expr.Out(loss(z, y)))
}

// Random says how training draws the data inputs that are neither "x" nor "y": the Random
// of an sgd.Config.
func (n Network) Random() (map[string]sgd.Distribution, error) {
	b, _, _, err := n.build(1, Training)
	if err != nil {
		return nil, err
	}
	return b.drawn, nil
}

// Outputs returns the outputs for a number of rows, for evaluation: inputs are the
// parameters, the statistics that the layers need, see Statistics, and "x".
func (n Network) Outputs(rows int) (*expr.Func, error) {
	b, x, z, err := n.build(rows, Evaluation)
	if err != nil {
		return nil, err
	}
	return b.graph.Func(expr.In(b.nodes()...), expr.In(b.inputs...), expr.In(x), expr.Out(z))
}

// Init draws initial values for all parameters, by name, in the order in which
// the layers make them.
func (n Network) Init(src rand.Source) (map[string][]float64, error) {
	b, _, _, err := n.build(1, Training)
	if err != nil {
		return nil, err
	}
	rng, out := rand.New(src), map[string][]float64{}
	for _, p := range b.params {
		in, _ := p.node.Input()
		v := make([]float64, p.node.Shape().Size())
		p.init(v, rng)
		out[in.Name] = v
	}
	return out, nil
}
