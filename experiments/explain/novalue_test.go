package explain_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program without a value at the point is refused, with the node; its value is
// NaN, in text and as JSON.
func TestNoValue(t *testing.T) {
	for text, node := range map[string]string{
		"0/x > 0 ? 1 : x":                          "where#6",
		"sum(gatherrows([0, x - 5], [[1], [2]]))":  "gatherrows",
		"gatherrows([x - 5, 0], [[1, 2], [x, 4]])": "gatherrows",
	} {
		r := analyze(t, requestFor(t, text, "x=0"))
		require.Contains(t, r.Refused, node)
		line, err := json.Marshal(r)
		require.NoError(t, err, text)
		var object struct{ Value, Kinks any }
		require.NoError(t, json.Unmarshal(line, &object))
		switch v := object.Value.(type) {
		case []any:
			require.Equal(t, []any{"NaN", "NaN", "NaN", "NaN"}, v)
		default:
			require.Equal(t, "NaN", v)
		}
		require.NotNil(t, object.Kinks)
	}
}
