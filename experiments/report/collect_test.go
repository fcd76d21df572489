package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
)

func names(r *Report) []string {
	var out []string
	for _, run := range r.Runs {
		out = append(out, run.Name)
	}
	return out
}

func TestOneFolderOneLedgerOneRun(t *testing.T) {
	out, ledger := runExamples(t)
	require.Equal(t, []string{
		"subgradient-rate", "avoids-artificial-points", "ties-of-a-maximum", "deliberately-wrong", "needs-a-peer", "needs-a-peer",
		"breaks", "evil", "empty", "gone",
	}, names(collected(t, out)), "by number, what has none at the end")
	require.Len(t, collected(t, ledger.Path).Runs, len(ledger.Runs))
	require.Equal(t, ledger.Rows[0].Why, collected(t, ledger.Path).Rows()[0].Why)
	folder := ledger.Folder(ledger.Runs[2])
	require.Equal(t, []string{"ties-of-a-maximum"}, names(collected(t, folder)))
	require.Equal(t, []string{"ties-of-a-maximum"}, names(collected(t, filepath.Dir(folder))))
	require.Len(t, collected(t, folder, ledger.Path, out, folder).Runs, 10, "each run once")
	t.Chdir(folder)
	require.Equal(t, "ties-of-a-maximum", collected(t, ".").Runs[0].Name)
}

func TestWhatCannotBeReported(t *testing.T) {
	out, ledger := runExamples(t)
	empty := t.TempDir()
	barren := filepath.Join(empty, "ledger.json")
	require.NoError(t, engine.WriteFile(barren, []byte(`{"schema":1,"rows":[],"runs":[]}`)))
	for path, want := range map[string]string{
		empty:                         "holds no run: make some with",
		filepath.Join(out, "nowhere"): "cannot be read: give",
		barren:                        "lists no run",
		filepath.Join(ledger.Folder(ledger.Runs[0]), "result.json"): "is not a ledger",
	} {
		_, err := Collect([]string{path}, examples())
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "\n")
	}
}

// A run that was made again, by other code or after a failure, appears once.
func TestTheLastRunOfTheSameSettingsCounts(t *testing.T) {
	out := t.TempDir()
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	run := func(commit string, seed uint64) {
		clock = clock.Add(time.Hour)
		e := engine.Engine{Out: out, Build: engine.Build{Commit: commit, Go: "go1.26"}, Now: func() time.Time { return clock }}
		cells, err := engine.Plan(examples()[1:2], claim.Quick, seed, nil)
		require.NoError(t, err)
		_, err = e.Run(context.Background(), cells)
		require.NoError(t, err)
	}
	run("b", 1)
	run("c", 1)
	run("a", 1)
	run("a", 2)
	r := collected(t, out)
	require.Len(t, r.Runs, 2)
	require.Equal(t, 2, r.Repeated)
	for _, run := range r.Runs {
		require.Equal(t, "a", run.Manifest.Build.Commit)
	}
	page := parsed(t, html(t, r))
	require.Contains(t, page.all(), "2 older runs of the same settings left out.")
	require.Equal(t, "21 avoids-artificial-points (quick profile, seed 1) ✓ pass", page.find("h2")[1].all())
}

// Runs of one claim have titles of their own, by their settings or else by their keys.
func TestTitlesTellRunsApart(t *testing.T) {
	out := t.TempDir()
	var folders []string
	for _, commit := range []string{"a", "b"} {
		e := engine.Engine{Out: out, Build: engine.Build{Commit: commit, Go: "go1.26"}}
		cells, err := engine.Plan(examples()[1:2], claim.Quick, 1, nil)
		require.NoError(t, err)
		ledger, err := e.Run(context.Background(), cells)
		require.NoError(t, err)
		folders = append(folders, ledger.Folder(ledger.Runs[0]))
	}
	page := parsed(t, html(t, collected(t, folders...)))
	for i, folder := range folders {
		require.Contains(t, page.find("h2")[1+i].all(), "(run "+filepath.Base(folder)+")")
	}
}

func TestAResultThatWasChangedIsNotBelieved(t *testing.T) {
	_, ledger := runExamples(t)
	folder := ledger.Folder(ledger.Runs[1])
	path := filepath.Join(folder, "result.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(text, []byte(`"measured": 0`), []byte(`"measured": 1`), 1), 0o600))
	for _, source := range []string{folder, ledger.Path} {
		for _, run := range collected(t, source).Runs {
			if run.Name == "avoids-artificial-points" {
				require.Equal(t, claim.Fail, run.Rows[0].Verdict)
				require.Contains(t, run.Rows[0].Why, "The result cannot be trusted: result.json")
				require.NotEmpty(t, run.Trouble)
				require.NotContains(t, run.Rows[0].Why, folder)
			}
		}
	}
}

// A ledger whose folders are gone still has its rows; one whose run was stopped has the
// manifest's word.
func TestLedgersWithoutFolders(t *testing.T) {
	out, ledger := runExamples(t)
	require.NoError(t, os.RemoveAll(ledger.Folder(ledger.Runs[0])))
	stopped := filepath.Join(ledger.Folder(ledger.Runs[1]), "manifest.json")
	text, err := os.ReadFile(stopped)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(stopped, bytes.Replace(text, []byte(`"done"`), []byte(`"interrupted"`), 1), 0o600))
	r := collected(t, ledger.Path)
	require.Len(t, r.Runs[0].Rows, 2)
	require.Equal(t, claim.Pass, r.Runs[0].Rows[0].Verdict)
	require.Equal(t, "The run folder is broken: manifest.json is missing. Its rows are the ledger's.", r.Runs[0].Trouble)
	require.Equal(t, claim.NotTested, r.Runs[1].Rows[0].Verdict)
	require.Len(t, r.Troubled(), 3)
	html(t, r)
	require.NoError(t, os.RemoveAll(filepath.Join(out, "breaks")))

	never := filepath.Join(t.TempDir(), "ledger.json")
	require.NoError(t, engine.WriteFile(never, []byte(`{"schema":1,"rows":[{"number":3,"name":"x/y","verdict":"skipped","why":"Interrupted.","params":{},"predicted":"NaN","measured":"NaN","lower":"NaN","upper":"NaN"}],"runs":[{"claim":"x","key":"","status":"interrupted"}]}`)))
	r = collected(t, never)
	require.Equal(t, 3, r.Rows()[0].Number)
	require.Len(t, r.Troubled(), 1)
	require.Contains(t, html(t, r), "Interrupted.")
}

func TestDamagedFigures(t *testing.T) {
	_, ledger := runExamples(t)
	folder := ledger.Folder(ledger.Runs[0])
	figure := func(name string) string { return filepath.Join(folder, "figures", name) }
	require.NoError(t, os.WriteFile(figure("gap.json"), []byte("{}"), 0o600))
	section := parsed(t, html(t, collected(t, folder))).with("aria-labelledby", "run-1")
	require.Len(t, section.find("svg"), 1)
	require.Equal(t, "Figure gap of subgradient-rate: Gap to the minimum, mean of 30 runs", section.find("img")[0].attr["alt"], "the stored drawing stands in")
	require.NoError(t, os.Remove(figure("gap.svg")))
	section = parsed(t, html(t, collected(t, folder))).with("aria-labelledby", "run-1")
	require.Contains(t, section.all(), "Not shown: figures/gap.svg")
	require.Empty(t, section.find("img"))
}

func TestCSVAndJSONHaveTheLedger(t *testing.T) {
	out, _ := runExamples(t)
	r := collected(t, out)
	var text bytes.Buffer
	require.NoError(t, r.WriteCSV(&text))
	lines, err := csv.NewReader(&text).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 1+len(r.Rows()))
	require.Equal(t, columns, lines[0])
	require.Equal(t, []string{"14", "subgradient-rate/slope", "pass", "-0.5", "-0.497213", "-0.5121", "-0.4813"}, lines[1][:7])
	require.JSONEq(t, `{"runs":30,"steps":[0.1,1],"method":"plain"}`, lines[1][10])
	require.Len(t, lines[1][11], 16)

	text.Reset()
	require.NoError(t, r.WriteJSON(&text))
	var d Document
	require.NoError(t, json.Unmarshal(text.Bytes(), &d))
	require.Equal(t, map[string]int{"pass": 7, "fail": 3, "finding": 1, "skipped": 5}, d.Counts)
	require.Len(t, d.Rows, len(r.Rows()))
	require.Len(t, d.Runs, len(r.Runs))
	require.Equal(t, lines[1][11], d.Rows[0].Key)
	require.Equal(t, engine.Running, d.Runs[4].Status)
	require.NotContains(t, text.String(), out)
}

func TestFilesOfFigures(t *testing.T) {
	out, _ := runExamples(t)
	r := collected(t, out)
	files, missing, err := r.Files(PDF, CSV, JSON)
	require.NoError(t, err)
	require.Len(t, files, 3*3)
	require.Len(t, missing, 2, "two drawings have no data")
	require.Contains(t, missing[0], "/sketch (")
	for i, ending := range []string{PDF, CSV, JSON} {
		require.True(t, strings.HasPrefix(files[i].Name, "subgradient-rate/"))
		require.True(t, strings.HasSuffix(files[i].Name, "/gap"+ending))
		require.NotEmpty(t, files[i].Data)
	}
	again, _, err := r.Files(PDF, CSV, JSON)
	require.NoError(t, err)
	require.Equal(t, files, again)
	r.Runs[0].Name = "../.."
	_, missing, err = r.Files(PDF)
	require.NoError(t, err)
	require.Contains(t, missing[0], "leads elsewhere")
}

func TestCommands(t *testing.T) {
	out := t.TempDir()
	e := engine.Engine{Out: out, Build: buildOfExamples}
	settings := []claim.Setting{{Name: "runs", Value: "7"}, {Name: "method", Value: "averaged"}}
	cells, err := engine.Plan(examples()[:1], claim.Full, 3, settings)
	require.NoError(t, err)
	_, err = e.Run(context.Background(), cells)
	require.NoError(t, err)
	t.Chdir(filepath.Dir(out))
	r := collected(t, filepath.Base(out))
	require.Equal(t, "go run ./experiments run subgradient-rate --seed 3 --full --set method=averaged --set runs=7", r.Runs[0].commands()[0])
	require.Equal(t, "go run ./experiments replay "+filepath.ToSlash(r.Runs[0].Folder), r.Runs[0].commands()[1])
	require.Equal(t, `'it'\''s'`, quoted("it's"))
	require.Equal(t, `''`, quoted(""))
}
