package claim

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Derivation says in words how random streams come about; manifests record it.
const Derivation = "ChaCha8 keyed by SHA-256 of the named axes (claim, seed and those of the stream), sorted by name, lengths first"

// Axis is one named coordinate of a random stream.
type Axis struct{ Name, Value string }

// At returns an axis: At("trial", 7), At("method", "adam").
func At[V ~int | ~int64 | ~uint64 | ~float64 | ~string | ~bool](name string, value V) Axis {
	return Axis{name, fmt.Sprint(value)}
}

// Seed derives 32 bytes from named axes. The order of the axes does not matter; streams whose
// axes differ in any name or value are independent, and a stream is shared by giving the same axes.
func Seed(axes ...Axis) [sha256.Size]byte {
	sorted := slices.SortedFunc(slices.Values(axes), func(a, b Axis) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	text := []byte("tamegrad seed 1")
	for _, axis := range sorted {
		text = appendCounted(appendCounted(text, axis.Name), axis.Value)
	}
	return sha256.Sum256(text)
}

// appendCounted writes the length first, so that no two lists of axes have the same bytes.
func appendCounted(dst []byte, s string) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(s)))
	return append(dst, s...)
}

// Source returns the ChaCha8 stream of the axes, the claim's name and the run's seed.
// Its state can be marshalled into a checkpoint.
func (c *Context) Source(axes ...Axis) *rand.ChaCha8 {
	own := []Axis{At("claim", c.Claim), At("seed", c.Seed)}
	return rand.NewChaCha8(Seed(append(own, axes...)...))
}

// Rand returns a generator on the stream of [Context.Source]. It is not for concurrent use:
// give each trial its own axes instead of sharing one generator.
func (c *Context) Rand(axes ...Axis) *rand.Rand { return rand.New(c.Source(axes...)) }

// Sum returns the checksum of data for [Inputs]: SHA-256 in hexadecimal.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
