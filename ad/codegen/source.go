package codegen

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"sync"

	"github.com/tamegrad/tamegrad/ad/codegen/library"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// declarations are what outputs may copy: the text of a declaration with its comment, and the places in it where
// it names others, or itself.
type declarations struct {
	of   map[string]*copied
	list []*copied // in the order of the files
}

type copied struct {
	text  string
	names []named
}

// named is a place in a text: a name of another declaration, without the package.
type named struct {
	at, end int
	name    string
}

var sources = sync.OnceValue(func() *declarations {
	d := &declarations{of: map[string]*copied{}}
	files := append(parsed(library.Source), parsed(kernel.Source)...)
	for _, f := range files {
		d.collect(f)
	}
	for _, f := range files {
		d.resolve(f)
	}
	return d
})

// file is a parsed file.
type file struct {
	text string
	base token.Pos
	tree *ast.File
}

// parsed parses files that are part of this program, so that a mistake in them is ours.
func parsed(dir embed.FS) (out []file) {
	entries, err := dir.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		text, err := dir.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, e.Name(), text, parser.ParseComments)
		if err != nil {
			panic(err)
		}
		out = append(out, file{string(text), tree.FileStart, tree})
	}
	return out
}

// collect adds the declarations of a file.
func (d *declarations) collect(f file) {
	for _, decl := range f.tree.Decls {
		from := decl.Pos()
		c := &copied{}
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Doc != nil {
				from = decl.Doc.Pos()
			}
			d.of[decl.Name.Name] = c
		case *ast.GenDecl:
			if decl.Tok == token.IMPORT {
				continue
			}
			if decl.Doc != nil {
				from = decl.Doc.Pos()
			}
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					d.of[spec.Name.Name] = c
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						d.of[n.Name] = c
					}
				}
			}
		}
		c.text = f.text[from-f.base : decl.End()-f.base]
		d.list = append(d.list, c)
	}
}

// resolve finds the names in the declarations of a file. Fields and methods are none; local variables do not share
// the names of declarations that they do not mean.
func (d *declarations) resolve(f file) {
	for _, decl := range f.tree.Decls {
		c, from := d.declared(decl)
		if c == nil {
			continue
		}
		start := from - f.base
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "kernel" {
					c.names = append(c.names, named{int(n.Pos() - f.base - start), int(n.End() - f.base - start), n.Sel.Name})
				} else {
					ast.Inspect(n.X, func(m ast.Node) bool {
						if id, ok := m.(*ast.Ident); ok && d.of[id.Name] != nil {
							c.names = append(c.names, named{int(id.Pos() - f.base - start), int(id.End() - f.base - start), id.Name})
						}
						return true
					})
				}
				return false
			case *ast.Ident:
				if d.of[n.Name] != nil {
					c.names = append(c.names, named{int(n.Pos() - f.base - start), int(n.End() - f.base - start), n.Name})
				}
			}
			return true
		})
		c.mentions(d)
	}
}

func (d *declarations) declared(decl ast.Decl) (*copied, token.Pos) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Doc != nil {
			return d.of[decl.Name.Name], decl.Doc.Pos()
		}
		return d.of[decl.Name.Name], decl.Pos()
	case *ast.GenDecl:
		from := decl.Pos()
		if decl.Doc != nil {
			from = decl.Doc.Pos()
		}
		switch spec := decl.Specs[0].(type) {
		case *ast.TypeSpec:
			return d.of[spec.Name.Name], from
		case *ast.ValueSpec:
			return d.of[spec.Names[0].Name], from
		}
	}
	return nil, 0
}

// mentions adds the name at the beginning of the comment.
func (c *copied) mentions(d *declarations) {
	if word, _, _ := strings.Cut(strings.TrimPrefix(c.text, "// "), " "); strings.HasPrefix(c.text, "// ") && d.of[word] == c {
		c.names = append(c.names, named{3, 3 + len(word), word})
	}
	slices.SortFunc(c.names, func(a, b named) int { return a.at - b.at })
}

// write returns the declarations of these names and of what they need, with a prefix before each name.
func (d *declarations) write(needed map[string]bool, prefix string) string {
	wanted := map[*copied]bool{}
	var want func(c *copied)
	want = func(c *copied) {
		if wanted[c] {
			return
		}
		wanted[c] = true
		for _, n := range c.names {
			want(d.of[n.name])
		}
	}
	for name := range needed {
		if d.of[name] == nil {
			panic(fmt.Sprintf("codegen: the library has no %s", name))
		}
		want(d.of[name])
	}
	var b strings.Builder
	for _, c := range d.list {
		if wanted[c] {
			b.WriteString("\n" + c.renamed(prefix) + "\n")
		}
	}
	return b.String()
}

func (c *copied) renamed(prefix string) string {
	var b strings.Builder
	at := 0
	for _, n := range c.names {
		b.WriteString(c.text[at:n.at])
		b.WriteString(prefix + capital(n.name))
		at = n.end
	}
	return b.String() + c.text[at:]
}
