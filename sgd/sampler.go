package sgd

import (
	"fmt"
	"math/rand/v2"
)

// Order says how rows are drawn.
type Order int

// The orders. The zero value is what frameworks do.
const (
	Reshuffled      Order = iota // without replacement, a new order for each pass
	ShuffledOnce                 // without replacement, one random order for all passes
	Incremental                  // rows in their own order, cyclically
	WithReplacement              // independent and uniform
)

// String returns the order in words.
func (o Order) String() string {
	if o < Reshuffled || o > WithReplacement {
		return fmt.Sprintf("Order(%d)", int(o))
	}
	return [...]string{"reshuffled", "shuffled once", "incremental", "with replacement"}[o]
}

// Sampling describes a Sampler. A pass is ⌈Rows/Batch⌉ minibatches; the last
// one has Rows mod Batch rows if that is not 0, or is left out by DropLast. All
// orders have the same sequence of sizes, so equal numbers of steps are equal
// numbers of component gradients.
//
// A pass is an epoch of Rows component gradients, unless DropLast leaves rows
// out: epochs go on being counted in component gradients.
type Sampling struct {
	Rows     int // n ≥ 1
	Batch    int // b, 1 ≤ b ≤ n; b = n is gradient descent for the orders without replacement
	Order    Order
	DropLast bool
}

// Sampler draws minibatches. It is not safe for concurrent use.
type Sampler struct {
	Sampling
	src   rand.Source
	rng   *rand.Rand
	order []int  // of the pass; with replacement, only the minibatch counts
	from  []byte // state of src before the order was drawn
	at    int    // rows of this pass already drawn
	end   int    // rows of a pass
	pass  int    // passes begun
}

// NewSampler returns a sampler that draws from src, which may be nil for
// Incremental. The draws are a function of the Sampling and the state of src,
// and each pass is a function of the state of src at its start. The error is a
// *SamplingError.
func NewSampler(s Sampling, src rand.Source) (*Sampler, error) {
	switch {
	case s.Rows < 1 || s.Rows >= 1<<31:
		return nil, &SamplingError{s, "there must be at least one row and fewer than 2³¹"}
	case s.Batch < 1 || s.Batch > s.Rows:
		return nil, &SamplingError{s, "a minibatch must have at least one row and at most all"}
	case s.Order < Reshuffled || s.Order > WithReplacement:
		return nil, &SamplingError{s, "the order is unknown"}
	case src == nil && s.Order != Incremental:
		return nil, &SamplingError{s, "a random order needs a source; pass a rand.ChaCha8 or a rand.PCG"}
	}
	d := &Sampler{Sampling: s, src: src, order: make([]int, s.Rows), end: s.Rows}
	if src != nil {
		d.rng = rand.New(src)
	}
	if s.DropLast {
		d.end -= s.Rows % s.Batch
	}
	d.at = d.end
	return d, nil
}

// Sizes returns the sizes that minibatches have: Batch, then that of a smaller
// last one if there is one.
func (s *Sampler) Sizes() []int {
	if rest := s.end % s.Batch; rest != 0 {
		return []int{s.Batch, rest}
	}
	return []int{s.Batch}
}

// PassSteps returns the number of minibatches of a pass.
func (s *Sampler) PassSteps() int { return (s.end + s.Batch - 1) / s.Batch }

// Next returns the row numbers of the next minibatch, from 0. The slice is
// valid until the next call; Next allocates nothing.
func (s *Sampler) Next() []int {
	if s.at == s.end {
		s.begin()
	}
	size := min(s.Batch, s.end-s.at)
	rows := s.order[s.at : s.at+size : s.at+size]
	s.at += size
	if s.Order == WithReplacement {
		for i := range rows {
			rows[i] = s.rng.IntN(s.Rows)
		}
	}
	return rows
}

// begin starts a pass. Shuffling starts from the rows' own order, so that a pass
// does not depend on the one before.
func (s *Sampler) begin() {
	s.at = 0
	s.pass++
	if s.Order == WithReplacement || s.Order != Reshuffled && s.pass > 1 {
		return
	}
	s.arrange()
}

// arrange puts the rows in the order of a pass.
func (s *Sampler) arrange() {
	for i := range s.order {
		s.order[i] = i
	}
	if s.Order != Incremental {
		s.from = appendState(s.from[:0], s.src)
		s.shuffle()
	}
}

// shuffle is Fisher and Yates' algorithm (Knuth, TAOCP 2, algorithm 3.4.2P).
func (s *Sampler) shuffle() {
	for i := len(s.order) - 1; i > 0; i-- {
		j := s.rng.IntN(i + 1)
		s.order[i], s.order[j] = s.order[j], s.order[i]
	}
}

// SamplingError says why a Sampling cannot be used.
type SamplingError struct {
	Sampling Sampling
	Why      string
}

func (e *SamplingError) Error() string {
	s := e.Sampling
	return fmt.Sprintf("sgd: %v sampling of %d rows in minibatches of %d: %s", s.Order, s.Rows, s.Batch, e.Why)
}
