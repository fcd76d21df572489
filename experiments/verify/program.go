package verify

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// program is an expression at a point, with its derivatives.
type program struct {
	f       *expr.Func
	n, m    int // inputs and outputs, flat
	x       []Vector
	tol     float64
	back    *expr.Func // ad.Backward(f), kinks open
	entries int        // numbers that back computes
	left    int        // numbers that the check at work may still compute

	value *mixed.Program
	rows  *slotted // of the outputs, by cotangents
	// keys computes the tangents of the keys of all kinks, those included that
	// decide on switches only, in the order of keySlots; nil without kinks.
	keys     *slotted
	keySlots []expr.Node
}

// slotted is a derivative whose choices at kinks are inputs, in the order of slots.
type slotted struct {
	run      *mixed.Program
	sessions []*mixed.Session // for the entries of cotangents or tangents, in turn
	slots    []expr.Node
	finder   *ad.Finder
}

// maxKept bounds the numbers that the sessions of a derivative keep.
const maxKept = 1 << 18

// session returns the one for an entry: runs for other entries change most numbers.
func (p *program) session(s *slotted, entry int) *mixed.Session {
	if s.sessions == nil {
		s.sessions = make([]*mixed.Session, max(1, maxKept/p.entries))
	}
	i := entry % len(s.sessions)
	if s.sessions[i] == nil {
		s.sessions[i] = s.run.Session()
	}
	return s.sessions[i]
}

// run runs a derivative for one entry of the given nodes.
func (p *program) run(s *slotted, nodes []expr.Node, x []Vector, entry int, slots assignment) ([]Vector, error) {
	session := p.session(s, entry)
	before := session.Computed()
	out, err := session.Run(slices.Concat(x, p.unit(nodes, entry), slots)...)
	if err != nil {
		return nil, err
	}
	return out, p.spend(session.Computed() - before)
}

// build reads the expression with the shapes that the names of the inputs have.
func build(o *Object) (*program, error) {
	dims := map[string][]int{}
	for _, name := range o.Inputs {
		base, index, err := splitName(name)
		if err != nil {
			return nil, err
		}
		for axis, i := range index {
			if axis == len(dims[base]) {
				dims[base] = append(dims[base], 0)
			}
			dims[base][axis] = max(dims[base][axis], i+1)
		}
		if index == nil {
			dims[base] = nil
		}
	}
	f, err := parse.Parse(o.Expression, parse.Shapes(dims))
	if err != nil {
		return nil, &FormatError{"expression", err.Error()}
	}
	p := &program{f: f, tol: o.Tol}
	if err := p.place(o); err != nil {
		return nil, err
	}
	return p, p.derive()
}

// splitName cuts x[1][0] into x and its indices.
func splitName(name string) (base string, index []int, err error) {
	base, rest, _ := strings.Cut(name, "[")
	if rest == "" {
		return base, nil, nil
	}
	for text := range strings.SplitSeq(strings.TrimSuffix(rest, "]"), "][") {
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 || i > 1<<20 {
			return "", nil, &FormatError{"inputs", fmt.Sprintf("%q is no name such as x or x[0]", name)}
		}
		index = append(index, i)
	}
	return base, index, nil
}

// place takes the values of the inputs.
func (p *program) place(o *Object) error {
	var names []string
	for _, n := range p.f.In() {
		i := slices.IndexFunc(o.At, func(c Coordinate) bool { return c.Name == n.String() })
		if i < 0 || len(o.At[i].Exact) != n.Shape().Size() {
			return &FormatError{"at", fmt.Sprintf("there is no value for %s of shape %v, which the expression reads", n, n.Shape())}
		}
		p.x = append(p.x, o.At[i].Vector)
		names = append(names, namesOf(n)...)
	}
	if len(o.At) != len(p.f.In()) || !slices.Equal(names, o.Inputs) {
		return &FormatError{"inputs", fmt.Sprintf("the expression reads %s", strings.Join(names, ", "))}
	}
	out := p.f.Out()[0].Shape()
	if p.n, p.m = len(names), out.Size(); p.m != len(o.Value.Float) || o.Scalar != (out.Rank() == 0) {
		return &FormatError{"value", fmt.Sprintf("the expression has shape %v", out)}
	}
	return nil
}

func namesOf(n expr.Node) (names []string) {
	s := n.Shape()
	for flat := range s.Size() {
		text, rest := "", flat
		for a := s.Rank() - 1; a >= 0; a-- {
			text = fmt.Sprintf("[%d]", rest%s.Dim(a)) + text
			rest /= s.Dim(a)
		}
		names = append(names, n.String()+text)
	}
	return names
}

// derive makes the derivatives.
func (p *program) derive() (err error) {
	if p.back, err = ad.Backward(p.f); err != nil {
		return err
	}
	if p.back, err = p.within(p.back); err != nil {
		return err
	}
	for _, n := range p.back.Nodes() {
		p.entries += n.Shape().Size()
	}
	if p.isLarge() || p.tol > 0 { // float64, as in explain
		for i := range p.x {
			p.x[i].Exact = nil
		}
	}
	if p.value, err = mixed.Compile(p.f); err != nil {
		return err
	}
	if p.rows, err = newSlotted(p.back, p.back.Out()[1:]); err != nil {
		return err
	}
	return p.deriveKeys()
}

func (p *program) isLarge() bool { return p.entries > mixed.Largest }

// within makes kinks active within the tolerance.
func (p *program) within(g *expr.Func) (*expr.Func, error) {
	if p.tol == 0 {
		return g, nil
	}
	return ad.Wire(g, ad.Within(p.tol))
}

// deriveKeys finds all kinks that decide: those of the derivative of f and, since
// switches depend on kinks too, those of the derivatives of their keys.
func (p *program) deriveKeys() error {
	var slots []expr.Node
	for {
		roots := p.f.Out()
		for _, n := range slots {
			s, _ := n.Slot()
			roots = append(roots, s.Keys()[0])
		}
		open, err := p.tangentsOf(roots)
		if err != nil {
			return err
		}
		if len(open.Slots()) > len(slots) {
			slots = open.Slots()
			continue
		}
		if len(slots) == 0 {
			return nil
		}
		tangents := open.Out()[len(roots)+len(p.f.Out()):]
		p.keys, err = newSlotted(open, tangents)
		p.keySlots = slots
		return err
	}
}

// tangentsOf returns the program of some nodes and their tangents.
func (p *program) tangentsOf(roots []expr.Node) (*expr.Func, error) {
	part, err := p.f.Graph().Func(expr.In(p.f.In()...), expr.Out(roots...))
	if err != nil {
		return nil, err
	}
	open, err := ad.Forward(part)
	if err != nil {
		return nil, err
	}
	return p.within(open)
}

// newSlotted takes some of the outputs of g, and the kinks of all.
func newSlotted(g *expr.Func, out []expr.Node) (*slotted, error) {
	part, err := g.Graph().Func(expr.In(g.In()...), expr.Out(out...))
	if err != nil {
		return nil, err
	}
	s := &slotted{slots: part.Slots()}
	if s.run, err = mixed.Compile(part); err != nil {
		return nil, err
	}
	s.finder, err = ad.NewFinder(g)
	return s, err
}

// kinks returns the active kinks at a point: decided in rationals where that is
// possible.
func (s *slotted) kinks(in []Vector) ([]ad.Kink, error) {
	exactly, floats := make([][]*big.Rat, len(in)), make([][]float64, len(in))
	rational := true
	for i, v := range in {
		exactly[i], floats[i] = v.Exact, v.Float
		rational = rational && v.Exact != nil
	}
	if rational {
		k, err := s.finder.AtExact(exactly...)
		var unsupported *exact.UnsupportedError
		if !mixed.IsFault(err) && !errors.As(err, &unsupported) {
			return k, err
		}
	}
	return s.finder.At(floats...)
}

// unit returns the vector that is 1 at entry i, in the shapes of nodes and in the
// arithmetic of the point.
func (p *program) unit(nodes []expr.Node, i int) (out []Vector) {
	for _, n := range nodes {
		v := make([]*big.Rat, n.Shape().Size())
		for j := range v {
			v[j] = new(big.Rat)
		}
		if i >= 0 && i < len(v) {
			v[i].SetInt64(1)
		}
		i -= len(v)
		u := mixed.Rational(v)
		if !isExact(p.x) {
			u.Exact = nil
		}
		out = append(out, u)
	}
	return out
}

func isExact(in []Vector) bool {
	return !slices.ContainsFunc(in, func(v Vector) bool { return v.Exact == nil })
}

// join concatenates vectors; rational if all are.
func join(parts []Vector) (out Vector) {
	if isExact(parts) {
		out.Exact = []*big.Rat{}
	}
	for _, v := range parts {
		out.Float = append(out.Float, v.Float...)
		if out.Exact != nil {
			out.Exact = append(out.Exact, v.Exact...)
		}
	}
	return out
}

// jacobian runs a wired derivative: flat row by row.
func (p *program) jacobian(back *mixed.Program) (Vector, error) {
	var rows []Vector
	for i := range p.m {
		out, err := back.Run(slices.Concat(p.x, p.unit(p.f.Out(), i))...)
		if err != nil {
			return Vector{}, err
		}
		rows = append(rows, out...)
	}
	return join(rows), nil
}
