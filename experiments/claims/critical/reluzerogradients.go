package critical

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// nativeFormat is one in which the executor computes.
type nativeFormat struct {
	arithmetic
	precision vm.Precision
}

var nativeFormats = []nativeFormat{{float32s, vm.Float32}, {float64s, vm.Float64}}

const (
	zeroHidden = 32
	zeroRate   = 0.05
)

// zeroNet is a network with two hidden layers on a minibatch: the pre-activations of both, and the gradients of its loss for
// relu′(0) = 0 and 1.
type zeroNet struct {
	set       *dataset.Set
	sizes     []int
	format    nativeFormat
	hidden    *vm.Program
	gradients [2]*vm.Program
}

func newZeroNet(set *dataset.Set, p nativeFormat, unit func(expr.Node) expr.Node) (*zeroNet, error) {
	n := &zeroNet{set: set, sizes: []int{set.D, zeroHidden, zeroHidden, set.Classes}, format: p}
	g := expr.NewGraph()
	x, y := g.Data("x", zeroBatch, set.D), g.Data("y", zeroBatch, set.Classes)
	h := x
	var in, sums []expr.Node
	for k, size := range n.sizes[1:] {
		w, b := g.Param(fmt.Sprint("W", k), n.sizes[k], size), g.Param(fmt.Sprint("b", k), size)
		z := expr.Add(expr.MatMul(h, w), b)
		in, sums, h = append(in, w, b), append(sums, z), unit(z)
	}
	d := expr.Sub(sums[len(sums)-1], y)
	in = append(in, x, y)
	options := vm.Options{Precision: p.precision, Workers: 1}
	hidden, err := g.Func(expr.In(in[:len(in)-1]...), expr.Out(sums[:len(sums)-1]...))
	if err != nil {
		return nil, err
	}
	if n.hidden, err = vm.Compile(hidden, options); err != nil {
		return nil, err
	}
	loss, err := g.Func(expr.In(in...), expr.Out(expr.Mean(expr.Mul(d, d))))
	if err != nil {
		return nil, err
	}
	gradient, err := ad.Gradient(loss)
	if err != nil {
		return nil, err
	}
	for k := range n.gradients {
		wired, err := ad.Wire(gradient, ad.AtKink(float64(k)))
		if err != nil {
			return nil, err
		}
		if n.gradients[k], err = vm.Compile(wired, options); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// start draws weights and biases, layer by layer, as a [zeroLayer] does, and a minibatch.
func (n *zeroNet) start(rng *rand.Rand) [][]float64 {
	var in [][]float64
	for k, size := range n.sizes[1:] {
		bound := 1 / math.Sqrt(float64(n.sizes[k]))
		for _, entries := range []int{n.sizes[k] * size, size} {
			v := make([]float64, entries)
			for i := range v {
				v[i] = n.format.round(uniform(rng, -bound, bound))
			}
			in = append(in, v)
		}
	}
	rows := make([]int, zeroBatch)
	for i := range rows {
		rows[i] = rng.IntN(n.set.N)
	}
	picked := n.set.Pick(rows)
	return append(in, picked.X, picked.OneHot())
}

// meet sets the bias of one unit so that its pre-activation for one row is 0.
func (n *zeroNet) meet(in [][]float64, rng *rand.Rand) error {
	layer, unit, row := rng.IntN(len(n.sizes)-2), rng.IntN(zeroHidden), rng.IntN(zeroBatch)
	b := in[2*layer+1]
	b[unit] = 0
	sums, err := n.preActivations(in)
	if err != nil {
		return err
	}
	b[unit] = -sums[layer][row*zeroHidden+unit]
	return nil
}

// preActivations computes those of both hidden layers.
func (n *zeroNet) preActivations(in [][]float64) (sums [][]float64, err error) {
	w := n.hidden.NewWorkspace()
	for i, v := range in[:len(in)-1] {
		copy(w.In(i), v)
	}
	err = w.Run()
	return [][]float64{w.Out(0), w.Out(1)}, err
}

// meets reports whether a pre-activation is 0.
func (n *zeroNet) meets(in [][]float64) (bool, error) {
	sums, err := n.preActivations(in)
	return slices.Contains(slices.Concat(sums...), 0), err
}

// gradient computes that for relu′(0) = k, all parameters in a row.
func (n *zeroNet) gradient(k int, in [][]float64) ([]float64, error) {
	w := n.gradients[k].NewWorkspace()
	for i, v := range in {
		copy(w.In(i), v)
	}
	if err := w.Run(); err != nil {
		return nil, err
	}
	var out []float64
	for i := range in[:len(in)-2] {
		out = append(out, w.Out(1+i)...)
	}
	return out, nil
}

// differ reports whether the two choices give different gradients, and whether a pre-activation is 0.
func (n *zeroNet) differ(in [][]float64) (differ, met bool, err error) {
	g0, err := n.gradient(0, in)
	if err != nil {
		return false, false, err
	}
	g1, err := n.gradient(1, in)
	if err != nil {
		return false, false, err
	}
	met, err = n.meets(in)
	return !slices.Equal(g0, g1), met, err
}

// partWays reports whether two gradient descents, one for each choice, end at different parameters, and whether that for
// relu′(0) = 0 has met a pre-activation that is 0.
func (n *zeroNet) partWays(in [][]float64, steps int) (differ, met bool, err error) {
	var ends [2][]float64
	for k := range ends {
		at := make([][]float64, len(in))
		for i, v := range in {
			at[i] = slices.Clone(v)
		}
		for range steps {
			if k == 0 && !met {
				if met, err = n.meets(at); err != nil {
					return false, false, err
				}
			}
			g, err := n.gradient(k, at)
			if err != nil {
				return false, false, err
			}
			for _, v := range at[:len(at)-2] {
				for i := range v {
					v[i] = n.format.round(v[i] - float64(zeroRate*g[i]))
				}
				g = g[len(v):]
			}
		}
		ends[k] = slices.Concat(at[:len(at)-2]...)
	}
	return !slices.Equal(ends[0], ends[1]), met, nil
}

// comparisons counts networks for which the choice matters, of random ones and of those with a pre-activation that is 0.
func comparisons(ctx context.Context, c *claim.Context, set *dataset.Set, p nativeFormat, unit func(expr.Node) expr.Node) ([]claim.Check, error) {
	n, err := newZeroNet(set, p, unit)
	if err != nil {
		return nil, err
	}
	descend := func(in [][]float64) (bool, bool, error) { return n.partWays(in, c.Int("steps")) }
	var checks []claim.Check
	for _, of := range []struct {
		label, sentence string
		times           int
		run             func(in [][]float64) (differ, met bool, err error)
		met             bool // start with a pre-activation that is 0
		counts          func(differ, met bool) bool
		share           float64
	}{
		{"gradients-random", "networks from random starts whose gradients depend on relu′(0)", c.Int("networks"), n.differ, false, differs, 0},
		{"gradients-met", "networks with a pre-activation that is 0 whose gradients depend on relu′(0)", c.Int("networks"), n.differ, true, differs, 1},
		{"descents-random", "gradient descents from random starts whose ends depend on relu′(0) although none of their pre-activations was 0, or the other way round", c.Int("descents"), descend, false, disagrees, 0},
		{"descents-met", "gradient descents from a pre-activation that is 0 whose ends depend on relu′(0)", c.Int("descents"), descend, true, differs, 1},
	} {
		counted, differing := make([]float64, of.times), make([]float64, of.times)
		err := c.Each(ctx, of.times, func(_ context.Context, i int) error {
			rng := c.Rand(claim.At("stream", of.label), claim.At("bits", p.bits), claim.At("network", i))
			in := n.start(rng)
			if of.met {
				if err := n.meet(in, rng); err != nil {
					return err
				}
			}
			differ, met, err := of.run(in)
			if differ {
				differing[i] = 1
			}
			if of.counts(differ, met) {
				counted[i] = 1
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{
			Label: of.label + "-" + p.name, Sentence: fmt.Sprintf("The share of %s, in %s.", of.sentence, p.name),
			Predicted: claim.Exact(of.share), Measured: claim.Measured(shareOf(counted)), At: map[string]any{"depend": shareOf(differing)},
		})
	}
	return checks, nil
}

func differs(differ, _ bool) bool     { return differ }
func disagrees(differ, met bool) bool { return differ != met }

// shareOf is the share of ones among zeros and ones.
func shareOf(ones []float64) float64 {
	sum := 0.0
	for _, x := range ones {
		sum += x
	}
	return sum / float64(len(ones))
}
