package codegen

import (
	"go/token"
	"strconv"
	"strings"
	"unicode"
)

// names hands out names of variables, each once.
type names struct {
	prefix string // of functions and tables of the output
	taken  map[string]bool
	count  map[string]int
}

// newNames keeps words of Go free that the output uses.
func newNames(o Options) *names {
	n := &names{prefix: small(o.Func), taken: map[string]bool{}, count: map[string]int{}}
	for _, s := range strings.Fields("dst work room i j k l o math bits max min len range copy clear float64 int32 int init main") {
		n.taken[s] = true
	}
	n.taken[o.Func], n.taken[o.Func+"Work"] = true, true
	return n
}

// fresh returns the name itself, or with _ after it.
func (n *names) fresh(name string) string {
	ours := strings.HasPrefix(name, n.prefix) || strings.HasSuffix(name, "Parts") // of a sum
	for n.taken[name] || token.IsKeyword(name) || name == "_" || ours && !strings.HasSuffix(name, "_") {
		name += "_"
	}
	n.taken[name] = true
	return name
}

// numbered returns a name from an op's and a number.
func (n *names) numbered(op string) string {
	op, _, _ = strings.Cut(op, " ")
	for {
		n.count[op]++
		if s := op + strconv.Itoa(n.count[op]); !n.taken[s] {
			n.taken[s] = true
			return s
		}
	}
}

// capital returns a name with a capital.
func capital(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

func small(s string) string {
	r := []rune(s)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}
