package main

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
)

// coefficients are the numbers of tables.go in the package above, by name: constants, and tables row by row.
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
		c[spec.Names[0].Name] = numbers(spec.Values[0])
		return false
	})
	return c, nil
}

// numbers are those of a literal: one with or without a sign, or lists of them in a row.
func numbers(e ast.Expr) (out []float64) {
	switch e := e.(type) {
	case *ast.BasicLit:
		x, _ := constant.Float64Val(constant.MakeFromLiteral(e.Value, e.Kind, 0))
		return []float64{x}
	case *ast.UnaryExpr:
		return []float64{-numbers(e.X)[0]}
	case *ast.CompositeLit:
		for _, v := range e.Elts {
			out = append(out, numbers(v)...)
		}
	}
	return out
}
