package verify

import (
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/mixed"
)

// errTooMany says that there are more combinations of choices, or more numbers to
// compute, than a check looks at.
var errTooMany = errors.New("too many combinations of choices, or numbers to compute")

// maxWork bounds the numbers that one check computes, and maxSampled those that it
// computes at points around that only might refute: by work and not by time, so that all
// machines say the same.
const (
	maxWork    = 1 << 24
	maxSampled = 1 << 18
)

// spend takes what a run has computed from what is left to a check. A run looks at all
// numbers of the program even if few have changed.
func (p *program) spend(computed int) error {
	if p.left -= computed + p.entries/64; p.left < 0 {
		return errTooMany
	}
	return nil
}

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

// enumerate evaluates the field at x. The error is errTooMany if there are more than
// MaxProducts combinations, or if a kink has no finite number of them.
func (p *program) enumerate(x []Vector) (*field, error) {
	f := &field{}
	var err error
	f.kinks, f.lists, err = p.elementsAt(x, func(e element) error {
		f.elements = append(f.elements, e)
		return nil
	})
	return f, err
}

// elementsAt visits what enumerate lists, until visit returns an error.
func (p *program) elementsAt(x []Vector, visit func(element) error) (kinks []ad.Kink, lists [][]choice, err error) {
	if kinks, err = p.rows.kinks(slices.Concat(x, p.unit(p.f.Out(), 0))); err != nil {
		return nil, nil, err
	}
	if err := p.spend(p.entries); err != nil {
		return nil, nil, err
	}
	for i := range kinks {
		lists = append(lists, choicesAt(&kinks[i]))
	}
	if combinations(lists) > MaxProducts {
		return kinks, lists, errTooMany
	}
	slots := p.rows.blank()
	return kinks, lists, products(lists, func(at []int) error {
		for i, j := range at {
			p.rows.set(slots, &kinks[i], lists[i][j].values)
		}
		v, err := p.derivative(x, slots)
		if err != nil {
			return err
		}
		return visit(element{v, slices.Clone(at)})
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
		out, err := p.run(p.rows, p.f.Out(), x, i, slots)
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
	_, _, err = p.elementsAt(y, func(e element) error {
		if !near(e.Vector, v, tol) || exactly && !agree(e.Vector, v, max(tol, rounding)) {
			got = e.Vector
			return errDiffers
		}
		return nil
	})
	if err == errDiffers {
		return got, false, nil
	}
	return v, err == nil, err
}

// errDiffers ends an enumeration early.
var errDiffers = errors.New("another element is found")

// gradientAt returns the derivative at a point where it depends on no choice.
func (p *program) gradientAt(y []Vector) (v Vector, ok bool, err error) {
	_, _, err = p.elementsAt(y, func(e element) error {
		if v.Float == nil {
			v = e.Vector
		}
		if !agree(e.Vector, v, 0) {
			return errDiffers
		}
		return nil
	})
	if err == errDiffers {
		return Vector{}, false, nil
	}
	return v, err == nil, err
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
