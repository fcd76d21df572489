package expr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// JSONError is a mistake in a program written as JSON.
type JSONError struct {
	Where string // such as `nodes[3] "h"`; empty for the whole text
	Err   error  // what is wrong, and the mend
}

// Error returns one line of text.
func (e *JSONError) Error() string {
	if e.Where == "" {
		return fmt.Sprintf("expr: program in JSON: %v", e.Err)
	}
	return fmt.Sprintf("expr: program in JSON: %s: %v", e.Where, e.Err)
}

// Unwrap returns the reason.
func (e *JSONError) Unwrap() error { return e.Err }

// ReadJSON reads a program in the format of WriteJSON, into a graph of its own.
// Programs may use the given custom ops besides the primitives. The reader is
// strict: the error is a *JSONError that names the place and the mend.
//
// Texts above MaxJSON bytes and programs of more than MaxJSONNodes nodes or
// MaxJSONEntries entries are refused.
func ReadJSON(r io.Reader, ops ...*Op) (*Func, error) {
	b := &jsonBuilder{g: NewGraph(), node: map[string]Node{}, ops: map[string]*Op{}, custom: ops}
	f, err := b.read(r)
	var mistake *JSONError
	if err != nil && !errors.As(err, &mistake) {
		err = &JSONError{b.where, err}
	}
	return f, err
}

// jsonBuilder turns the text into nodes, in its order.
type jsonBuilder struct {
	g       *Graph
	node    map[string]Node
	inputs  []Node
	ops     map[string]*Op
	custom  []*Op
	nodes   []json.RawMessage
	where   string // the part being read
	entries int
}

func (b *jsonBuilder) read(r io.Reader) (*Func, error) {
	for _, op := range b.custom {
		if err := b.learn(op); err != nil {
			return nil, err
		}
	}
	text, err := io.ReadAll(io.LimitReader(r, MaxJSON+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxJSON {
		return nil, fmt.Errorf("it is larger than %d bytes; keep large data as inputs", MaxJSON)
	}
	top, err := topLevel(text)
	if err != nil {
		return nil, err
	}
	return b.program(top)
}

func (b *jsonBuilder) learn(op *Op) error {
	if op == nil {
		return errors.New("an op is nil; give what Custom returned, if its error was nil")
	}
	other := registry[op.Name]
	if other == nil {
		other = b.ops[op.Name]
	}
	if other != nil && other != op {
		return fmt.Errorf("two ops are named %s; give one of them another name", op.Name)
	}
	b.ops[op.Name] = op
	return nil
}

// topLevel checks the syntax of the whole text, which is one object.
func topLevel(text []byte) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	var top json.RawMessage
	if err := d.Decode(&top); err != nil {
		at := d.InputOffset()
		if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
			at = syntax.Offset
		}
		before := text[:min(max(at, 0), int64(len(text)))]
		return nil, fmt.Errorf("line %d is not valid JSON (%s); write an object such as {\"schema\": 1, \"inputs\": […], \"nodes\": […], \"outputs\": […]}",
			1+bytes.Count(before, []byte("\n")), strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the object; give one program")
	}
	return top, nil
}

// fields reads an object strictly: names are exact, known and given once, and
// no value is null.
func fields(text json.RawMessage, known ...string) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%s is not an object; write {…} with the fields %s", clip(text), strings.Join(known, ", "))
	}
	out := make(map[string]json.RawMessage, len(known))
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string) // the syntax has been checked
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		switch _, twice := out[name]; {
		case !slices.Contains(known, name):
			return nil, fmt.Errorf("there is no field %q; the fields are %s", name, strings.Join(known, ", "))
		case twice:
			return nil, fmt.Errorf("the field %q is given twice; give it once", name)
		case string(value) == "null":
			return nil, fmt.Errorf("the field %q is null; leave it out", name)
		}
		out[name] = value
	}
	return out, nil
}

// clip shows the beginning of a text, for messages.
func clip(text []byte) string {
	const most = 40
	s := []rune(strings.Join(strings.Fields(string(text[:min(len(text), 4*most)])), " "))
	if len(s) > most {
		return string(s[:most]) + "…"
	}
	return string(s)
}

// into decodes a field; a field that is missing leaves v as it is.
func into(o map[string]json.RawMessage, name string, v any, what string) error {
	text, ok := o[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("the field %q is %s; it must be %s", name, clip(text), what)
	}
	return nil
}

func (b *jsonBuilder) program(text json.RawMessage) (*Func, error) {
	o, err := fields(text, "schema", "inputs", "nodes", "outputs")
	if err != nil {
		return nil, err
	}
	var inputs []json.RawMessage
	var outputs []string
	for _, part := range []struct {
		name string
		v    any
		what string
	}{
		{"schema", new(float64), "a number"},
		{"inputs", &inputs, "a list of objects"},
		{"nodes", &b.nodes, "a list of objects"},
		{"outputs", &outputs, "a list of names"},
	} {
		if o[part.name] == nil {
			return nil, fmt.Errorf("the field %q is missing", part.name)
		}
		if err := into(o, part.name, part.v, part.what); err != nil {
			return nil, err
		}
	}
	if schema := string(o["schema"]); schema != strconv.Itoa(JSONSchema) {
		return nil, fmt.Errorf("its schema is %s; this release reads schema %d", clip(o["schema"]), JSONSchema)
	}
	if n := len(inputs) + len(b.nodes); n > MaxJSONNodes {
		return nil, fmt.Errorf("it has %d inputs and nodes; the limit is %d", n, MaxJSONNodes)
	}
	if err := b.build(inputs); err != nil {
		return nil, err
	}
	return b.finish(outputs)
}
