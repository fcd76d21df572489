package deep

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// networkInNetwork is the network in network of Lin, Chen and Yan (ICLR 2014) in small, for images
// of 8×8 pixels: convolutions, each followed by one of single pixels, and the mean of the image last.
func networkInNetwork(channels, classes int) network.Network {
	relu := network.Activation(expr.ReLU)
	return network.Network{Input: []int{1, 8, 8}, Body: network.Sequence{
		network.Convolution{Out: channels, Window: expr.Square(3, 1, 1)},
		relu,
		network.Convolution{Out: channels, Window: expr.Square(1, 1, 0)},
		relu,
		network.MaxPool(expr.Square(2, 2, 0)),
		network.Convolution{Out: 2 * channels, Window: expr.Square(3, 1, 1)},
		relu,
		network.Convolution{Out: classes, Window: expr.Square(1, 1, 0)},
		network.Activation(network.AverageImage),
	}}
}

// imageNet is one of these with the loss of some images.
type imageNet struct {
	o       *sgd.Objective
	initial map[string][]float64
}

func newImageNet(c *claim.Context) (*imageNet, error) {
	all, err := dataset.Digits()
	if err != nil {
		return nil, err
	}
	rows := all.Pick(c.Rand(claim.At("stream", "rows")).Perm(all.N)[:c.Int("rows")])
	net := networkInNetwork(c.Int("channels"), all.Classes)
	n := &imageNet{}
	if n.initial, err = net.Init(c.Source(claim.At("stream", "initial"))); err != nil {
		return nil, err
	}
	data := sgd.Data{Rows: rows.N, Columns: map[string][]float64{network.Inputs: rows.X, network.Targets: rows.OneHot()}}
	n.o, err = sgd.NewObjective(net.Objective, data, ad.PyTorch.Wiring())
	return n, err
}

// values appends all entries of a part of the parameters to dst[:0].
func (n *imageNet) values(dst []float64, part func(sgd.Param) []float64) []float64 {
	dst = dst[:0]
	for _, p := range n.o.Params() {
		dst = append(dst, part(p)...)
	}
	return dst
}

func weights(p sgd.Param) []float64 { return p.Value }

func gradients(p sgd.Param) []float64 { return p.Grad }

// run makes steps from the initial values; visit sees each iterate with its gradient.
func (n *imageNet) run(ctx context.Context, m sgd.Method, rate func(k int) float64, steps int, visit func(k int, loss float64)) error {
	start(n.o, n.initial)
	state, err := m.Start(n.o.Params())
	if err != nil {
		return err
	}
	for k := range steps + 1 {
		loss, err := n.o.Evaluate(ctx)
		if err != nil {
			return err
		}
		visit(k, loss)
		if k < steps {
			state.Update(n.o.Params(), rate(k))
		}
	}
	return nil
}

// last is the last iterate with a constant step.
func (n *imageNet) last(ctx context.Context, m sgd.Method, step float64, steps int) ([]float64, error) {
	err := n.run(ctx, m, func(int) float64 { return step }, steps, func(int, float64) {})
	return n.values(nil, weights), err
}

// quasiHyperbolic is the largest distance of iterates from those of quasi-hyperbolic momentum.
func (n *imageNet) quasiHyperbolic(ctx context.Context, m damping, alpha, beta, gamma float64, steps int) (gap float64, err error) {
	var path [][]float64
	err = n.run(ctx, m(alpha, beta), func(int) float64 { return gamma }, steps, func(int, float64) {
		path = append(path, n.values(nil, weights))
	})
	if err != nil {
		return 0, err
	}
	largest := 0.0
	momentum := 1 - float64(alpha*gamma)
	q := quasi{momentum: momentum, share: (1 - float64(alpha*beta)) / momentum}
	err = n.run(ctx, q, func(int) float64 { return gamma / alpha }, steps, func(k int, _ float64) {
		for i, x := range n.values(nil, weights) {
			gap, largest = max(gap, math.Abs(x-path[k][i])), max(largest, math.Abs(x))
		}
	})
	return gap / largest, err
}

// quasi is quasi-hyperbolic momentum: b ← μb + (1 − μ)g and θ ← θ − rate·((1 − ν)g + νb).
type quasi struct{ momentum, share float64 }

// Start implements [sgd.Method].
func (q quasi) Start(params []sgd.Param) (sgd.State, error) {
	s := &quasiState{quasi: q}
	for _, p := range params {
		s.means = append(s.means, make([]float64, len(p.Value)))
	}
	return s, nil
}

type quasiState struct {
	quasi
	means [][]float64
}

// Update implements [sgd.State].
func (s *quasiState) Update(params []sgd.Param, rate float64) {
	for i, p := range params {
		b := s.means[i]
		for j, g := range p.Grad {
			b[j] = float64(s.momentum*b[j]) + float64((1-s.momentum)*g)
			p.Value[j] -= float64(rate * (float64((1-s.share)*g) + float64(s.share*b[j])))
		}
	}
}

// Buffers implements [sgd.State].
func (s *quasiState) Buffers() []sgd.Buffer { return nil }

// account has the energies of a run.
type account struct {
	first, last float64 // energy
	spent       float64 // by both dampings
	highest     float64 // loss, in units of that at the start
	least, time float64 // β min‖g‖², and the sum of steps
}

// gap is the energy lost less what dampings take, in units of the energy at the start.
func (a account) gap() float64 { return math.Abs(a.first-a.last-a.spent) / a.first }

// sublinear is what the rate bounds by 1.
func (a account) sublinear() float64 { return a.time * a.least / a.first }

// spend keeps the account of a run. The speed is the difference of iterates over the step, and p the
// speed with βg; so the energy is known one step later.
func (n *imageNet) spend(ctx context.Context, m damping, alpha, beta float64, s sgd.Schedule, steps int) (a account, err error) {
	rate := func(k int) float64 { return s.Rate(sgd.Progress{Step: k}) }
	a.least = math.Inf(1)
	var x, g, lastX, lastG []float64
	lastLoss, firstLoss := 0.0, 0.0
	err = n.run(ctx, m(alpha, beta), rate, steps+1, func(k int, loss float64) {
		x, g = n.values(x, weights), n.values(g, gradients)
		if k == 0 {
			firstLoss = loss
		} else {
			gamma := rate(k - 1)
			speeds, slopes, kinetic := 0.0, 0.0, 0.0
			for i := range x {
				speed := (x[i] - lastX[i]) / gamma
				p := speed + float64(beta*lastG[i])
				speeds, slopes, kinetic = speeds+float64(speed*speed), slopes+float64(lastG[i]*lastG[i]), kinetic+float64(float64(p*p)/2)
			}
			a.last = float64((1+float64(alpha*beta))*lastLoss) + kinetic
			if k == 1 {
				a.first = a.last
			}
			if k <= steps { // what the last step takes shows in no energy
				a.spent += float64(gamma * (float64(alpha*speeds) + float64(beta*slopes)))
				a.time += gamma
				a.least = min(a.least, beta*slopes)
			}
			a.highest = max(a.highest, lastLoss/firstLoss)
		}
		lastX, x, lastG, g, lastLoss = x, lastX, g, lastG, loss
	})
	return a, err
}
