package explain

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Coordinate is one named value of a point: a scalar, a vector or a nested list.
type Coordinate struct {
	Name   string
	Dims   []int // extents; none for a scalar
	Values []*big.Rat
}

// Point is a list of named values in the order in which they were given.
type Point []Coordinate

// ParsePoint reads text such as "x=0,y=[1,2]": names with numbers or (nested)
// lists of numbers. Numbers are integers, decimals or fractions p/q, all exact.
func ParsePoint(text string) (Point, error) {
	r := &reader{rest: text, whole: text}
	var p Point
	for {
		c, err := r.coordinate()
		if err != nil {
			return nil, err
		}
		for _, d := range p {
			if d.Name == c.Name {
				return nil, r.mistake("%q is given twice", c.Name)
			}
		}
		p = append(p, c)
		if r.space(); r.rest == "" {
			return p, nil
		}
		if !r.take(",") {
			return nil, r.mistake("expected a comma before %q", r.next())
		}
	}
}

// ParseVector reads a direction such as "1,-1" or "1/2, 3e-1".
func ParseVector(text string) ([]*big.Rat, error) {
	r := &reader{rest: text, whole: text}
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
			return nil, r.mistake("expected a comma before %q", r.next())
		}
	}
}

// reader consumes text from the left.
type reader struct{ rest, whole string }

// mistake names the column.
func (r *reader) mistake(format string, args ...any) error {
	column := len([]rune(r.whole[:len(r.whole)-len(r.rest)])) + 1
	return fmt.Errorf("column %d: %s; write for example x=0,y=[1,1/2]", column, fmt.Sprintf(format, args...))
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
	s := []rune(r.rest)
	if len(s) == 0 {
		return "the end"
	}
	return string(s[:min(len(s), 12)])
}

var (
	nameText   = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*`)
	numberText = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`)
)

func (r *reader) coordinate() (Coordinate, error) {
	r.space()
	c := Coordinate{Name: nameText.FindString(r.rest)}
	if c.Name == "" {
		return c, r.mistake("expected a name, found %q", r.next())
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
		if count > 0 && fmt.Sprint(d) != fmt.Sprint(inner) {
			return nil, nil, r.mistake("the rows of a list differ in length")
		}
		values, inner, count = append(values, v...), d, count+1
		if r.take("]") {
			return values, append([]int{count}, inner...), nil
		}
		if !r.take(",") {
			return nil, nil, r.mistake("expected , or ] before %q", r.next())
		}
	}
}

func (r *reader) number() (*big.Rat, error) {
	r.space()
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
	return v.Quo(v, q), nil
}

func (r *reader) decimal() (*big.Rat, error) {
	r.space()
	text := numberText.FindString(r.rest)
	if text == "" {
		return nil, r.mistake("expected a number, found %q", r.next())
	}
	v, err := exactDecimal(text)
	if err != nil {
		return nil, r.mistake("%v", err)
	}
	r.rest = r.rest[len(text):]
	return v, nil
}

// exactDecimal converts a decimal whose size a float64 can represent; others
// would need rationals of unbounded length.
func exactDecimal(text string) (*big.Rat, error) {
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
