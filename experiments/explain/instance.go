package explain

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// instance returns a program as explain takes it, and its text: the inputs that are
// differentiated, f.Wrt(), are variables under names that text can hold, and the
// other inputs are constants with their values at the point. The program is the one
// that the text is parsed to, unless that is too long, so that its nodes have the
// same numbers.
func instance(f *expr.Func, at Point) (_ *expr.Func, text string, err error) {
	if f, err = instantiate(f, at); err != nil {
		return nil, "", err
	}
	if text = expr.Format(f); len(text) > parse.MaxSource {
		return f, text, nil
	}
	var variables Point
	for _, n := range f.In() {
		i, _ := at.find(n.String())
		variables = append(variables, at[i])
	}
	f, err = parseFor(text, variables)
	return f, text, err
}

// instantiate makes constants of the inputs that are not differentiated.
func instantiate(f *expr.Func, at Point) (*expr.Func, error) {
	if n := len(f.Out()); n > 1 {
		return nil, fmt.Errorf("program: it has %d outputs; name one of them", n)
	}
	if n := size(f.Nodes()); n > maxEntries {
		return nil, tooLarge("it computes %d numbers; make its tensors smaller, at most %d in all", n, maxEntries)
	}
	if len(f.Slots()) > 0 {
		return nil, fmt.Errorf("program: it has open slots; give the program itself, not its derivative")
	}
	c := &copier{g: expr.NewGraph(), to: map[expr.Node]expr.Node{}}
	if err := c.inputs(f, at); err != nil {
		return nil, err
	}
	return c.g.Func(expr.In(c.in...), expr.Out(f.CopyTo(c.g, c.to)...))
}

// copier copies a program into a graph of its own, occurrence by occurrence.
type copier struct {
	g  *expr.Graph
	in []expr.Node
	to map[expr.Node]expr.Node
}

func (c *copier) inputs(f *expr.Func, at Point) error {
	names, wrt := expr.Identifiers(f), f.Wrt()
	for i, n := range f.In() {
		k, ok := at.find(names[i])
		dims := n.Shape().Dims()
		switch {
		case !ok:
			return &PointError{names[i], fmt.Sprintf("there is no value for %s, which the program reads; add one of shape %v", names[i], n.Shape())}
		case !slices.Equal(at[k].Dims, dims):
			return &PointError{names[i], fmt.Sprintf("the value of %s has shape %v; the program reads one of shape %v", names[i], at[k].Dims, n.Shape())}
		case slices.Contains(wrt, n):
			c.to[n] = c.g.Input(names[i], dims...)
			c.in = append(c.in, c.to[n])
		default:
			c.to[n] = c.g.Numbers(exactNumbers(at[k].Values), dims...)
		}
	}
	for _, v := range at {
		if !slices.Contains(names, v.Name) {
			return &PointError{v.Name, fmt.Sprintf("there is a value for %s, which the program does not read; its inputs are %s", v.Name, shortList(names))}
		}
	}
	if len(c.in) == 0 {
		return errNoInputs
	}
	return nil
}

func exactNumbers(values []*big.Rat) []expr.Number {
	out := make([]expr.Number, len(values))
	for i, v := range values {
		out[i] = expr.Rational(v)
	}
	return out
}
