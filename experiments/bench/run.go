package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
)

// Options of Run.
type Options struct {
	Workloads []Workload
	Runners   []Runner // the first is the one that others are compared with
	Rounds    int
	Threads   []int   // workloads that are not Parallel are measured with 1 only, if it is among them
	Seconds   float64 // that a measurement takes, about
	Limit     time.Duration
	Progress  func(Event) // nil tells nobody
}

// Event tells how far a run is: in round Round of Rounds, at Workload, number Index of Total.
type Event struct {
	Round, Rounds, Index, Total int
	Workload                    string
}

// job is a workload with a number of threads.
type job struct {
	Workload
	threads int
}

// run is a Run in the making.
type run struct {
	Options
	jobs    []job
	rows    map[rowKey]*Row
	results *Results
	broken  map[rowKey]bool // not to be asked again
}

type rowKey struct {
	workload string
	threads  int
	runner   string
}

// Run measures. When ctx ends, the results are those until then and the error is ctx's; any other error is about the
// options. Runners that fail are results.
func Run(ctx context.Context, o Options) (*Results, error) {
	if o.Rounds < 1 || len(o.Threads) == 0 || slices.Min(o.Threads) < 1 {
		return nil, fmt.Errorf("%d rounds with %v threads: give at least 1 of each", o.Rounds, o.Threads)
	}
	if o.Progress == nil {
		o.Progress = func(Event) {}
	}
	r := &run{Options: o, rows: map[rowKey]*Row{}, broken: map[rowKey]bool{}, results: newResults(o)}
	for _, threads := range o.Threads {
		for _, w := range o.Workloads {
			if threads == 1 || w.Parallel {
				r.jobs = append(r.jobs, job{w, threads})
			}
		}
	}
	var err error
	for round := 0; round < o.Rounds && err == nil; round++ {
		err = r.round(ctx, round)
	}
	r.results.finish(r)
	return r.results, err
}

// round starts every runner and measures every job once with each.
func (r *run) round(ctx context.Context, round int) error {
	sessions := map[string]*session{}
	stop := func() {
		for _, s := range sessions {
			if s != nil {
				s.close()
			}
		}
		clear(sessions)
	}
	defer stop()
	for i, j := range r.jobs {
		if i > 0 && r.jobs[i-1].threads != j.threads {
			stop() // the number of threads is that of the process
		}
		r.Progress(Event{round, r.Rounds, i, len(r.jobs), j.Name})
		for k := range r.Runners {
			runner := r.Runners[(k+i+round)%len(r.Runners)]
			if err := r.ask(ctx, sessions, runner, j, round); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask measures one job with one runner. The error is ctx's.
func (r *run) ask(ctx context.Context, sessions map[string]*session, runner Runner, j job, round int) error {
	key := rowKey{j.Name, j.threads, runner.Name}
	if runner.Skipped != "" || r.broken[key] || r.results.cannotStart(runner.Name) {
		return ctx.Err()
	}
	s := sessions[runner.Name]
	if s == nil {
		var err error
		if s, err = start(ctx, runner, j.threads, r.Limit); err != nil {
			if ctx.Err() == nil {
				r.results.skip(runner.Name, err.Error())
			}
			return ctx.Err()
		}
		sessions[runner.Name] = s
		r.results.Versions[runner.Name] = s.hello.Version
	}
	if !s.has(j.Name) {
		return ctx.Err()
	}
	if j.threads > 1 {
		rest(ctx)
	}
	a, err := s.measure(ctx, j.Name, r.Seconds)
	if runner.Fresh {
		defer func() { s.close(); delete(sessions, runner.Name) }()
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		r.row(key, j).Failed = err.Error()
		r.broken[key] = true
		if f := (*failure)(nil); !errors.As(err, &f) {
			s.end()
			s.close()
			delete(sessions, runner.Name)
		}
	default:
		r.row(key, j).add(round, r.Rounds, a)
	}
	return nil
}

// rest lets the threads of the runner before, which wait awake for more work, go to sleep.
func rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}

func (r *run) row(key rowKey, j job) *Row {
	row, ok := r.rows[key]
	if !ok {
		row = &Row{Workload: j.Name, Threads: j.threads, Runner: key.runner, workload: j.Workload}
		r.rows[key] = row
	}
	return row
}

// add keeps an answer.
func (r *Row) add(round, rounds int, a peer.Answer) {
	if r.Rounds == nil {
		r.Rounds = make([]float64, rounds)
		r.Sum, r.Size = a.Sum, a.Size
	}
	r.Rounds[round] = a.Seconds
	if !r.agrees(a.Sum, a.Size) {
		r.Failed = fmt.Sprintf("its numbers summed up to %v and then to %v", r.Sum, a.Sum)
	}
}
