package progress_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/progress"
	"github.com/tamegrad/tamegrad/sgd"
)

// The last state is shown, of runs that end and of those that are cut.
func TestBar(t *testing.T) {
	for made, want := range map[int]string{2000: "wine 2000/2000", 1200: "wine 1200/2000", 0: "wine 0/2000"} {
		var out bytes.Buffer
		bar := progress.New(&out, "wine", 2000)
		watch := bar.Watch()
		calls := 0
		for n := watch.At.After(-1); n <= made; n = watch.At.After(n) {
			m := sgd.Moment{Steps: n}
			if n > 0 {
				m.Last = sgd.Step{Number: n - 1, Gradients: n, Loss: 0.125}
			}
			require.NoError(t, watch.Do(t.Context(), m))
			calls++
		}
		bar.Close()
		require.Equal(t, made/4+1, calls)
		require.Contains(t, out.String(), want)
		if made > 0 {
			require.Contains(t, out.String(), "loss 0.125")
		}
	}
}
