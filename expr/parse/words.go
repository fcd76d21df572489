package parse

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/parser/lexer"

	"github.com/tamegrad/tamegrad/expr"
)

var operators = strings.Fields("+ - * / ^ ** ? : , ; = < <= == != >= > let ( ) [ ]")

const nestChoices = "there are no logical operators; nest choices instead: a < b ? (c < d ? p : q) : q"

// refused says what to write instead of what expr-lang has and this language
// has not.
var refused = map[string]string{
	"%": "there is no remainder; write x - y*floor(x/y)",
	"!": nestChoices, "&&": nestChoices, "||": nestChoices, "&": nestChoices,
	"not": nestChoices, "and": nestChoices, "or": nestChoices,
	"|":  "there are no pipes; call functions as f(x), and write abs(x) for |x|",
	"{":  "there are no braces; group with ( ) and write vectors as [x, y]",
	"}":  "there are no braces; group with ( ) and write vectors as [x, y]",
	"..": "there are no ranges; list the entries, or take entries lo ≤ i < hi by slice(x, 1, lo, hi, 1)",
	"?.": "\"?.\" is not an operator; in a choice put a space between ? and a number that begins with a point",
	"??": "\"??\" is not an operator; write condition ? a : b",
	".":  "there are no fields; write an entry as x[0] and a number as 0.5",
	"#":  "there are no predicates; write the expression itself",
	"##": "there are no predicates; write the expression itself",
	"::": "\"::\" is not an operator; write condition ? a : b",
	"if": "there is no if; write condition ? a : b", "else": "there is no else; write condition ? a : b",
	"in": "\"in\" is a reserved word; choose another name", "nil": "\"nil\" is a reserved word; write a number",
	"true":  "there are no truth values; write 1, or a choice condition ? a : b",
	"false": "there are no truth values; write 0, or a choice condition ? a : b",
}

// words refuses tokens that are not part of the language.
func (s *source) words() error {
	for i, t := range s.tokens {
		if err := s.word(i, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) word(i int, t lexer.Token) error {
	why, bad := refused[t.Value]
	switch {
	case bad:
		return s.errorf(t.From, "%s", why)
	case isNumber(t):
		return nil
	case t.Kind == lexer.Identifier:
		return s.identifier(t)
	case !slices.Contains(operators, t.Value):
		return s.errorf(t.From, "%s is not an operator of this language, or a reserved word; it has + - * / ^ ** and comparisons", quote(t.Value))
	case t.Value == "=" && !(i >= 2 && s.tokens[i-2].Value == "let"):
		return s.errorf(t.From, "\"=\" only follows the name after let; write == to compare")
	case t.Value == "let":
		return s.binding(i)
	}
	return nil
}

func (s *source) identifier(t lexer.Token) error {
	if t.Value != "_" && !expr.IsName(t.Value) {
		return s.errorf(t.From, "%s cannot be a name; names consist of letters, digits and _ and do not begin with a digit", quote(t.Value))
	}
	return nil
}

// binding checks the head of a let.
func (s *source) binding(i int) error {
	at := s.tokens[i].To
	for k, ok := range []func(lexer.Token) bool{isIdentifier, isAssignment} {
		if i+1+k >= len(s.tokens) {
			return s.errorf(at, letHead)
		}
		t := s.tokens[i+1+k]
		if why, bad := refused[t.Value]; bad {
			return s.errorf(t.From, "%s", why)
		}
		if !ok(t) {
			return s.errorf(t.From, letHead)
		}
		at = t.To
	}
	return nil
}

const letHead = "a name and \"=\" follow let; write let y = VALUE; and then the expression that uses y"

func isIdentifier(t lexer.Token) bool { return t.Kind == lexer.Identifier }
func isAssignment(t lexer.Token) bool { return t.Value == "=" }

// bracket is a bracket that is open; binding says that a let in it waits for its
// semicolon.
type bracket struct {
	open    lexer.Token
	binding bool
}

// structure checks that brackets close and that semicolons end bindings.
func (s *source) structure() error {
	stack := []bracket{{}}
	for i, t := range s.tokens {
		top := &stack[len(stack)-1]
		var err error
		switch t.Value {
		case "(", "[":
			stack = append(stack, bracket{open: t})
		case ")", "]":
			if err = s.closes(i, t, top, len(stack)); err == nil {
				stack = stack[:len(stack)-1]
			}
		case "let":
			err = s.beginsBinding(t, top)
		case ";":
			err = s.endsBinding(t, top)
		case ",":
			err = s.unfinished(t.From, top)
		case "?":
			if i+1 < len(s.tokens) && s.tokens[i+1].Value == ":" {
				err = s.errorf(s.tokens[i+1].From, "a value is missing between \"?\" and \":\"; write condition ? a : b")
			}
		}
		if err != nil {
			return err
		}
	}
	top := &stack[len(stack)-1]
	if err := s.unfinished(s.tokens[len(s.tokens)-1].To, top); err != nil {
		return err
	}
	if len(stack) > 1 {
		return s.errorf(top.open.From, "this %s is never closed", quote(top.open.Value))
	}
	if s.tokens[len(s.tokens)-1].Value == ";" {
		return s.ends()
	}
	return nil
}

func (s *source) closes(i int, t lexer.Token, top *bracket, depth int) error {
	pair := map[string]string{"(": ")", "[": "]"}
	switch {
	case depth == 1:
		return s.errorf(t.From, "this %s closes nothing", quote(t.Value))
	case pair[top.open.Value] != t.Value:
		return s.errorf(t.From, "%s does not close the %s opened before; write %s", quote(t.Value), quote(top.open.Value), quote(pair[top.open.Value]))
	case s.tokens[i-1].Value == ",":
		return s.errorf(t.From, "a value is missing between \",\" and %s", quote(t.Value))
	}
	return s.unfinished(t.From, top)
}

// beginsBinding refuses a let in the value of another: it is unclear to which of
// them what follows the first semicolon belongs.
func (s *source) beginsBinding(t lexer.Token, top *bracket) error {
	if top.binding {
		return s.errorf(t.From, "a let within the value of another; put it in parentheses: let y = (let z = …; …); …")
	}
	top.binding = true
	return nil
}

func (s *source) endsBinding(t lexer.Token, top *bracket) error {
	if !top.binding {
		return s.errorf(t.From, "\";\" ends a binding; write let y = VALUE; before the expression that uses y")
	}
	top.binding = false
	return nil
}

// unfinished refuses to leave a place while a binding waits for its semicolon.
func (s *source) unfinished(at int, b *bracket) error {
	if !b.binding {
		return nil
	}
	return s.errorf(at, "a let before this has no \";\"; write let y = VALUE; and then the expression that uses y")
}
