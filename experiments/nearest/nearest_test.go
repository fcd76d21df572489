package nearest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/nearest"
)

func TestWord(t *testing.T) {
	words := []string{"maxq", "maxquad", "mxhilb", "cb3"}
	for text, want := range map[string]string{
		"maxq": "maxq", "maxqaud": "maxquad", "maxquads": "maxquad", "mxhlb": "mxhilb", "c3": "cb3",
		"": "", "gradient": "",
	} {
		require.Equal(t, want, nearest.Word(text, words), text)
	}
	require.Equal(t, "ab", nearest.Word("a", []string{"ab", "ac"}), "the first of equals")
	require.Empty(t, nearest.Word("x", nil))
	require.Empty(t, nearest.Word("", []string{"ql"}))
	require.Empty(t, nearest.Word("xy", []string{"ql"}))
}
