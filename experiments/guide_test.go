package main

import (
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claims"
)

// docs/guide.md has a heading for each number 1–48 with a command below it that runs
// a claim of that number, runs every claim, and names none that does not exist.
func TestGuideRunsEveryClaim(t *testing.T) {
	text, err := os.ReadFile("../docs/guide.md")
	require.NoError(t, err)
	registered := map[string]claim.Claim{}
	for _, c := range claims.All() {
		registered[c.Name] = c
	}
	covered, named := map[int]bool{}, map[string]bool{}
	number := 0
	lines := regexp.MustCompile(`(?m)^(?:### (\d+)\. .*|go run \./experiments run (\S+).*)$`)
	for _, m := range lines.FindAllStringSubmatch(string(text), -1) {
		if m[1] != "" {
			number, err = strconv.Atoi(m[1])
			require.NoError(t, err)
			continue
		}
		c, ok := registered[m[2]]
		require.True(t, ok, "the guide runs %q, which is no claim", m[2])
		require.Contains(t, c.Numbers, number, "the guide runs %s under number %d", c.Name, number)
		covered[number], named[c.Name] = true, true
	}
	for n := 1; n <= 48; n++ {
		require.True(t, covered[n], "the guide has no command for number %d", n)
	}
	for name := range registered {
		require.True(t, named[name], "the guide does not run claim %s", name)
	}
}

// The guide's measurements are those of a ledger, as far as it rounds: .ci/run names the one of its run of every claim.
func TestGuideHasTheNumbersOfARun(t *testing.T) {
	path := os.Getenv("GUIDE_LEDGER")
	if path == "" {
		t.Skip("GUIDE_LEDGER names no ledger, which run --json prints")
	}
	var ledger struct {
		Rows []struct {
			Name     string
			Measured any
		}
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &ledger))
	measured := map[string]float64{}
	for _, row := range ledger.Rows {
		if v, ok := row.Measured.(float64); ok {
			measured[row.Name] = v
		}
	}
	text, err = os.ReadFile("../docs/guide.md")
	require.NoError(t, err)
	claimed, checked := "", 0
	lines := regexp.MustCompile("(?m)^go run \\./experiments run (\\S+)|`([^`]+)`: predicted .*, measured (\\S+?)[.)]*$")
	for _, m := range lines.FindAllStringSubmatch(string(text), -1) {
		if m[1] != "" {
			claimed = m[1]
			continue
		}
		want, err := strconv.ParseFloat(strings.ReplaceAll(m[3], "−", "-"), 64)
		require.NoError(t, err)
		got, ok := measured[claimed+"/"+m[2]]
		require.True(t, ok, "no row %s/%s", claimed, m[2])
		require.InDelta(t, want, got, 0.006*math.Abs(want), "%s/%s: three digits are given", claimed, m[2])
		checked++
	}
	require.Greater(t, checked, 100)
}
