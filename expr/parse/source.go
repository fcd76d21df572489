package parse

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/tamegrad/tamegrad/expr"
)

// source is a text whose tokens all belong to the language.
type source struct {
	runes   []rune // tokens and errors are placed by offsets into it
	tokens  []lexer.Token
	numbers map[int]expr.Number // by the offset at which the literal ends
}

// read splits a text into tokens and refuses those that expr-lang knows and this
// language does not. The parser accepts far more than it should, so this is where
// most mistakes are found, at the place where they are made.
func read(text string) (*source, error) {
	s := &source{runes: []rune(text)}
	if len(text) > MaxSource {
		return nil, &Error{Msg: fmt.Sprintf("the expression has %d bytes; the limit is %d", len(text), MaxSource)}
	}
	if !utf8.ValidString(text) {
		return nil, s.errorf(slices.Index(s.runes, utf8.RuneError), "the expression is not UTF-8 text here")
	}
	for _, check := range []func() error{s.characters, s.lex, s.words, s.structure, s.literals} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// errorf places a mistake at an offset.
func (s *source) errorf(at int, format string, args ...any) *Error {
	e := &Error{Line: 1, Column: 1, Msg: fmt.Sprintf(format, args...)}
	for _, r := range s.runes[:min(max(at, 0), len(s.runes))] {
		e.Column++
		if r == '\n' {
			e.Line, e.Column = e.Line+1, 1
		}
	}
	return e
}

// quote makes a piece of the text fit for a message.
func quote(s string) string {
	const long = 40
	if r := []rune(s); len(r) > long {
		s = string(r[:long]) + "…"
	}
	return strconv.Quote(s)
}

// characters refuses strings and comments before the lexer interprets them.
func (s *source) characters() error {
	for i, r := range s.runes {
		switch {
		case strings.ContainsRune("\"'`", r):
			return s.errorf(i, "there are no strings and no primes; write names without %c", r)
		case r == '/' && i+1 < len(s.runes) && strings.ContainsRune("/*", s.runes[i+1]):
			return s.errorf(i, "there are no comments; remove it")
		}
	}
	return nil
}

// lookalikes are characters that stand for an operator in print.
var lookalikes = map[rune]string{
	'−': "-", '–': "-", '×': "*", '·': "*", '⋅': "*", '÷': "/", '≤': "<=", '≥': ">=", '≠': "!=",
	'²': "^2", '³': "^3", '√': "sqrt(x)", '∞': "a finite number", '~': "-x or a comparison", '\\': "/", '@': "matmul(a, b)",
}

func (s *source) lex() error {
	tokens, err := lexer.Lex(file.NewSource(string(s.runes)))
	var e *file.Error
	switch {
	case errors.As(err, &e):
		return s.character(e.From)
	case err != nil:
		return s.errorf(0, "this expression cannot be read: %v", err)
	}
	s.tokens = slices.DeleteFunc(tokens, func(t lexer.Token) bool { return t.Kind == lexer.EOF })
	if len(s.tokens) == 0 {
		return s.errorf(0, "the expression is empty; write one such as relu(x) - relu(-x)")
	}
	return nil
}

// character is the mistake at which the lexer stopped: an unknown character, or
// a number that runs into a name.
func (s *source) character(at int) error {
	if at >= len(s.runes) {
		return s.errorf(at, "the expression ends too early")
	}
	r := s.runes[at]
	mend, known := lookalikes[r]
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '$':
		return s.errorf(at, "a number runs into %s; write a product with *, as in 2*x, and numbers in decimal", quote(string(r)))
	case known:
		return s.errorf(at, "%s is not an operator here; write %s", quote(string(r)), mend)
	}
	return s.errorf(at, "%s cannot be used; names consist of letters, digits and _", quote(string(r)))
}

// masked returns the text with each number replaced by a 1 in its last place:
// the parser would refuse long integers and round the rest, and it has to know
// only where the numbers are.
func (s *source) masked() string {
	out := slices.Clone(s.runes)
	for _, t := range s.tokens {
		if isNumber(t) {
			for i := t.From; i < t.To; i++ {
				out[i] = ' '
			}
			out[t.To-1] = '1'
		}
	}
	return string(out)
}

func isNumber(t lexer.Token) bool { return t.Kind == lexer.Number }

func endsOperand(t lexer.Token) bool {
	return t.Kind == lexer.Identifier || isNumber(t) || t.Value == ")" || t.Value == "]"
}

func beginsOperand(t lexer.Token) bool {
	return t.Kind == lexer.Identifier || isNumber(t) || t.Value == "(" || t.Value == "["
}
