package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// ParsePointJSON reads a point written as a JSON object, such as
// {"x": 0, "y": [1, "1/3"]}: numbers, fractions as strings, and (nested) lists of
// them. Numbers keep their decimal text, so they are exact.
func ParsePointJSON(text []byte) (Point, error) {
	d := &decoder{json: json.NewDecoder(bytes.NewReader(text)), text: text}
	d.json.UseNumber()
	p, err := d.object()
	if err == nil {
		if _, more := d.json.Token(); !errors.Is(more, io.EOF) {
			err = d.mistake("there is more after the object")
		}
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// decoder reads one object.
type decoder struct {
	json *json.Decoder
	text []byte
}

// mistake names the column.
func (d *decoder) mistake(format string, args ...any) error {
	before := d.text[:min(d.json.InputOffset(), int64(len(d.text)))]
	return &PointSyntaxError{max(1, utf8.RuneCount(before)), fmt.Sprintf(format, args...), `{"x": 0, "y": [1, "1/2"]}`}
}

// token returns the next token.
func (d *decoder) token() (json.Token, error) {
	t, err := d.json.Token()
	if err != nil {
		return nil, d.mistake("it is not valid JSON (%s)", strings.TrimPrefix(err.Error(), "json: "))
	}
	return t, nil
}

var wholeName = regexp.MustCompile(nameText.String() + `$`)

func (d *decoder) object() (Point, error) {
	t, err := d.token()
	if err == nil && t != json.Delim('{') {
		err = d.mistake("it is not a JSON object of numbers and lists")
	}
	if err != nil {
		return nil, err
	}
	p := Point{}
	for d.json.More() {
		key, err := d.token()
		if err != nil {
			return nil, err
		}
		c := Coordinate{Name: key.(string)} // encoding/json lets nothing else stand here
		if !wholeName.MatchString(c.Name) {
			return nil, d.mistake("%q cannot be the name of an input", c.Name)
		}
		if _, twice := p.find(c.Name); twice {
			return nil, d.mistake("%q is given twice", c.Name)
		}
		if c.Values, c.Dims, err = d.value(0); err != nil {
			return nil, err
		}
		p = append(p, c)
	}
	_, err = d.token() // the closing brace
	return p, err
}

// value reads a number or a list of values of one shape.
func (d *decoder) value(depth int) (values []*big.Rat, dims []int, err error) {
	t, err := d.token()
	if err != nil {
		return nil, nil, err
	}
	switch t := t.(type) {
	case json.Number:
		return d.number(t.String())
	case string:
		return d.number(t)
	case json.Delim:
		if t == '[' && depth < maxDepth {
			return d.list(depth)
		}
	}
	return nil, nil, d.mistake("expected a number, a fraction such as \"1/3\" or a list of them, at most %d deep", maxDepth)
}

func (d *decoder) number(text string) ([]*big.Rat, []int, error) {
	v, err := ParseVector(text)
	if err == nil && len(v) == 1 {
		return v, nil, nil
	}
	why := fmt.Sprintf("%q is not one number", text[:min(len(text), 40)])
	var wrong *PointSyntaxError
	if errors.As(err, &wrong) {
		why = wrong.Why
	}
	return nil, nil, d.mistake("%s", why)
}

func (d *decoder) list(depth int) (values []*big.Rat, dims []int, err error) {
	count := 0
	var inner []int
	for d.json.More() {
		v, dims, err := d.value(depth + 1)
		switch {
		case err != nil:
			return nil, nil, err
		case count > 0 && !slices.Equal(dims, inner):
			return nil, nil, d.mistake("the rows of a list differ in length")
		}
		values, inner, count = append(values, v...), dims, count+1
	}
	if _, err := d.token(); err != nil { // the closing bracket
		return nil, nil, err
	}
	if count == 0 {
		return nil, nil, d.mistake("a list is empty")
	}
	return values, append([]int{count}, inner...), nil
}
