package expr

import (
	"slices"
	"strings"
	"unicode"
)

// reserved holds the words of the text form that cannot be names.
var reserved = []string{
	"let", "if", "else", "not", "in", "and", "or", "matches", "contains", "startsWith", "endsWith", "true", "false", "nil",
}

// IsName reports whether the text form can name an input so: a letter or _,
// then letters, digits and _, and none of its reserved words. Functions have
// names of their own, so an input may be called like one.
func IsName(s string) bool {
	for i, r := range s {
		if !isNameRune(r) || i == 0 && unicode.IsDigit(r) {
			return false
		}
	}
	return s != "" && s != "_" && !slices.Contains(reserved, s)
}

func isNameRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// Identifiers returns the names by which Format writes the inputs of f and,
// after them, its open slots. An input keeps its name if IsName allows it; the
// slot relu#3.s is relu_3_s. In other names each character that the text form
// does not allow becomes _, and further _ keep all of them apart.
func Identifiers(f *Func) []string {
	out := make([]string, len(f.in)+len(f.slots))
	taken := make(map[string]bool, len(out))
	for i, n := range f.in {
		if in, _ := n.Input(); IsName(in.Name) {
			out[i], taken[in.Name] = in.Name, true
		}
	}
	for i := range out {
		if out[i] != "" {
			continue
		}
		name := asName(f.originalName(i))
		for !IsName(name) || taken[name] {
			name += "_"
		}
		out[i], taken[name] = name, true
	}
	return out
}

func (f *Func) originalName(i int) string {
	if i < len(f.in) {
		in, _ := f.in[i].Input()
		return in.Name
	}
	return listName(f.slots[i-len(f.in)])
}

func asName(s string) string {
	s = strings.Map(func(r rune) rune {
		if isNameRune(r) {
			return r
		}
		return '_'
	}, s)
	if r := []rune(s); len(r) == 0 || unicode.IsDigit(r[0]) {
		return "_" + s
	}
	return s
}

// freshNames returns a generator of a, b, …, z, aa, ab, … without the names
// taken, functions and reserved words.
func freshNames(taken []string) func() string {
	avoid := map[string]bool{}
	for _, s := range slices.Concat(taken, reserved) {
		avoid[s] = true
	}
	i := 0
	return func() string {
		for {
			s := letters(i)
			i++
			if _, isOp := registry[s]; !isOp && !avoid[s] {
				return s
			}
		}
	}
}

// letters returns the i-th word over a…z, shorter words first.
func letters(i int) string {
	s := ""
	for ; i >= 0; i = i/26 - 1 {
		s = string(rune('a'+i%26)) + s
	}
	return s
}
