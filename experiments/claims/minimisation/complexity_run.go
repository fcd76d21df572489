package minimisation

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/profile"
)

// walker makes the method that is studied for a radius, a tolerance, a Lipschitz constant or 0, and a seed.
type walker struct {
	name string
	make func(delta, epsilon, lipschitz float64, seed uint64) descent.Method
}

func walkers() []walker {
	return []walker{
		{"ingd", func(delta, epsilon, lipschitz float64, seed uint64) descent.Method {
			return descent.INGD{Radius: delta, Tolerance: epsilon, Lipschitz: lipschitz, Seed: seed}
		}},
		{"goldstein", func(delta, epsilon, _ float64, seed uint64) descent.Method {
			return descent.Goldstein{Radius: delta, Tolerance: epsilon, Seed: seed}
		}},
	}
}

// survey is what one method does on all landscapes.
type survey struct {
	c       *claim.Context
	walker  walker
	lands   []landscape
	cells   [][]cell // of a landscape, by radius and then by tolerance
	corners []cell   // of the corner, by size
}

// cell has the runs of one landscape, radius and tolerance.
type cell struct {
	delta, epsilon  float64
	rounds, calls   float64 // means over the runs; rounds are steps + 1
	most, mostCalls float64 // the largest
	least           float64 // the smallest number of rounds
	refused         []string
}

func runComplexity(ctx context.Context, c *claim.Context, walkers []walker) (claim.Outcome, error) {
	var out claim.Outcome
	if err := spread(c); err != nil {
		return out, err
	}
	lands, err := landscapes(c)
	if err != nil {
		return out, err
	}
	result := jsonnum.Object{}
	for _, w := range walkers {
		s := &survey{c: c, walker: w, lands: lands}
		if err := s.run(ctx); err != nil {
			return out, err
		}
		if err := s.figures(); err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, s.checks()...)
		if result[w.name], err = s.result(); err != nil {
			return out, err
		}
	}
	out.Result = result
	return out, nil
}

// spread refuses lists through which no line goes.
func spread(c *claim.Context) error {
	for _, name := range []string{"radii", "tolerances"} {
		if list := c.Floats(name); slices.Min(list) == slices.Max(list) {
			return fmt.Errorf("%s: a slope needs at least two different numbers, such as 0.1,0.05", name)
		}
	}
	if list := c.Ints("corners"); slices.Min(list) == slices.Max(list) {
		return fmt.Errorf("corners: a slope needs at least two different numbers, such as 4,16")
	}
	return nil
}

// landscapes are the cone, the tail and the problems chosen. The corner has a grid of its own.
func landscapes(c *claim.Context) ([]landscape, error) {
	out := []landscape{cone(), tail(c.Float("power"))}
	for _, p := range selectWalked(c.Text("problem")) {
		out = append(out, published(p))
	}
	return out, nil
}

func (s *survey) run(ctx context.Context) error {
	deltas, epsilons, corners := s.c.Floats("radii"), s.c.Floats("tolerances"), s.c.Ints("corners")
	s.cells = make([][]cell, len(s.lands))
	for i := range s.cells {
		s.cells[i] = make([]cell, len(deltas)*len(epsilons))
	}
	s.corners = make([]cell, len(corners))
	last := len(s.lands) * len(deltas)
	return s.c.Each(ctx, last+len(corners), func(ctx context.Context, i int) error {
		if i >= last {
			m := corners[i-last]
			var err error
			s.corners[i-last], err = s.visit(ctx, corner(m+1), slices.Max(deltas), cornerTolerance(m))
			return err
		}
		k, d := i/len(deltas), i%len(deltas)
		for e, epsilon := range epsilons {
			var err error
			if s.cells[k][d*len(epsilons)+e], err = s.visit(ctx, s.lands[k], deltas[d], epsilon); err != nil {
				return err
			}
		}
		return nil
	})
}

// visit makes the runs of a cell.
func (s *survey) visit(ctx context.Context, l landscape, delta, epsilon float64) (cell, error) {
	out := cell{delta: delta, epsilon: epsilon, least: math.Inf(1)}
	f, err := l.build()
	if err != nil {
		return out, err
	}
	asked, err := descent.NewProgram(f, ad.AtKink(0))
	if err != nil {
		return out, err
	}
	fresh, err := descent.NewProgram(f, ad.AtKink(0))
	if err != nil {
		return out, err
	}
	runs := s.c.Int("runs")
	for i := range runs {
		seed := s.c.Rand(claim.At("method", s.walker.name), claim.At("function", l.name), claim.At("variables", len(l.start)),
			claim.At("radius", delta), claim.At("tolerance", epsilon), claim.At("run", i)).Uint64()
		recorded, history := profile.Record(asked) // counts the calls, whatever the method says
		r, err := s.walker.make(delta, epsilon, l.lipschitz, seed).Minimize(ctx, recorded, l.start, descent.Limits{Calls: s.c.Int("calls")})
		if err != nil {
			return out, err
		}
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if err := recheck(fresh, r, delta, epsilon); err != nil {
			out.refused = append(out.refused, err.Error())
		}
		rounds, calls := float64(r.Iterations+1), float64(history.Calls())
		out.rounds, out.calls = out.rounds+rounds/float64(runs), out.calls+calls/float64(runs)
		out.most, out.mostCalls, out.least = max(out.most, rounds), max(out.mostCalls, calls), min(out.least, rounds)
	}
	return out, nil
}

// result has all cells, which are traced too.
func (s *survey) result() (jsonnum.Object, error) {
	out := jsonnum.Object{}
	record := func(name string, cells []cell) error {
		var list []jsonnum.Object
		for _, c := range cells {
			o := jsonnum.Object{"radius": c.delta, "tolerance": c.epsilon, "rounds": c.rounds, "calls": c.calls, "most_rounds": c.most, "most_calls": c.mostCalls, "refused": len(c.refused)}
			list = append(list, o)
			if err := s.c.Trace(jsonnum.Object{"method": s.walker.name, "function": name, "cell": o, "why": append([]string{}, c.refused...)}); err != nil {
				return err
			}
		}
		out[name] = list
		return nil
	}
	for i, l := range s.lands {
		if err := record(l.name, s.cells[i]); err != nil {
			return nil, err
		}
	}
	return out, record(cornerName, s.corners)
}
