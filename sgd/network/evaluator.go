package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
)

// evaluator runs a program whose inputs are parameters, then statistics, then x.
type evaluator struct {
	ws         *vm.Workspace
	params     []string
	statistics []string
}

func newEvaluator(f *expr.Func, statistics []string) (*evaluator, error) {
	code, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return nil, err
	}
	e := &evaluator{ws: code.NewWorkspace(), statistics: statistics}
	in := f.In()
	for _, p := range in[:len(in)-1-len(statistics)] {
		i, _ := p.Input()
		e.params = append(e.params, i.Name)
	}
	return e, nil
}

// x is where the rows go.
func (e *evaluator) x() []float64 { return e.ws.In(len(e.params) + len(e.statistics)) }

// set copies parameters and statistics in.
func (e *evaluator) set(params []sgd.Param, statistics map[string][]float64) error {
	if len(params) != len(e.params) {
		return fmt.Errorf("network: got %d parameters; the network has %d", len(params), len(e.params))
	}
	for i, p := range params {
		in := e.ws.In(i)
		if p.Name != e.params[i] || len(p.Value) != len(in) {
			return fmt.Errorf("network: parameter %d is %q of size %d; the network has %q of size %d", i, p.Name, len(p.Value), e.params[i], len(in))
		}
		copy(in, p.Value)
	}
	for i, name := range e.statistics {
		in := e.ws.In(len(params) + i)
		if v := statistics[name]; len(v) != len(in) {
			return fmt.Errorf("network: the statistic %q needs %d numbers, got %d; see Network.Statistics", name, len(in), len(v))
		}
		copy(in, statistics[name])
	}
	return nil
}
