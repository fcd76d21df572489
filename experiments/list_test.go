package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

func TestList(t *testing.T) {
	code, stdout, stderr := call("list")
	require.Equal(t, 0, code)
	require.Empty(t, stderr)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, len(fakes()))
	require.Equal(t, "3\tfinds\ttrials=10 method=sgd\tFakes do finds.", lines[2])
}

func TestListJSON(t *testing.T) {
	var out, errs bytes.Buffer
	a := fakeApp(&out, &errs)
	a.claims = a.claims[:1]
	a.claims[0].Theorem, a.claims[0].Decides = claim.Limit, []claim.Decision{claim.ByBound}
	require.Equal(t, 0, a.run([]string{"list", "--json"}))
	require.JSONEq(t, `{"schema":1,"claims":[{"numbers":[1],"name":"passes","sentence":"Fakes do passes.","source":"nobody",
		"theorem":"limit","decides":["bound"],
		"params":[{"name":"trials","type":"int","default":10,"full":10,"min":1,"max":100,"doc":"number of trials"}]}]}`, out.String())
}

func TestListRefusesAnIncompleteRegistry(t *testing.T) {
	var out, errs bytes.Buffer
	a := fakeApp(&out, &errs)
	a.claims[0].Source = ""
	require.Equal(t, 2, a.run([]string{"list"}))
	require.Equal(t, "experiments list: the registration of claim \"passes\" is incomplete: it needs a sentence and a source\n", errs.String())
}

// /dev/null is a character device like a terminal, so the aligned branch runs.
func TestTerminalGetsATable(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer device.Close()
	require.True(t, isTerminal(device))
	require.False(t, isTerminal(&bytes.Buffer{}))
	require.Equal(t, 0, fakeApp(device, device).run([]string{"run", "passes", "--out", t.TempDir()}))
}
