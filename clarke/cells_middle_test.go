package clarke_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// A median of n tied inputs has a gradient for each way to choose the one or two in the
// middle, although there are many more ways to put the others above and below; of absolute
// values it has one for each choice and their signs, and a minimum.
func TestMediansOfManyTies(t *testing.T) {
	for _, c := range []struct {
		text       string
		n          int
		vertices   int
		minimality clarke.Minimality
	}{
		{"median(x)", 9, 9, clarke.NotLocalMinimum},
		{"median(x)", 12, 66, clarke.NotLocalMinimum},
		{"-median(x)", 12, 66, clarke.NotLocalMinimum},
		{"median(abs(x))", 6, 60, clarke.LocalMinimum},
		{"-median(abs(x))", 6, 60, clarke.NotLocalMinimum},
		{"median(abs(x)) - x[0]/3", 7, 14, clarke.NotLocalMinimum},
	} {
		f, err := parse.Parse(c.text, parse.Shapes(map[string][]int{"x": {c.n}}))
		require.NoError(t, err)
		s := at(t, f, clarke.RationalPoint(zeroes(c.n)))
		name := fmt.Sprint(c.text, " ", c.n)
		require.True(t, s.Exact && s.Complete, "%s: %s", name, s.Why)
		require.Len(t, s.Vertices, c.vertices, name)
		require.Equal(t, c.minimality, s.Minimality, name)
		if c.minimality == clarke.NotLocalMinimum {
			moved := runExactly(t, f, clarke.Point{s.Descent}.Exact())
			require.Negative(t, moved[0][0].Sign(), name) // f(0) is 0, and f positively homogeneous
		}
	}
}
