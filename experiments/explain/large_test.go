package explain_test

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/explain"
)

// Above the limits of sets, a point without active kinks still has them: both are the
// gradient. With an active kink they are not computed, and the note says so.
func TestLargeWithoutActiveKinks(t *testing.T) {
	const n = 300
	at := explain.Coordinate{Name: "x", Dims: []int{n}, Values: make([]*big.Rat, n)}
	for i := range at.Values {
		at.Values[i] = big.NewRat(int64(2*i-n)+1, 2)
	}
	r, err := explain.Analyze(context.Background(), explain.Request{Expression: "sum(abs(x))", At: explain.Point{at}})
	require.NoError(t, err)
	require.Empty(t, r.Kinks)
	require.Len(t, r.Conservative.Vertices, 1)
	require.Len(t, r.Clarke.Vertices, 1)
	for i, g := range r.Conservative.Vertices[0].Float {
		require.Equal(t, at.Values[i].Sign(), int(g))
	}
	for _, s := range r.Selections {
		require.Equal(t, "clarke", s.Verdict, s.Preset)
	}
	require.Contains(t, r.Note, "lexicographic derivatives are not computed")

	at.Values[7] = new(big.Rat)
	r, err = explain.Analyze(context.Background(), explain.Request{Expression: "sum(abs(x))", At: explain.Point{at}})
	require.NoError(t, err)
	require.Len(t, r.Kinks, 1)
	require.Nil(t, r.Conservative)
	require.True(t, strings.HasPrefix(r.Note, "sets and lexicographic"), fmt.Sprint(r.Note))
}
