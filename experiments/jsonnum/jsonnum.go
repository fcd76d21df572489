// Package jsonnum writes numbers as JSON without losing the non-finite ones.
//
// encoding/json refuses NaN and the infinities and writes −0 as "-0". Results of this
// toolkit contain all of them, so whatever prints JSON here uses these types:
//
//	NaN → "NaN"   +Inf → "Infinity"   −Inf → "-Infinity"   −0 → 0
//
// Finite numbers are written in the shortest form that reads back as the same float64.
// Lists are never null: a nil list is written [].
package jsonnum

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Number is a float64 whose JSON form survives NaN and the infinities.
type Number float64

// List is a list of numbers; nil is written [].
type List []float64

// Matrix is a list of lists of numbers, row by row; nil is written [].
type Matrix [][]float64

// A NumberError tells which JSON text is not a number of this package.
type NumberError struct {
	Text string // the offending JSON text
}

// Error implements error.
func (e *NumberError) Error() string {
	return fmt.Sprintf(`%s is not a number: write a JSON number or one of "NaN", "Infinity", "-Infinity".`, e.Text)
}

// String returns the text that [Append] writes, without quotes.
func (n Number) String() string {
	switch x := float64(n); {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	default:
		return string(appendFinite(nil, x))
	}
}

// Append appends the JSON form of x to dst.
func Append(dst []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return strconv.AppendQuote(dst, Number(x).String())
	}
	return appendFinite(dst, x)
}

// appendFinite follows encoding/json: exponents only for very small and very large numbers.
func appendFinite(dst []byte, x float64) []byte {
	if x == 0 {
		return append(dst, '0')
	}
	if a := math.Abs(x); a < 1e-6 || a >= 1e21 {
		return strconv.AppendFloat(dst, x, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, x, 'f', -1, 64)
}

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) { return Append(nil, float64(n)), nil }

// UnmarshalJSON implements json.Unmarshaler. It reads what MarshalJSON writes; null is an error.
func (n *Number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"NaN"`:
		*n = Number(math.NaN())
	case `"Infinity"`:
		*n = Number(math.Inf(1))
	case `"-Infinity"`:
		*n = Number(math.Inf(-1))
	default:
		x, err := strconv.ParseFloat(string(text), 64)
		if err != nil || !json.Valid(text) {
			return &NumberError{Text: string(text)}
		}
		*n = Number(x)
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (l List) MarshalJSON() ([]byte, error) { return appendList(nil, l), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (l *List) UnmarshalJSON(text []byte) error {
	var numbers []Number
	if err := json.Unmarshal(text, &numbers); err != nil {
		return err
	}
	*l = make(List, len(numbers))
	for i, n := range numbers {
		(*l)[i] = float64(n)
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (m Matrix) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, row := range m {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendList(out, row)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Matrix) UnmarshalJSON(text []byte) error {
	var rows []List
	if err := json.Unmarshal(text, &rows); err != nil {
		return err
	}
	*m = make(Matrix, len(rows))
	for i, row := range rows {
		(*m)[i] = row
	}
	return nil
}

func appendList(dst []byte, list []float64) []byte {
	dst = append(dst, '[')
	for i, x := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = Append(dst, x)
	}
	return append(dst, ']')
}
