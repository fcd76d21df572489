// Package onnx imports feed-forward networks in the Open Neural Network Exchange
// format (https://onnx.ai) as programs of package expr, so that a network trained
// elsewhere can be analysed at a data point. Operator sets 7 to 22 are read, which
// covers what the exporter of PyTorch 1.13 writes.
//
// Weights keep their values exactly: numbers of 32 bits are numbers of 64 bits too.
// Programs compute in float64 or in rationals, so a network stored in float32 has
// another rounding here, a relative difference near 1e-7 of each operation.
//
// The format does not say from which function of a framework an operator came. What
// that function returns at a kink may differ: relu6 and clamp are both Clip, although
// PyTorch's derivatives at the bounds are 0 and 1. Programs have one op for each
// operator, here clamp.
package onnx
