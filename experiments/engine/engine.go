// Package engine runs claims and keeps what they produce.
//
// Each run has a folder OUT/CLAIM/KEY, where the key is a hash of what determines the result
// ([Config]). A folder whose manifest says "done" is never computed again, unless asked for.
// Every file is written under a temporary name, synchronised and renamed, so a kill at any
// moment leaves a folder that the next run completes.
package engine

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// DefaultGrace is how long an interrupted claim may take to stop before it is abandoned.
const DefaultGrace = 3 * time.Second

// Cell is one run to make: a claim with its parameters.
type Cell struct {
	Claim   claim.Claim
	Profile claim.Profile
	Values  claim.Values
	Seed    uint64
}

// Plan resolves the parameters of claims. Every setting must be valid for every claim, so that
// nothing starts before all of it is known to be meaningful. Its errors are those of claim.Resolve.
func Plan(claims []claim.Claim, profile claim.Profile, seed uint64, settings []claim.Setting) ([]Cell, error) {
	cells := make([]Cell, 0, len(claims))
	for _, c := range claims {
		values, err := c.Resolve(profile, settings)
		if err != nil {
			return nil, err
		}
		cells = append(cells, Cell{c, profile, values, seed})
	}
	return cells, nil
}

// Engine runs cells. Out is required; the zero values of the rest are useful.
type Engine struct {
	Out     string        // folder of all runs
	Force   bool          // compute again even what is done
	Workers int           // goroutines a claim may use; 0 means 1
	Grace   time.Duration // see DefaultGrace, which 0 means
	Build   Build         // what runs; recorded and part of the key

	// Progress, if not nil, is told about each cell before it starts (with a zero Run) and after.
	Progress func(Event)
	// Now is the clock of manifests and the ledger; nil means time.Now.
	Now func() time.Time

	files writer
}

// Event is one step of progress.
type Event struct {
	Index, Total int // Index counts from 0
	Claim        string
	Run          Run
}

// Run makes the cells one after the other and writes a ledger. When ctx ends, the claim in
// flight is asked to stop and the remaining ones are listed as skipped. A claim that fails
// becomes a row, never an error; Run's error says that nothing could be stored.
func (e Engine) Run(ctx context.Context, cells []Cell) (Ledger, error) {
	e = e.withDefaults()
	ledger := Ledger{Schema: Schema, Started: e.Now().UTC(), Rows: []claim.Row{}, Runs: []Run{}}
	if err := os.MkdirAll(e.Out, 0o755); err != nil {
		return ledger, &OutError{e.Out, err}
	}
	code, err := e.Build.code()
	if err != nil {
		return ledger, err
	}
	for i, cell := range cells {
		e.Progress(Event{Index: i, Total: len(cells), Claim: cell.Claim.Name})
		run, rows := e.run(ctx, cell, code)
		ledger.Runs = append(ledger.Runs, run)
		ledger.Rows = append(ledger.Rows, rows...)
		e.Progress(Event{Index: i, Total: len(cells), Claim: cell.Claim.Name, Run: run})
	}
	ledger.Finished = e.Now().UTC()
	ledger.Path = filepath.Join(e.Out, ledger.fileName())
	if _, err := e.files.writeJSON(ledger.Path, ledger); err != nil {
		return ledger, &OutError{e.Out, err}
	}
	return ledger, nil
}

func (e Engine) withDefaults() Engine {
	e.Workers = max(e.Workers, 1)
	if e.Grace == 0 {
		e.Grace = DefaultGrace
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.Progress == nil {
		e.Progress = func(Event) {}
	}
	if e.files.Rename == nil {
		e.files.Rename = os.Rename
	}
	return e
}
