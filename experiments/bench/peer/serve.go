package peer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"runtime"
	"slices"
	"time"
)

// Task is a workload that is ready to run.
type Task struct {
	Run     func() error
	Numbers func() (Checksum, error) // of what Run computes; called after a Run, not timed
}

// Prepare makes inputs and everything that is not to be measured.
type Prepare func() (Task, error)

// Serve answers requests until the input ends. The error is one of reading or writing; those of
// workloads, panics among them, are answers.
func Serve(in io.Reader, out io.Writer, name, version string, workloads map[string]Prepare) error {
	s := server{workloads: workloads, ready: map[string]Task{}}
	write := json.NewEncoder(out)
	if err := write.Encode(Hello{Protocol, name, version, slices.Sorted(maps.Keys(workloads))}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var r Request
		a := Answer{}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			a.Error = fmt.Sprintf("the request is not JSON: %v", err)
		} else {
			a = s.answer(r)
		}
		if err := write.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

type server struct {
	workloads map[string]Prepare
	ready     map[string]Task
}

func (s *server) answer(r Request) (a Answer) {
	fail := func(why any) { a = Answer{Workload: r.Workload, Error: fmt.Sprint(why)} }
	defer func() {
		if why := recover(); why != nil {
			fail(why)
		}
	}()
	t, err := s.task(r.Workload)
	if err == nil {
		a, err = measure(t, r.Seconds)
	}
	if err != nil {
		fail(err)
	}
	a.Workload = r.Workload
	return a
}

func (s *server) task(name string) (Task, error) {
	if t, ok := s.ready[name]; ok {
		return t, nil
	}
	prepare, ok := s.workloads[name]
	if !ok {
		return Task{}, fmt.Errorf("there is no workload %q", name)
	}
	t, err := prepare()
	if err == nil {
		s.ready[name] = t
		runtime.GC() // what the preparation left is no part of a measurement
	}
	return t, err
}

// batches of a measurement; its result is their median, so that a disturbance shorter than two of them does not show.
const batches = 5

// patience is how many times longer than asked for a run may take and still be made twice: of longer ones the first is
// the measurement, for what warms up is then a small part of it.
const patience = 10

func measure(t Task, seconds float64) (Answer, error) {
	once, err := timed(t, 1) // warms up
	if err != nil {
		return Answer{}, err
	}
	var a Answer
	if a.Sum, a.Size, err = numbersOf(t); err != nil {
		return a, err
	}
	if once >= patience*seconds {
		a.Seconds, a.Best, a.Runs = once, once, 1
		return a, nil
	}
	if once, err = timed(t, 1); err != nil { // a first run may be far slower than the others
		return a, err
	}
	runs, count := max(1, int(seconds/batches/max(once, 1e-9))), batches
	if once > seconds/batches {
		count = max(1, int(seconds/once))
	}
	var times []float64
	for range count {
		s, err := timed(t, runs)
		if err != nil {
			return a, err
		}
		times = append(times, s)
	}
	slices.Sort(times)
	a.Seconds, a.Best, a.Runs = times[len(times)/2], times[0], count*runs
	return a, nil
}

// timed returns the mean seconds of so many runs.
func timed(t Task, runs int) (float64, error) {
	start := time.Now()
	for range runs {
		if err := t.Run(); err != nil {
			return 0, err
		}
	}
	return time.Since(start).Seconds() / float64(runs), nil
}

func numbersOf(t Task) (sum, size float64, err error) {
	c, err := t.Numbers()
	if err == nil && math.IsNaN(c.Sum-c.Sum) {
		err = fmt.Errorf("its numbers are not finite: they sum up to %v", c.Sum)
	}
	return c.Sum, c.Size, err
}
