package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// minimized is one object of minimize --json.
type minimized struct {
	Schema      int            `json:"schema"`
	X           []float64      `json:"x"`
	F           jsonnum.Number `json:"f"`
	OracleCalls int            `json:"oracle_calls"`
	Method      string         `json:"method"`
	Certificate struct {
		MinNorm  []float64      `json:"min_norm"`
		Distance jsonnum.Number `json:"distance"`
		Radius   jsonnum.Number `json:"radius"`
	} `json:"certificate"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

// minimizeJSON runs the verb in this process and reads its one line.
func minimizeJSON(t *testing.T, args ...string) minimized {
	t.Helper()
	code, stdout, stderr := call(append([]string{"minimize", "--json"}, args...)...)
	require.Equal(t, 0, code, "%v: %s", args, stderr)
	require.Equal(t, 1, strings.Count(stdout, "\n"))
	var m minimized
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&m))
	require.Equal(t, 1, m.Schema)
	require.NotEmpty(t, m.Message)
	require.Positive(t, m.OracleCalls)
	if len(m.Certificate.MinNorm) == 0 { // a run that ended before it had a certificate
		require.True(t, math.IsInf(float64(m.Certificate.Distance), 1))
	} else {
		require.Len(t, m.Certificate.MinNorm, len(m.X))
	}
	return m
}

const sampling = "--method=gradient-sampling"

func TestMinimizePolishes(t *testing.T) {
	for name, least := range map[string]float64{"@cb3": 2, "@dem": -3, "@rosen-suzuki": -44} {
		raw, polished := minimizeJSON(t, name, sampling), minimizeJSON(t, name, sampling, "--polish")
		require.Greater(t, math.Abs(float64(raw.F)-least), 1e-12, name)
		require.InDelta(t, least, float64(polished.F), 1e-12, name)
		require.LessOrEqual(t, float64(polished.Certificate.Radius), 1e-9, name)
	}
	code, stdout, _ := call("minimize", "norm2([x, y])", "--from=x=1,y=2", "--polish")
	require.Equal(t, 0, code)
	require.Contains(t, stdout, "polish       none: ", "a norm at 0 is no manifold")
}

func TestMinimizeFindsKnownMinima(t *testing.T) {
	for _, test := range []struct {
		args []string
		f    float64
	}{
		{[]string{"@cb2", sampling}, 1.952224493870659},
		{[]string{"@cb2", "--method", "bfgs"}, 1.952224493870659},
		{[]string{"@CB3", sampling}, 2},
		{[]string{"@f3", "--n=3", sampling}, -2.8284271247461903},
		{[]string{"@rosenbrock", "--from", "x=[-2,1/2]", sampling}, 0},
		{[]string{"abs(x - 1) + abs(y[1] + 2) + y[0]^2", "--from", "x=0,y=[1,1]", sampling}, 0},
		{[]string{"-min(2 - x, x)", "--from", "x=0", sampling}, -1},
	} {
		m := minimizeJSON(t, test.args...)
		require.InDelta(t, test.f, float64(m.F), 1e-5, test.args)
		require.Equal(t, "stationary", m.Status, test.args)
		require.LessOrEqual(t, float64(m.Certificate.Distance), 1e-6)
		require.LessOrEqual(t, float64(m.Certificate.Radius), 1e-4)
	}
}

// Without a method it is auto, which leaves the stationary point (0, −1) that is no minimum.
func TestMinimizeByDefault(t *testing.T) {
	m := minimizeJSON(t, "0.25*abs(x1 - 1) + abs(x2 - 2*abs(x1) + 1)", "--from", "x1=0,x2=-1")
	require.Equal(t, "auto", m.Method)
	require.InDelta(t, 0, float64(m.F), 1e-6)
	code, stdout, stderr := call("minimize", "@rosenbrock")
	require.Equal(t, 0, code, stderr)
	require.Contains(t, stdout, "which is the least value")
}

// A run depends on its arguments only, the seed among them.
func TestMinimizeIsDeterministic(t *testing.T) {
	first := minimizeJSON(t, "@shor", sampling)
	require.Equal(t, first, minimizeJSON(t, "@shor", sampling, "--seed=1"))
	require.NotEqual(t, first.X, minimizeJSON(t, "@shor", sampling, "--seed=2").X)
}

// A run without a minimiser is an answer.
func TestMinimizeAnswersWithoutAMinimiser(t *testing.T) {
	require.Equal(t, "out of calls", minimizeJSON(t, "@shor", sampling, "--calls=3").Status)
	m := minimizeJSON(t, "-x^3", "--from=x=1", sampling)
	require.Equal(t, "unbounded", m.Status)
	require.Less(t, float64(m.F), -1e30)
}

func TestMinimizeTextNamesAPointThatIsNoMinimum(t *testing.T) {
	code, stdout, _ := call("minimize", "max(min(x, -y), y - x)", "--from", "x=0,y=0", sampling, "--calls", "1")
	require.Equal(t, 0, code)
	require.Contains(t, stdout, "not a local minimum: f decreases along (")
	require.Contains(t, stdout, "Clarke stationary: 0 ∈ ∂f(x)")
}

func TestMinimizeReadsPrograms(t *testing.T) {
	const program = `{"schema": 1, "inputs": [{"name": "x", "shape": [2]}, {"name": "c", "role": "datum", "shape": [2]}], "nodes": [
		{"name": "r", "op": "sub", "args": ["x", "c"]}, {"name": "y", "op": "norm1", "args": ["r"]}], "outputs": ["y"]}`
	command := exec.Command(built, "minimize", "-", "--from", "x=[1,2],c=[3,-1]", sampling, "--json")
	command.Stdin = strings.NewReader(program)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, stderr.String())
	var m minimized
	require.NoError(t, json.Unmarshal(out, &m))
	require.InDeltaSlice(t, []float64{3, -1}, m.X, 1e-5, "c is data")
}

func TestMinimizeRefusesBadInput(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"@maxp"}, `there is no problem "maxp": did you mean "maxq"?`},
		{[]string{"@"}, `there is no problem "": there are cb2, `},
		{[]string{"@cb2", "--n=3"}, "--n: problem cb2 has 2 variables, not 3: leave the number out"},
		{[]string{"@f3", "--n=1"}, "--n: problem f3 is there for 2 to 4096 variables, not for 1: choose a number in between"},
		{[]string{"@f3", "--n=-2"}, "--n: problem f3 is there for 2 to 4096 variables, not for -2: choose a number in between"},
		{[]string{"@cb2", "--from=y=[1,2]"}, "--from: problem cb2 starts at one vector x of 2 numbers; write x=[…], or leave --from out for its standard start"},
		{[]string{"@cb2", "--from=x=[1]"}, "--from: problem cb2 starts at one vector x of 2 numbers; write x=[…], or leave --from out for its standard start"},
		{[]string{"@cb2", "--method=gradientsampling"}, `--method: there is no method "gradientsampling": did you mean "gradient-sampling"?`},
		{[]string{"@cb2", "--calls=-1"}, "--calls is -1; give a number of evaluations, or leave it out"},
		{[]string{"x", "--n=2", "--from=x=1"}, "--n is for test problems such as @f3; leave it out, since --from says what the expression reads"},
		{[]string{"x + y", "--from=x=1"}, "--from: there is no value for y, which the expression reads; add one, such as 0"},
		{[]string{"x"}, "--from: there is no value for x, which the expression reads; add one, such as 0"},
		{[]string{"x", "--from=x=1,y=2"}, "--from: there is a value for y, which the expression does not read; its inputs are x"},
		{[]string{"x", "--from=x=1,"}, "--from: column 5: expected a name, found the end; write for example x=0,y=[1,1/2]"},
		{[]string{"x", "--from=x=[1,2]"}, "expression: its value has shape [2]; minimise one number, such as its max or its norm"},
		{[]string{"log(x)", "--from=x=-1"}, "--from: the function has no finite value there; start inside its domain"},
		{[]string{"rleu(x)", "--from=x=1"}, "expression: column 1: "},
		{[]string{"1 + 2", "--from="}, "expression: it has no inputs"},
	} {
		args := append([]string{"minimize"}, test.args...)
		if !strings.Contains(strings.Join(args, " "), "--method") {
			args = append(args, sampling)
		}
		code, stdout, stderr := call(args...)
		require.Equal(t, 2, code, args)
		require.Empty(t, stdout, args)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		require.True(t, strings.HasPrefix(stderr, "experiments minimize: "+test.want), "%v: %s", args, stderr)
	}
}

// A signal ends a run at once, with what it has. It is sent to this process until
// the verb hears it; the test hears each too, so that none ends the test itself.
func TestMinimizeInterrupted(t *testing.T) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, os.Interrupt)
	defer signal.Stop(heard)
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(10 * time.Millisecond):
				_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
				<-heard
			}
		}
	}()
	code, stdout, stderr := call("minimize", "@f3", "--n=4000", sampling, "--calls=1000000000", "--json")
	ended <- struct{}{}
	require.Equal(t, 130, code, stderr)
	var m minimized
	require.NoError(t, json.Unmarshal([]byte(stdout), &m))
	require.Equal(t, "interrupted", m.Status)
	require.Equal(t, "experiments minimize: interrupted; run the same command again\n", stderr)
}
