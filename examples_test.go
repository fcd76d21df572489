package tamegrad_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every entry point has an example with output. An entry point is an exported
// function that can fail; ExampleT also serves NewT, which makes a T.
func TestEntryPointsHaveExamples(t *testing.T) {
	for _, dir := range []string{"expr", "expr/parse", "expr/vm", "expr/vm/exact", "ad"} {
		points, examples := surface(t, dir)
		require.NotEmpty(t, points, dir)
		for _, name := range points {
			require.True(t, examples[name] || examples[strings.TrimPrefix(name, "New")], "%s: %s has no example with output", dir, name)
		}
	}
}

// surface lists the entry points of a directory and what its examples with output
// are about.
func surface(t *testing.T, dir string) (points []string, examples map[string]bool) {
	examples = map[string]bool{}
	paths, err := filepath.Glob(dir + "/*.go")
	require.NoError(t, err)
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			d, isFunc := d.(*ast.FuncDecl)
			switch {
			case !isFunc || d.Recv != nil:
			case strings.HasSuffix(path, "_test.go"):
				if name, ok := strings.CutPrefix(d.Name.Name, "Example"); ok && hasOutput(f, d) {
					name, _, _ = strings.Cut(name, "_")
					examples[name] = true
				}
			case d.Name.IsExported() && canFail(d):
				points = append(points, d.Name.Name)
			}
		}
	}
	return points, examples
}

func canFail(d *ast.FuncDecl) bool {
	if d.Type.Results == nil {
		return false
	}
	results := d.Type.Results.List
	last, ok := results[len(results)-1].Type.(*ast.Ident)
	return ok && last.Name == "error"
}

func hasOutput(f *ast.File, d *ast.FuncDecl) bool {
	for _, c := range f.Comments {
		if c.Pos() > d.Pos() && c.End() < d.End() && strings.HasPrefix(c.Text(), "Output:") {
			return true
		}
	}
	return false
}
