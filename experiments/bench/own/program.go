package own

import (
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// gradientOf is the value and the gradient as PyTorch takes it.
func gradientOf(f *expr.Func, err error) (*expr.Func, error) {
	if err != nil {
		return nil, err
	}
	d, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	return ad.Wire(d, ad.PyTorch.Wiring())
}

// both are the tasks of a workload in both precisions; its name ends in that.
func both(prefix string, make32, make64 peer.Prepare) map[string]peer.Prepare {
	return map[string]peer.Prepare{prefix + workload.F32: make32, prefix + workload.F64: make64}
}

// run is the task of a program with inputs in the order of its own. Its numbers are the outputs from number first on:
// 1 for a gradient, without the value.
func run[T kernel.Real](f *expr.Func, first int, inputs ...[]float64) (peer.Task, error) {
	o := vm.Options{}
	if _, ok := any(T(0)).(float32); ok {
		o.Precision = vm.Float32
	}
	w, err := workspace[T](f, o, inputs)
	return peer.Task{Run: w.Run, Numbers: func() (peer.Checksum, error) {
		var c peer.Checksum
		for i := first; i < len(f.Out()); i++ {
			peer.Add(&c, w.Out(i))
		}
		return c, nil
	}}, err
}

func workspace[T kernel.Real](f *expr.Func, o vm.Options, inputs [][]float64) (*vm.WorkspaceOf[T], error) {
	p, err := vm.Compile(f, o)
	if err != nil {
		return &vm.WorkspaceOf[T]{}, err
	}
	w := vm.NewWorkspaceOf[T](p)
	if w.Inputs() != len(inputs) {
		return w, fmt.Errorf("the program has %d inputs and slots, and %d were given", w.Inputs(), len(inputs))
	}
	for i, x := range inputs {
		if len(x) != len(w.In(i)) {
			return w, fmt.Errorf("input %d has %d entries, and %d were given", i, len(w.In(i)), len(x))
		}
		for k, v := range x {
			w.In(i)[k] = T(v)
		}
	}
	return w, nil
}

func products() map[string]peer.Prepare {
	all := map[string]peer.Prepare{}
	for _, p := range workload.Products {
		a, b := p.Inputs()
		all[p.Name(workload.F32)] = func() (peer.Task, error) { return run[float32](p.Program(), 0, a, b) }
		all[p.Name(workload.F64)] = func() (peer.Task, error) { return run[float64](p.Program(), 0, a, b) }
	}
	return all
}

func chains() map[string]peer.Prepare {
	all := map[string]peer.Prepare{}
	for _, c := range workload.Chains {
		for _, n := range workload.Variables {
			all[c.Value(n)] = func() (peer.Task, error) { return run[float64](c.Program(n), 0, c.Start(n)) }
			all[c.Gradient(n)] = func() (peer.Task, error) {
				f, err := gradientOf(c.Program(n), nil)
				if err != nil {
					return peer.Task{}, err
				}
				return run[float64](f, 1, c.Start(n))
			}
		}
	}
	return all
}

func sorts() map[string]peer.Prepare {
	all := map[string]peer.Prepare{}
	for name, pairs := range map[string]bool{workload.Sort: false, workload.Pairs: true} {
		all[name+workload.F32] = func() (peer.Task, error) { return sorting[float32](pairs) }
		all[name+workload.F64] = func() (peer.Task, error) { return sorting[float64](pairs) }
	}
	return all
}

func sorting[T kernel.Real](pairs bool) (peer.Task, error) {
	f, err := gradientOf(workload.WeightedSort(pairs), nil)
	if err != nil {
		return peer.Task{}, err
	}
	x, w := workload.SortInputs()
	return run[T](f, 1, x, w)
}
