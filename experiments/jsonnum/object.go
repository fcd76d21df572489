package jsonnum

import (
	"bytes"
	"encoding/json"
)

// Object is a JSON object with free keys. Its float64, []float64 and [][]float64 values,
// also those in nested Objects and []any, are written as Number, List and Matrix;
// every other value as encoding/json writes it. Keys are sorted, nil is written {}.
type Object map[string]any

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) {
	safe := make(map[string]any, len(o))
	for key, value := range o {
		safe[key] = of(value)
	}
	text, err := encode(safe, "") // not json.Marshal, which escapes < for good
	return bytes.TrimSpace(text), err
}

// of wraps the number types that encoding/json cannot be trusted with.
func of(value any) any {
	switch v := value.(type) {
	case float64:
		return Number(v)
	case float32:
		return Number(v)
	case []float64:
		return List(v)
	case [][]float64:
		return Matrix(v)
	case map[string]any:
		return Object(v)
	case []any:
		safe := make([]any, len(v))
		for i := range v {
			safe[i] = of(v[i])
		}
		return safe
	default:
		return value
	}
}

// Line returns value as one line of JSON with its newline. Unlike json.Marshal it leaves
// <, > and & as they are, since sentences and expressions contain them.
func Line(value any) ([]byte, error) { return encode(of(value), "") }

// Document returns value as JSON indented by two spaces, with a final newline.
func Document(value any) ([]byte, error) { return encode(of(value), "  ") }

func encode(value any, indent string) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
