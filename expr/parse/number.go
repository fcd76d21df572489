package parse

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/tamegrad/tamegrad/expr"
)

// literals reads all numbers from the text itself, exactly.
func (s *source) literals() error {
	s.numbers = map[int]expr.Number{}
	for _, t := range s.tokens {
		if !isNumber(t) {
			continue
		}
		n, err := s.number(t)
		if err != nil {
			return err
		}
		s.numbers[t.To] = n
	}
	return nil
}

func (s *source) number(t lexer.Token) (expr.Number, error) {
	if strings.Trim(t.Value, "0123456789.eE+-") != "" {
		return expr.Number{}, s.errorf(t.From, "%s is not a decimal number; write digits, a point and an exponent as in 1.5e-3", quote(t.Value))
	}
	f, err := strconv.ParseFloat(t.Value, 64)
	zero := strings.Trim(strings.FieldsFunc(t.Value, isExponent)[0], "0.") == ""
	switch {
	case math.IsInf(f, 0):
		return expr.Number{}, s.errorf(t.From, "%s is too large; numbers go up to 1.8e308", quote(t.Value))
	case err != nil:
		return expr.Number{}, s.errorf(t.From, "%s is not a number; write digits, a point and an exponent as in 1.5e-3", quote(t.Value))
	case zero:
		return expr.Number{}, nil
	case f == 0:
		return expr.Number{}, s.errorf(t.From, "%s is too small; the smallest positive number is 4.9e-324", quote(t.Value))
	}
	// The exponent is bounded by now: beyond it there are only as many digits as
	// the text has.
	r, ok := new(big.Rat).SetString(t.Value)
	if !ok {
		return expr.Number{}, s.errorf(t.From, "%s is not a number; write digits, a point and an exponent as in 1.5e-3", quote(t.Value))
	}
	return expr.Rational(r), nil
}

func isExponent(r rune) bool { return r == 'e' || r == 'E' }

// literal reads a number as attributes, exponents and indices are: a literal
// with or without a sign, or a fraction of two of them; ok is false for any
// other expression.
func (s *source) literal(n ast.Node) (v expr.Number, ok bool, err error) {
	if u, sign := signOf(n); sign != 0 {
		if q, isQuotient := u.(*ast.BinaryNode); isQuotient {
			v, ok, err = s.fraction(q)
			return signed(v, sign), ok, err
		}
	}
	if q, isQuotient := n.(*ast.BinaryNode); isQuotient {
		return s.fraction(q)
	}
	v, ok = s.decimal(n)
	return v, ok, nil
}

// decimal reads a literal with or without a sign.
func (s *source) decimal(n ast.Node) (expr.Number, bool) {
	u, sign := signOf(n)
	if sign == 0 {
		u, sign = n, 1
	}
	if _, ok := u.(*ast.IntegerNode); !ok {
		return expr.Number{}, false
	}
	return signed(s.numbers[u.Location().To], sign), true
}

func (s *source) fraction(n *ast.BinaryNode) (expr.Number, bool, error) {
	if n.Operator != "/" {
		return expr.Number{}, false, nil
	}
	p, okP := s.decimal(n.Left)
	q, okQ := s.decimal(n.Right)
	switch {
	case !okP || !okQ:
		return expr.Number{}, false, nil
	case q.Rat().Sign() == 0:
		return expr.Number{}, false, s.errorf(n.Location().From, "this fraction divides by 0")
	}
	v := expr.Rational(new(big.Rat).Quo(p.Rat(), q.Rat()))
	if !v.Finite() || v.Float() == 0 && p.Rat().Sign() != 0 {
		return v, false, s.errorf(n.Location().From, "this fraction is beyond the range of numbers, 4.9e-324 to 1.8e308")
	}
	return v, true, nil
}

// signOf returns what a sign is applied to, and 1 or −1; 0 if n is no sign.
func signOf(n ast.Node) (ast.Node, int) {
	u, ok := n.(*ast.UnaryNode)
	switch {
	case !ok:
		return nil, 0
	case u.Operator == "-":
		return u.Node, -1
	case u.Operator == "+":
		return u.Node, 1
	}
	return nil, 0
}

func signed(v expr.Number, sign int) expr.Number {
	if sign < 0 {
		return v.Neg()
	}
	return v
}
