package dataset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func packed(t *testing.T, text string) (data []byte, sum string) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes(), checksum(b.Bytes())
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Changed bytes are refused before anything reads them; what unpacks wrongly or
// is no table is refused too.
func TestLoad(t *testing.T) {
	f := Format{Features: 1, Max: 1, Classes: 1}
	data, sum := packed(t, "1,0\n")
	s, err := load(data, sum, f)
	require.NoError(t, err)
	require.Equal(t, sum, s.SHA256)

	_, err = load(append(data, 0), sum, f)
	var e *ChecksumError
	require.ErrorAs(t, err, &e)
	require.Equal(t, sum, e.Want)
	require.ErrorContains(t, err, "get the file again")

	_, err = load([]byte("x"), checksum([]byte("x")), f)
	require.ErrorContains(t, err, "unpacking")
	short := data[:len(data)-3]
	_, err = load(short, checksum(short), f)
	require.ErrorContains(t, err, "unpacking")

	data, sum = packed(t, "2,0\n")
	_, err = load(data, sum, f)
	require.ErrorContains(t, err, "line 1, column 1: 2 is not in 0 to 1")
}
