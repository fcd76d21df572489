package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
	"github.com/tamegrad/tamegrad/experiments/bench/peer"
)

// asPeer makes the test binary behave as a runner: as its own executor, or as one of the fakes.
const asPeer = "TAMEGRAD_AS_PEER"

func TestMain(m *testing.M) {
	kind, name, fake := strings.Cut(os.Getenv(asPeer), ":")
	switch {
	case fake && kind == "own":
		if err := own.Serve(os.Stdin, os.Stdout, name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case fake:
		fakePeer(kind, name)
	default:
		os.Exit(m.Run())
	}
}

// fakePeer misbehaves in one of several ways, or not.
func fakePeer(kind, name string) {
	hello, sum := peer.Hello{Protocol: peer.Protocol, Peer: name, Version: "0", Workloads: []string{"a", "b"}}, 2.0
	say := func(v any) { _ = json.NewEncoder(os.Stdout).Encode(v) }
	switch kind {
	case "mute":
		fmt.Fprintln(os.Stderr, "warming up\nno license")
		os.Exit(3)
	case "stranger":
		hello.Peer = "somebody"
	case "future":
		hello.Protocol++
	case "wrong":
		sum = 2.1
	case "few":
		hello.Workloads = hello.Workloads[:1]
	}
	say(hello)
	in := json.NewDecoder(os.Stdin)
	for n := 1; ; n++ {
		var r peer.Request
		if in.Decode(&r) != nil {
			return
		}
		a := peer.Answer{Workload: r.Workload, Seconds: float64(n), Best: float64(n), Runs: 1, Sum: sum, Size: 2}
		switch {
		case kind == "fails" && r.Workload == "a":
			a = peer.Answer{Workload: "a", Error: "out of tape"}
		case kind == "dies" && r.Workload == "a":
			fmt.Fprintln(os.Stderr, "segmentation fault")
			os.Exit(1)
		case kind == "hangs" && r.Workload == "a":
			time.Sleep(time.Hour)
		case kind == "garbled" && r.Workload == "a":
			fmt.Println("Segmentation fault")
			continue
		case kind == "mistaken":
			a.Workload = "c"
		case kind == "instant":
			a.Seconds = 0
		case kind == "wavering":
			a.Sum += float64(time.Now().UnixNano()%1000 + 1)
		}
		say(a)
	}
}

func fakeRunner(kind, name string) Runner {
	return Runner{Name: name, Command: []string{os.Args[0]}, Env: []string{asPeer + "=" + kind + ":" + name}}
}

// fakes are the two workloads of fakes.
func fakes() []Workload {
	two := 2.0
	return []Workload{
		{Name: "a", Group: "fakes", Unit: "run", Operations: 1, Known: &two, Bars: []Bar{{Runner: "first", Most: 2, Against: "second"}}},
		{Name: "b", Group: "fakes", Unit: "step", Operations: 4},
	}
}

func runFakes(t *testing.T, rounds int, runners ...Runner) *Results {
	r, err := Run(t.Context(), Options{Workloads: fakes(), Runners: runners, Rounds: rounds, Threads: []int{1}, Seconds: 0.01, Limit: 2 * time.Second})
	require.NoError(t, err)
	return r
}

func TestRunFakes(t *testing.T) {
	events := []Event{}
	r, err := Run(t.Context(), Options{
		Workloads: fakes(), Runners: []Runner{fakeRunner("good", "first"), fakeRunner("few", "second")}, Rounds: 3, Threads: []int{1}, Seconds: 0.01,
		Limit: time.Minute, Progress: func(e Event) { events = append(events, e) },
	})
	require.NoError(t, err)
	require.False(t, r.Failed())
	require.Len(t, events, 6)
	require.Equal(t, Event{2, 3, 1, 2, "b"}, events[5])
	require.Equal(t, map[string]string{"first": "0", "second": "0"}, r.Versions)
	require.Len(t, r.Rows, 3, "the second has no b")
	require.Equal(t, []float64{1, 1, 1}, r.Rows[0].Rounds, "every round starts a new process")
	require.Equal(t, []float64{2, 2, 2}, r.Find("b", 1, "first").Rounds)
	require.Equal(t, 1.0, r.Find("a", 1, "second").Ratio)
	require.Equal(t, []BarResult{{"a", 1, "first", "second", 2, 1, true}}, r.Bars)
}

// Some runners are started anew for every workload too.
func TestFreshRunner(t *testing.T) {
	fresh := fakeRunner("good", "first")
	fresh.Fresh = true
	r := runFakes(t, 2, fresh)
	require.False(t, r.Failed())
	require.Equal(t, []float64{1, 1}, r.Find("b", 1, "first").Rounds)
	fresh = fakeRunner("dies", "first")
	fresh.Fresh = true
	r = runFakes(t, 1, fresh)
	require.Contains(t, r.Find("a", 1, "first").Failed, "segmentation fault")
	require.Empty(t, r.Find("b", 1, "first").Failed)
}

// What a runner computes is compared with the first one and with what is known.
func TestDisagreement(t *testing.T) {
	r := runFakes(t, 1, fakeRunner("good", "first"), fakeRunner("wrong", "second"))
	require.True(t, r.Failed())
	for _, row := range r.Rows {
		require.Equal(t, row.Runner == "second", row.Disagrees, row.Runner)
	}
	require.False(t, r.Bars[0].Held, "against wrong numbers nothing is held")
	r = runFakes(t, 1, fakeRunner("wrong", "first"))
	require.True(t, r.Find("a", 1, "first").Disagrees, "the sum is known to be 2")
	require.False(t, r.Find("b", 1, "first").Disagrees)
	r = runFakes(t, 2, fakeRunner("wavering", "first"))
	require.Contains(t, r.Find("b", 1, "first").Failed, "and then to")
}

// A runner that cannot do one workload goes on with the next.
func TestFailures(t *testing.T) {
	for kind, why := range map[string]string{
		"fails": "out of tape", "dies": "segmentation fault", "hangs": "longer than 2s", "garbled": "answered",
	} {
		r := runFakes(t, 2, fakeRunner("good", "first"), fakeRunner(kind, "second"))
		require.True(t, r.Failed(), kind)
		require.Contains(t, r.Find("a", 1, "second").Failed, why, kind)
		require.Empty(t, r.Find("b", 1, "second").Failed, kind)
		require.Positive(t, r.Find("b", 1, "second").Median, kind)
		require.Empty(t, r.Bars)
	}
	for kind, why := range map[string]string{"mistaken": `answered for "c"`, "instant": "1 runs of 0 seconds"} {
		r := runFakes(t, 1, fakeRunner(kind, "first"))
		require.Contains(t, r.Find("b", 1, "first").Failed, why)
	}
}

// Runners that are missing are passed over with the reason; that is no failure, but those that do not start are one.
func TestMissingRunners(t *testing.T) {
	r := runFakes(t, 1, fakeRunner("good", "first"), Runner{Name: "second", Skipped: "apt-get install second"})
	require.False(t, r.Failed())
	require.Equal(t, map[string]string{"second": "apt-get install second"}, r.Skipped)
	require.Len(t, r.Rows, 2)
	for kind, why := range map[string]string{"mute": "no license", "stranger": `"somebody" of protocol 1`, "future": "protocol 2"} {
		r := runFakes(t, 2, fakeRunner("good", "first"), fakeRunner(kind, "second"))
		require.True(t, r.Failed())
		require.Contains(t, r.Skipped["second"], why)
		require.Len(t, r.Rows, 2)
	}
	r = runFakes(t, 1, Runner{Name: "first", Command: []string{"/there/is/no/such/program"}})
	require.True(t, r.Failed())
	require.Contains(t, r.Skipped["first"], "no such file")
}

// When the context ends, what is in hand is returned.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r, err := Run(ctx, Options{
		Workloads: fakes(), Runners: []Runner{fakeRunner("good", "first")}, Rounds: 5, Threads: []int{1}, Seconds: 0.01, Limit: time.Minute,
		Progress: func(e Event) {
			if e.Round == 2 {
				stop()
			}
		},
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []float64{1, 1, 0, 0, 0}, r.Find("a", 1, "first").Rounds)
	require.Equal(t, 1.0, r.Find("a", 1, "first").Median)
	require.False(t, r.Failed())
}

func TestOptions(t *testing.T) {
	for _, o := range []Options{{Rounds: 0, Threads: []int{1}}, {Rounds: 1}, {Rounds: 1, Threads: []int{1, 0}}} {
		_, err := Run(t.Context(), o)
		require.ErrorContains(t, err, "at least 1")
	}
}
