package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
)

// Whatever is in a run folder, the report is written and names the run: here after bytes of the
// manifest or of the result were changed, the result with a checksum that believes it.
func TestLawBrokenFoldersAreReported(t *testing.T) {
	_, ledger := runExamples(t)
	original := ledger.Folder(ledger.Runs[2])
	manifest, err := os.ReadFile(filepath.Join(original, "manifest.json"))
	require.NoError(t, err)
	result, err := os.ReadFile(filepath.Join(original, "result.json"))
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "ties-of-a-maximum", "0123456789abcdef")
	rapid.Check(t, func(t *rapid.T) {
		var m []byte
		r := result
		if rapid.Bool().Draw(t, "result") {
			r = spoiled(t, result)
			m = believing(t, manifest, r)
		} else {
			m = spoiled(t, manifest)
		}
		require.NoError(t, engine.WriteFile(filepath.Join(folder, "manifest.json"), m))
		require.NoError(t, engine.WriteFile(filepath.Join(folder, "result.json"), r))
		report, err := Collect([]string{folder}, examples())
		require.NoError(t, err)
		require.Len(t, report.Runs, 1)
		require.NotEmpty(t, report.Rows())
		page := &countingWriter{}
		require.NoError(t, report.WriteHTML(page))
		require.Greater(t, page.n, 5000)
		require.NoError(t, report.WriteCSV(page))
		require.NoError(t, report.WriteJSON(page))
	})
}

type countingWriter struct{ n int }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.n += len(p)
	return len(p), nil
}

// spoiled changes a few bytes or cuts the text off.
func spoiled(t *rapid.T, text []byte) []byte {
	out := append([]byte{}, text...)
	for range rapid.IntRange(1, 4).Draw(t, "changes") {
		at := rapid.IntRange(0, len(out)-1).Draw(t, "at")
		out[at] = rapid.OneOf(rapid.SampledFrom([]byte(`"{}[],:0123456789-.ne \`)), rapid.Byte()).Draw(t, "byte")
	}
	if rapid.IntRange(0, 4).Draw(t, "cut") == 0 {
		out = out[:rapid.IntRange(0, len(out)).Draw(t, "length")]
	}
	return out
}

// believing is the manifest with the checksum of another result.
func believing(t *rapid.T, manifest, result []byte) []byte {
	var m engine.Manifest
	require.NoError(t, json.Unmarshal(manifest, &m))
	m.Outputs["result.json"] = claim.Sum(result)
	text, err := json.Marshal(m)
	require.NoError(t, err)
	return text
}
