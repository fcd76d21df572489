package codegen

import "github.com/tamegrad/tamegrad/expr"

// kind says how a value comes about.
type kind int8

const (
	parameter kind = iota // an input or an open slot
	constant              // depends on no input
	scalar                // a statement: an entry, which may stand for a tensor of equal entries
	loop                  // entry by entry
	sink                  // a number that is made of the entries of a loop
	view                  // evenly spaced entries of another value
	single                // by statements of its own
)

// value is what a node computes. Equal nodes share one, and so do tensors of equal entries and the entry.
type value struct {
	number int
	kind   kind
	node   expr.Node // one that it is the value of
	op     string
	attr   []float64
	args   []operand
	size   int // of the value; of a sink, of its loop
	choice *choice
	data   []float64 // of a constant

	base     *value // of a view, which begins at entry lo of it
	lo, step int

	readers []*value
	outputs int // how often it is an output
	group   int // the number of its loop

	name   string // of the variable: of an entry in a loop
	slice  string // of where all its entries stand, "" if they do not
	stored bool   // whether they have to
	last   int    // the last step that reads the entries
}

// operand is a value in the shape of a node. A value of one entry serves for all entries of any shape.
type operand struct {
	*value
	shape expr.Shape
}

// choice is a value among three constants by the sign of the switch, which is the first operand.
type choice struct{ positive, negative, zero float64 }

// isScalar reports whether one entry is all there is to a value.
func (v *value) isScalar() bool {
	return v.kind == scalar || v.kind == sink || v.size == 1
}

// program is a list of values in topological order with what goes in and out.
type program struct {
	f      *expr.Func
	inputs []*value
	names  []string // of inputs
	values []*value // all but inputs and constants
	out    []operand
}
