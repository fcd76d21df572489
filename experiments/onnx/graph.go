package onnx

import "google.golang.org/protobuf/encoding/protowire"

// graph decodes a GraphProto.
func (d *decoder) graph(data []byte) error {
	m := d.model
	err := eachField("the graph", data, func(f field) (err error) {
		switch f.number {
		case 1, 5, 11, 12, 15:
			if err := f.want(protowire.BytesType, "the graph"); err != nil {
				return err
			}
		}
		switch f.number {
		case 1:
			err = appendTo(&m.Nodes, maxNodes, "nodes", f, d.node)
		case 5:
			err = appendTo(&m.Initializers, maxTensors, "initializers", f, d.initializer)
		case 11:
			err = appendTo(&m.Inputs, maxValues, "inputs", f, d.value)
		case 12:
			err = appendTo(&m.Outputs, maxValues, "outputs", f, d.value)
		case 15:
			err = mistake("the graph has a sparse initializer; export dense weights")
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.checkNames()
}

// appendTo decodes one more element of a list that has a limit.
func appendTo[T any](list *[]T, most int, what string, f field, decode func([]byte) (T, error)) error {
	if len(*list) == most {
		return mistake("there are more than %d %s; export a smaller network", most, what)
	}
	v, err := decode(f.bytes)
	if err == nil {
		*list = append(*list, v)
	}
	return err
}

func (d *decoder) initializer(data []byte) (*Tensor, error) {
	t, err := d.tensor("an initializer", data)
	if err == nil && t.Name == "" {
		err = mistake("an initializer has no name; write the file again")
	}
	return t, err
}

// checkNames refuses names that stand for two tensors.
func (d *decoder) checkNames() error {
	seen := map[string]bool{}
	add := func(what, name string) error {
		if seen[name] {
			return mistake("%s %s is defined twice; give each tensor a name of its own", what, shortName(name))
		}
		seen[name] = true
		return nil
	}
	for _, t := range d.model.Initializers {
		if err := add("initializer", t.Name); err != nil {
			return err
		}
	}
	// Files of the format's first versions list initializers among the inputs too.
	inputs := d.model.Inputs[:0]
	for _, v := range d.model.Inputs {
		if seen[v.Name] {
			continue
		}
		inputs = append(inputs, v)
	}
	d.model.Inputs = inputs
	for _, v := range inputs {
		if err := add("input", v.Name); err != nil {
			return err
		}
	}
	return nil
}

// node decodes a NodeProto.
func (d *decoder) node(data []byte) (n Node, err error) {
	const message = "a node"
	err = eachField(message, data, func(f field) error {
		if f.number > 7 {
			return nil
		}
		if err := f.want(protowire.BytesType, message); err != nil {
			return err
		}
		text := func(b []byte) (string, error) { return string(b), nil }
		switch f.number {
		case 1:
			return appendTo(&n.Inputs, maxOperands, "inputs of one node", f, text)
		case 2:
			return appendTo(&n.Outputs, maxOperands, "outputs of one node", f, text)
		case 3:
			n.Name = f.text()
		case 4:
			n.Op = f.text()
		case 7:
			n.Domain = f.text()
		case 5:
			return appendTo(&n.Attributes, maxAttributes, "attributes of one node", f, d.attribute)
		}
		return nil
	})
	return n, err
}

// attribute decodes an AttributeProto. Graphs in it are not looked into.
func (d *decoder) attribute(data []byte) (a Attribute, err error) {
	const message = "an attribute"
	err = eachField(message, data, func(f field) (err error) {
		switch f.number {
		case 1:
			a.Name = f.text()
		case 2:
			a.Float = f.float32()
			a.guess(FloatAttribute)
		case 3:
			a.Int = f.integer()
			a.guess(IntAttribute)
		case 4:
			a.Text = f.text()
			a.guess(TextAttribute)
		case 5:
			a.Tensor, err = d.tensor("the tensor of attribute "+shortName(a.Name), f.bytes)
			a.guess(TensorAttribute)
		case 7:
			a.guess(FloatsAttribute)
			err = f.scalars(protowire.Fixed32Type, message, d.keep(func(bits uint64) {
				a.Floats = append(a.Floats, field{bits: bits}.float32())
			}))
		case 8:
			a.guess(IntsAttribute)
			err = f.scalars(protowire.VarintType, message, d.keep(func(bits uint64) {
				a.Ints = append(a.Ints, int64(bits))
			}))
		case 20:
			a.Kind = AttributeKind(f.bits & 0xff)
		}
		return err
	})
	return a, err
}

// guess sets the type from the field that holds the value: the first files did not
// have the type.
func (a *Attribute) guess(kind AttributeKind) {
	if a.Kind == 0 {
		a.Kind = kind
	}
}

// keep counts the numbers of lists.
func (d *decoder) keep(add func(bits uint64)) func(uint64) error {
	return func(bits uint64) error {
		if d.entries++; d.entries > maxEntries {
			return mistake("the file holds more than %d numbers; export a smaller network", maxEntries)
		}
		add(bits)
		return nil
	}
}
