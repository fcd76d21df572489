package problem

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/nearest"
)

// Largest is the largest number of variables of a problem that exists for all n. The Hilbert
// matrices, which are dense, keep it from being larger.
const Largest = 4096

// families lists the problems in the order of All.
func families() []*family {
	return slices.Concat(minimax(), planar(), quadratics(), hilbert(), nesterov(), chained())
}

// All returns every problem at its standard number of variables.
func All() []Problem {
	var out []Problem
	for _, f := range families() {
		out = append(out, f.standard())
	}
	return out
}

// Lookup returns the problem of a name, in upper or lower case, at its standard number of variables.
// The error is a *NameError.
func Lookup(name string) (Problem, error) {
	var known []string
	for _, f := range families() {
		if f.name == strings.ToLower(name) {
			return f.standard(), nil
		}
		known = append(known, f.name)
	}
	return Problem{}, &NameError{Name: name, Nearest: nearest.Word(strings.ToLower(name), known), Known: known}
}

// At returns the problem of a name for n variables. The error is a *NameError or a *SizeError.
func At(name string, n int) (Problem, error) {
	p, err := Lookup(name)
	if err != nil {
		return p, err
	}
	return p.Of(n)
}

// NameError is returned for a name that no problem has.
type NameError struct {
	Name    string
	Nearest string // the most similar name, or empty
	Known   []string
}

// Error implements error.
func (e *NameError) Error() string {
	if e.Nearest != "" {
		return fmt.Sprintf("there is no problem %q: did you mean %q?", e.Name, e.Nearest)
	}
	return fmt.Sprintf("there is no problem %q: there are %s", e.Name, strings.Join(e.Known, ", "))
}

// SizeError is returned for a number of variables at which a problem does not exist.
type SizeError struct {
	Name  string
	N     int // what was asked for
	Least int // the least number there is, or 0 if there is one only
	Only  int // that one
}

// Error implements error.
func (e *SizeError) Error() string {
	if e.Least == 0 {
		return fmt.Sprintf("problem %s has %d variables, not %d: leave the number out", e.Name, e.Only, e.N)
	}
	return fmt.Sprintf("problem %s is there for %d to %d variables, not for %d: choose a number in between", e.Name, e.Least, Largest, e.N)
}
