package implicit

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// plane runs methods on a program of x and y.
type plane struct{ ws *vm.Workspace }

func newPlane(text string) (*plane, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, ad.AtKink(0)); err != nil {
		return nil, err
	}
	code, err := vm.Compile(g, vm.Options{})
	if err != nil {
		return nil, err
	}
	return &plane{code.NewWorkspace()}, nil
}

// run makes steps until visit, which gets every iterate with its loss, the start first, says no.
func (p *plane) run(ctx context.Context, m sgd.Method, x, y float64, rate func(k int) float64, visit func(k int, x, y, loss float64) bool) error {
	params := []sgd.Param{{Name: "x", Value: p.ws.In(0), Grad: p.ws.Out(1)}, {Name: "y", Value: p.ws.In(1), Grad: p.ws.Out(2)}}
	at := []float64{y, x} // inputs are in the order of the text
	for i := range params {
		params[i].Value[0] = at[i]
	}
	s, err := m.Start(params)
	if err != nil {
		return err
	}
	for k := 0; ; k++ {
		if err := p.ws.Run(); err != nil {
			return err
		}
		if k%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !visit(k, params[1].Value[0], params[0].Value[0], p.ws.Out(0)[0]) {
			return nil
		}
		s.Update(params, rate(k))
	}
}

// descentInValley is what iterates do on their way to x = 1.
type descentInValley struct {
	arrival, corners int
	swings           int     // changes of sign across the valley, after the last corner
	highest          float64 // loss, in units of that at the start
	path             []place // without ψ′, the start included
}

// enter runs a method with a constant step. Swings are counted for so many steps after a corner.
func (p *plane) enter(ctx context.Context, m sgd.Method, x, y, gamma float64, watched, limit int) (d descentInValley, err error) {
	// across is 0 where the slope of −x is balanced.
	across := func(x, y float64) float64 {
		s := sideOf(x)
		return s.across(x, y) + float64(s)/(valleyCurvature*math.Sqrt2)
	}
	first, since := 0.0, 0
	lastX, lastW := x, across(x, y)
	err = p.run(ctx, m, x, y, func(int) float64 { return gamma }, func(k int, x, y, loss float64) bool {
		if k == 0 {
			first = loss
		}
		d.highest = max(d.highest, loss/first)
		d.path = append(d.path, place{x: x, y: y})
		w := across(x, y)
		since++
		switch {
		case x < 1 && sideOf(x) != sideOf(lastX):
			d.corners++
			d.swings, since = 0, 0
		case since <= watched && (w > 0) != (lastW > 0):
			d.swings++
		}
		lastX, lastW = x, w
		d.arrival = k
		return x < 1 && k < limit
	})
	return d, err
}

// vanishing is the exponent to which oscillations are followed, above that of rounding.
const vanishing = 1e-10

// watched is for how many steps an oscillation is longer than that.
func (d damped) watched() int {
	length, _ := d.turn()
	return int(kernel.Log(vanishing) / kernel.Log(length))
}

// settle runs with diminishing steps and returns the largest loss over the last half, in units of the step.
func (p *plane) settle(ctx context.Context, m sgd.Method, x, y float64, s sgd.Schedule, steps int) (most float64, err error) {
	rate := func(k int) float64 { return s.Rate(sgd.Progress{Step: k}) }
	err = p.run(ctx, m, x, y, rate, func(k int, _, _, loss float64) bool {
		if 2*k >= steps {
			most = max(most, loss/rate(k))
		}
		return k < steps
	})
	return most, err
}
