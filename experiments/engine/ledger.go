package engine

import (
	"slices"
	"time"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Run says how a cell came about.
type Run struct {
	Claim  string `json:"claim"`
	Key    string `json:"key"` // "" if the run never started
	Status Status `json:"status"`
	Reused bool   `json:"reused"` // whether the result was already there
}

// Ledger is the answer to a command: the rows of all claims and the runs they came from.
type Ledger struct {
	Schema   int         `json:"schema"`
	Started  time.Time   `json:"started"`
	Finished time.Time   `json:"finished"`
	Rows     []claim.Row `json:"rows"`
	Runs     []Run       `json:"runs"`
	Path     string      `json:"-"` // where it was written
}

// fileName holds the time with the separators that every file system allows, in an order that sorts.
func (l Ledger) fileName() string {
	return "ledger-" + l.Started.Format("20060102T150405.000000000Z") + ".json"
}

// Failed tells whether a row's verdict is fail.
func (l Ledger) Failed() bool {
	return slices.ContainsFunc(l.Rows, func(r claim.Row) bool { return r.Verdict == claim.Fail })
}

// Interrupted tells whether a run was stopped before it was done.
func (l Ledger) Interrupted() bool {
	return slices.ContainsFunc(l.Runs, func(r Run) bool { return r.Status == Interrupted })
}
