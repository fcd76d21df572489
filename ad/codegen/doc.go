// Package codegen writes a program, or its gradient, as one plain Go file without dependencies, for people who need
// native speed:
//
//	g, err := ad.Gradient(f)
//	w, err := ad.Wire(g, ad.PyTorch.Wiring())
//	err = codegen.Write(out, w, codegen.Options{Package: "hot", Func: "Gradient"})
//
// A derivative is a program, so there is nothing special about it here; it only has to be wired, or else the open
// slots are further arguments.
//
// # The function
//
// [Write] emits one function. Its parameters are, in this order,
//
//	dst []float64   if there are outputs other than the value returned: all of them, one after the other
//	work []float64  if the program needs more than 512 numbers of room: as many as the constant that is emitted
//	x, w, …         the inputs in their order and then the open slots: float64 for a single entry, else []float64,
//	                flat and row-major
//
// and it returns the first output if that is a scalar. Neither dst nor work may overlap an input. It allocates
// nothing, is safe for concurrent use with different dst and work, and panics if a slice is too short.
//
// # The code
//
// Scalars are straight-line code. Operations entry by entry share one loop as far as the order of operations allows;
// sums and extrema of what a loop computes are taken in it. Equal operations on equal operands run once, as in the
// executor, and what depends on no input is computed beforehand. Variables have the names of inputs, or the name of
// the op and a number.
//
// The output calls functions of package library and the elementary functions of expr/vm/kernel, which are copied
// into it, under names that begin with that of the function. So several outputs can stand in one package. It imports
// math, and math/bits for sin and cos.
//
// # The bits
//
// The result has the bits of expr/vm in float64, except for what a NaN looks like. What is an error there, a NaN
// among the keys of a kink or an index outside of its rows, is none here: a NaN switch takes the branch where the
// comparisons fail, and such an index picks zeros.
//
// Custom ops are refused, see [UnsupportedError].
package codegen
