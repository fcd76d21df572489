package growth

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
)

// Options of [Measure]; the zero value is the quick profile.
type Options struct {
	Full bool // the sizes of the full profile
	// Rounds is how often every size is measured; 0 means 5, and 9 with Full. Memory is measured three times
	// at most, and what is counted is counted once.
	Rounds int
	// Least is how long one timing lasts at least; 0 means 2 ms, and 20 ms with Full. Shorter runs are
	// repeated until they last as long.
	Least time.Duration
}

func (o Options) completed() (Options, error) {
	if o.Rounds < 0 || o.Least < 0 {
		return o, fmt.Errorf("growth: %d rounds of at least %v were asked for; give numbers that are not negative, or 0 for the defaults", o.Rounds, o.Least)
	}
	rounds, least := 5, 2*time.Millisecond
	if o.Full {
		rounds, least = 9, 20*time.Millisecond
	}
	if o.Rounds == 0 {
		o.Rounds = rounds
	}
	if o.Least == 0 {
		o.Least = least
	}
	return o, nil
}

// Measure measures one law. Each size is warmed up; then every round visits all sizes, up and down in
// turn, so that a machine that grows slower or faster bends no line. A point is the median of its rounds.
// The error is that of the work, of the context, or of an option.
func Measure(ctx context.Context, law Law, o Options) (Curve, error) {
	o, err := o.completed()
	if err != nil {
		return Curve{}, err
	}
	sizes := law.sizes(o.Full)
	meters := make([]meter, len(sizes))
	for i, size := range sizes {
		if err := ctx.Err(); err != nil {
			return Curve{}, err
		}
		if meters[i], err = law.meter(size, o.Least); err != nil {
			return Curve{}, fmt.Errorf("growth: %s at size %d: %w", law.Name, size, err)
		}
	}
	switch {
	case law.Quantity.counted():
		o.Rounds = 1
	case law.Quantity.memory():
		o.Rounds = min(o.Rounds, 3)
	}
	samples := make([][]float64, len(sizes))
	for round := range o.Rounds {
		for k := range sizes {
			i := k
			if round%2 == 1 {
				i = len(sizes) - 1 - k
			}
			if err := ctx.Err(); err != nil {
				return Curve{}, err
			}
			v, err := meters[i]()
			if err != nil {
				return Curve{}, fmt.Errorf("growth: %s at size %d: %w", law.Name, sizes[i], err)
			}
			samples[i] = append(samples[i], v)
		}
	}
	return law.curve(sizes, samples), nil
}

// A meter takes one sample.
type meter func() (float64, error)

// meter prepares a size and warms it up.
func (l *Law) meter(size int, least time.Duration) (meter, error) {
	w, err := l.Prepare(size)
	if err != nil {
		return nil, err
	}
	if err := w.check(l.Quantity); err != nil {
		return nil, err
	}
	switch l.Quantity {
	case Time:
		return stopwatch(processorTime, w.Run, least)
	case Elapsed:
		return stopwatch(sinceStart, w.Run, least)
	case Ratio:
		return comparison(w.Run, w.Base, least)
	case Allocated:
		return w.memory(allocated)
	case Held:
		return w.memory(held)
	case Peak:
		return w.memory(peak)
	default:
		return w.Count, nil
	}
}

// memory warms up: what is made once, such as tables and pools, belongs to no size.
func (w Work) memory(gauge func(build func() (any, error)) (float64, error)) (meter, error) {
	_, err := w.Build()
	return func() (float64, error) { return gauge(w.Build) }, err
}

// stopwatch times so many runs as last long enough. Garbage of other work is collected before.
func stopwatch(now clock, run func() error, least time.Duration) (meter, error) {
	if err := run(); err != nil {
		return nil, err
	}
	count := 1
	for {
		d, err := now.of(run, count)
		if err != nil {
			return nil, err
		}
		if d >= least {
			break
		}
		count *= 2
	}
	return func() (float64, error) {
		runtime.GC()
		d, err := now.of(run, count)
		return d.Seconds() / float64(count), err
	}, nil
}

func comparison(run, base func() error, least time.Duration) (meter, error) {
	over, err := stopwatch(processorTime, run, least)
	if err != nil {
		return nil, err
	}
	under, err := stopwatch(processorTime, base, least)
	return func() (float64, error) {
		a, err := over()
		if err != nil {
			return 0, err
		}
		b, err := under()
		return a / b, err
	}, err
}

// A clock tells the time since some moment.
type clock func() time.Duration

var start = time.Now()

func sinceStart() time.Duration { return time.Since(start) }

// of times runs.
func (now clock) of(run func() error, count int) (time.Duration, error) {
	start := now()
	for range count {
		if err := run(); err != nil {
			return 0, err
		}
	}
	return now() - start, nil
}

// quartiles returns the median of samples and the quartiles around it.
func quartiles(samples []float64) (low, median, high float64) {
	sorted := slices.Sorted(slices.Values(samples))
	at := func(p float64) float64 { return stat.Quantile(p, stat.LinInterp, sorted, nil) }
	median = sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		median = (median + sorted[len(sorted)/2-1]) / 2
	}
	return min(at(0.25), median), median, max(at(0.75), median)
}
