package codegen_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// BenchmarkScalars measures the gradient of a long program of scalars.
func BenchmarkScalars(b *testing.B) {
	const n = 20
	g := expr.NewGraph()
	var in []expr.Node
	for i := range n {
		in = append(in, g.Input(fmt.Sprintf("x%d", i)))
	}
	y := in[0]
	for i := range 10 * n {
		a, c := in[i%n], in[(7*i+3)%n]
		y = expr.Add(expr.ReLU(expr.Sub(expr.Scale(0.5, y), a)), expr.Abs(expr.Mul(a, c)))
	}
	f := gradientOf(b, g, y, in...)
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)/8 - 1
	}
	b.Run("generated", func(b *testing.B) { benchGenerated(b, f, x) })
	b.Run("executor", func(b *testing.B) { benchExecutor(b, f, x) })
}

func benchExecutor(b *testing.B, f *expr.Func, x []float64) {
	p, err := vm.Compile(f, vm.Options{Workers: 1})
	require.NoError(b, err)
	w := p.NewWorkspace()
	for i := range w.Inputs() {
		x = x[copy(w.In(i), x):]
	}
	for b.Loop() {
		if err := w.Run(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchGenerated reports what a benchmark of the generated code measures. Its own loop has one round.
func benchGenerated(b *testing.B, f *expr.Func, x []float64) {
	text := textOf(b, f, codegen.Options{Package: "main", Func: "F"})
	w := written{name: "F", f: f, text: text}
	var at [][]float64
	for _, n := range f.In() {
		at = append(at, x[:n.Shape().Size()])
		x = x[n.Shape().Size():]
	}
	dir := b.TempDir()
	require.NoError(b, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module generated\n\ngo 1.26\n"), 0o644))
	require.NoError(b, os.WriteFile(filepath.Join(dir, "f.go"), []byte(text), 0o644))
	require.NoError(b, os.WriteFile(filepath.Join(dir, "f_test.go"), []byte(benchmarkOf(w, at)), 0o644))
	out := goTool(b, dir, "test", "-run", "^$", "-bench", ".")
	for line := range strings.SplitSeq(out, "\n") {
		if fields := strings.Fields(line); len(fields) > 3 && fields[3] == "ns/op" {
			var ns float64
			_, err := fmt.Sscan(fields[2], &ns)
			require.NoError(b, err)
			b.ReportMetric(ns, "ns/op")
		}
	}
}

// benchmarkOf is a benchmark of a function.
func benchmarkOf(w written, at [][]float64) string {
	args := "dst"
	if strings.Contains(w.text, "work []float64") {
		args += ", work"
	}
	var vars strings.Builder
	for k, x := range at {
		text := fmt.Sprint(x[0])
		if len(x) > 1 {
			text = "[]float64{" + strings.ReplaceAll(strings.Trim(fmt.Sprint(x), "[]"), " ", ", ") + "}"
		}
		fmt.Fprintf(&vars, "var in%d = %s(%s)\n", k, map[bool]string{true: "[]float64", false: "float64"}[len(x) > 1], text)
		args += fmt.Sprintf(", in%d", k)
	}
	if strings.Contains(args, "work") {
		fmt.Fprintf(&vars, "var work = make([]float64, %sWork)\n", w.name)
	}
	return fmt.Sprintf("package main\n\nimport \"testing\"\n\nvar dst = make([]float64, 200000)\n%s\nfunc main() {}\n\nfunc BenchmarkF(b *testing.B) {\nfor b.Loop() {\n%s(%s)\n}\n}\n", vars.String(), w.name, args)
}
