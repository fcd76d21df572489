package sgd

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/random"
)

// Distribution draws the entries of an input.
type Distribution interface {
	// Draw fills dst; it is a function of the state of rng. It allocates nothing.
	Draw(dst []float64, rng *rand.Rand)
	// Check returns a *MethodError if a number of the distribution is out of range.
	Check() error
}

// Bernoulli draws independent entries that are 1/Keep with probability Keep, else 0:
// masks of dropout, whose mean is 1 (N. Srivastava et al., JMLR 15, 2014, section 10,
// in the form that scales while training).
type Bernoulli struct {
	Keep float64 // in (0, 1]
}

// Check implements [Distribution].
func (b Bernoulli) Check() error {
	if b.Keep > 0 && b.Keep <= 1 {
		return nil
	}
	return &MethodError{"Bernoulli", "Keep", b.Keep, "above 0 and at most 1"}
}

// Draw implements [Distribution].
func (b Bernoulli) Draw(dst []float64, rng *rand.Rand) {
	for i := range dst {
		dst[i] = 0
		if rng.Float64() < b.Keep {
			dst[i] = 1 / b.Keep
		}
	}
}

// Normal draws independent normal entries of mean 0.
type Normal struct {
	Deviation float64 // finite and at least 0
}

// Check implements [Distribution].
func (n Normal) Check() error { return nonnegative("Normal", "Deviation", n.Deviation) }

// Draw implements [Distribution].
func (n Normal) Draw(dst []float64, rng *rand.Rand) { random.Normals(dst, n.Deviation, rng) }

// stream is a source for one use in each step: what it gives is a function of the
// seed, the use and the step, and of nothing that was drawn before.
type stream struct {
	key [32]byte
	src *rand.ChaCha8
	rng *rand.Rand
}

// newStream derives the keys from the SHA-256 of seed and use.
func newStream(seed uint64, use string) stream {
	axes := binary.LittleEndian.AppendUint64(nil, seed)
	key := sha256.Sum256(append(axes, use...))
	src := rand.NewChaCha8(key)
	return stream{key: key, src: src, rng: rand.New(src)}
}

// at returns the generator of a step.
func (s *stream) at(step int) *rand.Rand {
	key := s.key
	word := binary.LittleEndian.Uint64(key[:])
	binary.LittleEndian.PutUint64(key[:], word^uint64(step))
	s.src.Seed(key)
	return s.rng
}

// noise feeds one input with draws of its own in each step.
type noise struct {
	dst []float64
	of  Distribution
	stream
}

func (n *noise) load(step int, _ []int) { n.of.Draw(n.dst, n.at(step)) }
