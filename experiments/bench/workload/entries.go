package workload

import "github.com/tamegrad/tamegrad/experiments/bench/peer"

// Entrywise are the operations on two vectors x and y of Entries numbers that are measured as kernels: by their names in
// kernel.Vectors in lower case. Of one operand they take x, and sqrt and log take y.
var Entrywise = []string{"add", "mul", "div", "max", "abs", "sqrt", "relu", "affine", "gate", "exp", "log", "tanh"}

// Entries is so many that the vectors stay in the first-level cache.
const Entries = 1024

// Affine is the operation that affine does: AffineScale·x + AffineShift.
const (
	AffineScale = 0.5
	AffineShift = 1
)

// EntryName is the name of the workload of an operation.
func EntryName(op, precision string) string { return "entrywise/" + op + "/" + precision }

// EntryInputs are x in [−1, 1) and y in [½, 3/2).
func EntryInputs() (x, y []float64) {
	s := peer.Stream(31)
	x, y = s.Symmetrics(Entries, 1), s.Units(Entries)
	for i := range y {
		y[i] += 0.5
	}
	return x, y
}
