package expr

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// build makes the inputs and nodes.
func (b *jsonBuilder) build(inputs []json.RawMessage) error {
	for i, text := range inputs {
		b.where = fmt.Sprintf("inputs[%d]", i)
		if err := b.input(text); err != nil {
			return err
		}
	}
	for i, text := range b.nodes {
		b.where = fmt.Sprintf("nodes[%d]", i)
		if err := b.one(i, text); err != nil {
			return err
		}
	}
	return nil
}

// named reads the name of an object and puts it into the place for mistakes.
func (b *jsonBuilder) named(o map[string]json.RawMessage) (string, error) {
	var name string
	if err := into(o, "name", &name, "a text"); err != nil || o["name"] == nil {
		return "", err
	}
	b.where += " " + jsonText(clip([]byte(name)))
	if name == "" {
		return "", errors.New("the name is empty; leave it out, or give one")
	}
	if _, taken := b.node[name]; taken {
		return "", errors.New("this name is taken; give every input and node a name of its own")
	}
	return name, nil
}

func (b *jsonBuilder) input(text json.RawMessage) error {
	o, err := fields(text, "name", "shape", "role")
	if err != nil {
		return err
	}
	name, err := b.named(o)
	if err != nil {
		return err
	}
	var dims []int
	if err := into(o, "shape", &dims, "a list of extents such as [2, 3]"); err != nil {
		return err
	}
	role := Variable.String()
	if err := into(o, "role", &role, `"variable", "parameter" or "datum"`); err != nil {
		return err
	}
	roles := []string{Variable.String(), Parameter.String(), Datum.String()}
	k := slices.Index(roles, role)
	if k < 0 {
		return fmt.Errorf(`the role is %q; it must be "variable", "parameter" or "datum"`, role)
	}
	n, err := b.made(b.g.input(name, Role(k), dims))
	if err != nil {
		return err
	}
	b.node[name] = n
	b.inputs = append(b.inputs, n)
	return nil
}

// made returns the mistake of a node that could not be built, and counts the
// entries of one that could.
func (b *jsonBuilder) made(n Node) (Node, error) {
	if n.Valid() {
		if b.entries += n.Shape().Size(); b.entries > MaxJSONEntries {
			return n, fmt.Errorf("inputs and nodes up to here have more than %d entries; make the tensors smaller", MaxJSONEntries)
		}
		return n, nil
	}
	var e *BuildError
	if err := b.g.Err(); !errors.As(err, &e) {
		return n, fmt.Errorf("it cannot be built: %w", err)
	}
	if len(e.Shapes) > 0 {
		return n, fmt.Errorf("%s of %v: %w", e.Op, shapesText(e.Shapes), e.Err)
	}
	return n, e.Err
}

func shapesText(shapes []Shape) string {
	text := ""
	for i, s := range shapes {
		if i > 0 {
			text += " and "
		}
		text += s.String()
	}
	return text
}

// one reads node i.
func (b *jsonBuilder) one(i int, text json.RawMessage) error {
	o, err := fields(text, "name", "op", "args", "attrs", "shape", "values")
	if err != nil {
		return err
	}
	name, err := b.named(o)
	if err != nil {
		return err
	}
	op, err := b.op(o)
	if err != nil {
		return err
	}
	n, err := b.apply(i, op, o)
	if err != nil {
		return err
	}
	if name != "" {
		b.node[name] = n
	}
	return nil
}

// op finds the op that a node names, and checks that its fields are those of
// its kind.
func (b *jsonBuilder) op(o map[string]json.RawMessage) (*Op, error) {
	if o["op"] == nil {
		return nil, errors.New(`the field "op" is missing`)
	}
	var name string
	if err := into(o, "op", &name, "the name of an op"); err != nil {
		return nil, err
	}
	op := registry[name]
	if op == nil {
		op = b.ops[name]
	}
	var misfits []string
	switch op {
	case nil:
		if near := Suggest(name, b.custom...); near != "" {
			return nil, fmt.Errorf("there is no op %q; did you mean %s?", clip([]byte(name)), near)
		}
		return nil, fmt.Errorf("there is no op %q; the ops are listed in the documentation of package expr", clip([]byte(name)))
	case opInput, opSlot:
		return nil, fmt.Errorf("%s is no op of a node; list inputs under inputs", name)
	case opConst:
		misfits = []string{"args", "attrs"}
	default:
		misfits = []string{"shape", "values"}
	}
	for _, field := range misfits {
		if o[field] != nil {
			return nil, fmt.Errorf("the op %s has no field %q; constants have shape and values, other ops args and attrs", name, field)
		}
	}
	return op, nil
}

func (b *jsonBuilder) apply(i int, op *Op, o map[string]json.RawMessage) (Node, error) {
	if op == opConst {
		return b.constant(o)
	}
	args, err := b.args(i, o)
	if err != nil {
		return Node{}, err
	}
	at, err := numbers(o, "attrs")
	if err != nil {
		return Node{}, err
	}
	if len(args) < op.MinArgs || op.MaxArgs >= 0 && len(args) > op.MaxArgs {
		return Node{}, fmt.Errorf("%s has %d operands; it takes %s", op.Name, len(args), countText(op.MinArgs, op.MaxArgs))
	}
	return b.made(op.Apply(at, args...))
}

func (b *jsonBuilder) constant(o map[string]json.RawMessage) (Node, error) {
	var dims []int
	if err := into(o, "shape", &dims, "a list of extents such as [2, 3]"); err != nil {
		return Node{}, err
	}
	if o["values"] == nil {
		return Node{}, errors.New(`the field "values" is missing; list the entries of the constant`)
	}
	values, err := numbers(o, "values")
	if err != nil {
		return Node{}, err
	}
	return b.made(b.g.Numbers(values, dims...))
}

// args reads operands: names of what is above, and numbers.
func (b *jsonBuilder) args(i int, o map[string]json.RawMessage) ([]Node, error) {
	var list []json.RawMessage
	if err := into(o, "args", &list, "a list of names and numbers"); err != nil {
		return nil, err
	}
	out := make([]Node, len(list))
	for k, text := range list {
		var err error
		if out[k], err = b.arg(i, text); err != nil {
			return nil, fmt.Errorf("operand %d: %w", k, err)
		}
	}
	return out, nil
}

func (b *jsonBuilder) arg(i int, text json.RawMessage) (Node, error) {
	if isNumberJSON(text) {
		v, err := ParseNumber(string(text))
		if err != nil {
			return Node{}, err
		}
		return b.made(b.g.Number(v))
	}
	var name string
	if text[0] != '"' || json.Unmarshal(text, &name) != nil {
		return Node{}, fmt.Errorf("%s is neither a name nor a number", clip(text))
	}
	return b.refer(i, name)
}

// refer finds what a name stands for, above node i.
func (b *jsonBuilder) refer(i int, name string) (Node, error) {
	if n, ok := b.node[name]; ok {
		return n, nil
	}
	for j := i; j < len(b.nodes); j++ {
		var later struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(b.nodes[j], &later) == nil && later.Name == name {
			return Node{}, fmt.Errorf("%q is nodes[%d], which does not come before this one; list nodes in topological order", clip([]byte(name)), j)
		}
	}
	return Node{}, fmt.Errorf("no input and no node above is named %q; numbers that are constants stand without quotes", clip([]byte(name)))
}

func isNumberJSON(text json.RawMessage) bool {
	return text[0] == '-' || text[0] >= '0' && text[0] <= '9'
}

// numbers reads a list of exact numbers.
func numbers(o map[string]json.RawMessage, field string) ([]Number, error) {
	var list []json.RawMessage
	if err := into(o, field, &list, "a flat list of numbers"); err != nil {
		return nil, err
	}
	out := make([]Number, len(list))
	for i, text := range list {
		s := string(text)
		if !isNumberJSON(text) && json.Unmarshal(text, &s) != nil {
			return nil, fmt.Errorf("entry %d of %s is %s; give numbers, or texts such as \"1/3\"", i, field, clip(text))
		}
		var err error
		if out[i], err = ParseNumber(s); err != nil {
			return nil, fmt.Errorf("entry %d of %s: %w", i, field, err)
		}
	}
	return out, nil
}

func (b *jsonBuilder) finish(outputs []string) (*Func, error) {
	out := make([]Node, len(outputs))
	for i, name := range outputs {
		b.where = fmt.Sprintf("outputs[%d]", i)
		var err error
		if out[i], err = b.refer(len(b.nodes), name); err != nil {
			return nil, err
		}
	}
	b.where = ""
	if len(out) == 0 {
		return nil, errors.New("there are no outputs; name at least one")
	}
	return b.g.Func(In(b.inputs...), Out(out...))
}
