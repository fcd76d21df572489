package expr_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

var update = flag.Bool("update", false, "rewrite the table of ops in doc.go")

// The package documentation lists the registry: go test ./expr -run Doc -update
func TestDocTable(t *testing.T) {
	const end = "package expr\n"
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	head, _, found := strings.Cut(string(text), "//\n//\tname")
	if !found {
		head = strings.TrimSuffix(string(text), "//\n"+end)
	}
	want := head + "//\n" + docTable(t) + end
	if *update {
		require.NoError(t, os.WriteFile("doc.go", []byte(want), 0o644))
	}
	require.Equal(t, want, string(text), "the table is out of date; run the test with -update")
}

func docTable(t *testing.T) string {
	rows := [][]string{{"name", "operands", "attributes", "class", "mathematics"}}
	for _, op := range expr.Ops() {
		rows = append(rows, []string{op.Name, operandsText(op), head(op.Attrs.Names), classText(t, op), head(op.Doc)})
	}
	width := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, s := range r {
			width[i] = max(width[i], utf8.RuneCountInString(s))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		line := "//\t"
		for i, s := range r {
			line += fmt.Sprintf("%-*s  ", width[i], s)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// head is the text up to the first colon that explains.
func head(s string) string {
	s, _, _ = strings.Cut(s, ": ")
	s, _, _ = strings.Cut(s, " then ")
	return s
}

func operandsText(op *expr.Op) string {
	switch {
	case op.MaxArgs < 0:
		return fmt.Sprintf("%d…", op.MinArgs)
	case op.MinArgs == op.MaxArgs:
		return fmt.Sprint(op.MinArgs)
	}
	return fmt.Sprintf("%d to %d", op.MinArgs, op.MaxArgs)
}

// classText is the class of the op as a function of all its operands, for any
// attributes.
func classText(t *testing.T, op *expr.Op) string {
	e := op.Sample(rand.New(rand.NewPCG(1, 1)))
	if len(e.Shapes) == 0 {
		return op.Class.String()
	}
	g := expr.NewGraph()
	var in []expr.Node
	for i, s := range e.Shapes {
		in = append(in, g.Input(string(rune('a'+i)), s.Dims()...))
	}
	f, err := g.Func(expr.In(in...), expr.Out(op.Apply(e.Attr, in...)))
	require.NoError(t, err)
	k := op.Class.Join(f.Class().Kind).String()
	return strings.NewReplacer("definable in the Pfaffian closure of R_an,exp", "Pfaffian over R_an,exp", "definable in ", "").Replace(k)
}
