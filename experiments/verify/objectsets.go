package verify

import "fmt"

// shapes reads what has the shape of values or of derivatives.
type shapes struct {
	*reader
	n, m   int // of a Jacobian
	scalar bool
}

// value takes the value, whose shape says that of derivatives.
func (d *shapes) value(m *members, o *Object) {
	a := d.numbers(m, "value")
	if a == nil || len(a.dims) > 1 || len(a.Float) == 0 || d.n == 0 {
		d.fail("value", "it is neither a number nor a list of numbers")
		d.m = 1
		return
	}
	o.Value, o.Scalar = a.Vector, len(a.dims) == 0
	d.m, d.scalar = len(a.Float), o.Scalar
}

func (d *shapes) valueDims() []int {
	if d.scalar {
		return nil
	}
	return []int{d.m}
}

func (d *shapes) dims() []int {
	if d.scalar {
		return []int{d.n}
	}
	return []int{d.m, d.n}
}

// derivative takes a gradient or a Jacobian; nil for null.
func (d *shapes) derivative(m *members, name string) *Vector { return d.vector(m, name, d.dims()...) }

// derivatives takes a list of them; nil for null.
func (d *shapes) derivatives(m *members, name string) *[]Vector {
	a := d.numbers(m, name)
	if a == nil {
		return nil
	}
	list := make([]Vector, a.dims0())
	size := 1
	for _, e := range d.dims() {
		size *= e
	}
	if len(a.Float) != len(list)*size || len(list) > 0 && fmt.Sprint(a.dims[1:]) != fmt.Sprint(d.dims()) {
		d.fail(m.at(name), "its shape is %v; it should be a list of entries of shape %v", a.dims, d.dims())
		return nil
	}
	for i := range list {
		list[i].Float = a.Float[i*size : (i+1)*size]
		if a.Exact != nil {
			list[i].Exact = a.Exact[i*size : (i+1)*size]
		}
	}
	return &list
}

// dims0 is the length of a list, 0 for a number.
func (a *array) dims0() int {
	if len(a.dims) == 0 {
		return 0
	}
	return a.dims[0]
}

func (d *shapes) selections(m *members, o *Object) {
	s, v := d.members(m, "selections"), d.members(m, "verdicts")
	for len(s.names) > 0 && d.err == nil {
		name := s.names[0]
		o.Selections = append(o.Selections, Selection{
			name, d.derivative(s, name), d.word(v, name, "clarke", "conservative", "neither", "unknown"),
		})
	}
	d.done(v)
}

const (
	yes     = "yes"
	no      = "no"
	unknown = "unknown"
)

// part takes an object that may be null.
func (d *shapes) part(m *members, name string) *members {
	if v, ok := m.value[name]; ok && v == nil {
		m.drop(name)
		return nil
	}
	return d.members(m, name)
}

func (d *shapes) field(m *members) *Field {
	p := d.part(m, "conservative")
	if p == nil {
		return nil
	}
	f := &Field{
		Vertices: d.derivatives(p, "vertices"), Complete: d.truth(p, "complete"),
		Zero: d.word(p, "contains_zero", yes, no, unknown), HullZero: d.word(p, "hull_contains_zero", yes, no, unknown),
		MinNorm: d.derivative(p, "min_norm"), Distance: d.vector(p, "distance"),
	}
	d.text(p, "why")
	if slots := d.take(p, "zero_slots"); slots != nil {
		f.HasZeroSlots = true
		f.ZeroSlots = d.slots(slots)
	}
	d.done(p)
	return f
}

func (d *shapes) slots(v any) (out []Slot) {
	const path = "conservative.zero_slots"
	list, ok := v.([]any)
	if !ok {
		d.fail(path, "it is neither a list nor null")
	}
	for i, v := range list {
		k := d.entry(v, path, i)
		s := Slot{Node: d.integer(d.take(k, "node"), k.at("node")), Op: d.text(k, "op"), Index: d.index(k), Name: d.text(k, "slot")}
		if a := d.numbers(k, "value"); a == nil || len(a.dims) != 1 || a.Exact == nil {
			d.fail(k.at("value"), "it is not a list of numbers with an exact sibling")
		} else {
			s.Vector = a.Vector
		}
		d.done(k)
		out = append(out, s)
	}
	return out
}

func (d *shapes) clarke(m *members) *Clarke {
	p := d.part(m, "clarke")
	if p == nil {
		return nil
	}
	c := &Clarke{
		Vertices: d.derivatives(p, "vertices"), Exact: d.truth(p, "exact"), Why: d.text(p, "why"),
		Zero: d.word(p, "contains_zero", yes, no, unknown), MinNorm: d.derivative(p, "min_norm"), Distance: d.vector(p, "distance"),
		Minimality: d.word(p, "minimality", localMinimum, notLocalMinimum, unknown), Descent: d.vector(p, "descent", d.n),
	}
	for i, v := range d.list(p, "certificates") {
		k := d.entry(v, "clarke.certificates", i)
		vertex, direction := d.derivative(k, "vertex"), d.vector(k, "direction", d.n)
		if vertex == nil || direction == nil {
			d.fail(k.path, "its vertex or its direction is null")
			break
		}
		d.done(k)
		c.Certificates = append(c.Certificates, Certificate{*vertex, *direction})
	}
	d.done(p)
	return c
}

const (
	localMinimum    = "local minimum"
	notLocalMinimum = "not a local minimum"
)

func (d *shapes) support(m *members) *Support {
	p := d.members(m, "support")
	s := &Support{}
	if v := d.derivative(p, "direction"); v != nil {
		s.Direction = *v
	} else {
		d.fail(p.at("direction"), "it is null")
	}
	s.Field, s.Clarke = d.bounds(p, "conservative"), d.bounds(p, "clarke")
	d.done(p)
	return s
}

// bounds takes a number, or an object of two.
func (d *shapes) bounds(m *members, name string) Bounds {
	if _, open := m.value[name].(*members); !open {
		v := d.vector(m, name)
		return Bounds{v, v, v != nil}
	}
	p := d.members(m, name)
	b := Bounds{Lower: d.vector(p, "lower"), Upper: d.vector(p, "upper")}
	d.done(p)
	return b
}
