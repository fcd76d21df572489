package explain_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// fiveKinks are all active where x = y = z = 0.
const fiveKinks = "relu(x) + abs(x - 2*abs(y)) + max(x, y) - w*relu(z - x)"

// An Analyzer for many points gives what Analyze gives for each of them, whatever
// the order and the shapes.
func TestAnalyzerIsAnalyzeForManyPoints(t *testing.T) {
	for expression, points := range map[string][]string{
		fiveKinks:                {"x=0,y=0,z=0,w=1/3", "x=0,y=1,z=0,w=2", "y=0,x=1,z=1,w=0", "x=0,y=0,z=0,w=-1"},
		"sum(relu(x)) - max(x)":  {"x=[0,0]", "x=[0,0,0]", "x=[1,1]", "x=[0,0]"},
		"sqrt(x) + relu(x - 1)":  {"x=0", "x=1", "x=2"},
		"norm2([x, y]) + abs(x)": {"x=0,y=0", "x=0,y=1"},
	} {
		q := explain.Request{Expression: expression, Seed: 1}
		a := explain.NewAnalyzer(q)
		for _, text := range points {
			at, err := explain.ParsePoint(text)
			require.NoError(t, err)
			got, err := a.At(context.Background(), at)
			require.NoError(t, err)
			q.At = at
			require.Equal(t, line(t, analyze(t, q)), line(t, got), "%s at %s", expression, text)
		}
	}
}

func line(t testing.TB, r *explain.Report) string {
	text, err := jsonnum.Line(r)
	require.NoError(t, err)
	return string(text)
}

// A batch of points at which five kinks are active, as explain --points runs it.
func BenchmarkPoints(b *testing.B) {
	a := explain.NewAnalyzer(explain.Request{Expression: fiveKinks})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at, err := explain.ParsePoint(fmt.Sprintf("x=0,y=0,z=0,w=%d/7", i%1000))
		require.NoError(b, err)
		r, err := a.At(context.Background(), at)
		require.NoError(b, err)
		_, err = jsonnum.Line(r)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "points/s")
}
