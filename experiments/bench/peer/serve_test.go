package peer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
)

// counting is a workload that counts its runs, each of which takes a while.
func counting(runs *int, pause time.Duration) peer.Prepare {
	return func() (peer.Task, error) {
		return peer.Task{
			Run:     func() error { *runs++; time.Sleep(pause); return nil },
			Numbers: func() (peer.Checksum, error) { return peer.Of([]float64{1, -2}), nil },
		}, nil
	}
}

// ask serves requests and returns the hello and the answers.
func ask(t *testing.T, workloads map[string]peer.Prepare, requests ...string) (peer.Hello, []peer.Answer) {
	var out bytes.Buffer
	require.NoError(t, peer.Serve(strings.NewReader(strings.Join(requests, "\n")), &out, "fake", "1.2", workloads))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var h peer.Hello
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &h))
	var answers []peer.Answer
	for _, line := range lines[1:] {
		var a peer.Answer
		require.NoError(t, json.Unmarshal([]byte(line), &a))
		answers = append(answers, a)
	}
	return h, answers
}

func request(workload string, seconds float64) string {
	return fmt.Sprintf(`{"workload": %q, "seconds": %v}`, workload, seconds)
}

func TestServe(t *testing.T) {
	short, long := 0, 0
	all := map[string]peer.Prepare{"short": counting(&short, time.Millisecond), "long": counting(&long, 20*time.Millisecond)}
	h, answers := ask(t, all, request("short", 0.05), request("long", 1e-3), request("long", 1e-3))
	require.Equal(t, peer.Hello{Protocol: peer.Protocol, Peer: "fake", Version: "1.2", Workloads: []string{"long", "short"}}, h)
	require.Len(t, answers, 3)
	for _, a := range answers {
		require.Equal(t, -3.0, a.Sum)
		require.Equal(t, 5.0, a.Size)
		require.LessOrEqual(t, a.Best, a.Seconds)
	}
	require.Equal(t, short, answers[0].Runs+2, "a run that warms up and one that finds how many to make")
	require.GreaterOrEqual(t, answers[0].Best, 1e-3)
	require.Equal(t, 1, answers[1].Runs, "it takes longer than asked for, and is made once")
	require.Equal(t, 2, long)
}

// Whatever goes wrong with a workload is an answer, and the next one is served.
func TestServeMistakes(t *testing.T) {
	runs := 0
	failing := func(run func() error, sum float64) peer.Prepare {
		return func() (peer.Task, error) {
			return peer.Task{Run: run, Numbers: func() (peer.Checksum, error) { return peer.Of([]float64{sum}), nil }}, nil
		}
	}
	all := map[string]peer.Prepare{
		"good":       counting(&runs, 0),
		"unprepared": func() (peer.Task, error) { return peer.Task{}, errors.New("no memory") },
		"fails":      failing(func() error { return errors.New("singular") }, 1),
		"panics":     failing(func() error { panic("not implemented") }, 1),
		"NaN":        failing(func() error { return nil }, math.NaN()),
	}
	_, answers := ask(t, all, request("unprepared", 0), request("fails", 0), request("panics", 0), request("NaN", 0), request("absent", 0), "{", request("good", 0))
	for i, why := range []string{"no memory", "singular", "not implemented", "not finite", `no workload "absent"`, "not JSON", ""} {
		require.Contains(t, answers[i].Error, why)
	}
	require.Empty(t, answers[6].Error)
	require.Positive(t, answers[6].Runs)
}

// The first numbers of xorshift64* from 1: 1 ^ 1<<25, shifted right by 27 bits, is 0, so the product is (2²⁵+1)·M mod 2⁶⁴.
func TestStream(t *testing.T) {
	s := peer.Stream(1)
	const state = 1<<25 + 1
	m := uint64(2685821657736338717)
	product := state * m // wraps
	want := float64(product>>11) / (1 << 53)
	require.Equal(t, want, s.Unit())
	again := peer.Stream(1)
	require.Equal(t, 2*want-1, again.Symmetric())
	y := again.OneHot(5, 3)
	for i := range 5 {
		require.Equal(t, 1.0, y[3*i]+y[3*i+1]+y[3*i+2])
	}
	for _, v := range again.Symmetrics(1000, 2) {
		require.True(t, -2 <= v && v < 2)
	}
}

func TestChecksum(t *testing.T) {
	var c peer.Checksum
	peer.Add(&c, []float64{1, -1, 1, 1, 1, 1, 1})
	peer.Add(&c, []float32{10})
	require.Equal(t, 1.0-2+3+4+5+6+7+10, c.Sum)
	require.Equal(t, 38.0, c.Size)
	c.Next()
	peer.Add(&c, []float64{0, 1})
	require.Equal(t, 36.0, c.Sum)
	require.NotEqual(t, peer.Of([]float64{1, 2}), peer.Of([]float64{2, 1}))
}
