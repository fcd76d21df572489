// Package testdata holds the data that tests and experiments read. SOURCES.md gives the origin,
// licence and checksum of each file. Programs with known answers have a reader of their own,
// package known.
package testdata

import "embed"

// Files holds the data files by their names in this directory:
//
//   - digits.csv.gz: 1797 handwritten digits, no header, 65 comma-separated integers a row:
//     the 8×8 pixels row by row (0 to 16), then the class (0 to 9)
//   - breast_cancer.csv, iris.csv, wine_data.csv: a line of rows, features and names of the
//     classes, then rows of real features and the class from 0
//
//go:embed digits.csv.gz breast_cancer.csv iris.csv wine_data.csv
var Files embed.FS
