// Package vm is the executor: it compiles a Func, a value as well as any
// derivative, to a list of instructions over one arena and runs it.
//
// A Program is immutable and safe for concurrent use; each goroutine runs it in
// a Workspace of its own, and a run allocates nothing. With lanes a program
// runs at many points at once: inputs have a leading axis of that extent,
// except the shared ones. Many lanes run in blocks whose intermediates stay in
// the second-level cache, spread over the cores. Runs of scalar operations go to a
// compact tape; long elementwise operations run in groups, all on one block of
// entries before the next, so that what they pass on stays in the first-level cache.
// An affine layer is one product that ends with its rows and its relu, and what a
// cotangent meets at a relu is one operation too.
//
// Arithmetic has one meaning. Sums and dot products run in interleaved
// accumulators, eight in float64 and sixteen in float32, that are combined
// pairwise; products of matrices are chains of fused multiply-adds in the order
// of the summed index; nothing else is fused, and the elementary functions are
// those of package kernel. So lanes equal single runs bit for bit, for any number
// of workers, on every machine and every path of package kernel. Only what a NaN
// looks like is not laid down.
//
// A program compiled for Float32 rounds every value to it, once: an op gives what it
// would in float64 for its rounded operands. Sums, means and products run in float32
// throughout: each of their operations is rounded to it.
//
// A NaN switch is an error, not a branch: see NaNError. Package exact runs
// piecewise polynomial programs in rationals.
package vm
