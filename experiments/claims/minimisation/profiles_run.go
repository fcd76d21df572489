package minimisation

import (
	"context"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/experiments/profile"
)

// contest is a run of every entrant on every problem.
type contest struct {
	c        *claim.Context
	problems []problem.Problem
	entrants []entrant
	twin     []bool // of a problem: its program and start are those of one before
	runs     [][]entry
}

// entry is what an entrant did on a problem.
type entry struct {
	profile.Run
	off float64 // (f − f*)/(1 + |f*|) for f at the answer, computed anew
}

func runProfiles(ctx context.Context, c *claim.Context, problems []problem.Problem, entrants []entrant) (claim.Outcome, error) {
	r := &contest{c: c, problems: problems, entrants: entrants}
	if err := r.run(ctx); err != nil {
		return claim.Outcome{}, err
	}
	if err := r.trace(); err != nil {
		return claim.Outcome{}, err
	}
	if err := r.figures(); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: r.checks(), Result: r.result()}, nil
}

func (r *contest) run(ctx context.Context) error {
	r.runs = make([][]entry, len(r.problems))
	for p := range r.problems {
		r.runs[p] = make([]entry, len(r.entrants))
	}
	if err := r.findTwins(); err != nil {
		return err
	}
	m := len(r.entrants)
	return r.c.Each(ctx, len(r.problems)*m, func(ctx context.Context, i int) error {
		var err error
		r.runs[i/m][i%m], err = r.enter(ctx, r.problems[i/m], r.entrants[i%m])
		return err
	})
}

// findTwins compares programs, since two collections may have a problem in common.
func (r *contest) findTwins() error {
	hashes := make([]string, len(r.problems))
	for i, p := range r.problems {
		f, err := p.Func()
		if err != nil {
			return err
		}
		hashes[i] = f.Hash()
		twin := false
		for j, q := range r.problems[:i] {
			twin = twin || hashes[j] == hashes[i] && slices.Equal(q.Start, p.Start)
		}
		r.twin = append(r.twin, twin)
	}
	return nil
}

func (r *contest) enter(ctx context.Context, p problem.Problem, e entrant) (entry, error) {
	f, err := p.Func()
	if err != nil {
		return entry{}, err
	}
	oracle, err := descent.NewProgram(f, ad.AtKink(0))
	if err != nil {
		return entry{}, err
	}
	seed := r.c.Rand(claim.At("problem", p.Name), claim.At("method", e.name)).Uint64()
	run, err := e.solver(seed).Record(ctx, oracle, p.Start, r.c.Int("calls"))
	if err != nil {
		return entry{}, err
	}
	if ctx.Err() != nil {
		return entry{}, ctx.Err()
	}
	value, err := oracle.Evaluate(run.X, nil)
	return entry{run, relative(value, p)}, err
}

// relative is how far a value is above the minimum, as the acceptance rule counts.
func relative(value float64, p problem.Problem) float64 {
	return (value - p.Minimum) / (1 + math.Abs(p.Minimum))
}

// costs are the calls that passed a test, for the problems that count in profiles.
func (r *contest) costs(target func(p int) float64) (costs [][]float64, variables []int) {
	for p, runs := range r.runs {
		if r.twin[p] {
			continue
		}
		row := make([]float64, len(runs))
		for s, e := range runs {
			row[s] = e.Cost(target(p))
		}
		costs, variables = append(costs, row), append(variables, r.problems[p].N)
	}
	return costs, variables
}

// within is the target of the acceptance rule.
func (r *contest) within(p int) float64 {
	return profile.Within(r.problems[p].Minimum, r.c.Float("tolerance"))
}

// reduced is the target of Moré and Wild.
func (r *contest) reduced(p int) float64 {
	return profile.Reduced(r.runs[p][0].Value(1), r.smallest(p), r.c.Float("reduction"))
}

// smallest is the least value that anybody was told.
func (r *contest) smallest(p int) float64 {
	least := math.Inf(1)
	for _, e := range r.runs[p] {
		least = min(least, e.Best(e.Calls()))
	}
	return least
}

// trace writes a line a run.
func (r *contest) trace() error {
	for p, q := range r.problems {
		for s, e := range r.runs[p] {
			record := r.record(p, e)
			record["problem"], record["method"] = q.Name, r.entrants[s].name
			if err := r.c.Trace(record); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *contest) record(p int, e entry) jsonnum.Object {
	return jsonnum.Object{
		"calls": e.Calls(), "iterations": e.Iterations, "status": e.Status, "off": e.off,
		"calls_within": e.Cost(r.within(p)), "calls_reduced": e.Cost(r.reduced(p)),
	}
}

// result is the table of all runs.
func (r *contest) result() jsonnum.Object {
	var table []jsonnum.Object
	for p, q := range r.problems {
		methods := jsonnum.Object{}
		for s, e := range r.runs[p] {
			methods[r.entrants[s].name] = r.record(p, e)
		}
		table = append(table, jsonnum.Object{
			"problem": q.Name, "title": q.Title, "variables": q.N, "convex": q.Convex, "start": q.StartValue,
			"minimum": q.Minimum, "smallest": r.smallest(p), "counted": !r.twin[p], "methods": methods,
		})
	}
	return jsonnum.Object{"problems": table}
}
