package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// proto is a TensorProto whose numbers are not looked at yet.
type proto struct {
	tensor   *Tensor
	dims     []int64
	raw      []byte
	hasRaw   bool
	external bool
}

// tensor decodes a TensorProto. Its extents are compared with the numbers that are
// there before anything is allocated.
func (d *decoder) tensor(what string, data []byte) (*Tensor, error) {
	p := &proto{tensor: &Tensor{}}
	if err := eachField(what, data, func(f field) error { return d.tensorField(p, what, f) }); err != nil {
		return nil, err
	}
	t := p.tensor
	if t.Name != "" {
		what = "tensor " + shortName(t.Name)
	}
	switch {
	case p.external:
		return nil, mistake("%s is stored in a file of its own; save the model with its weights inside (save_as_external_data=False)", what)
	case t.Type.size() == 0:
		return nil, mistake("%s has entries of type %v; convert the model to float, double or int64", what, t.Type)
	}
	n, err := p.extents(what)
	if err != nil {
		return nil, err
	}
	if p.hasRaw {
		if err := d.raw(p, what, n); err != nil {
			return nil, err
		}
	}
	have, other := len(t.Floats), len(t.Ints)
	if !t.Type.isFloat() {
		have, other = other, have
	}
	if have != n || other > 0 {
		return nil, mistake("%s has extents %v and %d numbers of type %v; the file is damaged, write it again", what, t.Dims, have, t.Type)
	}
	return t, nil
}

func (d *decoder) tensorField(p *proto, what string, f field) error {
	t := p.tensor
	switch f.number {
	case 1:
		return f.scalars(protowire.VarintType, what, func(bits uint64) error {
			if p.dims = append(p.dims, int64(bits)); len(p.dims) > maxRank {
				return mistake("%s has more than %d axes; reshape it in the model", what, maxRank)
			}
			return nil
		})
	case 2:
		t.Type = DataType(f.bits & 0xffff)
	case 4:
		return f.scalars(protowire.Fixed32Type, what, d.keep(func(bits uint64) {
			t.Floats = append(t.Floats, field{bits: bits}.float32())
		}))
	case 5, 7: // the former also holds the entries of small integer types
		return f.scalars(protowire.VarintType, what, d.keep(func(bits uint64) { t.Ints = append(t.Ints, int64(bits)) }))
	case 8:
		t.Name = f.text()
	case 9:
		p.raw, p.hasRaw = f.bytes, true
	case 10:
		return f.scalars(protowire.Fixed64Type, what, d.keep(func(bits uint64) {
			t.Floats = append(t.Floats, math.Float64frombits(bits))
		}))
	case 13:
		p.external = true
	case 14:
		p.external = p.external || f.bits == 1
	}
	return nil
}

// extents checks them and returns the number of entries.
func (p *proto) extents(what string) (int, error) {
	n := 1
	for _, d := range p.dims {
		if d < 0 || d > maxEntries || n > 0 && d > int64(maxEntries/n) {
			return 0, mistake("%s has extents %v; each must be at least 0 and their product at most %d", what, p.dims, maxEntries)
		}
		n *= int(d)
		p.tensor.Dims = append(p.tensor.Dims, int(d))
	}
	return n, nil
}

// raw decodes numbers stored as bytes, least significant first.
func (d *decoder) raw(p *proto, what string, n int) error {
	t, size := p.tensor, p.tensor.Type.size()
	if len(p.raw) != n*size || len(t.Floats)+len(t.Ints) > 0 {
		return mistake("%s has extents %v of type %v, %d bytes, and %d bytes of data; the file is damaged, write it again",
			what, t.Dims, t.Type, n*size, len(p.raw))
	}
	if d.entries += n; d.entries > maxEntries {
		return mistake("the file holds more than %d numbers; export a smaller network", maxEntries)
	}
	for b := p.raw; len(b) > 0; b = b[size:] {
		switch t.Type {
		case Float32:
			t.Floats = append(t.Floats, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		case Float64:
			t.Floats = append(t.Floats, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		case Int32:
			t.Ints = append(t.Ints, int64(int32(binary.LittleEndian.Uint32(b))))
		case Int64:
			t.Ints = append(t.Ints, int64(binary.LittleEndian.Uint64(b)))
		case Bool:
			t.Ints = append(t.Ints, int64(b[0]))
		}
	}
	return nil
}
