package verify

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// A check that its budget cuts is open, whatever the budget: it holds only if it does
// within the full one, it fails only if it does there, and wrong vertices, directions and
// proofs of minima hold within none.
func TestWhatABudgetCutsIsOpen(t *testing.T) {
	wrong := []func(o *Object){
		func(*Object) {},
		func(o *Object) { o.Clarke.Certificates[0].Direction = o.Clarke.Certificates[1].Direction },
		func(o *Object) { // a gradient is missing
			v := (*o.Clarke.Vertices)[1:]
			o.Clarke.Vertices, o.Clarke.Certificates = &v, o.Clarke.Certificates[1:]
		},
		func(o *Object) { o.Clarke.Minimality, o.Clarke.Descent = localMinimum, nil },
	}
	cut := 0
	for _, expression := range []string{
		"relu(x) - relu(-x) + abs(y) - relu(x - y)", "sum(sort([x, y, 2*x])*[1, 2, 4])", "exp(x) + max(x, y) + max(x, y) + max(y, y)",
	} {
		for i, change := range wrong {
			full := judged(t, expression, change, maxWork)
			if i > 0 {
				require.Contains(t, slices.Collect(maps.Values(full)), Fails, "%s, change %d", expression, i)
			}
			for work := 1; work < 1<<18; work *= 3 {
				for name, status := range judged(t, expression, change, work) {
					if status != full[name] {
						require.Equal(t, Open, status, "%s of %s, change %d, work %d", name, expression, i, work)
						cut++
					}
				}
			}
		}
	}
	require.NotZero(t, cut)
}

// judged returns the status of each check of an object that is changed.
func judged(t *testing.T, expression string, change func(o *Object), work int) map[string]Status {
	at, err := explain.ParsePoint("x=0,y=0")
	require.NoError(t, err)
	answer, err := explain.Analyze(context.Background(), explain.Request{Expression: expression, At: at})
	require.NoError(t, err)
	line, err := jsonnum.Line(answer)
	require.NoError(t, err)
	o, err := NewReader(bytes.NewReader(line)).Next()
	require.NoError(t, err)
	change(o)
	r, err := recheckWithin(context.Background(), o, work)
	require.NoError(t, err)
	out := map[string]Status{}
	for _, c := range r.Checks {
		out[c.Name] = c.Status
	}
	return out
}

// Where there are too many combinations of choices for a proof, points around still find
// a limiting gradient that is missing, those included at which copies of a kink tie.
func TestPointsAroundRefute(t *testing.T) {
	for _, expression := range []string{
		"abs(y)" + strings.Repeat(" + relu(x)", 13), "abs(x)" + strings.Repeat(" + max(y, y)", 12),
	} {
		checks := judged(t, expression, func(o *Object) {
			v := (*o.Clarke.Vertices)[1:]
			o.Clarke.Exact, o.Clarke.Vertices, o.Clarke.Certificates = true, &v, o.Clarke.Certificates[1:]
		}, maxWork)
		require.Equal(t, Open, checks["sets"], expression)
		require.Equal(t, Fails, checks["clarke.exact"], expression)
	}
}
