package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// interruption is the why of a claim that was stopped or never started.
const interruption = "Interrupted: the same command finishes what is missing."

// run makes one cell, or reuses what is already there.
func (e Engine) run(ctx context.Context, cell Cell, code string) (Run, []claim.Row) {
	run := Run{Claim: cell.Claim.Name}
	if ctx.Err() != nil {
		run.Status = Interrupted
		return run, unmeasured(cell, claim.NotTested, interruption)
	}
	rows, err := e.attempt(ctx, cell, code, &run)
	switch {
	case err == nil:
		run.Status = Done
		return run, rows
	case run.Status == Interrupted:
		return run, unmeasured(cell, claim.NotTested, interruption)
	default:
		run.Status = Failed
		return run, unmeasured(cell, claim.Fail, "The run failed: "+sentence(err))
	}
}

// attempt fills in run's key and how it came about.
func (e Engine) attempt(ctx context.Context, cell Cell, code string, run *Run) ([]claim.Row, error) {
	var config Config
	err := claim.Protect(func() (err error) { // Inputs is a claim's code as well
		config, err = newConfig(cell, e.Build, code)
		return err
	})
	if err != nil {
		return nil, err
	}
	key, text, err := config.key()
	if err != nil {
		return nil, err
	}
	run.Key = key
	path := filepath.Join(e.Out, cell.Claim.Name, key)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	unlock, err := lockDirectory(path)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if m, err := ReadManifest(path); err == nil && m.Status == Done && m.describes(text) && !e.Force {
		rows, err := readRows(path, m)
		run.Reused = err == nil
		return rows, err
	}
	m := Manifest{
		Schema: Schema, Claim: cell.Claim.Name, Key: key, Status: Running, Config: text,
		SeedDerivation: claim.Derivation, Build: e.Build, Workers: e.Workers, Started: e.Now().UTC(),
	}
	return e.compute(ctx, cell, path, m, run)
}

// compute runs the claim between two manifests.
func (e Engine) compute(ctx context.Context, cell Cell, path string, m Manifest, run *Run) ([]claim.Row, error) {
	manifest := filepath.Join(path, manifestName)
	if _, err := e.files.writeJSON(manifest, m); err != nil {
		return nil, err
	}
	f, err := newFolder(path, e.files)
	if err != nil {
		return nil, err
	}
	rows, failure := e.measure(ctx, cell, f)
	outputs, err := f.close()
	failure = errors.Join(failure, err)

	m.Status, m.Outputs = Done, outputs
	if failure != nil {
		m.Status, m.Error = Failed, diagnosis(failure)
		if ctx.Err() != nil {
			m.Status = Interrupted
		}
	}
	finished := e.Now().UTC()
	m.Finished = &finished
	run.Status = m.Status
	_, err = e.files.writeJSON(manifest, m)
	return rows, errors.Join(failure, err)
}

// measure gets the outcome, judges it and stores the result.
func (e Engine) measure(ctx context.Context, cell Cell, f *folder) ([]claim.Row, error) {
	outcome, err := e.outcome(ctx, cell, f)
	if err != nil {
		return nil, err
	}
	rows, err := claim.Rows(cell.Claim, cell.Values, outcome)
	if err != nil {
		return nil, err
	}
	return rows, f.result(result{Schema, cell.Claim.Name, rows, outcome.Result})
}

// outcome calls the claim. After ctx has ended it waits for the claim no longer than the grace;
// a goroutine cannot be killed, but its writes then fail.
func (e Engine) outcome(ctx context.Context, cell Cell, f *folder) (outcome claim.Outcome, err error) {
	type answer struct {
		outcome claim.Outcome
		err     error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		a.err = claim.Protect(func() (err error) {
			a.outcome, err = cell.Claim.Run(ctx, &claim.Context{
				Claim: cell.Claim.Name, Profile: cell.Profile, Values: cell.Values,
				Seed: cell.Seed, Workers: e.Workers, Output: f,
			})
			return err
		})
		answers <- a
	}()
	select {
	case a := <-answers:
		return a.outcome, a.err
	case <-ctx.Done():
	}
	select {
	case a := <-answers:
		return a.outcome, a.err
	case <-time.After(e.Grace):
		return claim.Outcome{}, ctx.Err()
	}
}

func unmeasured(cell Cell, verdict claim.Verdict, why string) []claim.Row {
	return []claim.Row{cell.Claim.Unmeasured(cell.Values, verdict, why)}
}

// sentence makes an error's text end like one, on one line.
func sentence(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	return strings.TrimSuffix(text, ".") + "."
}

// diagnosis is the manifest's text: with the stack if there was a panic.
func diagnosis(err error) string {
	var panicked *claim.PanicError
	if errors.As(err, &panicked) {
		return fmt.Sprintf("%v\n%s", err, panicked.Stack)
	}
	return err.Error()
}
