package expr

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxDigits bounds the text of a number; the exact decimal of every float64 has
// 1100 characters at most.
const maxDigits = 4096

// ParseNumber reads a number exactly: an integer or decimal with an optional
// exponent ("-2", "1.5e-3"), a hexadecimal floating-point number as C, Go and
// Python's float.hex write it ("0x1.8p-1"), or a fraction of two of these
// ("1/3"). Numbers beyond the range of float64 are refused, as are those so
// small that float64 has only 0 for them.
func ParseNumber(text string) (Number, error) {
	if len(text) > maxDigits {
		return Number{}, fmt.Errorf("a number has %d characters; give at most %d", len(text), maxDigits)
	}
	p, q, isFraction := strings.Cut(text, "/")
	num, err := parseRat(p)
	if err != nil || !isFraction {
		return num, err
	}
	den, err := parseRat(q)
	switch {
	case err != nil:
		return Number{}, err
	case den.f == 0:
		return Number{}, fmt.Errorf("the fraction %s divides by 0", clip([]byte(text)))
	}
	v := Rational(new(big.Rat).Quo(num.Rat(), den.Rat()))
	if !v.Finite() || v.f == 0 && num.f != 0 {
		return Number{}, fmt.Errorf("the fraction %s is beyond the range of numbers, 4.9e-324 to 1.8e308", clip([]byte(text)))
	}
	return v, nil
}

// parseRat reads a number that is no fraction.
func parseRat(text string) (Number, error) {
	// The alphabet leaves out what strconv knows besides: Inf, NaN and 1_000.
	f, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrSyntax) || strings.Trim(text, "0123456789abcdefABCDEFxXpP.+-") != "" {
		return Number{}, fmt.Errorf("%q is not a number; write for example 2, -0.5, 1e-3, 1/3 or 0x1.8p-1", clip([]byte(text)))
	}
	digits, isHex := mantissa(text)
	switch {
	case digits == "":
		return Number{}, nil
	case math.IsInf(f, 0):
		return Number{}, fmt.Errorf("%s is too large; numbers go up to 1.8e308", clip([]byte(text)))
	case f == 0:
		return Number{}, fmt.Errorf("%s is too small; the smallest positive number is 4.9e-324", clip([]byte(text)))
	case isHex && (len(digits) <= 13 || len(digits) == 14 && digits[0] == '1') && math.Abs(f) >= 0x1p-1022:
		return Num(f), nil // at most 53 bits: f is exact
	}
	// The exponent is bounded by now, before a rational spells it out.
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return Number{}, fmt.Errorf("%q is not a number", clip([]byte(text)))
	}
	return Rational(r), nil
}

// mantissa returns the digits of a number without its leading zeros, and whether
// they are hexadecimal.
func mantissa(text string) (digits string, isHex bool) {
	text = strings.ToLower(strings.TrimLeft(text, "+-"))
	digits, isHex = strings.CutPrefix(text, "0x")
	exponent := "e"
	if isHex {
		exponent = "p"
	}
	digits, _, _ = strings.Cut(digits, exponent)
	return strings.TrimLeft(strings.Replace(digits, ".", "", 1), "0"), isHex
}

// exactText returns a short text that ParseNumber reads back as the same
// number, and whether JSON calls it a number.
func (n Number) exactText() (text string, isJSON bool) {
	if n.r != nil {
		text = n.String()
		return text, !strings.Contains(text, "/")
	}
	text = strconv.FormatFloat(n.f, 'g', -1, 64)
	if n.short() {
		if back, err := ParseNumber(text); err == nil && back.Equal(n) {
			return text, true
		}
	}
	return strconv.FormatFloat(n.f, 'x', -1, 64), false
}

// short reports whether the exact decimal of a float may have 17 digits or fewer:
// an odd multiple of 2⁻ᵏ has at least k·log₁₀5 of them.
func (n Number) short() bool {
	const k = 25
	scaled := math.Ldexp(n.f, k)
	return scaled == math.Trunc(scaled)
}
