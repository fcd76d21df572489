package codegen_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// written is a program with its function and the points to run it at.
type written struct {
	name   string
	f      *expr.Func
	points [][][]float64
	text   string
}

// Random programs and their gradients have the bits of the executor, at the points where the generator puts them,
// about half of the time onto kinks, and at points beside.
func TestRandomProgramsHaveTheBitsOfTheExecutor(t *testing.T) {
	count := 100
	if testing.Short() {
		count = 20
	}
	if more := flag.Lookup("rapid.checks"); more != nil && more.Value.String() != more.DefValue {
		_, err := fmt.Sscan(more.Value.String(), &count)
		require.NoError(t, err)
	}
	gen := optest.Programs(optest.Config{Jumps: true, Vector: true, Steps: 12})
	scalars := optest.Programs(optest.Config{Steps: 12})
	var all []written
	for i := range count {
		p := gen.Example(i)
		all = appendWritten(t, all, fmt.Sprintf("V%d", i), p.Func, p.At)
		p = scalars.Example(i)
		all = appendGradient(t, all, fmt.Sprintf("G%d", i), p.Func, p.At)
	}
	require.Greater(t, len(all), count)
	requireBits(t, all)
}

// Every op that can be written is written, also its derivative, from its own samples.
func TestEveryOpHasTheBitsOfTheExecutor(t *testing.T) {
	var all []written
	rng := rand.New(rand.NewPCG(1, 2))
	for _, op := range expr.Ops() {
		for k := 0; k < 2 && op.MinArgs > 0; k++ {
			p := optest.Single(t, op, op.Sample(rng))
			all = appendWritten(t, all, fmt.Sprintf("V%s%d", op.Name, k), p.Func, p.At)
			all = appendGradient(t, all, fmt.Sprintf("G%s%d", op.Name, k), p.Func, p.At)
		}
	}
	requireBits(t, all)
}

// appendGradient writes the gradient, with a cotangent for each output, wired in one of three ways.
func appendGradient(t *testing.T, all []written, name string, f *expr.Func, at [][]float64) []written {
	d, err := ad.Backward(f)
	require.NoError(t, err)
	d, err = ad.Wire(d, ad.AtSlot([]float64{0, 0.5, 1}[len(all)%3]))
	require.NoError(t, err)
	for _, n := range d.In()[len(f.In()):] {
		ct := make([]float64, n.Shape().Size())
		for i := range ct {
			ct[i] = 1 + float64(i)/7
		}
		at = append(at[:len(at):len(at)], ct)
	}
	return appendWritten(t, all, name, d, at)
}

func appendWritten(t *testing.T, all []written, name string, f *expr.Func, at [][]float64) []written {
	var out bytes.Buffer
	err := codegen.Write(&out, f, codegen.Options{Package: "main", Func: name})
	require.NoError(t, err, "%v", f)
	beside := make([][]float64, len(at))
	for i, x := range at {
		for k, v := range x {
			beside[i] = append(beside[i], float64(v*(1+1.0/3))+float64(k)/7-0.25)
		}
	}
	return append(all, written{name, f, [][][]float64{at, beside}, out.String()})
}

// requireBits builds all functions at once, as a module without dependencies, and compares what they print.
func requireBits(t *testing.T, all []written) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module generated\n\ngo 1.26\n"), 0o644))
	var main strings.Builder
	main.WriteString("package main\n\nimport (\n\"fmt\"\n\"math\"\n)\n\nfunc show(name string, out ...float64) {\nfmt.Print(name)\nfor _, v := range out {\nfmt.Printf(\" %x\", math.Float64bits(v))\n}\nfmt.Println()\n}\n\nfunc noNaN(x []float64) []float64 {\nfor i, v := range x {\nif v != v {\nx[i] = 0\n}\n}\nreturn x\n}\n\nfunc main() {\n")
	var want []string
	for _, w := range all {
		require.NoError(t, os.WriteFile(filepath.Join(dir, strings.ToLower(w.name)+"_.go"), []byte(w.text), 0o644))
		for k, at := range w.points {
			line, ok := executed(t, w, k, at)
			if !ok {
				continue
			}
			want = append(want, line)
			main.WriteString(called(w, k, at))
		}
	}
	main.WriteString("}\n")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(main.String()), 0o644))
	got := strings.Split(strings.TrimSpace(goTool(t, dir, "run", ".")), "\n")
	require.Len(t, got, len(want))
	for i := range want {
		if want[i] != got[i] {
			name, _, _ := strings.Cut(want[i], ".")
			for _, w := range all {
				if w.name == name {
					t.Fatalf("executor  %s\ngenerated %s\n%v\n%v\n%s", want[i], got[i], w.points, w.f, w.text)
				}
			}
		}
	}
	goTool(t, dir, "vet", ".")
	gofmt, err := exec.LookPath("gofmt")
	if err == nil {
		list, err := exec.Command(gofmt, "-l", dir).Output()
		require.NoError(t, err)
		require.NotContains(t, string(list), "_.go")
	}
}

// executed is the line that the executor gives; ok is false if it refuses the point.
func executed(t *testing.T, w written, k int, at [][]float64) (line string, ok bool) {
	p, err := vm.Compile(w.f, vm.Options{})
	require.NoError(t, err)
	ws := p.NewWorkspace()
	for i, x := range at {
		copy(ws.In(i), x)
	}
	if ws.Run() != nil {
		return "", false
	}
	line = fmt.Sprintf("%s.%d", w.name, k)
	for i := range w.f.Out() {
		for _, v := range ws.Out(i) {
			if math.IsNaN(v) {
				v = 0
			}
			line += fmt.Sprintf(" %x", math.Float64bits(v))
		}
	}
	return line, true
}

// called is the statement that prints the same line.
func called(w written, k int, at [][]float64) string {
	total, args := 0, ""
	isScalar := w.f.Out()[0].Shape().Rank() == 0
	for i, n := range w.f.Out() {
		if i > 0 || !isScalar {
			total += n.Shape().Size()
		}
	}
	if total > 0 {
		args += ", dst"
	}
	if strings.Contains(w.text, "work []float64") {
		args += ", make([]float64, " + w.name + "Work)"
	}
	for _, x := range at {
		if len(x) == 1 {
			args += ", " + literal(x[0])
			continue
		}
		args += ", []float64{"
		for _, v := range x {
			args += literal(v) + ", "
		}
		args += "}"
	}
	call := w.name + "(" + strings.TrimPrefix(args, ", ") + ")"
	out := "noNaN(dst)"
	if isScalar {
		call, out = "v := "+call, "append(noNaN([]float64{v}), noNaN(dst)...)"
	}
	return fmt.Sprintf("{\ndst := make([]float64, %d)\n%s\nshow(\"%s.%d\", %s...)\n}\n", total, call, w.name, k, out)
}

func literal(v float64) string {
	return fmt.Sprintf("math.Float64frombits(%#x)", math.Float64bits(v))
}

// goTool runs the local go without the network.
func goTool(t testing.TB, dir string, args ...string) string {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command to build the output with")
	}
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod", "GOPROXY=off", "GOWORK=off") // what is compiled serves again
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", head(stderr.String()))
	return string(out)
}

func head(s string) string {
	if lines := strings.SplitN(s, "\n", 30); len(lines) == 30 {
		return strings.Join(lines[:29], "\n")
	}
	return s
}

// Convolutions whose patches come in several blocks, of rows and of parts of one, add up in the order of blocks; so do
// their derivatives, also with groups, strides and images that share a kernel.
func TestConvolutionsInBlocksHaveTheBitsOfTheExecutor(t *testing.T) {
	var all []written
	rng := rand.New(rand.NewPCG(3, 4))
	for i, c := range []struct {
		x, k   []int
		w      expr.Window
		groups int
	}{
		{[]int{1, 1, 2, 512}, []int{1, 1, 1, 256}, expr.Window{}, 1},
		{[]int{1, 2, 5, 250}, []int{2, 1, 2, 128}, expr.Window{Before: [2]int{1, 3}, After: [2]int{0, 3}}, 2},
		{[]int{2, 1, 2, 8, 7}, []int{3, 2, 4, 3}, expr.Window{Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}, Before: [2]int{1, 0}}, 1},
	} {
		g := expr.NewGraph()
		x, k := g.Input("x", c.x...), g.Input("k", c.k...)
		f, err := g.Func(expr.In(x, k), expr.Out(expr.GroupedConv2D(x, k, c.groups, c.w)))
		require.NoError(t, err)
		var at [][]float64
		for _, n := range f.In() {
			v := make([]float64, n.Shape().Size())
			for j := range v {
				v[j] = rng.NormFloat64()
			}
			at = append(at, v)
		}
		all = appendWritten(t, all, fmt.Sprintf("VBlocks%d", i), f, at)
		all = appendGradient(t, all, fmt.Sprintf("GBlocks%d", i), f, at)
	}
	require.Len(t, all, 6)
	requireBits(t, all)
}
