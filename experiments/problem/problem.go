// Package problem holds the standard test problems of nonsmooth minimisation as programs: with their
// start, the value there, the least value, and where literature gives them a minimiser and a
// certificate of its optimality.
//
//	p, err := problem.Lookup("maxquad")
//	p, err := problem.At("f3", 1000)
//	f, err := p.Func()
//
// Every program has one input x, a vector. Problems of n variables are built from operations on
// vectors, so that their programs have the same few nodes for every n.
package problem

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// Structure says how a function is built from smooth ones.
type Structure string

// The structures.
const (
	MaxSmooth   Structure = "maximum of smooth functions"
	SumOfMaxima Structure = "sum of maxima of smooth functions"
	Nested      Structure = "nonsmooth functions inside of others"
)

// Problem is a function f: ℝⁿ → ℝ to minimise.
type Problem struct {
	Name   string // by which [Lookup] finds it: "maxq"
	Title  string // as literature calls it
	Source string // where the formula, start and least value come from

	Convex    bool
	Structure Structure

	N          int       // variables
	Start      []float64 // the standard start
	StartValue float64   // f(Start), from a closed form or the literature, not from the program
	// Minimum is the least value f*: that of a minimiser in closed form, or of a stationary
	// point which Newton's method finds from its active pieces. Global says that it is proved
	// to be the least of all, as it is for all Convex problems; else it is the least known.
	Minimum float64
	Global  bool
	// Minimizer is a point with the value Minimum, to rounding.
	Minimizer []float64
	// Certificate writes 0 as a convex combination of gradients of active pieces at Minimizer:
	// 0 ∈ ∂f. It is nil where literature lists none.
	Certificate *Certificate

	family *family
}

// Certificate is Σ Weights[i]·Gradients[i] = 0 with Weights ≥ 0 that add up to 1.
type Certificate struct {
	Weights   []float64
	Gradients [][]float64
}

// Scalable reports whether the problem is there for other numbers of variables.
func (p Problem) Scalable() bool { return p.family.least > 0 }

// Of returns the problem of the same name for n variables. The error is a *SizeError.
func (p Problem) Of(n int) (Problem, error) { return p.family.of(n) }

// Func returns the program of f: one input x of shape [N], one scalar output.
func (p Problem) Func() (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", p.N)
	return g.Func(expr.In(x), expr.Out(p.family.build(x)))
}

// family is a problem for every n at which it exists.
type family struct {
	name, title, source string
	convex, global      bool
	structure           Structure
	n                   int // the standard number of variables
	least               int // number of variables; 0 if only n exists

	build       func(x expr.Node) expr.Node
	start       func(n int) []float64
	startValue  func(n int) float64
	minimum     func(n int) float64
	minimizer   func(n int) []float64
	certificate *Certificate
}

// standard returns the problem at its standard number of variables.
func (f *family) standard() Problem {
	return Problem{
		Name: f.name, Title: f.title, Source: f.source,
		Convex: f.convex, Global: f.global || f.convex, Structure: f.structure,
		N: f.n, Start: f.start(f.n), StartValue: f.startValue(f.n), Minimum: f.minimum(f.n), Minimizer: f.minimizer(f.n),
		Certificate: f.certificate.clone(), family: f,
	}
}

func (f *family) of(n int) (Problem, error) {
	if n != f.n && (f.least == 0 || n < f.least || n > Largest) {
		return Problem{}, &SizeError{Name: f.name, N: n, Least: f.least, Only: f.n}
	}
	sized := *f
	sized.n = n
	p := sized.standard()
	p.family = f
	return p, nil
}

func (c *Certificate) clone() *Certificate {
	if c == nil {
		return nil
	}
	out := &Certificate{Weights: slices.Clone(c.Weights)}
	for _, g := range c.Gradients {
		out.Gradients = append(out.Gradients, slices.Clone(g))
	}
	return out
}

// fixed, always and all turn what is the same for every n into a function of n: a vector, a number,
// and a vector of one number.

func fixed(v ...float64) func(int) []float64 {
	return func(int) []float64 { return slices.Clone(v) }
}

func always(v float64) func(int) float64 { return func(int) float64 { return v } }

func all(v float64) func(int) []float64 {
	return func(n int) []float64 { return slices.Repeat([]float64{v}, n) }
}
