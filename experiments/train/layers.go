package train

import (
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// activations are the layers without parameters or options.
var activations = map[string]func(expr.Node) expr.Node{
	"relu": expr.ReLU, "tanh": expr.Tanh, "sigmoid": expr.Sigmoid, "softplus": expr.Softplus, "abs": expr.Abs,
	"max-over-points": network.MaxOverPoints, "average-image": network.AverageImage,
}

// layerKinds makes the other layers from their options.
func layerKinds() map[string]func(c *Choice, rows shape) (network.Layer, error) {
	return map[string]func(c *Choice, rows shape) (network.Layer, error){
		"linear": linear, "dropout": dropout, "batch-norm": batchNorm, "group-sort": groupSort,
		"residual": residual, "grouping": grouping, "flatten": flatten, "image": image, "points": points,
		"convolution": convolution, "max-pool": maxPool, "average-pool": averagePool,
	}
}

// shape says how rows of a data set can be read.
type shape struct {
	channels, height, width int // of images; 0 if they are none
	points, coordinates     int // of sets; 0 if they are none
}

// sequence makes layers one after the other.
func sequence(list []Choice, rows shape) (network.Sequence, error) {
	var out network.Sequence
	for i := range list {
		l, err := layer(&list[i], rows)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func layer(c *Choice, rows shape) (network.Layer, error) {
	if f, ok := activations[c.Name]; ok {
		return network.Activation(f), c.none()
	}
	kinds := layerKinds()
	if build, ok := kinds[c.Name]; ok {
		return build(c, rows)
	}
	return nil, c.unknown("layer", slices.Concat(slices.Collect(maps.Keys(activations)), slices.Collect(maps.Keys(kinds))))
}

// decodeMain reads one number, or a map of options.
func (c *Choice) decodeMain(number, options any) error {
	switch c.options.(type) {
	case nil:
		return mistake(c.at, "%s needs a number, as in %q", c.Name, c.Name+": 2")
	case *ast.MappingNode, *ast.MappingValueNode:
		return c.decode(options)
	}
	return c.decode(number)
}

func linear(c *Choice, _ shape) (network.Layer, error) {
	o := struct {
		Out     int    `yaml:"out"`
		Bias    bool   `yaml:"bias"`
		Weights string `yaml:"weights"`
	}{Bias: true, Weights: "he"}
	if err := c.decodeMain(&o.Out, &o); err != nil {
		return nil, err
	}
	weights, err := c.scaling(o.Weights)
	if err != nil {
		return nil, err
	}
	return network.Linear{Out: o.Out, NoBias: !o.Bias, Weights: weights}, c.atLeastOne(o.Out)
}

// scaling finds initial weights by their name.
func (c *Choice) scaling(name string) (network.Scaling, error) {
	scalings := map[string]network.Scaling{
		"he": {}, "glorot": {Init: network.Glorot}, "orthogonal": {Init: network.Orthogonal},
		"ntk": network.NTK(), "mean-field": network.MeanField(),
	}
	weights, ok := scalings[name]
	if !ok {
		return weights, mistake(c.at, "there are no weights %q; there are %v", name, slices.Sorted(maps.Keys(scalings)))
	}
	return weights, nil
}

func (c *Choice) atLeastOne(n int) error {
	if n < 1 {
		return mistake(c.at, "%s is %d; it must be at least 1", c.Name, n)
	}
	return nil
}

func dropout(c *Choice, _ shape) (network.Layer, error) {
	var d network.Dropout
	if err := c.decodeMain(&d.Keep, &d); err != nil {
		return nil, err
	}
	if !(d.Keep > 0 && d.Keep <= 1) {
		return nil, mistake(c.at, "dropout keeps a share of %v; it must be above 0 and at most 1", d.Keep)
	}
	return d, nil
}

func batchNorm(c *Choice, _ shape) (network.Layer, error) {
	n := network.BatchNorm{Epsilon: 1e-5}
	if err := c.decode(&n); err != nil {
		return nil, err
	}
	if !(n.Epsilon >= 0) {
		return nil, mistake(c.at, "epsilon is %v; it must be at least 0", n.Epsilon)
	}
	return n, nil
}

func groupSort(c *Choice, _ shape) (network.Layer, error) {
	var size int
	if err := c.decodeMain(&size, &struct{}{}); err != nil {
		return nil, err
	}
	return network.GroupSort(size), c.atLeastOne(size)
}

func residual(c *Choice, rows shape) (network.Layer, error) {
	var list []Choice
	if err := c.decode(&list); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, mistake(c.at, "residual needs a list of layers")
	}
	body, err := sequence(list, rows)
	return network.Residual{Body: body}, err
}

func grouping(c *Choice, _ shape) (network.Layer, error) {
	var g network.Grouping
	if err := c.decodeMain(&g.Centres, &g); err != nil {
		return nil, err
	}
	return g, c.atLeastOne(min(g.Centres, g.K))
}

func flatten(c *Choice, _ shape) (network.Layer, error) { return network.Flatten{}, c.none() }

// image makes rows images.
func image(c *Choice, rows shape) (network.Layer, error) {
	if rows.channels == 0 {
		return nil, mistake(c.at, "the data set has no images")
	}
	return reshaped(rows.channels, rows.height, rows.width), c.none()
}

// points makes rows sets of points.
func points(c *Choice, rows shape) (network.Layer, error) {
	if rows.points == 0 {
		return nil, mistake(c.at, "the data set has no sets of points")
	}
	return reshaped(rows.points, rows.coordinates), c.none()
}

func reshaped(dims ...int) network.Layer {
	return network.Activation(func(x expr.Node) expr.Node {
		return expr.Reshape(x, append([]int{x.Shape().Dim(0)}, dims...)...)
	})
}

// losses by name; targets are one-hot rows.
var losses = map[string]network.Loss{
	"cross-entropy": network.CrossEntropy, "multi-hinge": network.MultiHinge, "half-squares": network.HalfSquares,
}

// network makes the network for rows of so many entries.
func (f *File) network(entries int, rows shape) (network.Network, error) {
	body, err := sequence(f.Network, rows)
	if err != nil {
		return network.Network{}, err
	}
	if !f.Loss.given() {
		f.Loss.Name = "cross-entropy"
	}
	loss, ok := losses[f.Loss.Name]
	if !ok {
		return network.Network{}, f.Loss.unknown("loss", slices.Collect(maps.Keys(losses)))
	}
	net := network.Network{Input: []int{entries}, Body: body, Loss: loss}
	if _, err := net.Outputs(1); err != nil {
		return net, fmt.Errorf("the network cannot be built: %w", err)
	}
	return net, f.Loss.none()
}
