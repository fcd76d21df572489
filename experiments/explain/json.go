package explain

import (
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// MarshalJSON writes the object of the command line's contract. Besides the keys
// of schema 1 it has note, along, tol (only above 0), and why and zero_slots of the
// field.
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
	r.entries(&o, "value", &r.Value)
	o.set("selections", r.selections())
	o.set("kinks", r.kinks())
	o.set("conservative", r.fieldObject())
	o.set("clarke", r.clarkeObject())
	r.jacobian(&o, "lexicographic", r.Lexicographic)
	if r.Along != nil {
		o.numbers("along", &r.Along.Direction)
		r.entries(&o, "directional", r.Along.Derivative)
	}
	if r.Support != nil {
		o.set("support", r.supportObject())
	}
	r.derivatives(&o, "spurious", r.Spurious)
	o.set("verdicts", r.verdicts())
	return o.MarshalJSON()
}

func (r *Report) arithmetic() string {
	if r.Exact {
		return "rational"
	}
	return "float64"
}

// setPoint writes the point, which is rational as it was given.
func (r *Report) setPoint(o *object) {
	var at, exact object
	for _, c := range r.At {
		v := clarke.Rational(c.Values)
		at.set(c.Name, jsonnum.List(v.Float))
		exact.set(c.Name, texts(v.Exact))
	}
	o.set("at", at)
	o.set("at_exact", exact)
	if r.Tol > 0 {
		o.set("tol", jsonnum.Number(r.Tol))
	}
}

// entries sets what has a number for each output entry: a number if there is only
// one, without axes.
func (r *Report) entries(o *object, key string, v *clarke.Vector) {
	if r.Scalar {
		o.number(key, v)
		return
	}
	o.numbers(key, v)
}

// jacobian sets one row as a list for scalar functions, all rows for others.
func (r *Report) jacobian(o *object, key string, rows []clarke.Vector) {
	switch {
	case rows == nil:
		o.set(key, nil)
	case r.Scalar:
		o.numbers(key, &rows[0])
	default:
		o.rows(key, rows)
	}
}

// derivative sets a gradient, or a Jacobian that is flat.
func (r *Report) derivative(o *object, key string, v *clarke.Vector) {
	if v == nil {
		o.set(key, nil)
		return
	}
	r.jacobian(o, key, r.rowsOf(*v))
}

// derivatives sets a list of them; nil is written null.
func (r *Report) derivatives(o *object, key string, list []clarke.Vector) {
	if r.Scalar || list == nil {
		o.rows(key, list)
		return
	}
	matrices := make([][]clarke.Vector, len(list))
	for i, v := range list {
		matrices[i] = r.rowsOf(v)
	}
	o.matrices(key, matrices)
}

// rowsOf cuts a flat Jacobian.
func (r *Report) rowsOf(v clarke.Vector) []clarke.Vector {
	n := len(r.Inputs)
	rows := make([]clarke.Vector, len(v.Float)/n)
	for i := range rows {
		rows[i].Float = v.Float[i*n : (i+1)*n]
		if v.Exact != nil {
			rows[i].Exact = v.Exact[i*n : (i+1)*n]
		}
	}
	return rows
}

func (r *Report) selections() object {
	o := object{}
	for _, s := range r.Selections {
		r.jacobian(&o, s.Preset, s.Rows)
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

// fieldObject writes the conservative field. The point nearest to 0 is null if
// bounds of its distance do not agree.
func (r *Report) fieldObject() any {
	d := r.Conservative
	if d == nil {
		return nil
	}
	var o object
	r.derivatives(&o, "vertices", d.Vertices)
	o.set("complete", d.Complete)
	o.set("contains_zero", d.ContainsZero)
	o.set("hull_contains_zero", d.HullContainsZero)
	r.nearest(&o, r.fieldNearest())
	o.set("why", d.Why)
	o.set("zero_slots", zeroSlots(d))
	return o
}

// zeroSlots writes choices at kinks for which the derivative is 0, null unless
// they are known.
func zeroSlots(d *conservative.Field) any {
	if d.ZeroSlots == nil {
		return nil
	}
	out := []object{}
	for i, k := range d.Kinks {
		var o object
		o.set("node", k.Node)
		o.set("op", k.Op)
		o.set("index", append([]int{}, k.Index...))
		o.set("slot", k.Slot.Name)
		o.numbers("value", &d.ZeroSlots[i])
		out = append(out, o)
	}
	return out
}

func (r *Report) clarkeObject() any {
	c := r.Clarke
	if c == nil {
		return nil
	}
	var o object
	r.derivatives(&o, "vertices", listed(c.Vertices, c.Round))
	o.set("exact", c.Exact)
	o.set("why", c.Why)
	o.set("contains_zero", c.ContainsZero)
	r.nearest(&o, r.clarkeNearest())
	list := []object{}
	for _, e := range listed(c.Certificates, c.Round) {
		var one object
		r.derivative(&one, "vertex", &e.Vertex)
		one.numbers("direction", &e.Direction)
		list = append(list, one)
	}
	o.set("certificates", list)
	o.set("minimality", c.Minimality)
	if c.Descent.Float == nil {
		o.set("descent", nil)
	} else {
		o.numbers("descent", &c.Descent)
	}
	return o
}

// listed returns nil for a set that is no polytope.
func listed[T any](list []T, round bool) []T {
	if round {
		return nil
	}
	return list
}

// nearest is the point of a set nearest to 0 and its norm; nil if it is not known.
type nearest struct {
	point    clarke.Vector
	distance float64
}

// fieldNearest is that of conv D.
func (r *Report) fieldNearest() *nearest {
	d := r.Conservative
	if d.HullContainsZero == clarke.Unknown || d.Distance-d.DistanceLower > closeTo*d.Distance {
		return nil
	}
	return &nearest{d.MinNorm, d.Distance}
}

// closeTo is the relative accuracy at which bounds of a distance agree.
const closeTo = 0x1p-40

// clarkeNearest is that of ∂f, or of what is known to be in it.
func (r *Report) clarkeNearest() *nearest {
	switch c := r.Clarke; {
	case !c.Round && len(c.Vertices) > 0:
		return &nearest{c.MinNorm, c.Distance}
	case r.isHull():
		return r.fieldNearest()
	}
	return nil
}

func (r *Report) nearest(o *object, n *nearest) {
	if n == nil {
		o.set("min_norm", nil)
		o.set("distance", nil)
		return
	}
	r.derivative(o, "min_norm", &n.point)
	o.set("distance", jsonnum.Number(n.distance))
}

func (r *Report) supportObject() object {
	s := r.Support
	var o object
	r.derivative(&o, "direction", &s.Direction)
	s.Conservative.set(&o, "conservative")
	s.Clarke.set(&o, "clarke")
	return o
}

// set writes a number if it is known, else both bounds.
func (b Bounds) set(o *object, key string) {
	if b.Closed() {
		o.number(key, b.Lower)
		return
	}
	var e object
	e.number("lower", b.Lower)
	e.number("upper", b.Upper)
	o.set(key, e)
}

func (r *Report) verdicts() object {
	o := object{}
	for _, s := range r.Selections {
		o.set(s.Preset, s.Verdict)
	}
	return o
}
