package main

import (
	"io"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// grammarWithExpression has what a verb with an expression will have.
type grammarWithExpression struct {
	Say struct {
		Expr  string `arg:"" hyphen:""`
		Along string
		Set   []string `sep:"none"`
		JSON  bool     `name:"json" short:"j"`
	} `cmd:""`
	Plain struct {
		Names []string `arg:"" optional:""`
	} `cmd:""`
}

func parseArgs(t *testing.T, args ...string) (grammarWithExpression, error) {
	var g grammarWithExpression
	parser, err := kong.New(&g, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}), kong.WithHyphenPrefixedParameters(true))
	require.NoError(t, err)
	args, err = beforeKong(parser.Model.Node, args)
	if err == nil {
		_, err = parser.Parse(args)
	}
	return g, err
}

func TestExpressionsMayBeginWithAHyphen(t *testing.T) {
	for _, args := range [][]string{
		{"say", "-relu(x)", "--along", "-1,1", "--json"},
		{"say", "--along=-1,1", "-j", "-relu(x)"},
		{"say", "--along", "-1,1", "--json", "--", "-relu(x)"},
	} {
		g, err := parseArgs(t, args...)
		require.NoError(t, err, args)
		require.Equal(t, "-relu(x)", g.Say.Expr)
		require.Equal(t, "-1,1", g.Say.Along)
		require.True(t, g.Say.JSON)
	}
	for _, expr := range []string{"-", "-x", "-(x)", "-2*x", "x", "-j2"} {
		g, err := parseArgs(t, "say", expr, "--set", "a=-1,2", "--set", "b=,")
		require.NoError(t, err, expr)
		require.Equal(t, expr, g.Say.Expr)
		require.Equal(t, []string{"a=-1,2", "b=,"}, g.Say.Set)
	}
}

func TestOtherHyphensStayFlags(t *testing.T) {
	_, err := parseArgs(t, "say", "x", "--jsn")
	require.ErrorContains(t, err, "unknown flag --jsn")
	_, err = parseArgs(t, "plain", "-x")
	require.ErrorContains(t, err, "unknown flag -x")
	_, err = parseArgs(t, "say", "x", "--along", "--json")
	require.EqualError(t, err, "say: --along needs a value before --json")
	_, err = parseArgs(t, "say", "x", "--along")
	require.EqualError(t, err, "say: --along needs a value after it")
	g, err := parseArgs(t, "plain", "--", "a", "-b")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "-b"}, g.Plain.Names)
	_, err = parseArgs(t)
	require.Error(t, err)
}
