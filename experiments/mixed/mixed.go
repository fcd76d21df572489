// Package mixed runs programs at rational points in the best arithmetic that they
// allow: rationals; else float64 with all choices at kinks decided in rationals; else
// float64.
package mixed

import (
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Largest is the number of entries of all nodes of a program and its gradient up
// to which rational arithmetic is worth its time.
const Largest = 1 << 12

// Vector is a list of numbers: the nearest float64s always, and the numbers
// themselves if they are rational.
type Vector struct {
	Float []float64
	Exact []*big.Rat // nil in float64
}

// Rational returns the vector of the given rationals, which it keeps.
func Rational(r []*big.Rat) Vector {
	v := Vector{make([]float64, len(r)), r}
	if r == nil {
		v.Exact = []*big.Rat{}
	}
	for i, x := range r {
		v.Float[i], _ = x.Float64()
	}
	return v
}

// Program is a Func ready to run. It is immutable and safe for concurrent use.
type Program struct {
	rational *exact.Program // nil if an op has no rational value
	decided  *decided       // nil if rational is not, or if switches have no rational value
	smooth   bool           // there are no choices
	float    *float
}

// Compile prepares f. Its open slots are further inputs, in the order of f.Slots().
func Compile(f *expr.Func) (p *Program, err error) {
	p = &Program{}
	if p.rational, err = exact.Compile(f); err != nil {
		selectors := choosing(f)
		if p.smooth = len(selectors) == 0; !p.smooth {
			p.decided = newDecided(f, selectors)
		}
	}
	p.float, err = newFloat(f)
	return p, err
}

// Rational reports whether all ops have rational values.
func (p *Program) Rational() bool { return p.rational != nil }

// Decides reports whether all choices at kinks are made in rationals, at rational
// points where nothing is too long.
func (p *Program) Decides() bool { return p.rational != nil || p.decided != nil || p.smooth }

// Run returns the outputs: in rationals if all inputs are rational and the program
// is. What comes upon a number that has no rational value there, such as a quotient
// by 0, or upon one that is too long, runs in float64. The error is a *vm.NaNError
// if a switch is NaN, and a *vm.FaultError if an op has no value.
func (p *Program) Run(in ...Vector) ([]Vector, error) { return p.Session().Run(in...) }

// IsFault reports whether a rational run came upon something that has no rational
// value, or a number that grows too long.
func IsFault(err error) bool {
	var fault *exact.FaultError
	return errors.As(err, &fault)
}

func floats(in []Vector) [][]float64 {
	out := make([][]float64, len(in))
	for i, v := range in {
		out[i] = v.Float
	}
	return out
}

func rationals(rows [][]*big.Rat) (out []Vector) {
	for _, r := range rows {
		out = append(out, Rational(r))
	}
	return out
}

// float is a program in float64.
type float struct {
	*vm.Program
	entries int // numbers that a run computes
}

func newFloat(f *expr.Func) (*float, error) {
	p, err := vm.Compile(f, vm.Options{})
	entries := 0
	for _, n := range f.Nodes() {
		entries += n.Shape().Size()
	}
	return &float{p, entries}, err
}

func (p *float) run(in [][]float64) ([]Vector, error) {
	nodes := p.Func().Out()
	out, values := make([]Vector, len(nodes)), make([][]float64, len(nodes))
	for i, n := range nodes {
		values[i] = make([]float64, n.Shape().Size())
		out[i].Float = values[i]
	}
	err := p.Run(values, in...)
	return out, err
}

// decided is a program in two parts: what chooses at kinks, in rationals, and the
// rest, which takes what was chosen, in float64. A kink at 1/3 stays one.
type decided struct {
	choices *exact.Program
	leaves  []int // those of the program's inputs, slots included, that choices reads
	rest    *float
}

// choosing lists the nodes that choose at kinks: selectors, but of a Direction, whose
// values are roots, the keys that it divides by their norm.
func choosing(f *expr.Func) (out []expr.Node) {
	for _, n := range f.Nodes() {
		switch args := n.Args(); n.Op().Name {
		case "step", "rank", "permutation":
			out = append(out, n)
		case "direction":
			out = append(out, args[:len(args)-1]...)
		}
	}
	slices.SortFunc(out, func(a, b expr.Node) int { return a.ID() - b.ID() })
	return slices.Compact(out)
}

// newDecided returns nil if the program cannot be parted.
func newDecided(f *expr.Func, selectors []expr.Node) *decided {
	part, err := f.Graph().Func(expr.In(f.In()...), expr.Out(selectors...))
	if err != nil {
		return nil
	}
	d := &decided{}
	for _, n := range slices.Concat(part.In(), part.Slots()) {
		d.leaves = append(d.leaves, slices.Index(slices.Concat(f.In(), f.Slots()), n))
	}
	if d.choices, err = exact.Compile(part); err != nil {
		return nil
	}
	rest, err := f.Sever(slices.Concat(f.In(), f.Slots(), selectors)...)
	if err != nil {
		return nil
	}
	if d.rest, err = newFloat(rest); err != nil {
		return nil
	}
	return d
}
