package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/tamegrad/tamegrad/testdata"
)

// BreastCancer returns 569 rows of 30 features of cell nuclei, malignant (0) or benign
// (1): Wolberg, Mangasarian, Street and Street 1995, UCI data set 17.
func BreastCancer() (*Set, error) { return table("breast_cancer.csv") }

// Iris returns 150 rows of 4 measurements of flowers of three species: Fisher 1936, UCI
// data set 53.
func Iris() (*Set, error) { return table("iris.csv") }

// Wine returns 178 rows of 13 chemical features of wines from three growers: Aeberhard
// and Forina 1992, UCI data set 109.
func Wine() (*Set, error) { return table("wine_data.csv") }

// tableSHA256 has the checksums of testdata/SOURCES.md.
var tableSHA256 = map[string]string{
	"breast_cancer.csv": "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed",
	"iris.csv":          "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449",
	"wine_data.csv":     "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede",
}

func table(name string) (*Set, error) {
	text, err := testdata.Files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", name, err)
	}
	s, err := ParseTable(text)
	switch {
	case err != nil:
		return nil, err
	case s.SHA256 != tableSHA256[name]:
		return nil, &ChecksumError{Want: tableSHA256[name], Got: s.SHA256}
	}
	return s, nil
}

// ParseTable reads a table of real features in scikit-learn's form: a line with the
// numbers of rows and of features and the names of the classes, then rows of features
// and the class from 0, separated by commas. Features are as they stand, see
// [Set.Standardise]. Nothing is forgiven, as in [Format.Parse]. The error is a
// *ParseError.
func ParseTable(text []byte) (*Set, error) {
	sum := sha256.Sum256(text)
	head, rest, _ := bytes.Cut(text, []byte{'\n'})
	fields := bytes.Split(head, []byte{','})
	s := &Set{Classes: len(fields) - 2, SHA256: hex.EncodeToString(sum[:])}
	if s.Classes < 1 {
		return nil, &ParseError{Line: 1, Why: "it must say rows, features and the names of classes"}
	}
	rows, why := integer(fields[0], math.MaxInt32)
	if why == "" {
		s.D, why = integer(fields[1], math.MaxInt16)
	}
	if why != "" {
		return nil, &ParseError{Line: 1, Why: why}
	}
	for line := 2; len(rest) > 0; line++ {
		var row []byte
		row, rest, _ = bytes.Cut(rest, []byte{'\n'})
		if err := s.realRow(row, line); err != nil {
			return nil, err
		}
	}
	if s.N != rows || rows == 0 {
		return nil, &ParseError{Line: s.N + 2, Why: fmt.Sprintf("the text ends after %d rows; it says %d and must have at least one", s.N, rows)}
	}
	return s, nil
}

// realRow appends one line to the set.
func (s *Set) realRow(text []byte, line int) error {
	fields := bytes.Split(text, []byte{','})
	if len(fields) != s.D+1 {
		return &ParseError{Line: line, Why: fmt.Sprintf("there are %d numbers; there must be %d features and a class", len(fields), s.D)}
	}
	for j, field := range fields[:s.D] {
		v, err := strconv.ParseFloat(string(field), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return &ParseError{Line: line, Column: j + 1, Why: fmt.Sprintf("%q is no finite number", field)}
		}
		s.X = append(s.X, v)
	}
	label, why := integer(fields[s.D], s.Classes-1)
	if why != "" {
		return &ParseError{Line: line, Column: s.D + 1, Why: why}
	}
	s.Labels = append(s.Labels, label)
	s.N++
	return nil
}

// Standardise shifts and scales every feature so that it has mean 0 and variance 1 over
// the set, and others by the same numbers: those that are held back must not be looked
// at. Features that do not vary become 0. X is changed in place; the sets must have equal D.
func (s *Set) Standardise(others ...*Set) {
	for j := range s.D {
		mean, scale := s.moments(j)
		for _, set := range append([]*Set{s}, others...) {
			for i := range set.N {
				v := &set.X[i*set.D+j]
				*v = (*v - mean) * scale
			}
		}
	}
}

// moments returns the mean of a feature and the inverse of its deviation, 0 if it does not
// vary.
func (s *Set) moments(j int) (mean, scale float64) {
	varies := false
	for i := range s.N {
		mean += s.X[i*s.D+j] / float64(s.N)
		varies = varies || s.X[i*s.D+j] != s.X[j]
	}
	if !varies {
		return mean, 0
	}
	square := 0.0
	for i := range s.N {
		d := s.X[i*s.D+j] - mean
		square += float64(d*d) / float64(s.N)
	}
	return mean, 1 / math.Sqrt(square)
}
