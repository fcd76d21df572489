package own

import (
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// entries are the kernels themselves, without a program around them.
func entries() map[string]peer.Prepare {
	all := map[string]peer.Prepare{}
	for _, op := range workload.Entrywise {
		all[workload.EntryName(op, workload.F32)] = func() (peer.Task, error) { return entrywise[float32](op) }
		all[workload.EntryName(op, workload.F64)] = func() (peer.Task, error) { return entrywise[float64](op) }
	}
	return all
}

func entrywise[T kernel.Real](op string) (peer.Task, error) {
	x64, y64 := workload.EntryInputs()
	x, y, dst := make([]T, len(x64)), make([]T, len(y64)), make([]T, len(x64))
	for i := range x {
		x[i], y[i] = T(x64[i]), T(y64[i])
	}
	v := kernel.Of[T]()
	f, ok := map[string]func(){
		"add":    func() { v.Add(dst, x, y) },
		"mul":    func() { v.Mul(dst, x, y) },
		"div":    func() { v.Div(dst, x, y) },
		"max":    func() { v.Max(dst, x, y) },
		"abs":    func() { v.Abs(dst, x) },
		"sqrt":   func() { v.Sqrt(dst, y) },
		"relu":   func() { v.ReLU(dst, x) },
		"affine": func() { v.Affine(dst, x, workload.AffineScale, workload.AffineShift) },
		"gate":   func() { v.Gate(dst, x, y) },
		"exp":    func() { v.Exp(dst, x) },
		"log":    func() { v.Log(dst, y) },
		"tanh":   func() { v.Tanh(dst, x) },
	}[op]
	if !ok {
		return peer.Task{}, fmt.Errorf("there is no kernel for %q", op)
	}
	return plain(dst, f), nil
}
