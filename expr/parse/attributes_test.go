package parse_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// shapesIn gives the vector v and the matrices m and w, where they occur, their
// shapes.
func shapesIn(text string) parse.Option {
	shapes := map[string][]int{}
	for name, dims := range map[string][]int{"v": {6}, "m": {3, 2}, "w": {2, 3}} {
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(text) {
			shapes[name] = dims
		}
	}
	return parse.Shapes(shapes)
}

// Ops whose last arguments are numbers are read and written back.
func TestAttributesRoundTrip(t *testing.T) {
	for _, text := range []string{
		"elu(x, 1)", "elu(v, 1/3)", "huber(x, 1)", "huber(v - 1, 0.5)", "pinball(x, 0.1)",
		"prod(v)", "prod(v, 6)", "prodothers(m)", "cumsum(v)", "cumsum(m, 1)", "pad(m, 2, 1, 0)",
		"quantile(v, 0.25)", "quantile(m, 1/3)", "groupsort(v, 2)", "groupsort(v, 3)[0]",
		"knn(m, m, 2)", "farthest(m, 2)", "gatherrows(farthest(m, 2), m)", "scatterrows([0, 1, 0], m, 4)",
	} {
		f := mustParse(t, text, shapesIn(text))
		again := mustParse(t, expr.Format(f), parse.Like(f))
		require.Equal(t, f.Hash(), again.Hash(), "%s is written %s", text, expr.Format(f))
	}
}

func TestAttributesThatDoNotFit(t *testing.T) {
	for text, want := range map[string]string{
		"elu(x, 0)":                  "a is 0; it must be above 0",
		"elu(x)":                     "elu takes 1 argument and then 1 number (a); got 1 argument and 0 numbers",
		"huber(x, -1)":               "δ is -1; it must be above 0",
		"pinball(x, 1)":              "τ is 1; it must be between 0 and 1",
		"quantile(v, 1.5)":           "q is 1.5; it must be between 0 and 1",
		"quantile(x, 0.5)":           "it needs a vector",
		"groupsort(v, 4)":            "k is 4; it must divide the 6 entries of the last axis",
		"groupsort(v, 0)":            "k is 0; it must divide",
		"groupsort(x, 1)":            "it needs a vector",
		"prod(v, 2)":                 "n is 2; the last axis has 6 entries, and n may be left out",
		"prod(x)":                    "it needs a vector",
		"prodothers(x)":              "it needs a vector",
		"cumsum(v, 2)":               "reversed is 2; it must be 0 or 1",
		"cumsum(x)":                  "it needs a vector",
		"pad(v, 2, 1, 1)":            "do not fit shape [6]",
		"pad(v, 1, -1, 1)":           "the counts must be at least 0",
		"pad(v, 1, 2147483647, 1)":   "at most",
		"knn(m, m, 4)":               "4 rows asked of 3",
		"knn(m, w, 1)":               "rows of 2 and of 3 coordinates",
		"knn(v, m, 1)":               "at least 2 axes",
		"farthest(m, 0)":             "0 rows asked of 3",
		"farthest(v, 1)":             "at least 2 axes",
		"gatherrows(x, m)":           "at least 1 axes",
		"scatterrows([0, 1], m, 3)":  "2 indices for 3 rows",
		"scatterrows([0, 1], w, 0)":  "each must be at least 1",
		"scatterrows([0, 1], w, -1)": "each must be at least 1",
	} {
		_, err := parse.Parse(text, shapesIn(text))
		require.ErrorContains(t, err, want, text)
	}
}
