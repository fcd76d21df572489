package onnx_test

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// What follows writes models for tests: fields of protocol buffers by their numbers.

func blob(field protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), b)
}

func text(field protowire.Number, s string) []byte { return blob(field, []byte(s)) }

func integer(field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(v))
}

func message(fields ...[]byte) (out []byte) {
	for _, f := range fields {
		out = append(out, f...)
	}
	return out
}

// floats is a float tensor with raw data.
func floats(name string, dims []int64, values ...float32) []byte {
	out := message(integer(2, 1), text(8, name))
	for _, d := range dims {
		out = append(out, integer(1, d)...)
	}
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return append(out, blob(9, raw)...)
}

// ints is a vector of int64.
func ints(name string, values ...int64) []byte {
	out := message(integer(1, int64(len(values))), integer(2, 7), text(8, name))
	for _, v := range values {
		out = append(out, integer(7, v)...)
	}
	return out
}

func intAttribute(name string, v int64) []byte {
	return blob(5, message(text(1, name), integer(3, v), integer(20, 2)))
}

func textAttribute(name, v string) []byte {
	return blob(5, message(text(1, name), text(4, v), integer(20, 3)))
}

func intsAttribute(name string, values ...int64) []byte {
	out := text(1, name)
	for _, v := range values {
		out = append(out, integer(8, v)...)
	}
	return blob(5, append(out, integer(20, 7)...))
}

// node reads the listed tensors and writes y.
func node(op string, inputs []string, attributes ...[]byte) []byte {
	var out []byte
	for _, name := range inputs {
		out = append(out, text(1, name)...)
	}
	return blob(1, message(out, text(2, "y"), text(3, "n"), text(4, op), message(attributes...)))
}

func dimension(v int64) []byte { return blob(1, integer(1, v)) }

// input is a tensor of floats.
func input(name string, dims ...[]byte) []byte {
	return blob(11, message(text(1, name), blob(2, blob(1, message(integer(1, 1), blob(2, message(dims...)))))))
}

func output(name string) []byte { return blob(12, text(1, name)) }

// file is a model of operator set 13 with an input x of shape [2, 3] and an output y.
func file(graph ...[]byte) []byte { return fileOf(13, graph...) }

func fileOf(opset int64, graph ...[]byte) []byte {
	g := message(message(graph...), input("x", dimension(2), dimension(3)), output("y"))
	return message(integer(1, 7), blob(7, g), blob(8, message(text(1, ""), integer(2, opset))))
}
