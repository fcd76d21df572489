package main

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
)

// layer is x·W + b for W of in×out and b of 1×out.
func layer(x, w, b *G.Node) *G.Node {
	return must(G.BroadcastAdd(must(G.Mul(x, w)), b, nil, []byte{0}))
}

// crossEntropy is the mean over all entries, a tenth of that over rows for ten classes.
func crossEntropy(z, y *G.Node) *G.Node {
	return must(G.Neg(must(G.Mean(must(G.HadamardProd(y, must(G.Log(must(G.SoftMax(z))))))))))
}

func dense(single bool) peer.Task {
	g := G.NewGraph()
	p, x, y := workload.DenseInputs()
	h := matrix(g, "x", x, single, workload.DenseRows, 784)
	var wrt []*G.Node
	for l := range 3 {
		w, b := p[2*l], p[2*l+1]
		wn := matrix(g, fmt.Sprint("w", l), w.Values, single, w.Shape[0], w.Shape[1])
		bn := matrix(g, fmt.Sprint("b", l), b.Values, single, 1, b.Shape[0])
		wrt = append(wrt, wn, bn)
		if h = layer(h, wn, bn); l < 2 {
			h = must(G.Rectify(h))
		}
	}
	return compile(g, crossEntropy(h, matrix(g, "y", y, single, workload.DenseRows, 10)), wrt...).task(10)
}

func images() peer.Task {
	g := G.NewGraph()
	p, x, y := workload.ImageInputs()
	same := []int{1, 1}
	var wrt []*G.Node
	convolve := func(x *G.Node, k, b workload.Parameter) *G.Node {
		kernel := node(g, fmt.Sprint("k", len(wrt)), of(k.Values, true, k.Shape...))
		bias := node(g, fmt.Sprint("b", len(wrt)), of(b.Values, true, 1, b.Shape[0], 1, 1))
		wrt = append(wrt, kernel, bias)
		h := must(G.Conv2d(x, kernel, tensor.Shape{3, 3}, same, same, same))
		return must(G.Rectify(must(G.BroadcastAdd(h, bias, nil, []byte{0, 2, 3}))))
	}
	h := convolve(node(g, "x", of(x, true, workload.ImageRows, 1, 28, 28)), p[0], p[1])
	h = convolve(h, p[2], p[3])
	h = must(G.MaxPool2D(h, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	w, b := matrix(g, "w", p[4].Values, true, 3136, 10), matrix(g, "b", p[5].Values, true, 1, 10)
	h = layer(must(G.Reshape(h, tensor.Shape{workload.ImageRows, 3136})), w, b)
	return compile(g, crossEntropy(h, matrix(g, "y", y, true, workload.ImageRows, 10)), append(wrt, w, b)...).task(10)
}

// parameters makes matrices of the weights and biases of three layers. Gradients of transposed weights are wrong in
// Gorgonia's memory order, so weights are given as in×out.
func parameters(g *G.ExprGraph, p []float64, sizes, inputs []int) (nodes []*G.Node) {
	for k, n := range sizes {
		rows := 1
		if k%2 == 0 {
			rows = inputs[k/2]
		}
		nodes = append(nodes, matrix(g, fmt.Sprint("p", k), reordered(p[:n], n/rows, rows), false, rows, n/rows))
		p = p[n:]
	}
	return nodes
}

// reordered is the transpose of a matrix of so many rows and columns.
func reordered(x []float64, rows, columns int) []float64 {
	out := make([]float64, len(x))
	for i := range rows {
		for j := range columns {
			out[j*rows+i] = x[i*columns+j]
		}
	}
	return out
}

func meanSquares() peer.Task {
	g := G.NewGraph()
	xs, ys, points := workload.MeanSquareInputs()
	inputs := []int{10, 32, 32}
	x, y := matrix(g, "x", xs, false, 64, 10), matrix(g, "y", ys, false, 64, 1)
	p := parameters(g, points[0], workload.MeanSquareSizes, inputs)
	h := must(G.Rectify(layer(x, p[0], p[1])))
	h = must(G.Rectify(layer(h, p[2], p[3])))
	m := compile(g, must(G.Mean(must(G.Square(must(G.Sub(layer(h, p[4], p[5]), y)))))), p...)
	var ordered [][][]float64 // what each parameter is at each point
	for _, v := range points {
		var each [][]float64
		for k, n := range workload.MeanSquareSizes {
			part := v[:n]
			if k%2 == 0 {
				part = reordered(part, n/inputs[k/2], inputs[k/2])
			}
			each, v = append(each, part), v[n:]
		}
		ordered = append(ordered, each)
	}
	visit := func(after func()) error {
		for _, each := range ordered {
			for k, n := range p {
				copy(n.Value().Data().([]float64), each[k])
			}
			if err := m.run(); err != nil {
				return err
			}
			after()
		}
		return nil
	}
	return peer.Task{Run: func() error { return visit(func() {}) }, Numbers: func() (c peer.Checksum, err error) {
		m.clear()
		err = visit(func() {
			for k, n := range p {
				peer.Add(&c, gradientOf(n, k, inputs))
			}
			c.Next()
			m.clear()
		})
		return c, err
	}}
}

// gradientOf is the gradient in parameter k of three layers, weights as out×in.
func gradientOf(n *G.Node, k int, inputs []int) []float64 {
	v, err := n.Grad()
	check(err)
	d := v.Data().([]float64)
	if k%2 == 0 {
		return reordered(d, inputs[k/2], len(d)/inputs[k/2])
	}
	return d
}

func largest() peer.Task {
	g := G.NewGraph()
	av, bv, points := workload.LargestInputs()
	vector := func(name string, v []float64) *G.Node {
		return G.NewVector(g, tensor.Float64, G.WithShape(50), G.WithName(name), G.WithValue(of(v, false, 50)))
	}
	a, b, x := matrix(g, "a", av, false, 50, 50), vector("b", bv), vector("x", points[0])
	m := compile(g, must(G.Max(must(G.Abs(must(G.Add(must(G.Mul(a, x)), b)))), 0)), x)
	visit := func(after func()) error {
		for _, p := range points {
			copy(x.Value().Data().([]float64), p)
			if err := m.run(); err != nil {
				return err
			}
			after()
		}
		return nil
	}
	return peer.Task{Run: func() error { return visit(func() {}) }, Numbers: func() (c peer.Checksum, err error) {
		m.clear()
		return c, visit(func() { m.add(&c, 1); m.clear() })
	}}
}

func steps() peer.Task {
	g := G.NewGraph()
	xs, ys, p0 := workload.StepInputs()
	inputs := []int{2, 16, 16}
	p := parameters(g, p0, workload.StepSizes, inputs)
	x, y := matrix(g, "x", []float64{0, 0}, false, 1, 2), matrix(g, "y", []float64{0}, false, 1, 1)
	plus := func(z, w, b *G.Node) *G.Node { return must(G.Add(must(G.Mul(z, w)), b)) } // one row: no broadcasting
	z := must(G.Rectify(plus(x, p[0], p[1])))
	z = must(G.Rectify(plus(z, p[2], p[3])))
	m := compile(g, must(G.Sum(must(G.Square(must(G.Sub(plus(z, p[4], p[5]), y)))))), p...)
	solver, values := G.NewVanillaSolver(G.WithLearnRate(workload.StepRate)), G.NodesToValueGrads(p)
	var first *peer.Checksum
	epoch := func() error {
		for i := range workload.StepRows {
			copy(x.Value().Data().([]float64), xs[2*i:2*i+2])
			y.Value().Data().([]float64)[0] = ys[i]
			if err := m.vm.RunAll(); err != nil {
				return err
			}
			if err := solver.Step(values); err != nil {
				return err
			}
			m.vm.Reset()
		}
		if first == nil {
			first = &peer.Checksum{}
			for k, n := range p {
				d := n.Value().Data().([]float64)
				if k%2 == 0 {
					d = reordered(d, inputs[k/2], len(d)/inputs[k/2])
				}
				peer.Add(first, d)
			}
		}
		return nil
	}
	return peer.Task{Run: epoch, Numbers: func() (peer.Checksum, error) { return *first, nil }}
}
