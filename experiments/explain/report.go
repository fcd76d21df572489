// Package explain analyses one expression at one point: what frameworks
// return, the conservative field of the program and Clarke's subdifferential of
// the function, with what is proved about each.
package explain

import (
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// Schema is the version of the JSON form.
const Schema = 1

// Report is the analysis. Vectors list coordinates in the order of Inputs.
type Report struct {
	Expression string
	At         Point // in the order of the program's inputs
	Inputs     []string
	Exact      bool // rational arithmetic
	Class      expr.Class
	Refused    string // why the sets are not given, or ""
	Value      clarke.Vector
	Scalar     bool   // one output entry without axes
	Note       string // why sets are not given although nothing is refused, or ""

	Selections    []Selection
	Kinks         []ad.Kink
	Conservative  *conservative.Field // nil if refused or not scalar
	Clarke        *clarke.Subdifferential
	Lexicographic []clarke.Vector // rows; nil if refused
	Directional   *clarke.Vector
	AskedAlong    bool            // a directional derivative was asked for
	Support       *Support        // nil unless asked for
	Spurious      []clarke.Vector // vertices of conv D that are not in ∂f; nil if not known

	presets []ad.Preset
}

// Support holds values of support functions; an open one has two bounds, nil
// where nothing is known.
type Support struct {
	Direction            clarke.Vector
	Conservative, Clarke Bounds
}

// Bounds encloses a number.
type Bounds struct{ Lower, Upper *clarke.Vector }

// MarshalJSON writes the object of the command line's contract.
func (r *Report) MarshalJSON() ([]byte, error) {
	var o object
	o.set("schema", Schema)
	o.set("expression", r.Expression)
	r.setPoint(&o)
	o.set("inputs", r.Inputs)
	o.set("arithmetic", r.arithmetic())
	o.set("class", r.Class.Kind.String())
	o.set("continuous", r.Class.Continuous)
	o.set("lipschitz", r.Class.Lipschitz)
	o.set("refused", r.Refused)
	o.set("note", r.Note)
	if r.Scalar {
		o.number("value", &r.Value)
	} else {
		o.numbers("value", &r.Value)
	}
	o.set("selections", r.selections())
	o.set("kinks", r.kinks())
	o.set("conservative", fieldObject(r.Conservative))
	o.set("clarke", clarkeObject(r.Clarke, r.round()))
	r.matrix(&o, "lexicographic", r.Lexicographic)
	if r.AskedAlong && r.Scalar {
		o.number("directional", r.Directional)
	} else if r.AskedAlong {
		o.numbers("directional", r.Directional)
	}
	if r.Support != nil {
		o.set("support", r.Support.object())
	}
	o.rows("spurious", r.Spurious)
	o.set("verdicts", r.verdicts())
	return o.MarshalJSON()
}

func (r *Report) arithmetic() string {
	if r.Exact {
		return "rational"
	}
	return "float64"
}

func (r *Report) setPoint(o *object) {
	var at, exact object
	for _, c := range r.At {
		v := clarke.Rational(c.Values)
		at.set(c.Name, jsonnum.List(v.Float))
		exact.set(c.Name, texts(v.Exact))
	}
	o.set("at", at)
	if r.Exact {
		o.set("at_exact", exact)
	}
}

// matrix sets one row as a list for scalar functions, all rows for others.
func (r *Report) matrix(o *object, key string, rows []clarke.Vector) {
	switch {
	case rows == nil:
		o.set(key, nil)
	case r.Scalar:
		o.numbers(key, &rows[0])
	default:
		o.rows(key, rows)
	}
}

func (r *Report) selections() object {
	o := object{}
	for _, s := range r.Selections {
		r.matrix(&o, s.Preset, s.Rows)
	}
	return o
}

func (r *Report) kinks() []object {
	out := []object{}
	for _, k := range r.Kinks {
		var o object
		o.set("node", k.Node)
		o.set("op", k.Op)
		o.set("index", append([]int{}, k.Index...))
		o.set("switch", jsonnum.Number(k.Switch))
		o.set("distance", jsonnum.Number(k.Distance))
		o.set("pieces", k.Pieces)
		out = append(out, o)
	}
	return out
}

// fieldObject writes the conservative field; numbers about an incomplete hull
// are null.
func fieldObject(d *conservative.Field) any {
	if d == nil {
		return nil
	}
	var o object
	o.rows("vertices", d.Vertices)
	o.set("complete", d.Complete)
	o.set("contains_zero", d.ContainsZero)
	o.set("hull_contains_zero", d.HullContainsZero)
	nearest(&o, d.Complete, d.MinNorm, d.Distance)
	o.set("why", d.Why)
	return o
}

func clarkeObject(c *clarke.Subdifferential, round bool) any {
	if c == nil {
		return nil
	}
	var o object
	o.rows("vertices", listed(c.Vertices, round))
	o.set("exact", c.Exact)
	o.set("why", c.Why)
	o.set("contains_zero", c.ContainsZero)
	nearest(&o, true, c.MinNorm, c.Distance)
	list := []object{}
	for _, e := range listed(c.Certificates, round) {
		var one object
		one.numbers("vertex", &e.Vertex)
		one.numbers("direction", &e.Direction)
		list = append(list, one)
	}
	o.set("certificates", list)
	o.set("minimality", "unknown")
	o.set("descent", nil)
	return o
}

// listed returns nil for a set that is no polytope.
func listed[T any](list []T, round bool) []T {
	if round {
		return nil
	}
	return list
}

// round reports whether a norm is active at 0: then the sets need not be
// polytopes, and vertices found by chance mean nothing.
func (r *Report) round() bool {
	return slices.ContainsFunc(r.Kinks, func(k ad.Kink) bool { return k.Slot.Kind == expr.DirectionSlot })
}

// nearest writes the point nearest to 0 and its norm, if they are known.
func nearest(o *object, known bool, point clarke.Vector, distance float64) {
	if !known {
		o.set("min_norm", nil)
		o.set("distance", nil)
		return
	}
	o.numbers("min_norm", &point)
	o.set("distance", jsonnum.Number(distance))
}

func (s *Support) object() object {
	var o object
	o.numbers("direction", &s.Direction)
	s.Conservative.set(&o, "conservative")
	s.Clarke.set(&o, "clarke")
	return o
}

// set writes a number if the bounds agree, else both of them.
func (b Bounds) set(o *object, key string) {
	if b.Lower != nil && b.Upper != nil && b.Lower.Float[0] == b.Upper.Float[0] {
		o.number(key, b.Lower)
		return
	}
	var e object
	e.number("lower", b.Lower)
	e.number("upper", b.Upper)
	o.set(key, e)
}

// verdicts names the set of each selection that has an answer.
func (r *Report) verdicts() object {
	o := object{}
	for _, s := range r.Selections {
		o.set(s.Preset, s.Verdict)
	}
	return o
}
