package dataset

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two images of 1×2 pixels with their labels; then all that can be wrong with them.
func TestIDX(t *testing.T) {
	folder := t.TempDir()
	put := func(name, text string, dims ...int) idxFile {
		data, sum := packed(t, text)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o644))
		return idxFile{name, sum, dims}
	}
	images := put("images", "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x02\x00\xff\x33\x00", 2, 1, 2)
	labels := put("labels", "\x00\x00\x08\x01\x00\x00\x00\x02\x07\x00", 2)
	s, err := idxPart{images, labels}.load(folder)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1, .2, 0}, s.X)
	require.Equal(t, []int{7, 0}, s.Labels)
	require.Equal(t, [2]int{2, 2}, [2]int{s.N, s.D})

	for want, p := range map[string]idxPart{
		"must be an IDX file of bytes with the extents [2 2 1]": {idxFile{images.name, images.sha256, []int{2, 2, 1}}, labels},
		"must be an IDX file of bytes with the extents [2]":     {images, put("short", "\x00\x00\x08\x01\x00\x00\x00\x02\x07", 2)},
		"the label 10 of row 1 is not in 0 to 9":                {images, put("ten", "\x00\x00\x08\x01\x00\x00\x00\x02\x07\x0a", 2)},
		"labels: dataset: the SHA-256 is":                       {images, idxFile{labels.name, images.sha256, labels.dims}},
		"no such file":                                          {idxFile{name: "none"}, labels},
	} {
		_, err := p.load(folder)
		require.ErrorContains(t, err, want)
	}
}
