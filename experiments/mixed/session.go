package mixed

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Session runs a program again and again, as exact.Session does: in rationals it
// computes only what has changed. It is not safe for concurrent use.
type Session struct {
	p                 *Program
	rational, choices *exact.Session // nil where the program has none
	floats            int
}

// Session returns one that has not run yet.
func (p *Program) Session() *Session {
	s := &Session{p: p}
	if p.rational != nil {
		s.rational = p.rational.Session()
	}
	if p.decided != nil {
		s.choices = p.decided.choices.Session()
	}
	return s
}

// Computed returns how many numbers all runs have computed so far, rational ones and
// those in float64.
func (s *Session) Computed() int {
	n := s.floats
	if s.rational != nil {
		n += s.rational.Computed()
	}
	if s.choices != nil {
		n += s.choices.Computed()
	}
	return n
}

// Run returns what Program.Run does.
func (s *Session) Run(in ...Vector) ([]Vector, error) {
	out, err := s.exactly(in)
	if out != nil || err != nil && !IsFault(err) {
		return out, err
	}
	return s.run(s.p.float, floats(in))
}

// exactly returns nil if nothing is rational.
func (s *Session) exactly(in []Vector) ([]Vector, error) {
	x := make([][]*big.Rat, len(in))
	for i, v := range in {
		if x[i] = v.Exact; v.Exact == nil && len(v.Float) > 0 {
			return nil, nil
		}
	}
	switch {
	case s.rational != nil:
		out, err := s.rational.Run(x...)
		return rationals(out), err
	case s.choices != nil:
		return s.decide(in, x)
	}
	return nil, nil
}

// decide runs what chooses at kinks in rationals, and the rest in float64.
func (s *Session) decide(in []Vector, x [][]*big.Rat) ([]Vector, error) {
	d := s.p.decided
	read := make([][]*big.Rat, len(d.leaves))
	for i, leaf := range d.leaves {
		read[i] = x[leaf]
	}
	chosen, err := s.choices.Run(read...)
	if err != nil {
		return nil, err
	}
	return s.run(d.rest, floats(slices.Concat(in, rationals(chosen))))
}

func (s *Session) run(p *float, in [][]float64) ([]Vector, error) {
	s.floats += p.entries
	return p.run(in)
}
