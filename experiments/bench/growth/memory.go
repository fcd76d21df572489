package growth

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// allocated is what the heap's counter of bytes rises by. The counter is exact after
// runtime.ReadMemStats only, which empties the caches of all processors; it never falls, so that
// collections do not matter.
func allocated(build func() (any, error)) (float64, error) {
	before := memStats().TotalAlloc
	v, err := build()
	after := memStats().TotalAlloc
	runtime.KeepAlive(v)
	return float64(after - before), err
}

// held is what is left of it once the garbage is gone. Collections are complete before both readings, two
// of them each, since pools survive one.
func held(build func() (any, error)) (float64, error) {
	before := live()
	v, err := build()
	after := live()
	runtime.KeepAlive(v)
	return max(0, float64(after)-float64(before)), err
}

func live() uint64 {
	runtime.GC()
	runtime.GC()
	return memStats().HeapAlloc
}

func memStats() runtime.MemStats {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}

// peak is the most that the objects on the heap take, garbage that is not yet swept included.
// Collections begin when the heap has grown by eagerness percent, so that it is an upper bound of what was
// reachable at once and not far from it.
func peak(build func() (any, error)) (float64, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(eagerness))
	before := live()
	w := watch()
	v, err := build()
	most := w.stop()
	runtime.KeepAlive(v)
	return max(0, float64(most)-float64(before)), err
}

const eagerness = 10

// watcher looks at the heap again and again.
type watcher struct {
	done chan struct{}
	wait sync.WaitGroup
	most uint64
}

// pause is the time between two looks, less than a collection takes.
const pause = 100 * time.Microsecond

func watch() *watcher {
	w := &watcher{done: make(chan struct{})}
	w.wait.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for ticker := time.NewTicker(pause); ; {
			metrics.Read(sample)
			w.most = max(w.most, sample[0].Value.Uint64())
			select {
			case <-w.done:
				ticker.Stop()
				return
			case <-ticker.C:
			}
		}
	})
	return w
}

// stop returns the most bytes seen, now included.
func (w *watcher) stop() uint64 {
	now := memStats().HeapAlloc
	close(w.done)
	w.wait.Wait()
	return max(w.most, now)
}
