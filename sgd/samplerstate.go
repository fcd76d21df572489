package sgd

import (
	"encoding"
	"errors"
	"fmt"
	"math/rand/v2"
)

// samplerState is where a Sampler is in its draws.
type samplerState struct {
	Pass int `json:"pass"` // passes begun
	At   int `json:"at"`   // rows of this pass already drawn
	// source is the state of the source before the order of the pass was drawn, or now
	// if no order is in use; empty without a source.
	source []byte
}

// errSource says that a source cannot be saved.
var errSource = errors.New("the sampler's source has no state that can be saved; use a rand.ChaCha8 or a rand.PCG")

// appendState appends the state of a source, nothing if it has none that can be saved.
func appendState(dst []byte, src rand.Source) []byte {
	if a, ok := src.(encoding.BinaryAppender); ok {
		if state, err := a.AppendBinary(dst); err == nil {
			return state
		}
	}
	return dst
}

// state returns where the sampler is.
func (s *Sampler) state() (samplerState, error) {
	out := samplerState{Pass: s.pass, At: s.at, source: s.from}
	if !s.ordered() {
		out.source = appendState(nil, s.src)
	}
	if s.src != nil && len(out.source) == 0 {
		return out, errSource
	}
	return out, nil
}

// ordered reports whether an order that was drawn is in use.
func (s *Sampler) ordered() bool {
	return s.pass > 0 && (s.Order == Reshuffled || s.Order == ShuffledOnce)
}

// restore goes on from where another sampler of the same Sampling was. Its source must
// be of the same kind. After an error the sampler is as before.
func (s *Sampler) restore(to samplerState) error {
	if to.Pass < 0 || to.At < 0 || to.At > s.end || to.Pass == 0 && to.At != s.end || to.At%s.Batch != 0 && to.At != s.end {
		return fmt.Errorf("the sampler cannot be in pass %d after %d rows", to.Pass, to.At)
	}
	if s.src != nil {
		if err := setState(s.src, to.source); err != nil {
			return err
		}
	}
	s.pass, s.at = to.Pass, to.At
	if s.Order == Incremental && s.pass > 0 || s.ordered() {
		s.arrange()
	}
	return nil
}

// setState gives a source the state of another of its kind.
func setState(src rand.Source, state []byte) error {
	u, ok := src.(encoding.BinaryUnmarshaler)
	if !ok {
		return errSource
	}
	old := appendState(nil, src)
	if err := u.UnmarshalBinary(state); err != nil {
		_ = u.UnmarshalBinary(old) // which it had
		return fmt.Errorf("the sampler's source is of another kind: %w", err)
	}
	return nil
}
