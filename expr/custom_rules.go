package expr

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// regular calls Regular as the class analysis does, on single entries of
// elementwise ops.
func (t *trial) regular() error {
	if t.raw.Regular == nil {
		return nil
	}
	c := callOf(t.raw, t.e.Attr, t.shape, t.e.Shapes, t.e.Values)
	c.Out = t.call
	if !t.raw.Elementwise {
		t.raw.Regular(c)
		return nil
	}
	for i := range t.call {
		c.Out, c.In = t.call[i:i+1], nil
		for _, x := range t.e.Values {
			c.In = append(c.In, x[i:i+1])
		}
		t.raw.Regular(c)
	}
	return nil
}

// ranges holds the claims about whole sets against the values at hand.
func (t *trial) ranges() error {
	k, deg := &Known{Attr: t.e.Attr, Terms: max(1, t.e.Shapes[0].Size()/t.shape.Size())}, []int{}
	wide := *k
	for _, x := range t.e.Values {
		k.In = append(k.In, between(slices.Min(x), slices.Max(x)))
		wide.In = append(wide.In, anything)
		deg = append(deg, 1)
	}
	if t.raw.Range != nil {
		t.raw.Range(&wide)
		got := t.raw.Range(k)
		for _, v := range t.call {
			if math.IsNaN(v) {
				continue // outside the domain
			}
			if !(v >= got.Lo || near(v, got.Lo)) || !(v <= got.Hi || near(v, got.Hi)) || v == 0 && !got.Zero {
				return fmt.Errorf("%v is outside the range %+v for operands in %+v", v, got, k.In)
			}
		}
	}
	if t.rule = "Everywhere"; t.raw.Everywhere != nil {
		t.raw.Everywhere(&wide)
		t.raw.Everywhere(k)
	}
	if t.rule = "Degree"; t.raw.Degree != nil {
		t.raw.Degree(deg, t.e.Attr)
	}
	if t.rule = "ClassAt"; t.raw.ClassAt != nil {
		if k := t.raw.ClassAt(t.e.Attr); k <= Undeclared || k > NotDefinable {
			return fmt.Errorf("unknown class %d; use the constants of Kind", k)
		}
	}
	return nil
}

// derivative builds the derivatives of one application both ways and runs them.
// The guarded rules report what is wrong with the nodes that they return.
func (t *trial) derivative() error {
	g := NewGraph()
	args, dx := make([]Node, len(t.e.Shapes)), make([]Node, len(t.e.Shapes))
	for i, s := range t.e.Shapes {
		args[i], dx[i] = g.Input(fmt.Sprint("x", i), s.Dims()...), g.Input(fmt.Sprint("d", i), s.Dims()...)
	}
	n := t.op.Apply(t.e.Attr, args...)
	if !n.Valid() {
		return g.Err()
	}
	ct := g.Input("ct", n.Shape().Dims()...)
	outs := slices.DeleteFunc(t.derivatives(n, dx, ct), func(n Node) bool { return !n.Valid() })
	if err := g.Err(); err != nil {
		return t.own(err)
	}
	if len(outs) == 0 {
		return nil
	}
	f, err := g.Func(In(slices.Concat(args, dx, []Node{ct})...), Out(outs...))
	if err != nil {
		return err
	}
	f.Class()
	value := map[Node][]float64{}
	for i, n := range args {
		value[n] = t.e.Values[i]
	}
	return t.interpret(f, value)
}

// own strips from a mistake of a guarded rule what the record's author knows.
func (t *trial) own(err error) error {
	var e *BuildError
	if errors.As(err, &e) && e.Op == t.op.Name {
		t.rule = ""
		return e.Err
	}
	return err
}

// derivatives applies the op's one form of derivative to tangents and a
// cotangent.
func (t *trial) derivatives(n Node, dx []Node, ct Node) []Node {
	op, r := t.op, NewRule(n)
	switch {
	case op.Slopes != nil:
		t.rule = "Slopes"
		slopes := slices.Clone(Slopes(n))
		for i, s := range slopes {
			if s.Valid() {
				slopes[i] = Gate(s, dx[i])
			}
		}
		return slopes
	case op.Weights != nil:
		t.rule = "Weights"
		if w := Slopes(n)[0]; w.Valid() {
			return []Node{SumLast(Gate(w, dx[0]))}
		}
		return nil
	case op.Transpose != nil:
		t.rule = "Transpose"
		return append(op.Transpose(r, ct), op.Apply(t.e.Attr, dx...))
	case op.JVP != nil:
		t.rule = "JVP"
		y := op.JVP(r, dx)
		t.rule = "VJP"
		return append(op.VJP(r, ct), y)
	}
	return nil
}

// interpret computes a program node by node, without plans or sharing. Inputs
// and slots that have no value are ½ throughout. The error is that of the op on
// trial.
func (t *trial) interpret(f *Func, value map[Node][]float64) error {
	for _, n := range f.Nodes() {
		if n.IsInput() {
			if value[n] == nil {
				value[n] = slices.Repeat([]float64{0.5}, n.Shape().Size())
			}
			continue
		}
		args := n.Args()
		in := make([][]float64, len(args))
		for i, a := range args {
			in[i] = value[a]
		}
		c := callOf(n.Op(), n.Attr(), n.Shape(), shapesOfNodes(args), in)
		if n.Op().Eval(c); c.Fault.Set && n.Op() == t.op {
			return fmt.Errorf("the derivative meets %s", c.Fault.Why)
		}
		value[n] = c.Out
	}
	return nil
}
