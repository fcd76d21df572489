package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/report"
)

func TestReportOfARun(t *testing.T) {
	t.Chdir(t.TempDir())
	code, _, _ := call("run", "passes", "fails", "finds", "skips", "panics")
	require.Equal(t, 1, code)
	code, stdout, stderr := call("report", "--csv", "--pdf")
	require.Equal(t, 0, code, "the page is written, whatever the verdicts")
	require.Empty(t, stderr)
	require.Regexp(t, `^report\.html \(\d+ kB\): 5 rows: 1 pass, 2 fail, 1 finding, 1 skipped\n$`, stdout)
	for name, want := range map[string]string{
		"report.html": "<h1>Claims ledger</h1>", "report.csv": "finds,finding,1,0.5", "report.json": `"skipped": 1`,
	} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Contains(t, string(text), want)
	}

	code, stdout, _ = call("report", "runs", "--out", filepath.Join("deep", "page.html"), "--json")
	require.Equal(t, 0, code)
	var d report.Document
	require.NoError(t, json.Unmarshal([]byte(stdout), &d))
	require.Len(t, d.Rows, 5)
	entries, err := os.ReadDir("deep")
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// The real command, its real claims and their figures.
func TestReportOfTheBuiltCommand(t *testing.T) {
	folder := t.TempDir()
	execute := func(args string) string {
		command := exec.Command(built, strings.Fields(args)...)
		command.Dir = folder
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	execute("run gradient-cost sum-rule")
	execute("report --csv --pdf --out page.html")
	figures, err := filepath.Glob(filepath.Join(folder, "page-figures", "gradient-cost", "*", "*"))
	require.NoError(t, err)
	require.Len(t, figures, 6, "two figures as PDF, CSV and JSON")
	first, err := os.ReadFile(filepath.Join(folder, "page.html"))
	require.NoError(t, err)
	require.Contains(t, string(first), "<svg ")
	execute("report --out page.html")
	again, err := os.ReadFile(filepath.Join(folder, "page.html"))
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))

	runs, err := filepath.Glob(filepath.Join(folder, "runs", "*", "*", "manifest.json"))
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Contains(t, execute("replay "+filepath.Dir(runs[0])+" "+filepath.Dir(runs[1])), ": equal\n")
}

func TestReportsThatAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("empty", 0o755))
	require.NoError(t, os.WriteFile("text", []byte("text"), 0o600))
	for args, want := range map[string]string{
		"":                     `experiments report: runs cannot be read: give a folder of runs, run folders or a ledger, or make some with "run"`,
		"empty":                `experiments report: empty holds no run: make some with "run", or give another folder`,
		"text":                 `experiments report: text is not a ledger (invalid character 'e' in literal true (expecting 'r')): give a file ledger-….json that "run" wrote`,
		"empty --out empty":    `experiments report: --out "empty": name a file, such as report.html`,
		"empty --out=":         `experiments report: --out "": name a file, such as report.html`,
		"empty text nothing x": `experiments report: empty holds no run: make some with "run", or give another folder`,
	} {
		code, stdout, stderr := call(append([]string{"report"}, strings.Fields(args)...)...)
		require.Equal(t, 2, code, args)
		require.Empty(t, stdout)
		require.Equal(t, want+"\n", stderr)
	}
	code, _, _ := call("run", "passes")
	require.Equal(t, 0, code)
	code, _, stderr := call("report", "--out", filepath.Join("text", "page.html"))
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "cannot be written")
}
