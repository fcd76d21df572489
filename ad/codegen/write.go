package codegen

import (
	"bytes"
	"fmt"
	"go/format"
	"go/token"
	"io"

	"github.com/tamegrad/tamegrad/expr"
)

// Version is the version of the generator. It is part of every output and rises when equal programs may give
// another output.
const Version = 1

// Options say what to call things. The zero value writes a function F of package generated.
type Options struct {
	Package string // the package clause; "" is generated
	Func    string // the name of the function; "" is F
	Program string // the program as its author wrote it, for the comment; "" is a listing of at most 20 nodes
	Preset  string // how kinks were settled, for the comment; "" says nothing
}

// UnsupportedError says that a node cannot be written as Go.
type UnsupportedError struct {
	Node expr.Node
	Why  string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("codegen: node %v, op %s: %s", e.Node, e.Node.Op().Name, e.Why)
}

// NameError says that a name of Options is not one in Go.
type NameError struct {
	What, Name string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("codegen: the %s is %q; give a Go identifier such as Gradient", e.What, e.Name)
}

// Write writes the program f as a Go file. The output depends on f and the options only.
func Write(w io.Writer, f *expr.Func, o Options) error {
	if o.Package == "" {
		o.Package = "generated"
	}
	if o.Func == "" {
		o.Func = "F"
	}
	switch {
	case !token.IsIdentifier(o.Package) || o.Package == "_":
		return &NameError{"package", o.Package}
	case !token.IsIdentifier(o.Func) || o.Func == "_" || o.Func == "init" || o.Func == "main":
		return &NameError{"function", o.Func}
	}
	p, err := build(f)
	if err != nil {
		return err
	}
	g := newGenerator(p, o)
	text, err := g.file()
	if err != nil {
		return err
	}
	formatted, err := format.Source(text)
	if err != nil {
		return fmt.Errorf("codegen: the output is not Go: %w", err)
	}
	_, err = io.Copy(w, bytes.NewReader(formatted))
	return err
}
