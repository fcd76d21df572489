package dataset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/tamegrad/tamegrad/testdata"
)

// digitsSHA256 is the checksum of digits.csv.gz, from testdata/SOURCES.md.
const digitsSHA256 = "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a"

// digitsFormat is 8×8 pixels from 0 to 16, then the class.
var digitsFormat = Format{Features: 64, Max: 16, Classes: 10, Rows: 1797}

// Digits returns 1797 handwritten digits of 8×8 pixels, row by row, scaled to
// [0, 1], with ten classes (Alpaydin and Kaynak 1998, UCI data set 80, the part
// optdigits.tes; see testdata/SOURCES.md). SHA256 is that of the compressed file.
// All 13 writers are in any part of it.
func Digits() (*Set, error) {
	packed, err := testdata.Files.ReadFile("digits.csv.gz")
	if err != nil {
		return nil, fmt.Errorf("dataset: digits: %w", err)
	}
	return load(packed, digitsSHA256, digitsFormat)
}

// load checks a compressed table against its checksum and parses it.
func load(packed []byte, checksum string, f Format) (*Set, error) {
	sum := sha256.Sum256(packed)
	if got := hex.EncodeToString(sum[:]); got != checksum {
		return nil, &ChecksumError{Want: checksum, Got: got}
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("dataset: unpacking: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("dataset: unpacking: %w", err)
	}
	s, err := f.Parse(text)
	if err != nil {
		return nil, err
	}
	s.SHA256 = checksum
	return s, nil
}

// ChecksumError says that data are not those that results were published for.
type ChecksumError struct{ Want, Got string }

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("dataset: the SHA-256 is %s; it must be %s: get the file again, see testdata/SOURCES.md", e.Got, e.Want)
}
