package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// Statistics returns the means and the unbiased variances of batch-norm's channels, each
// the mean over minibatches of consecutive rows of x, by name; nothing for a network
// without such layers. The parameters are held, masks are those of evaluation, and the rows
// beyond the last whole minibatch are left out. PyTorch computes the same with momentum
// None. It is what evaluation needs, after training.
//
// The error says which sizes do not fit, or is a *vm.NaNError.
func (n Network) Statistics(params []sgd.Param, x []float64, batch int) (map[string][]float64, error) {
	f, names, err := n.statistics(batch)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	run, err := newEvaluator(f, nil)
	if err != nil {
		return nil, err
	}
	width := f.In()[len(f.In())-1].Shape().Size()
	if len(x) < width || len(x)%(width/batch) != 0 {
		return nil, fmt.Errorf("network: %d numbers do not make rows of %d, at least %d of them", len(x), width/batch, batch)
	}
	if err := run.set(params, nil); err != nil {
		return nil, err
	}
	out, count := map[string][]float64{}, float64(len(x)/width)
	for ; len(x) >= width; x = x[width:] {
		copy(run.x(), x)
		if err := run.ws.Run(); err != nil {
			return nil, err
		}
		for i, name := range names {
			if out[name] == nil {
				out[name] = make([]float64, len(run.ws.Out(i)))
			}
			for c, v := range run.ws.Out(i) {
				out[name][c] += v / count
			}
		}
	}
	return out, nil
}

// statistics returns the program of the statistics of a minibatch, and their names.
func (n Network) statistics(batch int) (*expr.Func, []string, error) {
	b, x, _, err := n.build(batch, normalising)
	if err != nil || len(b.statistics) == 0 {
		return nil, nil, err
	}
	var names []string
	var nodes []expr.Node
	for _, s := range b.statistics {
		names, nodes = append(names, s.name), append(nodes, s.node)
	}
	f, err := b.graph.Func(expr.In(b.nodes()...), expr.In(x), expr.Out(nodes...))
	return f, names, err
}

// statisticNames lists the statistics that evaluation needs.
func (n Network) statisticNames() (names []string) {
	if b, _, _, err := n.build(1, Evaluation); err == nil {
		for _, s := range b.statistics {
			names = append(names, s.name)
		}
	}
	return names
}
