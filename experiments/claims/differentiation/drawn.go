package differentiation

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// drawn describes random programs: DAGs of scalars made of additions,
// subtractions, products with constants, relu, dense layers of constant weights,
// and products of two values if asked for. All numbers are small integers, so
// programs run in rationals and meet kinks at integer points.
type drawn struct {
	inputs, steps int
	products      bool
}

// program draws one program of scalar inputs. Its output is the sum of all
// values that nothing else uses, so that every node counts.
func (d drawn) program(rng *rand.Rand) (*expr.Func, error) {
	g := expr.NewGraph()
	b := &drawing{g: g, rng: rng}
	for i := range d.inputs {
		b.push(g.Input(fmt.Sprintf("x%d", i+1)))
	}
	in := slices.Clone(b.nodes)
	for range d.steps {
		b.step(d.products)
	}
	rest := b.unused()
	out := rest[0]
	for _, n := range rest[1:] {
		out = expr.Add(out, n)
	}
	return g.Func(expr.In(in...), expr.Out(out))
}

// drawing is a program in the making.
type drawing struct {
	g     *expr.Graph
	rng   *rand.Rand
	nodes []expr.Node
	used  []bool
}

func (b *drawing) push(n expr.Node) { b.nodes, b.used = append(b.nodes, n), append(b.used, false) }

// pick draws an earlier value and marks it as used; recent ones are more
// likely, so that programs are deep.
func (b *drawing) pick() expr.Node {
	i := max(b.rng.IntN(len(b.nodes)), b.rng.IntN(len(b.nodes)))
	b.used[i] = true
	return b.nodes[i]
}

func (b *drawing) unused() (out []expr.Node) {
	for i, n := range b.nodes {
		if !b.used[i] {
			out = append(out, n)
		}
	}
	return out
}

// step adds one operation, or a layer of two units.
func (b *drawing) step(products bool) {
	kinds := 9
	if products {
		kinds = 12
	}
	switch b.rng.IntN(kinds) {
	case 0, 1:
		b.push(expr.Add(b.pick(), b.pick()))
	case 2, 3:
		b.push(expr.Sub(b.pick(), b.pick()))
	case 4:
		b.push(expr.Scale(float64(b.weight()), b.pick()))
	case 5, 6, 7:
		b.push(expr.ReLU(b.pick()))
	case 8:
		b.layer()
	default:
		b.push(expr.Mul(b.pick(), b.pick()))
	}
}

// layer adds relu(W·h) for a vector h of up to three values and two rows of
// weights.
func (b *drawing) layer() {
	in := make([]expr.Node, 1+b.rng.IntN(3))
	for i := range in {
		in[i] = b.pick()
	}
	w := make([]float64, 2*len(in))
	for i := range w {
		w[i] = float64(b.weight())
	}
	out := expr.ReLU(expr.MatMul(b.g.Tensor(w, 2, len(in)), expr.Stack(in...)))
	b.push(expr.Index(out, 0))
	b.push(expr.Index(out, 1))
}

// weight draws from ±1 and ±2.
func (b *drawing) weight() int { return (1 + b.rng.IntN(2)) * (1 - 2*b.rng.IntN(2)) }
