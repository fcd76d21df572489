package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// operator says how an operator becomes a node.
type operator struct {
	min, max int // inputs; a negative max means any number
	// integers lists inputs that must be constant integers, such as shapes.
	integers []int
	// fixed, if not nil, is tried first; a result of nil means that it does not apply.
	// It passes values on, or computes with constants.
	fixed func(c *call) (*value, error)
	graph func(c *call) (expr.Node, error)
}

// call is one operator being built.
type call struct {
	*Node
	b    *builder
	args []*value    // nil for an input that is left out
	in   []expr.Node // of the same, where they are real
	read map[string]bool
	err  error // of attributes
}

// node builds one operator and names its result.
func (b *builder) node(n *Node) error {
	v, err := b.result(n)
	if err != nil {
		return &Error{n.place(), n.Op, err.Error()}
	}
	if b.entries += v.size(); b.entries > maxEntries {
		return &Error{n.place(), n.Op, fmt.Sprintf("the results so far have more than %d entries; export a smaller network", maxEntries)}
	}
	for i, name := range n.Outputs {
		_, twice := b.values[name]
		switch {
		case name == "":
		case twice:
			return &Error{n.place(), n.Op, fmt.Sprintf("its output %s is the name of another tensor; write the file again", shortName(name))}
		case i == 0:
			b.values[name] = v
		default:
			b.skipped[name] = n.Op
		}
	}
	return nil
}

func (v *value) size() int {
	if v.tensor != nil {
		return v.tensor.Size()
	}
	return v.node.Shape().Size()
}

// result builds an operator.
func (b *builder) result(n *Node) (*value, error) {
	op, ok := operators[n.Op]
	if !ok || !isStandard(n.Domain) {
		return nil, errors.New(unsupported(n))
	}
	c := &call{Node: n, b: b, read: map[string]bool{}}
	if err := c.arguments(op); err != nil {
		return nil, err
	}
	v, err := c.apply(op)
	switch {
	case c.err != nil:
		return nil, c.err
	case err != nil:
		return nil, err
	}
	if err := b.mistakeInGraph(); err != nil {
		return nil, err
	}
	return v, c.leftover()
}

// apply calls the operator's rule.
func (c *call) apply(op operator) (*value, error) {
	if op.fixed != nil {
		if v, err := op.fixed(c); v != nil || err != nil {
			return v, err
		}
	}
	if err := c.reals(op.integers); err != nil {
		return nil, err
	}
	n, err := op.graph(c)
	return &value{node: n}, err
}

// mistakeInGraph words what package expr refused, without the line of this package
// that it names.
func (b *builder) mistakeInGraph() error {
	var wrong *expr.BuildError
	err := b.g.Err()
	if !errors.As(err, &wrong) {
		return err
	}
	var shapes []string
	for _, s := range wrong.Shapes {
		shapes = append(shapes, s.String())
	}
	return fmt.Errorf("it does not fit shapes %s (%w); export the model with inputs of the right shape", strings.Join(shapes, " and "), wrong.Err)
}

// unsupported says why an operator is refused.
func unsupported(n *Node) string {
	switch {
	case !isStandard(n.Domain):
		return fmt.Sprintf("operators of domain %s are not supported; export with the standard operators only", shortName(n.Domain))
	case slices.Contains([]string{"If", "Loop", "Scan", "SequenceMap"}, n.Op):
		return "control flow is not supported; export a trace of the model at one input, in which the branch is taken"
	case strings.Contains(n.Op, "Quantize") || strings.HasPrefix(n.Op, "QLinear") || strings.HasSuffix(n.Op, "Integer"):
		return "quantised operators are not supported; export the model before it is quantised"
	}
	return "the operator is not supported; rewrite the model with " + strings.Join(operatorNames(), ", ")
}

// arguments looks up the inputs.
func (c *call) arguments(op operator) error {
	if n := len(c.Inputs); n < op.min || op.max >= 0 && n > op.max {
		return fmt.Errorf("it has %d inputs; operator set %d gives it %s", n, c.b.model.Opset, op.arity())
	}
	for i, name := range c.Inputs {
		v, ok := c.b.values[name]
		switch op, isSkipped := c.b.skipped[name]; {
		case name == "" && i >= 1:
		case isSkipped:
			return fmt.Errorf("it reads %s, a further output of %s, which is not imported; remove what uses it", shortName(name), op)
		case !ok:
			return fmt.Errorf("it reads %s, which no input, initializer or node before it defines; write the file again", shortName(name))
		}
		c.args = append(c.args, v)
	}
	return nil
}

func (op operator) arity() string {
	switch {
	case op.max < 0:
		return fmt.Sprintf("at least %d", op.min)
	case op.min == op.max:
		return fmt.Sprint(op.min)
	}
	return fmt.Sprintf("%d to %d", op.min, op.max)
}

// has reports whether an input is given.
func (c *call) has(i int) bool { return i < len(c.args) && c.args[i] != nil }

// reals makes nodes of the inputs but for those that must be integers.
func (c *call) reals(integers []int) (err error) {
	c.in = make([]expr.Node, len(c.args))
	for i, v := range c.args {
		switch {
		case v == nil:
		case slices.Contains(integers, i):
			if v.tensor == nil || v.tensor.Type.isFloat() {
				return fmt.Errorf("its input %s must be a constant list of integers; export the model with fixed extents", shortName(c.Inputs[i]))
			}
		default:
			if c.in[i], err = c.b.real(v); err != nil {
				return fmt.Errorf("its input %s %w; export the model with real numbers there", shortName(c.Inputs[i]), err)
			}
		}
	}
	return nil
}

// real returns the node of a value. The error completes a sentence.
func (b *builder) real(v *value) (expr.Node, error) {
	if v.node.Valid() {
		return v.node, nil
	}
	t := v.tensor
	switch i := slices.IndexFunc(t.Floats, isNotFinite); {
	case !t.Type.isFloat():
		return v.node, fmt.Errorf("has entries of type %v", t.Type)
	case t.Size() == 0:
		return v.node, fmt.Errorf("has no entries")
	case len(t.Dims) > expr.MaxRank:
		return v.node, fmt.Errorf("has %d axes, more than %d", len(t.Dims), expr.MaxRank)
	case i >= 0:
		return v.node, fmt.Errorf("has the entry %v", t.Floats[i])
	}
	v.node = b.g.Tensor(t.Floats, t.Dims...)
	return v.node, nil
}
