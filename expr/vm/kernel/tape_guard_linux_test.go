package kernel

import (
	"math/rand/v2"
	"testing"
)

// A tape touches nothing outside of its entries, its arena and its pairs, which end, or begin, at a page that must not be
// read.
func TestTapeInGuardPages(t *testing.T) {
	t.Run("float64", testTapeInGuardPages[float64])
	t.Run("float32", testTapeInGuardPages[float32])
}

func testTapeInGuardPages[T Real](t *testing.T) {
	const values = 3
	r := rand.New(rand.NewPCG(1, 7))
	entries, places, constants := guarded(t), guarded(t), guarded(t)
	pairs := [][2]float64{{1, 0}, {2, -1}, {-1, 1}, {-1.0 / 3, 0.1}}
	eachLinear(t, func(_ *testing.T, l *linear[T]) {
		for width, run := range map[int]Tape[T]{1: l.ones(), Wide[T](): l.tape.run} {
			for k := range 2000 {
				atEnd := k%2 == 0
				tape := drawTape(r, 1+r.IntN(8), values, width, pairs)
				run(lodge(entries, atEnd, tape), lodge(places, atEnd, drawn[T](r, values*width, false)), lodge(constants, atEnd, pairs))
			}
		}
	})
}
