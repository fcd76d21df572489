package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message: a varint, a fixed number or bytes, by kind.
type field struct {
	number protowire.Number
	kind   protowire.Type
	bits   uint64 // of a varint or a fixed number
	bytes  []byte // part of the file, not a copy
}

// eachField calls visit for the fields of a message in order. Groups, which the
// format does not use, are skipped.
func eachField(name string, message []byte, visit func(f field) error) error {
	for len(message) > 0 {
		f, n := nextField(message)
		if n < 0 {
			return mistake("%s is cut off or damaged; the file is not a complete ONNX model, write it again", name)
		}
		message = message[n:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// nextField returns the first field and its length, negative if there is none.
func nextField(message []byte) (f field, length int) {
	number, kind, n := protowire.ConsumeTag(message)
	if n < 0 {
		return f, n
	}
	f.number, f.kind = number, kind
	rest, m := message[n:], 0
	switch kind {
	case protowire.VarintType:
		f.bits, m = protowire.ConsumeVarint(rest)
	case protowire.Fixed32Type:
		var bits uint32
		bits, m = protowire.ConsumeFixed32(rest)
		f.bits = uint64(bits)
	case protowire.Fixed64Type:
		f.bits, m = protowire.ConsumeFixed64(rest)
	case protowire.BytesType:
		f.bytes, m = protowire.ConsumeBytes(rest)
	default:
		m = protowire.ConsumeFieldValue(number, kind, rest)
	}
	if m < 0 {
		return f, m
	}
	return f, n + m
}

// want returns a mistake unless the field has a kind.
func (f field) want(kind protowire.Type, message string) error {
	if f.kind != kind {
		return mistake("%s: field %d has wire type %d, not %d; the file is not an ONNX model, or damaged", message, f.number, f.kind, kind)
	}
	return nil
}

// integer is the value of a varint as the format's int64.
func (f field) integer() int64 { return int64(f.bits) }

// float32 is the value of a fixed number of 32 bits.
func (f field) float32() float64 { return float64(math.Float32frombits(uint32(f.bits))) }

// text is a copy of the bytes.
func (f field) text() string { return string(f.bytes) }

// scalars calls visit for each number of a repeated field, which may be packed.
func (f field) scalars(kind protowire.Type, message string, visit func(bits uint64) error) error {
	if f.kind != protowire.BytesType {
		if err := f.want(kind, message); err != nil {
			return err
		}
		return visit(f.bits)
	}
	for rest := f.bytes; len(rest) > 0; {
		bits, n := number(kind, rest)
		if n < 0 {
			return mistake("%s: field %d is cut off or damaged; the file is not a complete ONNX model, write it again", message, f.number)
		}
		rest = rest[n:]
		if err := visit(bits); err != nil {
			return err
		}
	}
	return nil
}

// number returns the first number of a packed field and its length.
func number(kind protowire.Type, rest []byte) (bits uint64, length int) {
	switch kind {
	case protowire.Fixed32Type:
		b, n := protowire.ConsumeFixed32(rest)
		return uint64(b), n
	case protowire.Fixed64Type:
		return protowire.ConsumeFixed64(rest)
	}
	return protowire.ConsumeVarint(rest)
}
