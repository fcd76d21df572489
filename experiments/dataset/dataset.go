// Package dataset loads labelled data: reading is strict, every set carries its
// checksum, and splits are seeded.
package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Set is a labelled data set.
type Set struct {
	X       []float64 // N×D, row-major
	Labels  []int     // N classes, each in 0 … Classes−1
	N, D    int       // rows; numbers of a row
	Classes int
	// SHA256 is the checksum of the bytes that the set was read from, in
	// hexadecimal. Scaled sets and parts keep it.
	SHA256 string
}

// Row returns row i, a part of X.
func (s *Set) Row(i int) []float64 { return s.X[i*s.D : (i+1)*s.D : (i+1)*s.D] }

// OneHot returns the labels as rows of Classes numbers, 1 at the label and 0
// elsewhere: N×Classes, row-major.
func (s *Set) OneHot() []float64 {
	out := make([]float64, s.N*s.Classes)
	for i, k := range s.Labels {
		out[i*s.Classes+k] = 1
	}
	return out
}

// Counts returns the number of rows of each class.
func (s *Set) Counts() []int {
	out := make([]int, s.Classes)
	for _, k := range s.Labels {
		out[k]++
	}
	return out
}

// Pick returns the set of the given rows, in that order, as a copy. Row numbers
// must be in 0 … N−1.
func (s *Set) Pick(rows []int) *Set {
	out := &Set{
		X: make([]float64, 0, len(rows)*s.D), Labels: make([]int, 0, len(rows)),
		N: len(rows), D: s.D, Classes: s.Classes, SHA256: s.SHA256,
	}
	for _, r := range rows {
		out.X = append(out.X, s.Row(r)...)
		out.Labels = append(out.Labels, s.Labels[r])
	}
	return out
}

// Split holds back a share of the rows of every class, drawn from src and
// rounded to whole rows class by class (halves away from 0). Both parts keep the
// order of the rows. A share of 0.2 is usual; it must be in [0, 1].
func (s *Set) Split(heldBack float64, src rand.Source) (train, held *Set, err error) {
	if !(heldBack >= 0 && heldBack <= 1) {
		return nil, nil, fmt.Errorf("dataset: the share held back is %v; it must be at least 0 and at most 1", heldBack)
	}
	rng := rand.New(src)
	var kept, back []int
	for _, rows := range s.byClass() {
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		cut := int(math.Round(heldBack * float64(len(rows))))
		back = append(back, rows[:cut]...)
		kept = append(kept, rows[cut:]...)
	}
	slices.Sort(kept)
	slices.Sort(back)
	return s.Pick(kept), s.Pick(back), nil
}

// byClass lists the rows of each class.
func (s *Set) byClass() [][]int {
	out := make([][]int, s.Classes)
	for i, k := range s.Labels {
		out[k] = append(out[k], i)
	}
	return out
}
