package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// builtExplain runs the real command.
func builtExplain(t *testing.T, args ...string) (code int, stdout, stderr string) {
	command := exec.Command(built, append([]string{"explain"}, args...)...)
	var out, report bytes.Buffer
	command.Stdout, command.Stderr = &out, &report
	err := command.Run()
	var exit *exec.ExitError
	require.True(t, err == nil || errors.As(err, &exit), err)
	return command.ProcessState.ExitCode(), out.String(), report.String()
}

// requireRefused checks the contract on bad input.
func requireRefused(t *testing.T, place, mend string, args ...string) {
	code, stdout, stderr := builtExplain(t, args...)
	require.Equal(t, 2, code, args)
	require.Empty(t, stdout, args)
	require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	require.Contains(t, stderr, place)
	require.Contains(t, stderr, mend)
}

func TestMalformedExpressionsAreNamedByColumn(t *testing.T) {
	for _, test := range []struct {
		text   string
		column int
		mend   string
	}{
		{"", 1, "write one such as"},
		{"   ", 1, "write one such as"},
		{"x +", 4, "something is missing after"},
		{"(x", 1, "never closed"},
		{"x)", 2, "closes nothing"},
		{"x y", 3, "an operator is missing"},
		{"relu(", 5, "never closed"},
		{"relu()", 1, "takes 1 argument"},
		{"relu(x, y)", 1, "takes 1 argument"},
		{"rleu(x) + y", 1, "did you mean relu?"},
		{"x ? y", 6, "something is missing after"},
		{"x < 0 ? y", 10, "something is missing after"},
		{"x[0] + y", 2, "declare the shape"},
		{"[x, y", 1, "never closed"},
		{"[]", 1, "needs at least one entry"},
		{"x; y", 2, "write let"},
		{"let = 3; x", 5, "write let"},
		{"x..y", 2, "list the entries"},
		{"x | y", 3, "write abs(x)"},
		{`"x" + y`, 1, "write names"},
		{"x and y", 3, "nest choices"},
		{"not x", 1, "nest choices"},
		{"x == y", 3, "write a choice"},
		{"x < y < 1", 7, "nest choices"},
		{"1e400*x + y", 1, "numbers go up to"},
		{"x + y // comment", 7, "remove it"},
		{"#x", 1, "write the expression itself"},
		{"x?.y", 2, "put a space"},
		{"{x: y}", 1, "group with"},
		{"x.y", 2, "write an entry as x[0]"},
		{"max() + x + y", 1, "take one vector"},
		{"leakyrelu(x, y)", 14, "a number is written out"},
		{"x + y +* 2", 8, "a value is missing"},
		{"if x {y}", 1, "write condition ? a : b"},
		{"$x + y", 1, "names consist of"},
		{"x @ y", 3, "write matmul"},
		{"[x, [y, x]]", 1, "entries must have one shape"},
		{"clamp(x, 0) + y", 1, "takes 3 arguments"},
		{"sort(x) + y", 1, "it needs a vector"},
		{"dot([x,y],[x,y,x])", 1, "do not broadcast"},
		{"let a = x; let a = y; a", 16, "choose another name"},
		{"0x1F*x+y", 1, "write digits"},
		{strings.Repeat("-", 1<<16) + "x", 0, "the limit is 65536"},
	} {
		place := fmt.Sprintf("experiments explain: expression: column %d: ", test.column)
		if test.column == 0 {
			place = "experiments explain: expression: "
		}
		requireRefused(t, place, test.mend, "--at", "x=0,y=0", "--json", "--", test.text)
	}
}

func TestWrongFlagsAreNamedWithAMend(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none", "f.svg")
	for _, test := range []struct{ expression, flag, value, place, mend string }{
		{"x", "--at", "", "--at: ", "no value for x"},
		{"1+2", "--at", "", "expression: it has no inputs", "use a name"},
		{"x+y", "--at", "x", "--at: column 2: ", "expected ="},
		{"x+y", "--at", "x=", "--at: column 3: ", "write for example"},
		{"x+y", "--at", "x=0", "--at: there is no value for y", "add one"},
		{"x+y", "--at", "x=0,y=0,z=0", "--at: there is a value for z", "its inputs are x, y"},
		{"x+y", "--at", "x=0,x=1", "--at: column 5: ", "given twice"},
		{"x+y", "--at", "x=0 y=0", "--at: column 5: ", "expected a comma"},
		{"x+y", "--at", "x=[],y=0", "--at: column 4: ", "write for example"},
		{"x+y", "--at", "x=[[1],2],y=0", "--at: column 9: ", "differ in length"},
		{"x+y", "--at", "x=1/0,y=0", "--at: column 6: ", "denominator 0"},
		{"x+y", "--at", "x=1e999,y=0", "--at: column 3: ", "range of float64"},
		{"x+y", "--at", "x=nan,y=0", "--at: column 3: ", "expected a number"},
		{"x+y", "--at", "x=0,y=1e300/1e-300", "--at: column 7: ", "range of float64"},
		{"x+y", "--at", "x=0." + strings.Repeat("1", 500) + ",y=0", "--at: column 3: ", "give at most"},
		{"x", "--along", "1,2", "--along: ", "give 1, for x"},
		{"x", "--along", "1,", "--along: column 3: ", "write for example"},
		{"x", "--support", "1;2", "--support: column 2: ", "write for example"},
		{"x", "--support", "1,2", "--support: ", "give 1, for x"},
		{"x", "--preset", "nope", "--preset: ", "there are all, pytorch"},
		{"x", "--preset", "jax,", "--preset: ", "there are all, pytorch"},
		{"x", "--tol", "-1", "--tol is -1", "at least 0"},
		{"x", "--tol", "nan", "--tol is NaN", "at least 0"},
		{"x", "--tol", "abc", "--tol: ", "--help"},
		{"x", "--points", "p", "--at and --points exclude each other", "give one"},
		{"x", "--figure", none, "--figure: ", "can be written"},
		{"[x,x]", "--figure", none, "--figure: ", "pick or combine"},
		{"@" + none, "--preset", "all", "expression: open", "give a file"},
	} {
		args := []string{test.expression, test.flag, test.value}
		if test.flag != "--at" {
			args = append(args, "--at", "x=0")
		}
		requireRefused(t, test.place, test.mend, args...)
	}
}

func TestWrongPointsAreNamedByLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "points")
	requireRefused(t, "--points: open", "give a file", "x+y", "--points", path)
	for _, test := range []struct{ text, place, mend string }{
		{"", " has no points", "write one a line"},
		{`{"x": 0, "y": }`, ":1: column 14: ", "write for example"},
		{"\n[1]", ":2: column 1: ", "write for example"},
		{`{"x":0,"y":1} 3`, ":1: column 15: ", "more after the object"},
		{`{"x":"1/0","y":1}`, ":1: column 10: ", "denominator 0"},
		{`{"x":0,"x":1}`, ":1: column 10: ", "given twice"},
		{`{"x":null,"y":0}`, ":1: column 9: ", "expected a number"},
		{`{"x":0}`, ":1: there is no value for y", "add one"},
		{`{"x":0,"y":0,"z":1}`, ":1: there is a value for z", "its inputs are x, y"},
		{`{"x":[],"y":0}`, ":1: column 7: ", "empty"},
		{`{"x":"1,2","y":0}`, ":1: column 10: ", "not one number"},
		{`{"x":0`, ":1: column 6: ", "not valid JSON"},
		{`{"x":[` + strings.Repeat("0,", 999999) + `0],"y":0}`, ":1: ", "give at most"},
		{strings.Repeat(" ", maxLine+1), ":1: ", "give smaller points"},
	} {
		require.NoError(t, os.WriteFile(path, []byte(test.text), 0o600))
		requireRefused(t, path+test.place, test.mend, "x+y", "--points", path)
	}
}

func TestPointsHaveALineEach(t *testing.T) {
	path := filepath.Join(t.TempDir(), "points")
	require.NoError(t, os.WriteFile(path, []byte("{\"y\": \"1/3\", \"x\": 0}\n\n{\"x\": 1, \"y\": 0.1}\n"), 0o600))
	code, stdout, stderr := builtExplain(t, "x*y", "--points", path)
	require.Zero(t, code, stderr)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], `"at_exact":{"x":["0"],"y":["1/3"]}`)
	require.Contains(t, lines[1], `"value":0.1,"value_exact":"1/10"`)
}

func TestExpressionsFromFilesStdinAndWithAHyphen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, []byte("let y = abs(x);\ny - y\n"), 0o600))
	code, stdout, _ := builtExplain(t, "@"+path, "--at", "x=0", "--json")
	require.Zero(t, code)
	require.Contains(t, stdout, `"expression":"let y = abs(x);\ny - y"`)
	var out, report bytes.Buffer
	a := &app{stdin: strings.NewReader("-relu(-x)\n"), stdout: &out, stderr: &report}
	require.Zero(t, a.run([]string{"explain", "-", "--at", "x=0", "--json", "--preset", "jax"}), report.String())
	fromStdin := out.String()
	out.Reset()
	require.Zero(t, a.run([]string{"explain", "-relu(-x)", "--at", "x=0", "--json", "--preset", "jax"}))
	require.Equal(t, fromStdin, out.String())
	a.stdin = strings.NewReader(strings.Repeat("x+", 1<<20) + "x")
	require.Equal(t, 2, a.run([]string{"explain", "-", "--at", "x=0"}))
	require.Contains(t, report.String(), "the limit is 65536")
}

func TestNoNumberIsLostInJSON(t *testing.T) {
	for _, test := range []struct{ expression, at, want string }{
		{"1/x", "x=0", `"value":"Infinity"`},
		{"log(x)", "x=-1", `"value":"NaN"`},
		{"-exp(x)", "x=1000", `"value":"-Infinity"`},
		{"-x*exp(0)", "x=0", `"value":0,`},
	} {
		code, stdout, stderr := builtExplain(t, test.expression, "--at", test.at, "--json")
		require.Zero(t, code, stderr)
		require.True(t, json.Valid([]byte(stdout)))
		require.Contains(t, stdout, test.want)
	}
}

func TestFigureIsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.svg")
	code, _, stderr := builtExplain(t, "max(x, y)", "--at", "x=0,y=0", "--figure", path)
	require.Zero(t, code, stderr)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), "pytorch")
}

func TestInterruptedExplainExits130(t *testing.T) {
	path := filepath.Join(t.TempDir(), "points")
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("{\"x\": [0,0,0,0,0,0,0,0]}\n"), 10000), 0o600))
	command := exec.Command(built, "explain", "sum(abs(x))", "--points", path)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	var report bytes.Buffer
	command.Stderr = &report
	require.NoError(t, command.Start())
	_, err = out.Read(make([]byte, 1)) // it is at work
	require.NoError(t, err)
	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	timer := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	_, _ = io.Copy(io.Discard, out)
	_ = command.Wait()
	require.Equal(t, 130, command.ProcessState.ExitCode())
	require.Equal(t, 1, strings.Count(report.String(), "\n"))
}
