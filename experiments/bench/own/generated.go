package own

import (
	"github.com/tamegrad/tamegrad/experiments/bench/own/generated"
	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
)

// written are the generated gradients of the chains by name and number of variables, with the room that they need.
var written = map[string]map[int]struct {
	gradient func(dst, work, x []float64) float64
	work     int
}{
	"maxq":          {1000: {generated.MaxQ1000, generated.MaxQ1000Work}, 100_000: {generated.MaxQ100000, generated.MaxQ100000Work}},
	"chained-lq":    {1000: {withoutWork(generated.ChainedLQ1000), 0}, 100_000: {withoutWork(generated.ChainedLQ100000), 0}},
	"chained-cb3-2": {1000: {generated.ChainedCB3II1000, generated.ChainedCB3II1000Work}, 100_000: {generated.ChainedCB3II100000, generated.ChainedCB3II100000Work}},
	"active-faces":  {1000: {generated.ActiveFaces1000, generated.ActiveFaces1000Work}, 100_000: {generated.ActiveFaces100000, generated.ActiveFaces100000Work}},
	"crescent-1":    {1000: {generated.CrescentI1000, generated.CrescentI1000Work}, 100_000: {generated.CrescentI100000, generated.CrescentI100000Work}},
}

// withoutWork is a gradient that needs no room.
func withoutWork(gradient func(dst, x []float64) float64) func(dst, work, x []float64) float64 {
	return func(dst, _, x []float64) float64 { return gradient(dst, x) }
}

func generatedChains() map[string]peer.Prepare {
	all := map[string]peer.Prepare{}
	for _, c := range workload.Chains {
		for n, w := range written[c.Name] {
			all[c.Gradient(n)] = func() (peer.Task, error) {
				x, dst, work := c.Start(n), make([]float64, n), make([]float64, w.work)
				return plain(dst, func() { w.gradient(dst, work, x) }), nil
			}
		}
	}
	return all
}
