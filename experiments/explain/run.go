package explain

import (
	"errors"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// run runs a program at points of package clarke.
func run(p *mixed.Program, in ...clarke.Vector) ([]clarke.Vector, error) {
	x := make([]mixed.Vector, len(in))
	for i, v := range in {
		x[i] = mixed.Vector(v)
	}
	values, err := p.Run(x...)
	out := make([]clarke.Vector, len(values))
	for i, v := range values {
		out[i] = clarke.Vector(v)
	}
	return out, err
}

// isRunFault reports whether a run came upon a number that an op cannot take.
func isRunFault(err error) bool {
	var nan *vm.NaNError
	var fault *vm.FaultError
	return errors.As(err, &nan) || errors.As(err, &fault)
}
