package main

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
)

// coefficients are the numbers of tables.go in the package above, by name: its constants, and its lists of numbers.
// A test computes that file, and there is no second copy of what it says.
type coefficients map[string][]float64

func readCoefficients(path string) (coefficients, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := coefficients{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		values := spec.Values
		if list, ok := values[0].(*ast.CompositeLit); ok {
			values = list.Elts
		}
		for _, v := range values {
			if x, ok := numeral(v); ok {
				c[spec.Names[0].Name] = append(c[spec.Names[0].Name], x)
			}
		}
		return false
	})
	return c, nil
}

// numeral returns the value of a literal with or without a sign.
func numeral(e ast.Expr) (x float64, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		x, _ = constant.Float64Val(constant.MakeFromLiteral(e.Value, e.Kind, 0))
		return x, true
	case *ast.UnaryExpr:
		x, ok = numeral(e.X)
		return -x, ok && e.Op == token.SUB
	}
	return 0, false
}
