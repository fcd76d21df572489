// Command gomlx is GoMLX with its backend in Go, simplego, as a peer of the verb bench.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
)

func main() {
	b, err := simplego.New("")
	if err == nil {
		err = peer.Serve(os.Stdin, os.Stdout, "gomlx", version()+", simplego", workloads(b))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/gomlx/gomlx" {
				return m.Version
			}
		}
	}
	return "unknown version"
}

func workloads(b backends.Backend) map[string]peer.Prepare {
	all := map[string]peer.Prepare{
		workload.W3:  func() (peer.Task, error) { return meanSquares(b), nil },
		workload.W3b: func() (peer.Task, error) { return largest(b), nil },
		workload.W4:  func() (peer.Task, error) { return steps(b), nil },
	}
	for _, c := range workload.Chains {
		for _, n := range workload.Variables {
			if !sliced[c.Name] {
				all[c.Gradient(n)] = func() (peer.Task, error) { return chain(b, c, n, true), nil }
			}
			all[c.Value(n)] = func() (peer.Task, error) { return chain(b, c, n, false), nil }
		}
	}
	for _, precision := range []string{workload.F32, workload.F64} {
		single := precision == workload.F32
		all[workload.W2+precision] = func() (peer.Task, error) { return dense(b, single), nil }
	}
	return all
}

// of is a tensor of numbers in one of the precisions.
func of(v []float64, single bool, dims ...int) *tensors.Tensor {
	if !single {
		return tensors.FromFlatDataAndDimensions(v, dims...)
	}
	w := make([]float32, len(v))
	for i := range v {
		w[i] = float32(v[i])
	}
	return tensors.FromFlatDataAndDimensions(w, dims...)
}

// numbers reads a tensor.
func numbers(t *tensors.Tensor, single bool) (out []float64) {
	if !single {
		tensors.MustConstFlatData(t, func(x []float64) { out = slices.Clone(x) })
		return out
	}
	tensors.MustConstFlatData(t, func(x []float32) {
		for _, v := range x {
			out = append(out, float64(v))
		}
	})
	return out
}

// task runs a graph on the same tensors again and again. Its numbers are what read makes of the outputs.
func task(e *Exec, args []any, read func(out []*tensors.Tensor) peer.Checksum) peer.Task {
	return peer.Task{
		Run: func() error {
			for _, t := range e.MustExec(args...) {
				t.FinalizeAll()
			}
			return nil
		},
		Numbers: func() (peer.Checksum, error) { return read(e.MustExec(args...)), nil },
	}
}

func chain(b backends.Backend, c workload.Chain, n int, gradient bool) peer.Task {
	f := chains[c.Name]
	e := MustNewExec(b, func(x *Node) []*Node {
		y := f(x)
		if gradient {
			return []*Node{y, Gradient(y, x)[0]}
		}
		return []*Node{y}
	})
	return task(e, []any{tensors.FromFlatDataAndDimensions(c.Start(n), n)}, func(out []*tensors.Tensor) peer.Checksum {
		return peer.Of(numbers(out[len(out)-1], false))
	})
}

// sliced are the chains that simplego does not differentiate: the gradient of a slice is padding, which it lacks. That of a
// convolution needs a reversal, which it lacks too, so W5 is not there.
var sliced = map[string]bool{"chained-lq": true, "chained-cb3-2": true, "crescent-1": true}

var chains = map[string]func(x *Node) *Node{
	"maxq": func(x *Node) *Node { return ReduceAllMax(Mul(x, x)) },
	"chained-lq": func(x *Node) *Node {
		a, c := neighbours(x)
		s := Neg(Add(a, c))
		return ReduceAllSum(Max(s, Add(s, AddScalar(Add(Mul(a, a), Mul(c, c)), -1))))
	},
	"chained-cb3-2": func(x *Node) *Node {
		a, c := neighbours(x)
		q := Mul(a, a)
		u, v := AddScalar(Neg(a), 2), AddScalar(Neg(c), 2)
		s1 := ReduceAllSum(Add(Mul(q, q), Mul(c, c)))
		s2 := ReduceAllSum(Add(Mul(u, u), Mul(v, v)))
		s3 := ReduceAllSum(MulScalar(Exp(Sub(c, a)), 2))
		return Max(Max(s1, s2), s3)
	},
	"active-faces": func(x *Node) *Node {
		g := func(y *Node) *Node { return Log(AddScalar(Abs(y), 1)) }
		return Max(g(Neg(ReduceAllSum(x))), ReduceAllMax(g(x)))
	},
	"crescent-1": func(x *Node) *Node {
		a, c := neighbours(x)
		p := Mul(a, a)
		d := AddScalar(c, -1)
		q := Mul(d, d)
		return Max(ReduceAllSum(AddScalar(Add(Add(p, q), c), -1)), ReduceAllSum(AddScalar(Sub(c, Add(p, q)), 1)))
	},
}

func neighbours(x *Node) (*Node, *Node) {
	n := x.Shape().Dimensions[0]
	return Slice(x, AxisRange(0, n-1)), Slice(x, AxisRange(1, n))
}
