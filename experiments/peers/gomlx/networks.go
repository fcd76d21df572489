package main

import (
	"github.com/gomlx/gomlx/backends"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
)

func relu(x *Node) *Node { return Max(x, ZerosLike(x)) }

// mm multiplies [rows, in] by [in, out]. Dot and DotGeneral take the same time.
func mm(x, w *Node) *Node { return DotGeneral(x, []int{1}, nil, w, []int{0}, nil) }

// mmT multiplies by the transpose of [out, in].
func mmT(x, w *Node) *Node { return DotGeneral(x, []int{1}, nil, w, []int{1}, nil) }

func plus(x, b *Node) *Node { return Add(x, ExpandLeftToRank(b, x.Rank())) }

func crossEntropy(z, onehot *Node) *Node {
	m := StopGradient(ReduceAndKeep(z, ReduceMax, 1))
	s := Sub(z, m)
	lse := Log(ReduceAndKeep(Exp(s), ReduceSum, 1))
	return MulScalar(ReduceAllSum(Mul(onehot, Sub(s, lse))), -1/float64(z.Shape().Dimensions[0]))
}

// gradients is the graph of a loss of six parameters and what follows them.
func gradients(b backends.Backend, loss func(in []*Node) *Node) *Exec {
	return MustNewExec(b, func(in []*Node) []*Node { return Gradient(loss(in), in[:6]...) })
}

func dense(b backends.Backend, single bool) peer.Task {
	p, x, y := workload.DenseInputs()
	var args []any
	for _, v := range p {
		args = append(args, of(v.Values, single, v.Shape...))
	}
	args = append(args, of(x, single, workload.DenseRows, 784), of(y, single, workload.DenseRows, 10))
	e := gradients(b, func(in []*Node) *Node {
		h := relu(plus(mm(in[6], in[0]), in[1]))
		h = relu(plus(mm(h, in[2]), in[3]))
		return crossEntropy(plus(mm(h, in[4]), in[5]), in[7])
	})
	return task(e, args, func(out []*tensors.Tensor) (c peer.Checksum) {
		for _, t := range out {
			peer.Add(&c, numbers(t, single))
		}
		return c
	})
}

// split makes tensors of the parameters of a network of three layers, weights as out×in, in order.
func split(p []float64, sizes []int, dims ...[]int) (out []*tensors.Tensor) {
	for i, n := range sizes {
		out = append(out, tensors.FromFlatDataAndDimensions(p[:n], dims[i]...))
		p = p[n:]
	}
	return out
}

// meanSquares runs one graph after the other: its products in batches are slower.
func meanSquares(b backends.Backend) peer.Task {
	x, y, points := workload.MeanSquareInputs()
	tx, ty := tensors.FromFlatDataAndDimensions(x, 64, 10), tensors.FromFlatDataAndDimensions(y, 64, 1)
	var args [][]any
	for _, p := range points {
		var a []any
		for _, t := range split(p, workload.MeanSquareSizes, []int{32, 10}, []int{32}, []int{32, 32}, []int{32}, []int{32, 1}, []int{1}) {
			a = append(a, t)
		}
		args = append(args, append(a, tx, ty))
	}
	e := gradients(b, func(in []*Node) *Node {
		h := relu(plus(mmT(in[6], in[0]), in[1]))
		h = relu(plus(mmT(h, in[2]), in[3]))
		d := Sub(plus(mm(h, in[4]), in[5]), in[7])
		return ReduceAllMean(Mul(d, d))
	})
	return peer.Task{
		Run: func() error {
			for _, a := range args {
				for _, t := range e.MustExec(a...) {
					t.FinalizeAll()
				}
			}
			return nil
		},
		Numbers: func() (c peer.Checksum, err error) {
			for _, a := range args {
				for _, t := range e.MustExec(a...) {
					peer.Add(&c, numbers(t, false))
				}
				c.Next()
			}
			return c, nil
		},
	}
}

func largest(b backends.Backend) peer.Task {
	a, v, points := workload.LargestInputs()
	var x []float64
	for _, p := range points {
		x = append(x, p...)
	}
	e := MustNewExec(b, func(in []*Node) *Node {
		z := Abs(plus(mmT(in[0], in[1]), in[2]))
		return Gradient(ReduceAllSum(ReduceMax(z, 1)), in[0])[0]
	})
	args := []any{
		tensors.FromFlatDataAndDimensions(x, workload.LargestPoints, 50),
		tensors.FromFlatDataAndDimensions(a, 50, 50), tensors.FromFlatDataAndDimensions(v, 50),
	}
	return task(e, args, func(out []*tensors.Tensor) peer.Checksum { return peer.Of(numbers(out[0], false)) })
}

// steps has one graph for a step, which returns the new parameters.
func steps(b backends.Backend) peer.Task {
	x, y, p := workload.StepInputs()
	var rows, targets []*tensors.Tensor
	for i := range workload.StepRows {
		rows = append(rows, tensors.FromFlatDataAndDimensions(x[2*i:2*i+2], 1, 2))
		targets = append(targets, tensors.FromFlatDataAndDimensions(y[i:i+1], 1, 1))
	}
	params := split(p, workload.StepSizes, []int{16, 2}, []int{16}, []int{16, 16}, []int{16}, []int{16, 1}, []int{1})
	e := MustNewExec(b, func(in []*Node) []*Node {
		z := relu(plus(mmT(in[6], in[0]), in[1]))
		z = relu(plus(mmT(z, in[2]), in[3]))
		d := Sub(plus(mm(z, in[4]), in[5]), in[7])
		g := Gradient(ReduceAllSum(Mul(d, d)), in[:6]...)
		out := make([]*Node, 6)
		for j := range out {
			out[j] = Sub(in[j], MulScalar(g[j], workload.StepRate))
		}
		return out
	})
	var first *peer.Checksum
	epoch := func() error {
		for i := range rows {
			args := make([]any, 0, 8)
			for _, p := range params {
				args = append(args, p)
			}
			out := e.MustExec(append(args, rows[i], targets[i])...)
			for _, p := range params {
				p.FinalizeAll()
			}
			params = out
		}
		if first == nil {
			first = &peer.Checksum{}
			for _, p := range params {
				peer.Add(first, numbers(p, false))
			}
		}
		return nil
	}
	return peer.Task{Run: epoch, Numbers: func() (peer.Checksum, error) { return *first, nil }}
}
