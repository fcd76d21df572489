package expr

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// JSONSchema is the version of the format that WriteJSON writes and ReadJSON
// reads.
const JSONSchema = 1

// Limits of ReadJSON, against hostile input.
const (
	MaxJSON        = 64 << 20 // bytes
	MaxJSONNodes   = 1 << 20  // inputs and nodes
	MaxJSONEntries = 1 << 26  // of all inputs and nodes together
)

// WriteJSON writes the program as a list of nodes, one a line, which ReadJSON
// reads back as a program with the same nodes and the same hash:
//
//	{
//	  "schema": 1,
//	  "inputs": [
//	    {"name": "x", "shape": [3]},
//	    {"name": "w", "shape": [2, 3], "role": "parameter"}
//	  ],
//	  "nodes": [
//	    {"name": "h", "op": "matvec", "args": ["w", "x"], "attrs": [0]},
//	    {"name": "b", "op": "const", "shape": [2], "values": [0.5, "1/3"]},
//	    {"name": "z", "op": "add", "args": ["h", "b"]},
//	    {"name": "y", "op": "leakyrelu", "args": ["z"], "attrs": [0.01]}
//	  ],
//	  "outputs": ["y"]
//	}
//
// Inputs come in the order of the program. A shape that is left out is that of
// a scalar; a role is "variable", "parameter" or "datum", the first if left out.
//
// Nodes come in topological order. Their ops are those of the table in the
// package documentation, with attributes in the order given there. An operand
// is the name of an input or of a node further up, or a number, which stands for
// a scalar constant of its own. A name is any text that no other input or node
// has; nodes that nobody refers to need none. Elementwise ops broadcast their
// operands as the functions of this package do. Constants have the op const,
// a shape and their entries, flat and row-major, in place of operands and
// attributes.
//
// Numbers are exact: 0.1 is one tenth. What JSON cannot say is a string:
// fractions ("1/3") and the exact values of floats ("0x1.999999999999ap-04", see
// ParseNumber), which an exporter should prefer to decimals where rational
// arithmetic is to see the same program as float64.
//
// A program with open slots is refused: these are choices left to derivatives,
// not values. Wire them, or write the program before differentiation.
func (f *Func) WriteJSON(w io.Writer) error {
	if len(f.slots) > 0 {
		return fmt.Errorf("expr: the program has open slots such as %s, which JSON has no form for; close them with ad.Wire, or write the program before differentiation", listName(f.slots[0]))
	}
	if err := f.checkNames(); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	order := f.canonical()
	names := f.jsonNames(order)
	fmt.Fprintf(b, "{\n  \"schema\": %d,\n", JSONSchema)
	writeList(b, "inputs", order[:len(f.in)], func(n Node) jsonObject { return inputObject(n) })
	writeList(b, "nodes", order[len(f.in):], func(n Node) jsonObject { return nodeObject(n, names) })
	out := make([]string, len(f.out))
	for i, n := range f.out {
		out[i] = names[n]
	}
	fmt.Fprintf(b, "  \"outputs\": %s\n}\n", jsonList(out, jsonText))
	return b.Flush()
}

// MarshalJSON returns what WriteJSON writes.
func (f *Func) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := f.WriteJSON(&b)
	return b.Bytes(), err
}

// checkNames refuses names that JSON cannot hold, and those of ops that do not
// tell which op is meant.
func (f *Func) checkNames() error {
	for _, n := range f.in {
		if name := n.String(); !utf8.ValidString(name) {
			return fmt.Errorf("expr: the input name %q is not valid UTF-8, as JSON texts are; rename the input", name)
		}
	}
	seen := map[string]*Op{}
	for _, op := range f.CustomOps() {
		if _, isPrimitive := registry[op.Name]; isPrimitive || seen[op.Name] != nil {
			return fmt.Errorf("expr: the program has two ops named %s; give a custom op another name", op.Name)
		}
		seen[op.Name] = op
	}
	return nil
}

// jsonNames gives inputs their own names, and every other node its op and its
// place: the name under which the program that is read back lists it.
func (f *Func) jsonNames(order []Node) map[Node]string {
	names, taken := make(map[Node]string, len(order)), make(map[string]bool, len(order))
	for _, n := range f.in {
		names[n] = n.String()
		taken[names[n]] = true
	}
	for i, n := range order[len(f.in):] {
		name := fmt.Sprintf("%s#%d", n.Op().Name, len(f.in)+i)
		for taken[name] {
			name += "_"
		}
		names[n], taken[name] = name, true
	}
	return names
}

// jsonObject is an object whose fields keep their order.
type jsonObject []jsonField

type jsonField struct{ name, text string }

func inputObject(n Node) jsonObject {
	in, _ := n.Input()
	o := jsonObject{{"name", jsonText(in.Name)}}
	if n.Shape().Rank() > 0 {
		o = append(o, jsonField{"shape", jsonList(n.Shape().Dims(), strconv.Itoa)})
	}
	if in.Role != Variable {
		o = append(o, jsonField{"role", jsonText(in.Role.String())})
	}
	return o
}

func nodeObject(n Node, names map[Node]string) jsonObject {
	o := jsonObject{{"name", jsonText(names[n])}, {"op", jsonText(n.Op().Name)}}
	if values, ok := n.IsConst(); ok {
		if n.Shape().Rank() > 0 {
			o = append(o, jsonField{"shape", jsonList(n.Shape().Dims(), strconv.Itoa)})
		}
		return append(o, jsonField{"values", jsonList(values, numberJSON)})
	}
	args := make([]string, 0, len(n.ArgIDs()))
	for _, a := range n.Args() {
		args = append(args, names[a])
	}
	o = append(o, jsonField{"args", jsonList(args, jsonText)})
	if at := n.Attr(); len(at) > 0 {
		o = append(o, jsonField{"attrs", jsonList(at, numberJSON)})
	}
	return o
}

func writeList(b *bufio.Writer, name string, nodes []Node, object func(Node) jsonObject) {
	fmt.Fprintf(b, "  %q: [", name)
	for i, n := range nodes {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    {")
		for j, field := range object(n) {
			if j > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "%q: %s", field.name, field.text)
		}
		b.WriteByte('}')
	}
	if len(nodes) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("],\n")
}

// jsonText is the JSON of a name.
func jsonText(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // every string has a form
	}
	return strings.TrimRight(b.String(), "\n")
}

// jsonList is a list of JSON texts.
func jsonList[T any](list []T, text func(T) string) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = text(v)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func numberJSON(v Number) string {
	text, isJSON := v.exactText()
	if isJSON {
		return text
	}
	return `"` + text + `"`
}
