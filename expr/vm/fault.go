package vm

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// NaNError says that a switch was NaN, so that neither branch of a kink is
// meant.
type NaNError struct {
	Lane  int       // 0 without lanes, and for a switch that all lanes share
	Node  expr.Node // of the compiled Func
	Entry int       // flat index within the lane's switching value: the node's first operand
}

func (e *NaNError) Error() string {
	return fmt.Sprintf("vm: the switch of %v is NaN at entry %d of lane %d; look for a division 0/0, a logarithm or a root outside its domain, or a NaN input", e.Node, e.Entry, e.Lane)
}

// FaultError says that an operand holds what the op cannot take, such as
// positions that are no permutation.
type FaultError struct {
	Lane  int       // 0 without lanes, and for a value that all lanes share
	Node  expr.Node // of the compiled Func
	Entry int       // flat index within the lane's first operand
	Why   string
}

func (e *FaultError) Error() string {
	return fmt.Sprintf("vm: %s: operand 0 of %v at entry %d of lane %d", e.Why, e.Node, e.Entry, e.Lane)
}

func (p *Program) faultError(f laneFault) error {
	e := FaultError{Node: p.f.Out()[0].At(f.Node), Entry: f.Entry, Why: f.Why}
	if p.block > 0 {
		operand := e.Node.Args()[0].Shape()
		e.Node = p.source.Out()[0].At(p.origin[f.Node])
		if own := e.Node.Args()[0].Shape(); own != operand { // it has the lane axis
			e.Lane, e.Entry = f.first+f.Entry/own.Size(), f.Entry%own.Size()
		}
	}
	if f.Why == expr.FaultNaN {
		return &NaNError{e.Lane, e.Node, e.Entry}
	}
	return &e
}
