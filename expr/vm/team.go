package vm

import (
	"runtime"
	"sync/atomic"
	"time"
)

// team runs parts of large operations on several goroutines; see expr.Team. The
// goroutine that asks works too, and waits for nobody who has not begun.
type team struct {
	helpers []helper
	parts   int
	f       func(part int)
	next    atomic.Int64
}

// helper is a goroutine that works when it is called. It stays awake for a while, since
// to wake one takes as long as many a part, and a large operation seldom comes alone.
type helper struct {
	*team
	state atomic.Int32
	loop  func()
}

// A helper stays awake for patience, which is what the threads of OpenMP and BLAS libraries do too: one that sleeps in
// every gap between large operations is woken on the processor of who asks, and then both share it. Meanwhile it lets
// other goroutines run, turn by turn.
const (
	patience = 2 * time.Millisecond
	turn     = 50 * time.Microsecond
)

// The states of a helper. Who asks changes gone, awake and called, the helper the others.
const (
	gone    int32 = iota
	awake         // or about to begin
	called        // and may be sent away
	working       // and must be waited for
)

func newTeam(size int) *team {
	t := &team{helpers: make([]helper, size-1)}
	for i := range t.helpers {
		h := &t.helpers[i]
		h.team, h.loop = t, h.stay
	}
	return t
}

// Size implements expr.Team.
func (t *team) Size() int { return 1 + len(t.helpers) }

// Do implements expr.Team.
func (t *team) Do(parts int, f func(part int)) {
	t.parts, t.f = parts, f
	t.next.Store(0)
	asked := t.helpers[:min(len(t.helpers), parts-1)]
	for i := range asked {
		asked[i].call()
	}
	t.work()
	for i := range asked {
		asked[i].dismiss()
	}
}

func (t *team) work() {
	for {
		k := int(t.next.Add(1)) - 1
		if k >= t.parts {
			return
		}
		t.f(k)
	}
}

func (h *helper) call() {
	if !h.state.CompareAndSwap(awake, called) {
		h.state.Store(called)
		go h.loop()
	}
}

// dismiss ends a call: a helper that has not begun need not.
func (h *helper) dismiss() {
	if h.state.CompareAndSwap(called, awake) {
		return
	}
	for since := time.Now(); h.state.Load() == working; {
		if time.Since(since) > turn {
			runtime.Gosched()
		}
	}
}

// stay works whenever the helper is called, until it has not been for a while.
func (h *helper) stay() {
	worked := time.Now()
	for yielded := worked; time.Since(worked) < patience || !h.state.CompareAndSwap(awake, gone); {
		switch {
		case h.state.CompareAndSwap(called, working):
			h.work()
			h.state.Store(awake)
			worked = time.Now()
		case time.Since(yielded) > turn:
			runtime.Gosched()
			yielded = time.Now()
		}
	}
}
