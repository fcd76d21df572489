package convex

import (
	"fmt"
	"slices"
)

// Sum returns the Minkowski sum of sets of one dimension. Its support function is
// the sum of theirs.
//
// The error is an [*InputError] if there are no sets or their dimensions differ.
func Sum(sets ...Set) (Set, error) {
	if err := validateSets(sets, true); err != nil {
		return nil, err
	}
	return &sum{composedOf(sets...), slices.Clone(sets), make([]float64, sets[0].Dim())}, nil
}

type sum struct {
	composed
	parts []Set
	term  []float64
}

func (s *sum) Dim() int { return len(s.term) }

func (s *sum) Support(dst, direction []float64) {
	clear(dst)
	for _, part := range s.parts {
		part.Support(s.term, direction)
		addScaled(dst, 1, s.term)
	}
}

func (s *sum) SupportBound(dst, direction []float64) (upper float64) {
	clear(dst)
	for _, part := range s.parts {
		upper += supportBound(part, s.term, direction)
		addScaled(dst, 1, s.term)
	}
	return upper
}

// Product returns the Cartesian product of sets: their points one after the other,
// in a space of the sum of the dimensions.
//
// The error is an [*InputError] if there are no sets.
func Product(sets ...Set) (Set, error) {
	if err := validateSets(sets, false); err != nil {
		return nil, err
	}
	p := &product{composed: composedOf(sets...), parts: slices.Clone(sets)}
	for _, s := range sets {
		p.dim += s.Dim()
	}
	return p, nil
}

type product struct {
	composed
	parts []Set
	dim   int
}

func (p *product) Dim() int { return p.dim }

func (p *product) Support(dst, direction []float64) {
	for _, part := range p.parts {
		n := part.Dim()
		part.Support(dst[:n:n], direction[:n:n])
		dst, direction = dst[n:], direction[n:]
	}
}

func (p *product) SupportBound(dst, direction []float64) (upper float64) {
	for _, part := range p.parts {
		n := part.Dim()
		upper += supportBound(part, dst[:n:n], direction[:n:n])
		dst, direction = dst[n:], direction[n:]
	}
	return upper
}

// Translate returns the set moved by v, which is copied.
//
// The error is an [*InputError] if v has another dimension or is not finite.
func Translate(set Set, v []float64) (Set, error) {
	if err := validateSets([]Set{set}, false); err != nil {
		return nil, err
	}
	if err := validatePoint("v", -1, v, set.Dim(), finite); err != nil {
		return nil, err
	}
	return &translate{composedOf(set), set, slices.Clone(v)}, nil
}

type translate struct {
	composed
	set Set
	by  []float64
}

func (t *translate) Dim() int { return len(t.by) }

func (t *translate) Support(dst, direction []float64) {
	t.set.Support(dst, direction)
	addScaled(dst, 1, t.by)
}

func (t *translate) SupportBound(dst, direction []float64) (upper float64) {
	upper = supportBound(t.set, dst, direction)
	addScaled(dst, 1, t.by)
	return upper + inner(t.by, direction)
}

// Scale returns {c·p : p in the set}. c may be negative, which mirrors the set at
// 0, or 0, which leaves {0}.
//
// The error is an [*InputError] if c is NaN or infinite.
func Scale(c float64, set Set) (Set, error) {
	if err := validateSets([]Set{set}, false); err != nil {
		return nil, err
	}
	if finite(c) != nil {
		return nil, &InputError{"c", -1, -1, fmt.Sprint(c), ErrNotFinite}
	}
	return &scaled{composedOf(set), set, c, make([]float64, set.Dim())}, nil
}

type scaled struct {
	composed
	set  Set
	by   float64
	turn []float64 // the direction, or its opposite
}

func (s *scaled) Dim() int { return len(s.turn) }

func (s *scaled) Support(dst, direction []float64) { s.SupportBound(dst, direction) }

func (s *scaled) SupportBound(dst, direction []float64) (upper float64) {
	sign, size := 1.0, s.by
	if s.by < 0 {
		sign, size = -1, -s.by
	}
	scaleTo(s.turn, sign, direction)
	upper = supportBound(s.set, dst, s.turn)
	scaleTo(dst, s.by, dst)
	return float64(size * upper)
}
