// Package minimize answers the command line's question for a minimiser: of an expression or of a test
// problem, by a method of package descent, with its certificate rechecked and a verdict on the
// point that was found.
package minimize

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/nearest"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr"
)

// Request says what to minimise, from where and how.
type Request struct {
	Problem    *problem.Problem // or, if nil,
	Program    *expr.Func       // or, if nil,
	Expression string           // in the grammar of package parse

	// From is the start, with a value for each input. nil is the standard start of a Problem.
	From   explain.Point
	Method string // the name of one of Methods
	Seed   uint64 // of what the method draws
	Limits descent.Limits
	// Polish refines the answer on the manifold of its active kinks, see descent.Polish.
	Polish bool
}

// MethodError is returned for a name that no method has.
type MethodError struct {
	Name    string
	Nearest string // the most similar name, or empty
	Known   []string
}

// Error implements error.
func (e *MethodError) Error() string {
	if e.Nearest != "" {
		return fmt.Sprintf("there is no method %q: did you mean %q?", e.Name, e.Nearest)
	}
	return fmt.Sprintf("there is no method %q: there are %s", e.Name, strings.Join(e.Known, ", "))
}

// method returns the method of the request.
func (q Request) method() (descent.Method, error) {
	var known []string
	for _, m := range methods(q.Seed) {
		if m.Name() == q.Method {
			return m, nil
		}
		known = append(known, m.Name())
	}
	return nil, &MethodError{q.Method, nearest.Word(q.Method, known), known}
}

// maxEntries bounds the numbers that an expression computes, so that it fits into memory.
const maxEntries = 1 << 21

// program returns the program to minimise, its name for people, and the start, flat.
func (q Request) program() (f *expr.Func, name string, start []float64, err error) {
	if q.Problem != nil {
		f, start, err = q.problem()
		return f, fmt.Sprintf("%s, %s", q.Problem.Name, q.Problem.Title), start, err
	}
	f, name, err = explain.Request{Program: q.Program, Expression: q.Expression, At: q.From}.Func()
	if err != nil {
		return nil, "", nil, err
	}
	if s := f.Out()[0].Shape(); s.Rank() != 0 {
		return nil, "", nil, fmt.Errorf("expression: its value has shape %v; minimise one number, such as its max or its norm", s)
	}
	if n := entries(f); n > maxEntries {
		return nil, "", nil, fmt.Errorf("expression: it computes %d numbers; make its tensors smaller, at most %d in all", n, maxEntries)
	}
	for _, n := range f.In() {
		i := slices.IndexFunc(q.From, func(c explain.Coordinate) bool { return c.Name == n.String() })
		start = append(start, floats(q.From[i])...)
	}
	return f, name, start, nil
}

// problem returns the program and the start of a test problem, whose only input is the vector x.
func (q Request) problem() (*expr.Func, []float64, error) {
	p := q.Problem
	f, err := p.Func()
	switch {
	case err != nil:
		return nil, nil, err
	case q.From == nil:
		return f, p.Start, nil
	case len(q.From) != 1 || q.From[0].Name != "x" || !slices.Equal(q.From[0].Dims, []int{p.N}):
		return nil, nil, &explain.PointError{Name: "x", Why: fmt.Sprintf("problem %s starts at one vector x of %d numbers; write x=[…], or leave --from out for its standard start", p.Name, p.N)}
	}
	return f, floats(q.From[0]), nil
}

func floats(c explain.Coordinate) []float64 {
	out := make([]float64, len(c.Values))
	for i, v := range c.Values {
		out[i], _ = v.Float64()
	}
	return out
}

// entries is the number of entries of all nodes together.
func entries(f *expr.Func) int {
	total := 0
	for _, n := range f.Nodes() {
		total += n.Shape().Size()
	}
	return total
}
