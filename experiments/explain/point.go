package explain

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Coordinate is one named value of a point: a scalar, a vector or a nested list.
type Coordinate struct {
	Name   string
	Dims   []int // extents; none for a scalar
	Values []*big.Rat
}

// Point is a list of named values in the order in which they were given.
type Point []Coordinate

// find returns the position of a name.
func (p Point) find(name string) (int, bool) {
	i := slices.IndexFunc(p, func(c Coordinate) bool { return c.Name == name })
	return i, i >= 0
}

// ParsePoint reads text such as "x=0,y=[1,2]": names with numbers or (nested)
// lists of numbers. Numbers are integers, decimals or fractions p/q, all exact.
// An empty text is the point without coordinates.
func ParsePoint(text string) (Point, error) {
	r := &reader{rest: text, whole: text, example: "x=0,y=[1,1/2]"}
	var p Point
	if r.space(); r.rest == "" {
		return p, nil
	}
	for {
		before := r.rest
		c, err := r.coordinate()
		if err != nil {
			return nil, err
		}
		if _, twice := p.find(c.Name); twice {
			r.rest = before
			return nil, r.mistake("%q is given twice", c.Name)
		}
		p = append(p, c)
		if r.space(); r.rest == "" {
			return p, nil
		}
		if !r.take(",") {
			return nil, r.mistake("expected a comma before %s", r.next())
		}
	}
}

// ParseVector reads a direction such as "1,-1" or "1/2, 3e-1".
func ParseVector(text string) ([]*big.Rat, error) {
	r := &reader{rest: text, whole: text, example: "1,-1/2"}
	var out []*big.Rat
	for {
		v, err := r.number()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if r.space(); r.rest == "" {
			return out, nil
		}
		if !r.take(",") {
			return nil, r.mistake("expected a comma before %s", r.next())
		}
	}
}

// reader consumes text from the left.
type reader struct{ rest, whole, example string }

// PointSyntaxError is a mistake in the text of a point or a direction.
type PointSyntaxError struct {
	Column  int // in characters, from 1
	Why     string
	Example string // of what to write
}

func (e *PointSyntaxError) Error() string {
	return fmt.Sprintf("column %d: %s; write for example %s", e.Column, e.Why, e.Example)
}

// mistake names the column.
func (r *reader) mistake(format string, args ...any) error {
	column := utf8.RuneCountInString(r.whole[:len(r.whole)-len(r.rest)]) + 1
	return &PointSyntaxError{column, fmt.Sprintf(format, args...), r.example}
}

func (r *reader) space() { r.rest = strings.TrimLeft(r.rest, " \t\r\n") }

func (r *reader) take(s string) bool {
	r.space()
	if !strings.HasPrefix(r.rest, s) {
		return false
	}
	r.rest = r.rest[len(s):]
	return true
}

// next shows what comes, for messages.
func (r *reader) next() string {
	if r.rest == "" {
		return "the end"
	}
	s := []rune(r.rest[:min(len(r.rest), 48)])
	return strconv.Quote(string(s[:min(len(s), 12)]))
}

var (
	nameText   = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*`)
	numberText = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`)
)

func (r *reader) coordinate() (Coordinate, error) {
	r.space()
	c := Coordinate{Name: nameText.FindString(r.rest)}
	if c.Name == "" {
		return c, r.mistake("expected a name, found %s", r.next())
	}
	r.rest = r.rest[len(c.Name):]
	if !r.take("=") {
		return c, r.mistake("expected = after %q", c.Name)
	}
	var err error
	c.Values, c.Dims, err = r.value(0)
	return c, err
}

// maxDepth bounds nested lists; no tensor has more axes.
const maxDepth = 8

// value reads a number or a list of values of one shape.
func (r *reader) value(depth int) (values []*big.Rat, dims []int, err error) {
	if !r.take("[") {
		v, err := r.number()
		return []*big.Rat{v}, nil, err
	}
	if depth >= maxDepth {
		return nil, nil, r.mistake("lists are nested too deeply")
	}
	count := 0
	var inner []int
	for {
		v, d, err := r.value(depth + 1)
		if err != nil {
			return nil, nil, err
		}
		if count > 0 && !slices.Equal(d, inner) {
			return nil, nil, r.mistake("the rows of a list differ in length")
		}
		values, inner, count = append(values, v...), d, count+1
		if r.take("]") {
			return values, append([]int{count}, inner...), nil
		}
		if !r.take(",") {
			return nil, nil, r.mistake("expected , or ] before %s", r.next())
		}
	}
}

func (r *reader) number() (*big.Rat, error) {
	r.space()
	start := r.rest
	v, err := r.decimal()
	if err != nil || !r.take("/") {
		return v, err
	}
	q, err := r.decimal()
	if err != nil {
		return nil, err
	}
	if q.Sign() == 0 {
		return nil, r.mistake("a fraction has denominator 0")
	}
	v.Quo(v, q)
	if f, _ := v.Float64(); math.IsInf(f, 0) || f == 0 && v.Sign() != 0 {
		r.rest = start
		return nil, r.mistake("a fraction is outside the range of float64")
	}
	return v, nil
}

func (r *reader) decimal() (*big.Rat, error) {
	r.space()
	text := numberText.FindString(r.rest)
	if text == "" {
		return nil, r.mistake("expected a number, found %s", r.next())
	}
	v, err := exactDecimal(text)
	if err != nil {
		return nil, r.mistake("%v", err)
	}
	r.rest = r.rest[len(text):]
	return v, nil
}

// maxDigits bounds the text of one number, which is kept exactly.
const maxDigits = 400

// exactDecimal converts a decimal whose size a float64 can represent; others
// would need rationals of unbounded length.
func exactDecimal(text string) (*big.Rat, error) {
	if len(text) > maxDigits {
		return nil, fmt.Errorf("a number of %d characters is too long; give at most %d", len(text), maxDigits)
	}
	f, err := strconv.ParseFloat(text, 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	if err != nil || f == 0 && strings.Trim(mantissa, "+-0.") != "" {
		return nil, fmt.Errorf("%s is outside the range of float64", text)
	}
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	return v, nil
}
