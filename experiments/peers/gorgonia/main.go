// Command gorgonia is Gorgonia, static graphs run by its tape machine, as a peer of the verb bench.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
)

func main() {
	if err := peer.Serve(os.Stdin, os.Stdout, "gorgonia", version(), workloads()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "gorgonia.org/gorgonia" {
				return m.Version
			}
		}
	}
	return "unknown version"
}

func workloads() map[string]peer.Prepare {
	all := map[string]peer.Prepare{
		workload.W3:  func() (peer.Task, error) { return meanSquares(), nil },
		workload.W3b: func() (peer.Task, error) { return largest(), nil },
		workload.W4:  func() (peer.Task, error) { return steps(), nil },
		// its maxima of windows are there in float32 only
		workload.W5 + workload.F32: func() (peer.Task, error) { return images(), nil },
	}
	for _, c := range workload.Chains {
		if f, ok := chains[c.Name]; ok {
			for _, n := range workload.Variables {
				all[c.Gradient(n)] = func() (peer.Task, error) { return chain(c, f, n), nil }
			}
		}
	}
	for _, precision := range []string{workload.F32, workload.F64} {
		all[workload.W2+precision] = func() (peer.Task, error) { return dense(precision == workload.F32), nil }
	}
	return all
}

// must panics, which is an answer of the peer.
func must(n *G.Node, err error) *G.Node { check(err); return n }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func typeOf(single bool) tensor.Dtype {
	if single {
		return tensor.Float32
	}
	return tensor.Float64
}

// of is a tensor of numbers in one of the precisions.
func of(v []float64, single bool, dims ...int) *tensor.Dense {
	if !single {
		return tensor.New(tensor.WithShape(dims...), tensor.WithBacking(append([]float64(nil), v...)))
	}
	w := make([]float32, len(v))
	for i := range v {
		w[i] = float32(v[i])
	}
	return tensor.New(tensor.WithShape(dims...), tensor.WithBacking(w))
}

func node(g *G.ExprGraph, name string, t *tensor.Dense) *G.Node {
	return G.NewTensor(g, t.Dtype(), t.Dims(), G.WithShape(t.Shape().Clone()...), G.WithName(name), G.WithValue(t))
}

func matrix(g *G.ExprGraph, name string, v []float64, single bool, rows, columns int) *G.Node {
	return G.NewMatrix(g, typeOf(single), G.WithShape(rows, columns), G.WithName(name), G.WithValue(of(v, single, rows, columns)))
}

// machine runs a loss and its gradients, which add up over runs: nothing sets them to 0 but reading.
type machine struct {
	vm  G.VM
	wrt []*G.Node
}

func compile(g *G.ExprGraph, loss *G.Node, wrt ...*G.Node) *machine {
	_, err := G.Grad(loss, wrt...)
	check(err)
	return &machine{G.NewTapeMachine(g, G.BindDualValues(wrt...)), wrt}
}

func (m *machine) run() error {
	err := m.vm.RunAll()
	m.vm.Reset()
	return err
}

// clear sets the gradients to 0.
func (m *machine) clear() {
	for _, n := range m.wrt {
		g, err := n.Grad()
		check(err)
		switch d := g.Data().(type) {
		case []float64:
			clear(d)
		case []float32:
			clear(d)
		}
	}
}

// add adds the gradients to a checksum, multiplied.
func (m *machine) add(c *peer.Checksum, factor float64) {
	for _, n := range m.wrt {
		g, err := n.Grad()
		check(err)
		var out []float64
		switch d := g.Data().(type) {
		case []float64:
			out = append(out, d...)
		case []float32:
			for _, v := range d {
				out = append(out, float64(v))
			}
		case float64:
			out = append(out, d)
		}
		for i := range out {
			out[i] *= factor
		}
		peer.Add(c, out)
	}
}

// task runs the machine; factor is what its gradients are too small by.
func (m *machine) task(factor float64) peer.Task {
	return peer.Task{Run: m.run, Numbers: func() (c peer.Checksum, err error) {
		m.clear()
		err = m.run()
		m.add(&c, factor)
		return c, err
	}}
}

func chain(c workload.Chain, f func(x *G.Node, n int) *G.Node, n int) peer.Task {
	g := G.NewGraph()
	x := G.NewVector(g, tensor.Float64, G.WithShape(n), G.WithName("x"), G.WithValue(of(c.Start(n), false, n)))
	return compile(g, f(x, n), x).task(1)
}

// larger is a maximum of two, which Gorgonia lacks.
func larger(a, b *G.Node) *G.Node { return must(G.Add(b, must(G.Rectify(must(G.Sub(a, b)))))) }

func one() *G.Node { return G.NewConstant(1.0) }

func neighbours(x *G.Node, n int) (*G.Node, *G.Node) {
	return must(G.Slice(x, G.S(0, n-1))), must(G.Slice(x, G.S(1, n)))
}

// chains are those that Gorgonia differentiates; chained CB3 II it does not.
var chains = map[string]func(x *G.Node, n int) *G.Node{
	"maxq": func(x *G.Node, _ int) *G.Node { return must(G.Max(must(G.Square(x)), 0)) },
	"chained-lq": func(x *G.Node, n int) *G.Node {
		a, c := neighbours(x, n)
		s := must(G.Neg(must(G.Add(a, c))))
		q := must(G.Add(must(G.Square(a)), must(G.Square(c))))
		return must(G.Sum(larger(must(G.Add(s, must(G.Sub(q, one())))), s)))
	},
	"active-faces": func(x *G.Node, _ int) *G.Node {
		f := func(y *G.Node) *G.Node { return must(G.Log(must(G.Add(must(G.Abs(y)), one())))) }
		return larger(f(must(G.Neg(must(G.Sum(x))))), must(G.Max(f(x), 0)))
	},
	"crescent-1": func(x *G.Node, n int) *G.Node {
		a, c := neighbours(x, n)
		p := must(G.Add(must(G.Square(a)), must(G.Square(must(G.Sub(c, one()))))))
		s1 := must(G.Sum(must(G.Sub(must(G.Add(p, c)), one()))))
		s2 := must(G.Sum(must(G.Add(must(G.Sub(c, p)), one()))))
		return larger(s1, s2)
	},
}
