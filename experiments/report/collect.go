package report

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
)

// Run is one run in a report.
type Run struct {
	engine.Record
	Name  string      // of the claim
	Claim claim.Claim // its Run is nil if this program does not know the claim
	Key   string
	Rows  []claim.Row // at least one, also for a run without a result

	// Trouble says in a sentence why the run has no result of its claim, "" if it has.
	Trouble string
}

// InputError tells what cannot be reported on.
type InputError struct{ Path, Problem string }

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("%s %s", e.Path, e.Problem) }

// Collect reads what a report is about. Each path is a ledger; a run folder; or a folder that
// holds some, of which a run that was made again with the same parameters, profile and seed
// appears once, as it was made last. Claims give titles and mathematics; runs of others are shown all the
// same. Runs that are broken or unfinished are part of the report. The error is an *InputError, an
// *engine.LedgerError or one of the file system.
func Collect(paths []string, claims []claim.Claim) (*Report, error) {
	report := &Report{}
	for _, path := range paths {
		runs, repeated, err := collect(path)
		if err != nil {
			return nil, err
		}
		report.Runs = append(report.Runs, runs...)
		report.Repeated += repeated
	}
	report.Runs = distinct(report.Runs)
	for i := range report.Runs {
		report.Runs[i].complete(claims)
	}
	slices.SortStableFunc(report.Runs, func(a, b Run) int {
		return cmp.Or(cmp.Compare(a.number(), b.number()), cmp.Compare(a.Name, b.Name))
	})
	return report, nil
}

// distinct drops runs whose folder came before, under whatever path.
func distinct(runs []Run) []Run {
	seen := map[string]bool{}
	return slices.DeleteFunc(runs, func(r Run) bool {
		path, err := filepath.Abs(r.Folder)
		if r.Folder == "" || err != nil {
			return false
		}
		again := seen[path]
		seen[path] = true
		return again
	})
}

// number puts claims in their order, those without a number at the end.
func (r Run) number() int {
	if n := r.Rows[0].Number; n > 0 {
		return n
	}
	return math.MaxInt
}

func collect(path string) (runs []Run, repeated int, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, 0, &InputError{path, `cannot be read: give a folder of runs, run folders or a ledger, or make some with "run"`}
	case !info.IsDir():
		runs, err = fromLedger(path)
		return runs, 0, err
	}
	records, err := engine.FindRecords(path)
	if err != nil {
		return nil, 0, err
	}
	if len(records) == 0 {
		return nil, 0, &InputError{path, `holds no run: make some with "run", or give another folder`}
	}
	for _, r := range records {
		runs = append(runs, Run{Record: r, Name: nameOf(r), Key: cmp.Or(r.Manifest.Key, filepath.Base(r.Folder))})
	}
	last := latest(runs)
	return last, len(runs) - len(last), nil
}

// nameOf is the claim of a run, for a broken one the name of the folder above it.
func nameOf(r engine.Record) string {
	if r.Manifest.Claim != "" {
		return r.Manifest.Claim
	}
	if absolute, err := filepath.Abs(r.Folder); err == nil {
		return filepath.Base(filepath.Dir(absolute))
	}
	return filepath.Base(filepath.Dir(r.Folder))
}

// fromLedger returns the runs of a ledger. What the folders say counts; the ledger's own rows
// stand in where a folder has none.
func fromLedger(path string) ([]Run, error) {
	ledger, err := engine.ReadLedger(path)
	if err != nil {
		return nil, err
	}
	if len(ledger.Runs) == 0 {
		return nil, &InputError{path, `lists no run: make some with "run"`}
	}
	var runs []Run
	for _, made := range ledger.Runs {
		run := Run{Name: made.Claim, Key: made.Key}
		if folder := ledger.Folder(made); folder != "" {
			run.Record = engine.ReadRecord(folder)
		} else {
			run.Manifest.Status = made.Status
		}
		for _, row := range ledger.Rows {
			if name, _, _ := strings.Cut(row.Name, "/"); name == made.Claim {
				run.Rows = append(run.Rows, row)
			}
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// latest drops runs that were made again later with the same settings. Runs whose settings
// are not known stay.
func latest(runs []Run) []Run {
	last := map[string]int{}
	for i, r := range runs {
		settings, known := r.settings()
		if j, found := last[settings]; known && (!found || runs[j].Manifest.Started.Before(r.Manifest.Started)) {
			last[settings] = i
		}
	}
	var out []Run
	for i, r := range runs {
		if settings, known := r.settings(); !known || last[settings] == i {
			out = append(out, r)
		}
	}
	return out
}

func (r Run) settings() (text string, known bool) {
	return fmt.Sprintln(r.Config.Claim, r.Config.Params, r.Config.Profile, r.Config.Seed), r.Config.Claim != ""
}

// complete looks the claim up and sees to it that the run has rows. The manifest's status is the only
// truth; where there is none, the rows of a ledger stay.
func (r *Run) complete(claims []claim.Claim) {
	r.Claim = claim.Claim{Name: r.Name, Numbers: []int{0}}
	if i := slices.IndexFunc(claims, func(c claim.Claim) bool { return c.Name == r.Name }); i >= 0 {
		r.Claim = claims[i]
	}
	verdict := claim.NotTested
	switch status := r.Manifest.Status; {
	case r.Problem == "" && status == engine.Done && len(r.Record.Rows) > 0:
		r.Rows = r.Record.Rows
		return
	case r.Folder == "" && len(r.Rows) > 0: // it never began, as the ledger knows
		r.Trouble = r.Rows[0].Why
		return
	case status == engine.Done:
		verdict, r.Trouble = claim.Fail, "The result cannot be trusted: "+cmp.Or(r.Problem, "it has no row")+"."
	case r.Problem != "":
		r.Trouble = "The run folder is broken: " + r.Problem + "."
		if len(r.Rows) > 0 {
			r.Trouble += " Its rows are the ledger's."
			return
		}
	case status == engine.Failed:
		text, _, _ := strings.Cut(r.Manifest.Error, "\n")
		verdict, r.Trouble = claim.Fail, "The run failed: "+strings.TrimSuffix(text, ".")+"."
	case status == engine.Interrupted:
		r.Trouble = "The run was interrupted; the same command finishes it."
	default:
		r.Trouble = fmt.Sprintf("The run is unfinished (its manifest says %q); unless it is still going on, the same command finishes it.", status)
	}
	r.Rows = []claim.Row{r.Claim.Unmeasured(nil, verdict, r.Trouble)}
}
