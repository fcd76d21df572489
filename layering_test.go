package tamegrad_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/tamegrad/tamegrad"

// layers lists the packages from the lowest to the highest. A package belongs to the layer of the
// first element of its path, and imports only its own layer and the ones before it.
var layers = []string{"expr", "ad", "clarke", "conservative", "sgd", "experiments"}

// beside holds the packages of a layer that users of the layer do not import: they may need more than
// the layer does, so nothing but tests, experiments and themselves may import them. Each lists the
// modules that it adds.
var beside = map[string][]string{
	"expr/parse":  {"github.com/expr-lang/expr"},
	"expr/optest": {"pgregory.net/rapid", "github.com/stretchr/testify"},
}

// listed is what this test reads of a package in the output of go list. Imports are those of its
// non-test files: tests may import what they like.
type listed struct {
	ImportPath string
	Dir        string
	Standard   bool
	Imports    []string
}

func TestLayering(t *testing.T) {
	// Both architectures: the files chosen by build constraints differ (assembly kernels or plain Go).
	for _, arch := range []string{"amd64", "arm64"} {
		packages := goList(t, arch)
		for _, p := range packages {
			if within(p.ImportPath, module) {
				// A cached test result is reused until a file that the test itself opened changes,
				// and go list opens the sources in another process.
				_, err := os.ReadDir(p.Dir)
				require.NoError(t, err)
			}
		}
		for _, offence := range offences(packages) {
			t.Errorf("linux/%s: %s", arch, offence)
		}
	}
}

func goList(t *testing.T, arch string) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,Imports", "./...")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())

	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages = append(packages, p)
	}
}

// offences returns a sentence for each import of the module's packages that breaks the layering.
func offences(packages []listed) []string {
	standard := map[string]bool{"unsafe": true}
	for _, p := range packages {
		standard[p.ImportPath] = p.Standard || standard[p.ImportPath]
	}
	var found []string
	for _, p := range packages {
		if !within(p.ImportPath, module) {
			continue
		}
		from := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if !placed(from) {
			found = append(found, fmt.Sprintf("package %s belongs to no layer: the layers are %s.",
				from, strings.Join(layers, ", ")))
			continue
		}
		for _, to := range p.Imports {
			if standard[to] {
				continue
			}
			if why := offence(from, to); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s.", p.ImportPath, to, why))
			}
		}
	}
	return found
}

// placed reports whether a package, named by its path in the module, has a place in it.
func placed(path string) bool {
	return path == "" || isData(path) || layer(path) >= 0
}

// isData reports whether a package holds data.
func isData(path string) bool { return path == "testdata" || strings.HasPrefix(path, "testdata/") }

// offence says why a package of the module, named by its path in it, must not import a package that
// is not in the standard library; it is empty if it may.
func offence(from, to string) string {
	switch {
	case from == "":
		return "the root package only documents the module and imports nothing"
	case isData(from):
		return "testdata holds data and imports only the standard library"
	case within(to, module):
		return offenceInside(from, strings.TrimPrefix(strings.TrimPrefix(to, module), "/"))
	default:
		return offenceOutside(from, to)
	}
}

func offenceInside(from, to string) string {
	top := layer(from) == len(layers)-1
	kit := besides(to)
	switch {
	case to == "":
		return "the root package only documents the module and nothing imports it"
	case isData(to):
		if !top {
			return "only tests and experiments may import testdata"
		}
	case layer(to) < 0:
		return "the imported package belongs to no layer"
	case besides(from) == "expr/optest":
		return ""
	case layer(to) > layer(from):
		return fmt.Sprintf("%s comes before %s, and imports run only from later layers to earlier ones",
			layers[layer(from)], layers[layer(to)])
	case kit != "" && !top && besides(from) != kit:
		return fmt.Sprintf("only tests and experiments may import %s, which needs %s", kit, strings.Join(beside[kit], " and "))
	}
	return ""
}

func offenceOutside(from, to string) string {
	if layer(from) == len(layers)-1 {
		return ""
	}
	allowed := append([]string{"gonum.org/v1/gonum", "golang.org/x/sys/cpu"}, beside[besides(from)]...)
	if slices.ContainsFunc(allowed, func(prefix string) bool { return within(to, prefix) }) {
		return ""
	}
	return fmt.Sprintf("%s may import only the standard library, this module, %s", from, strings.Join(allowed, ", "))
}

// layer is the index in layers of a package, named by its path in the module; -1 if it has none.
func layer(path string) int {
	first, _, _ := strings.Cut(path, "/")
	return slices.Index(layers, first)
}

// besides is the key of beside that covers a path in the module; empty if none does.
func besides(path string) string {
	for key := range beside {
		if within(path, key) {
			return key
		}
	}
	return ""
}

// within reports whether an import path is prefix or below it.
func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

func TestLayeringRejects(t *testing.T) {
	tests := []struct{ from, to, why string }{
		{"expr", module + "/ad", "expr comes before ad"},
		{"expr/vm", module + "/experiments/claim", "expr comes before experiments"},
		{"clarke/convex", module + "/conservative", "clarke comes before conservative"},
		{"expr/parse", module + "/ad", "expr comes before ad"},
		{"sgd", module + "/experiments", "sgd comes before experiments"},
		{"ad", module + "/adjoint", "belongs to no layer"},
		{"ad", module, "nothing imports it"},
		{"sgd", module + "/testdata", "only tests and experiments may import testdata"},
		{"conservative", module + "/expr/optest", "only tests and experiments may import expr/optest"},
		{"clarke", module + "/expr/parse", "only tests and experiments may import expr/parse"},
		{"expr", "C", "expr may import only the standard library"},
		{"expr", "github.com/expr-lang/expr/ast", "expr may import only the standard library"},
		{"expr/parser", "github.com/expr-lang/expr/ast", "expr/parser may import only"},
		{"expr/parse", "pgregory.net/rapid", "expr/parse may import only"},
		{"expr/optest", "github.com/expr-lang/expr/ast", "expr/optest may import only"},
		{"expr/vm/kernel", "golang.org/x/sys/unix", "expr/vm/kernel may import only"},
		{"clarke", "gonum.org/v1/plot", "clarke may import only"},
		{"sgd", "gonum.org/v1/gonumplus/mat", "sgd may import only"},
		{"testdata", module + "/expr", "testdata holds data"},
		{"testdata/known", module + "/expr", "testdata holds data"},
		{"", module + "/expr", "the root package only documents the module"},
	}
	for _, test := range tests {
		from := strings.TrimSuffix(module+"/"+test.from, "/")
		found := offences([]listed{
			{ImportPath: "math", Standard: true},
			{ImportPath: from, Imports: []string{"math", test.to}},
		})
		require.Len(t, found, 1, "%s imports %s", from, test.to)
		require.Contains(t, found[0], from+" imports "+test.to+": ")
		require.Contains(t, found[0], test.why)
	}
}

func TestLayeringRejectsUnknownLayer(t *testing.T) {
	require.Equal(t, []string{
		"package util belongs to no layer: the layers are expr, ad, clarke, conservative, sgd, experiments.",
	}, offences([]listed{{ImportPath: module + "/util"}}))
}

func TestLayeringAccepts(t *testing.T) {
	require.Empty(t, offences([]listed{
		{ImportPath: "math", Standard: true, Imports: []string{"internal/cpu"}},
		{ImportPath: "gonum.org/v1/gonum/mat", Imports: []string{"golang.org/x/exp/rand"}},
		{ImportPath: module},
		{ImportPath: module + "/testdata", Imports: []string{"unsafe"}},
		{ImportPath: module + "/expr", Imports: []string{"math", "unsafe"}},
		{ImportPath: module + "/expr/vm", Imports: []string{module + "/expr", "golang.org/x/sys/cpu"}},
		{ImportPath: module + "/expr/parse", Imports: []string{module + "/expr", "github.com/expr-lang/expr/parser"}},
		{ImportPath: module + "/expr/optest", Imports: []string{
			module + "/ad", module + "/clarke", module + "/expr/parse",
			"pgregory.net/rapid", "github.com/stretchr/testify/require",
		}},
		{ImportPath: module + "/ad/codegen", Imports: []string{module + "/expr/vm", module + "/ad"}},
		{ImportPath: module + "/clarke", Imports: []string{"gonum.org/v1/gonum/mat", module + "/clarke/convex"}},
		{ImportPath: module + "/experiments/claims", Imports: []string{
			module + "/testdata", module + "/expr/parse", module + "/sgd", "github.com/alecthomas/kong",
		}},
	}))
}
