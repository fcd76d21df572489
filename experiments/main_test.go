package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// asCommand makes the test binary behave as the command, with the fake claims below.
const asCommand = "TAMEGRAD_AS_COMMAND"

// built is the real command, built once.
var built string

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(fakeApp(os.Stdout, os.Stderr).run(os.Args[1:]))
	}
	folder, err := os.MkdirTemp("", "experiments")
	if err == nil {
		built = filepath.Join(folder, "experiments")
		err = exec.Command("go", "build", "-buildvcs=false", "-o", built, ".").Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build the command:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

type writer interface{ Write([]byte) (int, error) }

func fakeApp(stdout, stderr writer) *app {
	return &app{claims: fakes(), build: engine.Build{Module: "m", Version: "v1", Commit: "abc", SIMD: "go"}, stdout: stdout, stderr: stderr}
}

func fakes() []claim.Claim {
	one := func(number int, name string, run func(context.Context, *claim.Context) (claim.Outcome, error)) claim.Claim {
		return claim.Claim{
			Numbers: []int{number}, Name: name, Sentence: "Fakes do " + name + ".", Source: "nobody", Run: run,
			Params:   []claim.Param{claim.Int("trials", 10, "number of trials").Between(1, 100)},
			Findings: []claim.Finding{{Key: "known", Reason: "It is known."}},
		}
	}
	measured := func(check claim.Check) func(context.Context, *claim.Context) (claim.Outcome, error) {
		return func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Outcome{Checks: []claim.Check{check}}, nil
		}
	}
	only := one(3, "finds", measured(claim.Check{Predicted: claim.Exact(1), Measured: claim.Measured(0.5), Finding: "known", Instead: claim.Exact(0.5)}))
	only.Params = append(only.Params, claim.Text("method", "sgd", "optimiser").Among("sgd", "adam"))
	return []claim.Claim{
		one(1, "passes", measured(claim.Check{Predicted: claim.AtMost(1), Measured: claim.MeasuredIn(1.0/3, 0.25, 0.5)})),
		one(2, "fails", measured(claim.Check{Predicted: claim.Exact(1), Measured: claim.Measured(2)})),
		only,
		one(4, "errs", func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Outcome{}, errors.New("no\nluck")
		}),
		one(4, "panics", func(context.Context, *claim.Context) (claim.Outcome, error) { panic("boom") }),
		one(5, "skips", measured(claim.Check{Skip: "Not here."})),
		one(6, "sleeps", func(ctx context.Context, _ *claim.Context) (claim.Outcome, error) {
			<-ctx.Done()
			return claim.Outcome{}, ctx.Err()
		}),
	}
}

// call runs the fake app in this process.
func call(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = fakeApp(&out, &err).run(args)
	return code, out.String(), err.String()
}

func TestTheBuiltCommandsExitCodes(t *testing.T) {
	out := t.TempDir()
	for _, test := range []struct {
		args string
		want int
	}{
		{"--help", 0},
		{"run --help", 0},
		{"version", 0},
		{"version --json", 0},
		{"list", 0},
		{"list --json", 0},
		{"", 2},
		{"runn", 2},
		{"run --nope", 2},
		{"run no-such-claim", 2},
		{"run 999999", 2},
		{"list extra", 2},
	} {
		command := exec.Command(built, strings.Fields(test.args)...)
		command.Dir = out
		var stderr bytes.Buffer
		command.Stderr = &stderr
		err := command.Run()
		var exit *exec.ExitError
		require.True(t, err == nil || errors.As(err, &exit))
		require.Equal(t, test.want, command.ProcessState.ExitCode(), test.args)
		if test.want == 2 {
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
		}
	}
	entries, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Empty(t, entries, "bad input starts nothing")
}

// A set of instructions that the processor does not have is said at once, by every verb.
func TestTheVariableForKernels(t *testing.T) {
	command := exec.Command(built, "version")
	command.Env = append(os.Environ(), kernel.PathVariable+"=mmx")
	out, err := command.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 2, command.ProcessState.ExitCode())
	require.Equal(t, fmt.Sprintf("experiments: kernel: TAMEGRAD_SIMD=\"mmx\": this processor has %s; unset it to take the last\n", strings.Join(kernel.Paths(), ", ")), string(out))
	command = exec.Command(built, "version")
	command.Env = append(os.Environ(), kernel.PathVariable+"=go")
	out, err = command.CombinedOutput()
	require.NoError(t, err)
	require.Regexp(t, `simd +go`, string(out))
}

func TestBadInputIsOneLineWithPlaceAndMend(t *testing.T) {
	out := t.TempDir()
	file := filepath.Join(out, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, `experiments: expected one of "list", "run", "report", "replay", "explain", ...: "experiments --help" shows what there is`},
		{[]string{"rnu"}, `experiments: unexpected argument rnu, did you mean "run"?`},
		{[]string{"run", "--forc"}, `experiments: unknown flag --forc, did you mean "--force"?`},
		{[]string{"run", "--zzz"}, `experiments: unknown flag --zzz: "experiments run --help" shows what there is`},
		{[]string{"run", "pases"}, `experiments run: there is no claim "pases": did you mean "passes"?`},
		{[]string{"run", "99"}, `experiments run: there is no claim "99": "experiments list" shows them all`},
		{[]string{"run", "--seed", "-1"}, `experiments: --seed: expected a valid 64 bit uint but got "-1": "experiments run --help" shows what there is`},
		{[]string{"run", "--workers=-1"}, `experiments run: --workers -1: give a number of goroutines, or 0 for all cores`},
		{[]string{"run", "--out", ""}, `experiments run: --out is empty: name a folder`},
		{[]string{"run", "--out", "--json"}, `experiments: run: --out needs a value before --json`},
		{[]string{"run", "--set"}, `experiments: run: --set needs a value after it`},
		{[]string{"run", "--set", "trials"}, `experiments run: --set: setting "trials": write it as NAME=VALUE`},
		{[]string{"run", "--set", "trials=1", "--set", "trials=2"}, `experiments run: --set: setting "trials=2": give each parameter once`},
		{[]string{"run", "passes", "--set", "trails=1"}, `experiments run: --set: claim "passes" has no parameter "trails": did you mean "trials"?`},
		{[]string{"run", "finds", "passes", "--set", "method=adam"}, `experiments run: --set: claim "passes" has no parameter "method": it has trials`},
		{[]string{"run", "--set", "trials=1,2"}, `experiments run: --set: parameter "trials" of claim "passes" cannot be "1,2": it needs a whole number between 1 and 100`},
		{[]string{"run", "passes", "--out", file}, "experiments run: --out " + file + " cannot be written (mkdir " + file + ": not a directory): choose another folder"},
		{[]string{"list", "x"}, `experiments: unexpected argument x: "experiments list --help" shows what there is`},
	} {
		code, stdout, stderr := call(test.args...)
		require.Equal(t, 2, code, test.args)
		require.Empty(t, stdout, test.args)
		require.Equal(t, test.want+"\n", stderr)
	}
}

func TestHelpNamesEveryVerb(t *testing.T) {
	code, stdout, stderr := call("--help")
	require.Equal(t, 0, code)
	require.Empty(t, stderr)
	for _, verb := range []string{"list", "run", "report", "replay", "version"} {
		require.Contains(t, stdout, verb)
	}
}

func TestVersion(t *testing.T) {
	code, stdout, _ := call("version", "--json")
	require.Equal(t, 0, code)
	require.JSONEq(t, `{"schema":1,"module":"m","version":"v1","commit":"abc","modified":false,"go":"","os":"","arch":"","cpu":"","simd":"go"}`, stdout)
	_, stdout, _ = call("version")
	require.Contains(t, stdout, "commit  abc\n")
	b := engine.CurrentBuild()
	require.NotEmpty(t, b.Go+b.OS+b.Arch)
	require.NotEmpty(t, b.CPU)
}
