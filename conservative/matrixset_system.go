package conservative

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// squareSystem is a program of as many outputs as some of its inputs, the unknowns, have
// entries.
type squareSystem struct {
	*jacobians
	unknowns       []expr.Node
	known, unknown []int // positions of both parts of the Jacobian in an element
}

// SystemError says why a program does not define one function of its inputs.
type SystemError struct{ Why string }

func (e *SystemError) Error() string { return "conservative: " + e.Why }

func newSquareSystem(f *expr.Func, unknowns []expr.Node, o Options) (*squareSystem, error) {
	var known []expr.Node
	for _, n := range f.Wrt() {
		if !slices.Contains(unknowns, n) {
			known = append(known, n)
		}
	}
	distinct := len(known)+len(unknowns) == len(f.Wrt())
	switch {
	case len(unknowns) == 0 || !distinct:
		return nil, &SystemError{"the unknowns must be inputs that the program is differentiated by, each listed once"}
	case len(known) == 0:
		return nil, &SystemError{"all inputs are unknowns; leave one to differentiate by"}
	case total(unknowns) != total(f.Out()):
		return nil, &SystemError{fmt.Sprintf("the unknowns have %d entries and the outputs %d; they must be as many", total(unknowns), total(f.Out()))}
	}
	j, err := newJacobians(f, o)
	if err != nil {
		return nil, err
	}
	return &squareSystem{j, unknowns, j.columns(known), j.columns(unknowns)}, nil
}
