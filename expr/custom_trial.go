package expr

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
)

// trials is how many samples a record is tried on.
const trials = 16

// trial is one sample of a record. Rules run unguarded, so that a panic shows.
type trial struct {
	raw, op *Op // as given, and guarded
	e       Example
	rule    string    // being tried, for panics
	call    []float64 // what Eval gives
	shape   Shape
}

// try runs every rule of the record on its own samples.
func try(raw, op *Op) error {
	for i := range trials {
		t := &trial{raw: raw, op: op}
		if err := t.run(rand.New(rand.NewPCG(uint64(i), 5))); err != nil {
			return err
		}
	}
	return nil
}

// run tries one sample.
func (t *trial) run(r *rand.Rand) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = t.defect(panicked(p))
		}
	}()
	for _, step := range []struct {
		rule string
		try  func() error
	}{
		{"Sample", func() error { t.e = t.raw.Sample(r); return t.sample() }},
		{"Shape", t.shapes},
		{"Index", t.sizes},
		{"Eval", t.eval},
		{"Eval32", t.eval32},
		{"Exact", t.exact},
		{"Eval", t.batch},
		{"Regular", t.regular},
		{"Range", t.ranges},
		{"", t.derivative},
	} {
		t.rule = step.rule
		if err := step.try(); err != nil {
			return t.defect(err)
		}
	}
	return nil
}

func (t *trial) defect(err error) error {
	return &CustomError{t.raw.Name, t.rule, fmt.Errorf("%w (on operands of shapes %v, attributes %v)", err, t.e.Shapes, t.e.Attr)}
}

// sample checks what Sample gave.
func (t *trial) sample() error {
	e, n := &t.e, len(t.e.Shapes)
	if n < t.raw.MinArgs || t.raw.MaxArgs >= 0 && n > t.raw.MaxArgs {
		return fmt.Errorf("it drew %d operands; the op takes %s", n, countText(t.raw.MinArgs, t.raw.MaxArgs))
	}
	if len(e.Values) != n {
		return fmt.Errorf("it drew %d shapes and values of %d operands; they go together", n, len(e.Values))
	}
	for i, s := range e.Shapes {
		if len(e.Values[i]) != s.Size() || !finite(e.Values[i]) {
			return fmt.Errorf("operand %d of shape %v has %d values; give %d finite ones", i, s, len(e.Values[i]), s.Size())
		}
		if s.Rank() > MaxRank || t.raw.Elementwise && s != e.Shapes[0] {
			return fmt.Errorf("operand %d has shape %v; give at most %d axes, and elementwise ops operands of one shape", i, s, MaxRank)
		}
	}
	at, err := t.raw.Attrs.complete(e.Attr, e.Shapes)
	e.Attr = at
	return err
}

func (t *trial) shapes() (err error) {
	if t.shape, err = t.raw.Shape(t.e.Shapes, t.e.Attr); err != nil {
		return err
	}
	if t.raw.Elementwise && t.shape != t.e.Shapes[0] {
		return fmt.Errorf("it gave %v; an elementwise op has the shape of its operands", t.shape)
	}
	return nil
}

// sizes asks for the table, the scratch and the cost.
func (t *trial) sizes() error {
	if t.raw.Index != nil {
		t.raw.Index(t.e.Shapes, t.shape, t.e.Attr)
	}
	for _, count := range []struct {
		rule string
		n    func() int
		has  bool
	}{
		{"Work", func() int { return t.raw.Work(t.e.Shapes) }, t.raw.Work != nil},
		{"Scratch", func() int { return t.raw.Scratch(t.e.Shapes, t.e.Attr) }, t.raw.Scratch != nil},
		{"Flops", func() int { return t.raw.Flops(t.e.Shapes, t.shape, t.e.Attr) }, t.raw.Flops != nil},
	} {
		if t.rule = count.rule; count.has && count.n() < 0 {
			return fmt.Errorf("it gave %d; it must be at least 0", count.n())
		}
	}
	return nil
}

// callOf prepares a call of an op.
func callOf[T any](op *Op, at Attr, out Shape, shapes []Shape, in [][]T) *Call[T] {
	c := &Call[T]{Out: make([]T, out.Size()), In: in, Shape: out, Shapes: shapes, Attr: at, Fault: new(Fault)}
	if op.Index != nil {
		c.Index = op.Index(shapes, out, at)
	}
	if op.Work != nil {
		c.Work = make([]int, op.Work(shapes))
	}
	if op.Scratch != nil {
		c.Scratch = make([]T, op.Scratch(shapes, at))
	}
	return c
}

// evaluate runs Eval over Out filled with a number.
func (t *trial) evaluate(shapes []Shape, out Shape, in [][]float64, fill float64) []float64 {
	c := callOf(t.raw, t.e.Attr, out, shapes, in)
	for i := range c.Out {
		c.Out[i] = fill
	}
	t.raw.Eval(c)
	return c.Out
}

// eval holds Eval to its contract: all entries written, no operand changed, and
// for elementwise ops in the place of an operand as well.
func (t *trial) eval() error {
	in := cloneAll(t.e.Values)
	t.call = t.evaluate(t.e.Shapes, t.shape, in, 1)
	again := t.evaluate(t.e.Shapes, t.shape, in, -2)
	switch {
	case !slices.EqualFunc(in, t.e.Values, slices.Equal):
		return fmt.Errorf("it changed an operand; write to Out only")
	case !alike(t.call, again):
		return fmt.Errorf("two runs differ; write every entry of Out, as a function of operands and attributes alone")
	case t.raw.Regular == nil && slices.ContainsFunc(t.call, math.IsNaN):
		return fmt.Errorf("it gave NaN on its own sample; draw samples in the domain, and mark a partial op with Partial and Regular")
	}
	for k := range in {
		if !t.raw.Elementwise {
			break
		}
		in = cloneAll(t.e.Values)
		c := callOf(t.raw, t.e.Attr, t.shape, t.e.Shapes, in)
		c.Out = in[k]
		if t.raw.Eval(c); !alike(c.Out, t.call) {
			return fmt.Errorf("the result differs where Out lies in the place of operand %d; read entry i of the operands before writing entry i", k)
		}
	}
	return nil
}

// eval32 holds Eval32 against Eval, generously.
func (t *trial) eval32() error {
	if t.raw.Eval32 == nil {
		return nil
	}
	in := make([][]float32, len(t.e.Values))
	for i, x := range t.e.Values {
		for _, v := range x {
			in[i] = append(in[i], float32(v))
		}
	}
	c := callOf(t.raw, t.e.Attr, t.shape, t.e.Shapes, in)
	t.raw.Eval32(c)
	for i, v := range c.Out {
		if want := t.call[i]; !(math.Abs(float64(v)-want) <= 1e-3*(1+math.Abs(want))) && want == want {
			return fmt.Errorf("entry %d is %v, and %v from Eval", i, v, want)
		}
	}
	return nil
}

// exact holds Exact against Eval, as far as a check without tolerance for
// rounding needs no care: optest.Run looks closer.
func (t *trial) exact() error {
	if t.raw.Exact == nil {
		return nil
	}
	in := make([][]*big.Rat, len(t.e.Values))
	for i, x := range t.e.Values {
		for _, v := range x {
			in[i] = append(in[i], new(big.Rat).SetFloat64(v))
		}
	}
	c := callOf(t.raw, t.e.Attr, t.shape, t.e.Shapes, in)
	t.raw.Exact(c)
	for i, r := range c.Out {
		if r == nil {
			return fmt.Errorf("it left entry %d of Out without a value", i)
		}
		if v, _ := r.Float64(); !c.Fault.Set && !near(v, t.call[i]) {
			return fmt.Errorf("entry %d is %v, and %v from Eval", i, v, t.call[i])
		}
	}
	for i, x := range t.e.Values {
		for j, v := range x {
			if in[i][j].Cmp(new(big.Rat).SetFloat64(v)) != 0 {
				return fmt.Errorf("it changed an operand; make new numbers")
			}
		}
	}
	return nil
}

// near is generous: it tells other functions, not rounding.
func near(x, y float64) bool { return math.Abs(x-y) <= 1e-6*(1+math.Abs(y)) }

// batch stacks the sample on itself along a new leading axis.
func (t *trial) batch() error {
	var shapes []Shape
	var in [][]float64
	for i, s := range t.e.Shapes {
		wide, err := NewShape(append([]int{2}, s.Dims()...)...)
		if err != nil {
			return err
		}
		shapes, in = append(shapes, wide), append(in, slices.Concat(t.e.Values[i], t.e.Values[i]))
	}
	want, err := NewShape(append([]int{2}, t.shape.Dims()...)...)
	if err != nil {
		return err
	}
	t.rule = "Shape"
	if out, err := t.raw.Shape(shapes, t.e.Attr); err != nil || out != want {
		return fmt.Errorf("two rows, %v, have shape %v (%v); leading axes are a batch, so it must be %v", shapes, out, err, want)
	}
	t.rule = "Eval"
	if !alike(t.evaluate(shapes, want, in, 1), slices.Concat(t.call, t.call)) {
		return fmt.Errorf("a batch of two rows, %v, differs from each row; leading axes are a batch", shapes)
	}
	return nil
}

func cloneAll(x [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for i, v := range x {
		out[i] = slices.Clone(v)
	}
	return out
}

// alike reports whether two results are equal, NaN to NaN.
func alike(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(a, b float64) bool { return a == b || a != a && b != b })
}
