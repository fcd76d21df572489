package verify

import (
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/mixed"
)

// errTooMany says that there are more combinations of choices than are looked at.
var errTooMany = errors.New("too many combinations of choices")

// maxWork bounds the numbers that one check computes.
const maxWork = 1 << 24

// element is a derivative under choices at the active kinks, one of each list.
type element struct {
	Vector
	at []int
}

// field is the derivative at a point under all combinations of extreme choices.
type field struct {
	kinks    []ad.Kink
	lists    [][]choice
	elements []element
}

// enumerate evaluates the field at x. The error is errTooMany if there are more
// combinations than that, or if a kink has no finite number of them.
func (p *program) enumerate(x []Vector, most int) (*field, error) {
	f := &field{}
	var err error
	if f.kinks, err = p.rows.kinks(slices.Concat(x, p.unit(p.f.Out(), 0))); err != nil {
		return nil, err
	}
	for i := range f.kinks {
		f.lists = append(f.lists, choicesAt(&f.kinks[i]))
	}
	if n := combinations(f.lists); n > most || n*p.m*p.entries > maxWork {
		return f, errTooMany
	}
	return f, products(f.lists, func(at []int) error {
		slots := p.rows.blank()
		for i, j := range at {
			p.rows.set(slots, &f.kinks[i], f.lists[i][j].values)
		}
		v, err := p.derivative(x, slots)
		f.elements = append(f.elements, element{v, slices.Clone(at)})
		return err
	})
}

// vectors returns the elements, each once.
func (f *field) vectors() (out []Vector) {
	seen := map[string]bool{}
	for _, e := range f.elements {
		if key := text(e.Vector); !seen[key] {
			seen[key] = true
			out = append(out, e.Vector)
		}
	}
	return out
}

// derivative runs the gradient or the Jacobian under choices.
func (p *program) derivative(x []Vector, slots assignment) (Vector, error) {
	var rows []Vector
	for i := range p.m {
		out, err := p.rows.run.Run(slices.Concat(x, p.unit(p.f.Out(), i), slots)...)
		if err != nil {
			return Vector{}, err
		}
		rows = append(rows, out...)
	}
	return join(rows), nil
}

// tends reports whether the derivative at a point near x is near v, under all
// combinations of choices there: then v is a limiting derivative, since those at
// points of differentiability are elements of the field. got is one that is not.
func (p *program) tends(y []Vector, v Vector, tol float64, exactly bool) (got Vector, ok bool, err error) {
	f, err := p.enumerate(y, nearbyProducts)
	if err != nil {
		return v, false, err
	}
	for _, e := range f.elements {
		if !near(e.Vector, v, tol) || exactly && !agree(e.Vector, v, max(tol, rounding)) {
			return e.Vector, false, nil
		}
	}
	return v, true, nil
}

// nearbyProducts bounds the combinations at a point near x, where ties are left of
// operands that are equal everywhere.
const nearbyProducts = 256

// gradientAt returns the derivative at a point where it depends on no choice.
func (p *program) gradientAt(y []Vector, most int) (v Vector, ok bool, err error) {
	f, err := p.enumerate(y, most)
	if err != nil {
		return v, false, err
	}
	list := f.vectors()
	return list[0], len(list) == 1, nil
}

// moved returns x + td, where d is flat over the inputs.
func (p *program) moved(t *big.Rat, d Vector) []Vector {
	out := make([]Vector, len(p.x))
	at := 0
	for i, v := range p.x {
		step := part(d, at, at+len(v.Float))
		at += len(v.Float)
		if v.Exact != nil && d.Exact != nil {
			sum := make([]*big.Rat, len(v.Exact))
			for j := range sum {
				sum[j] = new(big.Rat).Mul(t, step.Exact[j])
				sum[j].Add(sum[j], v.Exact[j])
			}
			out[i] = mixed.Rational(sum)
			continue
		}
		scale, _ := t.Float64()
		for j, x := range v.Float {
			out[i].Float = append(out[i].Float, x+float64(scale*step.Float[j]))
		}
	}
	return out
}
