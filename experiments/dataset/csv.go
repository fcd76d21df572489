package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Format describes a table of integers: a row for each line, Features numbers
// from 0 to Max and then the class, from 0 to Classes−1, separated by commas.
type Format struct {
	Features int
	Max      int
	Classes  int
	// Rows is the number of rows that there must be; 0 allows any but none.
	Rows int
}

// ParseError says where a table is not as it must be.
type ParseError struct {
	Line   int // from 1
	Column int // field, from 1; 0 if the line is at fault as a whole
	Why    string
}

func (e *ParseError) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("dataset: line %d: %s", e.Line, e.Why)
	}
	return fmt.Sprintf("dataset: line %d, column %d: %s", e.Line, e.Column, e.Why)
}

// Parse reads a table. Features are divided by Max, so that X is in [0, 1].
// Nothing is forgiven: no spaces, signs, leading zeros, quotes, empty lines or
// carriage returns. Lines end in a line feed, which may be missing at the end
// of the text. The error is a *ParseError. SHA256 is that of text.
func (f Format) Parse(text []byte) (*Set, error) {
	sum := sha256.Sum256(text)
	s := &Set{D: f.Features, Classes: f.Classes, SHA256: hex.EncodeToString(sum[:])}
	for line := 1; len(text) > 0; line++ {
		row, rest, _ := bytes.Cut(text, []byte{'\n'})
		if err := f.row(s, row, line); err != nil {
			return nil, err
		}
		text = rest
	}
	if s.N == 0 || f.Rows != 0 && s.N != f.Rows {
		return nil, &ParseError{Line: s.N + 1, Why: fmt.Sprintf("the text ends after %d rows; it must have %s", s.N, f.rows())}
	}
	return s, nil
}

func (f Format) rows() string {
	if f.Rows == 0 {
		return "at least one"
	}
	return strconv.Itoa(f.Rows)
}

// row appends one line to the set.
func (f Format) row(s *Set, text []byte, line int) error {
	if len(text) == 0 {
		return &ParseError{Line: line, Why: "the line is empty"}
	}
	fields := bytes.Split(text, []byte{','})
	if len(fields) != f.Features+1 {
		return &ParseError{Line: line, Why: fmt.Sprintf("there are %d numbers; there must be %d features and a class", len(fields), f.Features)}
	}
	for i, field := range fields {
		limit := f.Max
		if i == f.Features {
			limit = f.Classes - 1
		}
		v, why := integer(field, limit)
		if why != "" {
			return &ParseError{Line: line, Column: i + 1, Why: why}
		}
		if i < f.Features {
			s.X = append(s.X, float64(v)/float64(f.Max))
		} else {
			s.Labels = append(s.Labels, v)
		}
	}
	s.N++
	return nil
}

// integer reads a number in 0 … limit in its one spelling.
func integer(field []byte, limit int) (v int, why string) {
	v, err := strconv.Atoi(string(field))
	if err != nil || strconv.Itoa(v) != string(field) {
		return 0, fmt.Sprintf("%q is no integer", field)
	}
	if v < 0 || v > limit {
		return 0, fmt.Sprintf("%d is not in 0 to %d", v, limit)
	}
	return v, ""
}
