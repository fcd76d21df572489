// Package progress shows on a terminal how far a training run is.
package progress

import (
	"context"
	"fmt"
	"io"
	"math"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/tamegrad/tamegrad/sgd"
)

// Bar is the progress of one run: its name, steps, the last loss, and how long it may
// still take. It is drawn by a goroutine of its own, a few times a second.
type Bar struct {
	container *mpb.Progress
	bar       *mpb.Bar
	steps     int
	loss      atomic.Uint64 // bits
}

// width of a bar in columns.
const width = 64

// New shows a bar on a terminal for a run until so many steps are made in all.
func New(w io.Writer, name string, steps int) *Bar {
	b := &Bar{container: mpb.New(mpb.WithOutput(w), mpb.WithWidth(width), mpb.WithAutoRefresh()), steps: steps}
	b.loss.Store(math.Float64bits(math.NaN()))
	b.bar = b.container.AddBar(
		int64(steps),
		mpb.PrependDecorators(decor.Name(name+" "), decor.CountersNoUnit("%d/%d")),
		mpb.AppendDecorators(decor.Any(b.text), decor.AverageETA(decor.ET_STYLE_GO)),
	)
	return b
}

func (b *Bar) text(decor.Statistics) string {
	if loss := math.Float64frombits(b.loss.Load()); !math.IsNaN(loss) {
		return fmt.Sprintf("loss %.4g ", loss)
	}
	return ""
}

// updates is how often a whole run tells its bar where it is.
const updates = 500

// Watch tells the bar how far a run is, for [sgd.Trainer.Run].
func (b *Bar) Watch() sgd.Watch {
	return sgd.Watch{At: sgd.Every(b.steps / updates), AtEnd: true, Do: func(_ context.Context, m sgd.Moment) error {
		if m.Last.Gradients > 0 {
			b.loss.Store(math.Float64bits(m.Last.Loss))
		}
		b.bar.SetCurrent(int64(m.Steps))
		return nil
	}}
}

// Close ends the drawing, also of a run that ended early, and leaves the last state on the
// terminal.
func (b *Bar) Close() {
	b.bar.Abort(false) // nothing if it is complete
	b.container.Wait()
}
