package verify

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/mixed"
)

// Schema is the version of the objects that can be read.
const Schema = 1

// Vector is a list of numbers, with the rationals if there are any. Jacobians are
// flat row by row.
type Vector = mixed.Vector

// Object is what explain says about one program at one point.
type Object struct {
	Expression string
	At         []Coordinate
	Tol        float64
	Inputs     []string
	Arithmetic string
	Class      string
	Continuous bool
	Lipschitz  bool
	Refused    string
	Note       string
	Value      Vector
	Scalar     bool // the value is a number

	Selections    []Selection
	Kinks         []Kink
	Field         *Field  // null if refused
	Clarke        *Clarke // null if refused
	Lexicographic *Vector
	Along         *Vector // nil unless asked for
	Directional   *Vector
	Support       *Support // nil unless asked for
	Spurious      *[]Vector

	rounded []string // floats that are not the nearest to their exact siblings
	pairs   int
}

// Coordinate is one input.
type Coordinate struct {
	Name string
	Vector
}

// Selection is what a framework returns.
type Selection struct {
	Preset  string
	Vector  *Vector // nil if there is no answer
	Verdict string
}

// Kink is an active kink.
type Kink struct {
	Node             int
	Op               string
	Index            []int
	Switch, Distance float64
	Pieces           int
}

// Field is about conv D, and about 0 ∈ D.
type Field struct {
	Vertices       *[]Vector
	Complete       bool
	Zero, HullZero string
	MinNorm        *Vector
	Distance       *Vector
	ZeroSlots      []Slot
	HasZeroSlots   bool
}

// Slot is a choice at one kink.
type Slot struct {
	Node  int
	Op    string
	Index []int
	Name  string
	Vector
}

// Clarke is about ∂f.
type Clarke struct {
	Vertices          *[]Vector
	Exact             bool
	Why               string
	Zero              string
	MinNorm, Distance *Vector
	Certificates      []Certificate
	Minimality        string
	Descent           *Vector
}

// Certificate says that a vertex is the limit of gradients along a direction.
type Certificate struct{ Vertex, Direction Vector }

// Support has values of support functions.
type Support struct {
	Direction     Vector
	Field, Clarke Bounds
}

// Bounds encloses a number; both are the same if it is known.
type Bounds struct {
	Lower, Upper *Vector
	Known        bool
}

// decode reads an object of explain.
func decode(m *members) (*Object, error) {
	r := &reader{}
	if n := r.integer(r.take(m, "schema"), "schema"); r.err == nil && n != Schema {
		r.fail("schema", "it is %d; only schema %d can be read", n, Schema)
	}
	if r.err != nil {
		return nil, r.err
	}
	o := &Object{Expression: r.text(m, "expression")}
	o.At = r.point(m)
	o.Inputs = r.texts(m, "inputs")
	o.Arithmetic = r.word(m, "arithmetic", "rational", "float64")
	o.Class, o.Continuous, o.Lipschitz = r.text(m, "class"), r.truth(m, "continuous"), r.truth(m, "lipschitz")
	o.Refused, o.Note = r.text(m, "refused"), r.text(m, "note")
	if m.has("tol") {
		o.Tol = r.float(r.take(m, "tol"), "tol")
		if !(o.Tol > 0) {
			r.fail("tol", "it is not above 0; leave it out")
		}
	}
	d := shapes{reader: r, n: len(o.Inputs)}
	d.value(m, o)
	d.selections(m, o)
	o.Kinks = r.kinks(m)
	o.Field, o.Clarke = d.field(m), d.clarke(m)
	o.Lexicographic = d.derivative(m, "lexicographic")
	if m.has("along") || m.has("directional") {
		o.Along = r.vector(m, "along", d.n)
		o.Directional = r.vector(m, "directional", d.valueDims()...)
	}
	if m.has("support") {
		o.Support = d.support(m)
	}
	o.Spurious = d.derivatives(m, "spurious")
	r.done(m)
	o.rounded, o.pairs = r.rounded, r.pairs
	return o, r.err
}

func (r *reader) point(m *members) (point []Coordinate) {
	at, exact := r.members(m, "at"), r.members(m, "at_exact")
	for len(at.names) > 0 && r.err == nil {
		name := at.names[0]
		at.value[name+"_exact"] = r.take(exact, name)
		a := r.numbers(at, name)
		if a == nil || len(a.dims) != 1 {
			r.fail(at.at(name), "it is not a list of numbers")
			return point
		}
		point = append(point, Coordinate{name, a.Vector})
	}
	r.done(exact)
	return point
}

func (r *reader) texts(m *members, name string) (out []string) {
	for _, v := range r.list(m, name) {
		text, ok := v.(string)
		if !ok {
			r.fail(m.at(name), "it is not a list of texts")
		}
		out = append(out, text)
	}
	return out
}

// vector takes an array of one shape, none for a number; nil for null.
func (r *reader) vector(m *members, name string, dims ...int) *Vector {
	a := r.numbers(m, name)
	if a == nil {
		return nil
	}
	if !slices.Equal(a.dims, dims) {
		r.fail(m.at(name), "its shape is %v; it should be %v", a.dims, dims)
	}
	return &a.Vector
}

func (r *reader) kinks(m *members) (out []Kink) {
	for i, v := range r.list(m, "kinks") {
		k := r.entry(v, "kinks", i)
		out = append(out, Kink{
			r.integer(r.take(k, "node"), k.at("node")), r.text(k, "op"), r.index(k),
			r.float(r.take(k, "switch"), k.at("switch")), r.float(r.take(k, "distance"), k.at("distance")),
			r.integer(r.take(k, "pieces"), k.at("pieces")),
		})
		r.done(k)
	}
	return out
}

func (r *reader) index(m *members) []int {
	out := []int{}
	for _, v := range r.list(m, "index") {
		out = append(out, r.integer(v, m.at("index")))
	}
	return out
}

// entry is an object in a list.
func (r *reader) entry(v any, list string, i int) *members {
	m, ok := v.(*members)
	if !ok {
		m = &members{path: list}
		r.fail(list, "entry %d is not an object", i)
	}
	return m
}

// one returns the only number.
func one(x *big.Rat) Vector { return mixed.Rational([]*big.Rat{x}) }
