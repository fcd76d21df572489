package report

import (
	"html/template"
	"strings"
	"unicode"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

// setter reads a formula from left to right.
type setter struct {
	rest    []rune
	display bool // limits of sums stand below and above
}

// row sets everything up to the given closing brace, or to the end.
func (s *setter) row(closing rune) string {
	var out strings.Builder
	open := map[rune]bool{}
	operand := false // whether the last thing was one: a space between two is then meant, and a sign is a difference
	for len(s.rest) > 0 {
		r := s.rest[0]
		switch {
		case closing != 0 && r == closing:
			s.rest = s.rest[1:]
			return out.String()
		case closing != 0 && r == '{': // a set inside a script
			s.rest = s.rest[1:]
			out.WriteString(brace("{") + s.row('}') + brace("}"))
		case unicode.IsSpace(r):
			s.skipSpace()
			if operand && len(s.rest) > 0 && beginsOperand(s.rest[0]) {
				out.WriteString(`<mspace width="0.2em"></mspace>`)
			}
		case !operand && strings.ContainsRune("-−+±", r):
			s.rest = s.rest[1:]
			out.WriteString(sign(r))
		default:
			out.WriteString(s.scripted())
			operand = !isOperator(r)
			if r == '|' || r == '‖' { // opens and closes in turn
				open[r] = !open[r]
				operand = !open[r]
			}
		}
	}
	return out.String()
}

func (s *setter) skipSpace() {
	for len(s.rest) > 0 && unicode.IsSpace(s.rest[0]) {
		s.rest = s.rest[1:]
	}
}

// scripted sets an atom with its sub- and superscript, in either order.
func (s *setter) scripted() string {
	base := s.atom()
	limits := s.display && limitWords[base]
	var sub, super string
	for len(s.rest) > 0 {
		switch r := s.rest[0]; {
		case r == '_' && sub == "":
			s.rest = s.rest[1:]
			sub = s.script()
		case r == '^' && super == "":
			s.rest = s.rest[1:]
			super = s.script()
		case stands(r, figure.Subscript) && sub == "":
			sub = s.unicodeScript(figure.Subscript)
		case stands(r, figure.Superscript) && super == "":
			super = s.unicodeScript(figure.Superscript)
		default:
			return attach(base, sub, super, limits)
		}
	}
	return attach(base, sub, super, limits)
}

// limitWords have what they range over below them in displayed formulas.
var limitWords = map[string]bool{
	"<mi>min</mi>": true, "<mi>max</mi>": true, "<mi>inf</mi>": true, "<mi>sup</mi>": true,
	"<mi>lim</mi>": true, "<mi>argmin</mi>": true, "<mi>argmax</mi>": true,
	"<mo>∑</mo>": true, "<mo>∏</mo>": true, "<mo>⋃</mo>": true, "<mo>⋂</mo>": true,
}

func attach(base, sub, super string, limits bool) string {
	both, below, above := "msubsup", "msub", "msup"
	if limits {
		both, below, above = "munderover", "munder", "mover"
	}
	element := func(name string) string { return "<" + name + ">" + base + sub + super + "</" + name + ">" }
	switch {
	case sub != "" && super != "":
		return element(both)
	case sub != "":
		return element(below)
	case super != "":
		return element(above)
	default:
		return base
	}
}

// script sets what follows _ or ^: a group in braces, or one atom that may have a sign.
func (s *setter) script() string {
	if len(s.rest) == 0 {
		return "<mrow></mrow>"
	}
	if s.rest[0] == '{' {
		s.rest = s.rest[1:]
		return "<mrow>" + s.row('}') + "</mrow>"
	}
	if r := s.rest[0]; strings.ContainsRune("-−+±", r) && len(s.rest) > 1 && beginsOperand(s.rest[1]) {
		s.rest = s.rest[1:]
		return "<mrow>" + sign(r) + s.atom() + "</mrow>"
	}
	return s.atom()
}

// atom sets a word, a number or a sign.
func (s *setter) atom() string {
	r := s.rest[0]
	switch {
	case isASCIILetter(r):
		return "<mi>" + s.take(isASCIILetter) + "</mi>"
	case unicode.IsDigit(r):
		return "<mn>" + s.take(func(r rune) bool { return unicode.IsDigit(r) || r == '.' }) + "</mn>"
	}
	s.rest = s.rest[1:]
	text := template.HTMLEscapeString(string(r))
	switch {
	case unicode.IsLetter(r) || strings.ContainsRune("∂∇∞∅…", r):
		return "<mi>" + text + "</mi>"
	case strings.ContainsRune("()[]{}|‖⟨⟩⌊⌋⌈⌉", r):
		return brace(text)
	case r == '-':
		return "<mo>−</mo>"
	case r == '/':
		return `<mo lspace="0" rspace="0">/</mo>`
	case r == '\'':
		return `<mo lspace="0" rspace="0">′</mo>`
	default:
		return "<mo>" + text + "</mo>"
	}
}

// sign is one that belongs to the number after it.
func sign(r rune) string {
	if r == '-' {
		r = '−'
	}
	return `<mo form="prefix">` + string(r) + "</mo>"
}

func brace(text string) string { return `<mo stretchy="false">` + text + "</mo>" }

// take cuts off the longest beginning whose runes all satisfy is.
func (s *setter) take(is func(rune) bool) string {
	n := 0
	for n < len(s.rest) && is(s.rest[n]) {
		n++
	}
	text := template.HTMLEscapeString(string(s.rest[:n]))
	s.rest = s.rest[n:]
	return text
}

// unicodeScript sets a run of characters such as ⁻⁵ or ₖ.
func (s *setter) unicodeScript(base func(rune) (rune, bool)) string {
	var plain []rune
	for len(s.rest) > 0 && stands(s.rest[0], base) {
		r, _ := base(s.rest[0])
		plain, s.rest = append(plain, r), s.rest[1:]
	}
	inner := setter{rest: plain}
	return "<mrow>" + inner.row(0) + "</mrow>"
}

// stands reports whether a character stands for another.
func stands(r rune, base func(rune) (rune, bool)) bool {
	_, ok := base(r)
	return ok
}

func isASCIILetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func isOperator(r rune) bool {
	return !beginsOperand(r) && !strings.ContainsRune(")]}⟩⌋⌉", r)
}

func beginsOperand(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("∂∇∞∅…([{⟨⌊⌈", r)
}
