package conservative

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// Leaf is a part of the choices at kinks where no element of D is what was asked
// for. Farkas proves it: with Ax = b, x ≥ 0 the linear program of the part, whose
// solutions include all its elements, yᵀA ≤ 0 and yᵀb > 0.
type Leaf struct {
	Part
	Cuts   int // how many of the certificate's cuts its program has
	Farkas clarke.Vector
}

// Certificate proves that D does not contain a vector: leaves that cover all
// choices. It is for programs with one scalar output.
type Certificate struct {
	Vector clarke.Vector
	Leaves []Leaf
	Cuts   []Cut

	system    *system[*big.Rat]
	tolerance *big.Rat
}

// CertificateError says what is wrong with a certificate.
type CertificateError struct {
	Leaf int // −1 if it is none of them
	Why  string
}

func (e *CertificateError) Error() string {
	if e.Leaf < 0 {
		return "conservative: the certificate does not hold: " + e.Why
	}
	return fmt.Sprintf("conservative: leaf %d of the certificate does not hold: %s", e.Leaf, e.Why)
}

// Check holds the certificate against the field, in rationals (of the floats that
// the field has, in float64, where the margin must be beyond rounding). It does not
// search: it writes the linear program of every leaf down, multiplies it with the
// Farkas vector, and checks that the leaves cover all signs.
func (c *Certificate) Check() error {
	for i, cut := range c.Cuts {
		if ratDot(cut.Normal, cut.Normal).Cmp(big.NewRat(1, 1)) > 0 {
			return &CertificateError{-1, fmt.Sprintf("cut %d is longer than 1", i)}
		}
	}
	targets := [][]*big.Rat{floatedNumbers.values(c.Vector)}
	for i, leaf := range c.Leaves {
		if len(leaf.Signs) != len(c.system.blocks) || len(leaf.Orders) != len(c.system.blocks) || leaf.Cuts > len(c.Cuts) {
			return &CertificateError{i, "it does not fit the kinks"}
		}
		l := newLeaf(context.Background(), c.system, leaf.Part, c.system.wholeRegion().held, c.Cuts[:leaf.Cuts], targets)
		margin := l.lp.margin(leaf.Farkas.Exact)
		if margin == nil || margin.Cmp(c.tolerance) <= 0 {
			return &CertificateError{i, "its vector proves nothing"}
		}
	}
	n := len(c.system.blocks)
	if !c.covers(Part{make([]int8, n), make([][]int, n)}, c.Leaves) {
		return &CertificateError{-1, "the leaves do not cover all signs"}
	}
	return nil
}

// covers reports whether the leaves, which are those that meet a part, cover it.
func (c *Certificate) covers(part Part, leaves []Leaf) bool {
	if len(leaves) == 0 {
		return false
	}
	for b := range c.system.blocks {
		for i := range leaves {
			if leaves[i].Signs[b] != 0 && part.Signs[b] == 0 || leaves[i].Orders[b] != nil && part.Orders[b] == nil {
				return c.coversHalves(part, leaves, b)
			}
		}
	}
	return true // a leaf asks for nothing that the part does not have
}

func (c *Certificate) coversHalves(part Part, leaves []Leaf, b int) bool {
	if c.system.blocks[b].kind == expr.PermutationSlot {
		for order := range permutations(c.system.blocks[b].members()) {
			p := Part{part.Signs, slices.Clone(part.Orders)}
			p.Orders[b] = slices.Clone(order)
			meets := func(l Leaf) bool { return l.Orders[b] == nil || slices.Equal(l.Orders[b], order) }
			if !c.covers(p, filter(leaves, meets)) {
				return false
			}
		}
		return true
	}
	for _, sign := range []int8{1, -1} {
		p := Part{slices.Clone(part.Signs), part.Orders}
		p.Signs[b] = sign
		if !c.covers(p, filter(leaves, func(l Leaf) bool { return l.Signs[b] != -sign })) {
			return false
		}
	}
	return true
}

func filter[T any](list []T, keep func(T) bool) (out []T) {
	for _, v := range list {
		if keep(v) {
			out = append(out, v)
		}
	}
	return out
}
