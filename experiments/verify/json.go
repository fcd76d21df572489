package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// FormatError says what is wrong with the form of an object.
type FormatError struct {
	Path string // of the value, such as "clarke.vertices[2]", or ""
	Why  string // what is wrong, and the mend
}

func (e *FormatError) Error() string {
	if e.Path == "" {
		return e.Why
	}
	return e.Path + ": " + e.Why
}

// members is a JSON object, whose keys are taken one by one.
type members struct {
	path  string
	names []string // not taken, in order
	value map[string]any
}

// parser reads JSON values: *members, []any, json.Number, string, bool or nil.
type parser struct {
	json  *json.Decoder
	depth int
}

// deepest bounds how objects and lists are nested; those of explain have six levels.
const deepest = 32

func (p *parser) next(path string) (any, error) {
	t, err := p.json.Token()
	if err != nil {
		return nil, err
	}
	return p.rest(t, path)
}

// rest reads the rest of a value that begins with a token.
func (p *parser) rest(t json.Token, path string) (v any, err error) {
	if _, nested := t.(json.Delim); !nested {
		return t, nil
	}
	if p.depth++; p.depth > deepest {
		return nil, &FormatError{"", fmt.Sprintf("it is nested more than %d levels deep; give what explain --json prints", deepest)}
	}
	if t == json.Delim('{') {
		v, err = p.members(path)
	} else {
		v, err = p.list(path)
	}
	if err == nil {
		_, err = p.json.Token() // the closing one
	}
	p.depth--
	return v, err
}

func (p *parser) list(path string) ([]any, error) {
	list := []any{}
	for p.json.More() {
		v, err := p.next(fmt.Sprintf("%s[%d]", path, len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (p *parser) members(path string) (*members, error) {
	m := &members{path: path, value: map[string]any{}}
	for p.json.More() {
		t, err := p.json.Token()
		if err != nil {
			return nil, err
		}
		name := t.(string) // encoding/json lets nothing else stand here
		if m.has(name) {
			return nil, &FormatError{m.at(name), "it is given twice; keep one"}
		}
		v, err := p.next(m.at(name))
		if err != nil {
			return nil, err
		}
		m.names, m.value[name] = append(m.names, name), v
	}
	return m, nil
}

func (m *members) at(name string) string {
	if m.path == "" {
		return name
	}
	return m.path + "." + name
}

// reader takes values out of an object. The first mistake stays; what is read after
// it means nothing.
type reader struct {
	err error
	// rounded lists the paths at which a float is not the nearest to its exact
	// sibling; pairs counts the siblings.
	rounded []string
	pairs   int
}

func (r *reader) fail(path, format string, args ...any) {
	if r.err == nil {
		r.err = &FormatError{path, fmt.Sprintf(format, args...)}
	}
}

// take removes a key and returns its value.
func (r *reader) take(m *members, name string) any {
	v, ok := m.value[name]
	if !ok {
		r.fail(m.at(name), "it is missing; give an object as explain --json prints it")
	}
	m.drop(name)
	return v
}

func (m *members) has(name string) bool {
	_, ok := m.value[name]
	return ok
}

func (m *members) drop(name string) {
	delete(m.value, name)
	if i := slices.Index(m.names, name); i >= 0 {
		m.names = slices.Delete(m.names, i, i+1)
	}
}

// done refuses keys that nobody took.
func (r *reader) done(m *members) {
	if len(m.names) > 0 {
		r.fail(m.at(m.names[0]), "there is no such key in schema %d; remove it", Schema)
	}
}

func (r *reader) members(m *members, name string) *members {
	v, ok := r.take(m, name).(*members)
	if !ok {
		r.fail(m.at(name), "it is not an object")
		return &members{path: m.at(name)}
	}
	return v
}

func (r *reader) text(m *members, name string) string {
	v, ok := r.take(m, name).(string)
	if !ok {
		r.fail(m.at(name), "it is not a text")
	}
	return v
}

// word is a text out of a list.
func (r *reader) word(m *members, name string, words ...string) string {
	v := r.text(m, name)
	if !slices.Contains(words, v) {
		r.fail(m.at(name), "it is %q; it is one of %s", v, strings.Join(words, ", "))
	}
	return v
}

func (r *reader) truth(m *members, name string) bool {
	v, ok := r.take(m, name).(bool)
	if !ok {
		r.fail(m.at(name), "it is neither true nor false")
	}
	return v
}

func (r *reader) list(m *members, name string) []any {
	v, ok := r.take(m, name).([]any)
	if !ok {
		r.fail(m.at(name), "it is not a list")
	}
	return v
}

func (r *reader) integer(v any, path string) int {
	n, _ := v.(json.Number)
	i, err := n.Int64()
	if err != nil {
		r.fail(path, "it is not an integer")
	}
	return int(i)
}

// array is a number, or nested lists of numbers of one shape. Vectors are flat.
type array struct {
	dims []int
	Vector
}

// numbers takes an array and its exact sibling, if there is one; nil for null.
func (r *reader) numbers(m *members, name string) *array {
	path := m.at(name)
	exact, rational := m.value[name+"_exact"]
	m.drop(name + "_exact")
	v := r.take(m, name)
	if v == nil {
		if rational {
			r.fail(path+"_exact", "it stands beside null; remove it")
		}
		return nil
	}
	a := &array{}
	a.dims = r.flatten(v, path, func(leaf any, path string) { a.Float = append(a.Float, r.float(leaf, path)) })
	if !rational {
		return a
	}
	a.Exact = []*big.Rat{}
	dims := r.flatten(exact, path+"_exact", func(leaf any, path string) {
		x := r.fraction(leaf, path)
		if i := len(a.Exact); i < len(a.Float) && x != nil {
			if f, _ := x.Float64(); f != a.Float[i] {
				r.rounded = append(r.rounded, strings.Replace(path, "_exact", "", 1))
			}
		}
		a.Exact = append(a.Exact, x)
		r.pairs++
	})
	if !slices.Equal(dims, a.dims) {
		r.fail(path+"_exact", "its shape is %v; that of %s is %v", dims, name, a.dims)
	}
	return a
}

// flatten visits the leaves of nested lists and returns their shape.
func (r *reader) flatten(v any, path string, leaf func(any, string)) (dims []int) {
	list, ok := v.([]any)
	if !ok {
		leaf(v, path)
		return nil
	}
	var inner []int
	for i, e := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		d := r.flatten(e, at, leaf)
		if i > 0 && !slices.Equal(d, inner) {
			r.fail(at, "its shape differs from that of the entries before")
		}
		inner = d
	}
	return append([]int{len(list)}, inner...)
}

func (r *reader) float(v any, path string) float64 {
	var x jsonnum.Number
	text, err := json.Marshal(v)
	if err == nil {
		err = x.UnmarshalJSON(text)
	}
	if err != nil {
		r.fail(path, "it is not a number")
	}
	return float64(x)
}

var fraction = regexp.MustCompile(`^-?\d+(/\d+)?$`)

func (r *reader) fraction(v any, path string) *big.Rat {
	text, _ := v.(string)
	if fraction.MatchString(text) {
		if x, ok := new(big.Rat).SetString(text); ok {
			return x
		}
	}
	r.fail(path, `it is not a fraction such as "-9/4"`)
	return new(big.Rat)
}

// Reader reads objects one after the other, in any layout.
type Reader struct{ parser parser }

// NewReader returns the reader of a file or stream.
func NewReader(in io.Reader) *Reader {
	d := json.NewDecoder(in)
	d.UseNumber()
	return &Reader{parser{json: d}}
}

// Next returns the next object, and io.EOF at the end. The error is a *FormatError
// for anything that is no object of explain; what comes after it is not read.
func (r *Reader) Next() (*Object, error) {
	t, err := r.parser.json.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	var v any
	if err == nil {
		v, err = r.parser.rest(t, "")
	}
	var format *FormatError
	switch m, ok := v.(*members); {
	case errors.As(err, &format):
		return nil, err
	case err != nil:
		return nil, &FormatError{"", fmt.Sprintf("it is not valid JSON (%s); give what explain --json prints", strings.TrimPrefix(err.Error(), "json: "))}
	case !ok:
		return nil, &FormatError{"", "it is not a JSON object; give what explain --json prints"}
	default:
		return decode(m)
	}
}
