package clarke

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Element computes elements of ∂f(x): the gradient of the branch that f takes
// when x moves along a random direction d (S. Kakade, J. Lee, "Provably correct
// automatic subdifferentiation for qualified programs", NeurIPS 2018). With
// probability 1 over d, in exact arithmetic, for programs without where, it is a
// limit of gradients: an element of ∂_B f(x). In float64 it is one up to the
// rounding of tangents.
//
// An Element is compiled once for a program and safe for concurrent use.
type Element struct {
	f       *expr.Func
	locked  *expr.Func // f, then its gradient along d
	float   *vm.Program
	exact   *exact.Program
	exactly error

	// The kinks that d alone, and d before an independent e, leave open.
	one, two *ad.Finder
}

// redraws bounds how often a direction is drawn. A draw fails with probability
// 0 for Gaussian directions, at most 2⁻²⁰ a switch for integer ones.
const redraws = 32

// ErrDirections says that every direction drawn met a switch whose tangent is 0
// although its row is not.
var ErrDirections = errors.New("clarke: no direction in general position was found; move the point or use rational arithmetic")

// NewElement compiles the program; f has one scalar output and no slots.
func NewElement(f *expr.Func) (*Element, error) {
	e := &Element{f: f}
	var err error
	if e.locked, err = ad.ElementAlong(f); err != nil {
		return nil, err
	}
	if e.float, err = vm.Compile(e.locked, vm.Options{}); err != nil {
		return nil, err
	}
	e.exact, e.exactly = exact.Compile(e.locked)
	d := e.locked.In()[len(f.In()):]
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	other := directions(f)
	if e.one, err = followed(g, d); err != nil {
		return nil, err
	}
	e.two, err = followed(g, d, other)
	return e, err
}

// directions adds one more tangent for each input to differentiate.
func directions(f *expr.Func) []expr.Node {
	var out []expr.Node
	for i, x := range f.Wrt() {
		out = append(out, f.Graph().Data(fmt.Sprintf("direction %d", i), x.Shape().Dims()...))
	}
	return out
}

// followed returns the finder of the kinks that the directions leave open. Its
// inputs are those of g and then all directions.
func followed(g *expr.Func, d ...[]expr.Node) (*ad.Finder, error) {
	w, err := ad.Wire(g, ad.Follow(d...))
	if err != nil {
		return nil, err
	}
	all, err := g.Graph().Func(expr.In(g.In()...), expr.In(slices.Concat(d...)...), expr.Out(w.Out()...))
	if err != nil {
		return nil, err
	}
	return ad.NewFinder(all)
}

// Exactly reports whether the program runs in rationals, else why not: an
// *exact.UnsupportedError.
func (e *Element) Exactly() error { return e.exactly }

// At draws a direction and returns the gradient along it and the direction,
// both flat over the inputs f.Wrt(): in rationals if x is rational and the
// program allows it, with integers as directions, else in float64 with Gaussian
// ones.
//
// A direction is drawn again if the tangent of some switch is 0 though its row
// is not, since the branch taken then depends on the choice at the tie. To see
// that, ties are settled further by an independent direction e: a row of 0 stays
// tied, any other is settled almost surely.
func (e *Element) At(x Point, rng *rand.Rand) (gradient, direction Vector, err error) {
	if err := x.checkScalar(e.f); err != nil {
		return gradient, direction, err
	}
	rational := x.IsExact() && e.exactly == nil
	for range redraws {
		d := e.draw(rng, rational)
		settled, err := e.settled(x, d, e.draw(rng, rational))
		if err != nil {
			return gradient, direction, err
		}
		if settled {
			gradient, err = e.along(x, d)
			return gradient, d, err
		}
	}
	return gradient, direction, ErrDirections
}

// Along returns the gradient of the branch that f takes when x moves along d,
// flat over f.Wrt(). It is a limiting gradient only for d in general position.
func (e *Element) Along(x Point, d Vector) (Vector, error) {
	if err := x.checkScalar(e.f); err != nil {
		return Vector{}, err
	}
	if size := sizeOf(e.f.Wrt()); len(d.Float) != size {
		return Vector{}, &InputError{"", fmt.Sprintf("the direction has %d entries; it needs %d", len(d.Float), size)}
	}
	return e.along(x, d)
}

func sizeOf(nodes []expr.Node) int {
	size := 0
	for _, n := range nodes {
		size += n.Shape().Size()
	}
	return size
}

// integerRange bounds the entries of integer directions: a non-zero row is
// orthogonal to a random one with probability below 2⁻²⁰.
const integerRange = 1 << 20

func (e *Element) draw(rng *rand.Rand, rational bool) Vector {
	return randomDirection(rng, sizeOf(e.f.Wrt()), rational)
}

// extended returns the point followed by directions, cut to the inputs.
func (e *Element) extended(x Point, d ...Vector) Point {
	in := slices.Clone(x)
	for _, v := range d {
		in = append(in, Split(v, e.f.Wrt())...)
	}
	return in
}

// settled reports whether what d leaves tied, e leaves tied as well.
func (e *Element) settled(x Point, d, other Vector) (bool, error) {
	one, err := kinks(e.one, e.extended(x, d))
	if err != nil || len(one) == 0 {
		return true, err
	}
	two, err := kinks(e.two, e.extended(x, d, other))
	return slices.EqualFunc(one, two, sameBlock), err
}

func kinks(d *ad.Finder, x Point) ([]ad.Kink, error) {
	if x.IsExact() {
		return d.AtExact(x.Exact()...)
	}
	return d.At(x.Floats()...)
}

func sameBlock(a, b ad.Kink) bool {
	return a.Slot.Node == b.Slot.Node && slices.Equal(a.Entries, b.Entries)
}

func (e *Element) along(x Point, d Vector) (Vector, error) {
	in := e.extended(x, d)
	if in.IsExact() && e.exactly == nil {
		out, err := e.exact.Run(in.Exact()...)
		if err != nil {
			return Vector{}, err
		}
		return Rational(slices.Concat(out[1:]...)), nil
	}
	w := e.float.NewWorkspace()
	for i, v := range in.Floats() {
		copy(w.In(i), v)
	}
	if err := w.Run(); err != nil {
		return Vector{}, err
	}
	var g []float64
	for i := range e.f.Wrt() {
		g = append(g, w.Out(1+i)...)
	}
	return Floats(g), nil
}
