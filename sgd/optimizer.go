package sgd

import (
	"fmt"
	"math"
)

// Param is a parameter tensor and its gradient, flat and row-major, of one
// length. Methods write Value in place and only read Grad.
type Param struct {
	Name  string
	Shape []int // extents of the axes; none for a scalar
	Value []float64
	Grad  []float64
}

// Method is an update rule with its hyper-parameters. It is a plain value that
// any number of runs may share; what changes during a run is a [State].
type Method interface {
	// Start returns the state before the first step for parameters of these
	// names and sizes. It reads no values. The error is a *MethodError if a
	// hyper-parameter is out of range.
	Start(params []Param) (State, error)
}

// State is a method at work on one set of parameters.
type State interface {
	// Update makes one step with learning rate rate. The parameters are those of
	// Start, in the same order and of the same sizes. It allocates nothing.
	Update(params []Param, rate float64)
	// Buffers lists everything that the next updates depend on besides the
	// parameters, in a fixed order. Values are live: copying them out saves the
	// state, and copying them in restores it.
	Buffers() []Buffer
}

// Searcher is a State that looks at the loss of the minibatch at more than one
// point a step, as line searches do.
type Searcher interface {
	State
	// Search makes one step in the place of Update. Loss is that at the present
	// values, where Grad is the gradient; evaluate returns the loss of the same
	// minibatch at the values of its call and writes Grad. An error of evaluate ends
	// the search and is returned; the parameters are then anywhere.
	Search(params []Param, rate, loss float64, evaluate func() (float64, error)) error
}

// Buffer is one named array of a State, such as "momentum w0". A counter is
// stored as an array of one entry.
type Buffer struct {
	Name   string
	Values []float64
}

// sizeOf returns the number of entries of all parameters.
func sizeOf(params []Param) (n int) {
	for _, p := range params {
		n += len(p.Value)
	}
	return n
}

// copyValues writes the values of all parameters to dst, one after the other.
func copyValues(dst []float64, params []Param) {
	for _, p := range params {
		dst = dst[copy(dst, p.Value):]
	}
}

// setValues is the inverse of copyValues.
func setValues(params []Param, src []float64) {
	for _, p := range params {
		src = src[copy(p.Value, src):]
	}
}

// MethodError says which hyper-parameter cannot be used.
type MethodError struct {
	Method string // such as "Adam"
	Field  string
	Value  float64
	Want   string // what is allowed
}

func (e *MethodError) Error() string {
	return fmt.Sprintf("sgd: %s.%s is %v; it must be %s", e.Method, e.Field, e.Value, e.Want)
}

// within reports a hyper-parameter outside [lo, hi), NaN included.
func within(method, field string, v, lo, hi float64, want string) error {
	if v >= lo && v < hi {
		return nil
	}
	return &MethodError{method, field, v, want}
}

// fraction reports a hyper-parameter outside [0, 1).
func fraction(method, field string, v float64) error {
	return within(method, field, v, 0, 1, "at least 0 and below 1")
}

// share reports a hyper-parameter outside [0, 1].
func share(method, field string, v float64) error {
	return within(method, field, v, 0, 1+0x1p-52, "at least 0 and at most 1")
}

// nonnegative reports a hyper-parameter outside [0, ∞).
func nonnegative(method, field string, v float64) error {
	return within(method, field, v, 0, math.Inf(1), "finite and at least 0")
}

// positive reports a hyper-parameter outside (0, ∞).
func positive(method, field string, v float64) error {
	return within(method, field, v, math.SmallestNonzeroFloat64, math.Inf(1), "finite and positive")
}
