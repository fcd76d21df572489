package sgd

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// identity is what a run is a function of besides the state in a checkpoint.
type identity struct {
	config Config
	seen   []setting // once asked for
}

// setting is one part of it, as text.
type setting struct{ Name, Text string }

// settings lists the parts. Programs and data are there as sums.
func (r *identity) settings(p *program) ([]setting, error) {
	if r.seen != nil {
		return r.seen, nil
	}
	loss, err := p.f.Graph().Func(expr.In(p.f.In()...), expr.Out(p.f.Out()[:1+len(p.own)]...))
	if err != nil {
		return nil, err
	}
	c := r.config
	r.seen = []setting{
		{"the sampling", fmt.Sprintf("%+v", c.Sampler.Sampling)},
		{"the data", c.Data.sum()},
		{"the method", literal(c.Method)},
		{"the schedule", literal(c.Schedule)},
		{"what is drawn", literal(c.Random)},
		{"the augmentation", literal(c.Augment)},
		{"the precision", c.Precision.String()},
		{"the seed", fmt.Sprint(c.Seed)},
		{"the gradient", loss.Hash()},
	}
	return r.seen, nil
}

// address is how functions and pointers are printed.
var address = regexp.MustCompile(`\(0x[0-9a-f]+\)`)

// literal returns a value in Go's syntax. Where functions and what pointers point to
// cannot be told apart by it, it has their types only.
func literal(v any) string { return address.ReplaceAllString(fmt.Sprintf("%#v", v), "(…)") }

// sum returns the SHA-256 of the names and values of all columns.
func (d Data) sum() string {
	h := sha256.New()
	block := make([]byte, 0, 1<<12)
	for _, name := range slices.Sorted(maps.Keys(d.Columns)) {
		fmt.Fprintf(h, "%q %d\n", name, len(d.Columns[name]))
		for part := range slices.Chunk(d.Columns[name], cap(block)/8) {
			for _, v := range part {
				block = binary.LittleEndian.AppendUint64(block, math.Float64bits(v))
			}
			h.Write(block)
			block = block[:0]
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
