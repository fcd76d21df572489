// Package report writes what was run as one page: the ledger, and a section for each claim with its
// sentence, mathematics, checks, figures and how to run it again.
//
// The page is one HTML file that opens offline. It has no script and asks for nothing: its policy
// forbids both. It is light or dark as the reader's system is, can be read on a telephone, by ear
// and on paper, and is a function of the run folders and the claims alone, with no date of its own.
package report

import (
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Report is what a page shows.
type Report struct {
	Runs     []Run // by the number of their claim
	Repeated int   // runs left out because they were made again later
}

// Rows returns the ledger.
func (r *Report) Rows() []claim.Row {
	var rows []claim.Row
	for _, run := range r.Runs {
		rows = append(rows, run.Rows...)
	}
	return rows
}

// verdicts is the order in which they are counted.
var verdicts = []claim.Verdict{claim.Pass, claim.Fail, claim.Found, claim.NotTested}

// count returns the number of rows with a verdict.
func count(rows []claim.Row, v claim.Verdict) int {
	n := 0
	for _, row := range rows {
		if row.Verdict == v {
			n++
		}
	}
	return n
}

// worst is the verdict on several rows that asks most for attention.
func worst(rows []claim.Row) claim.Verdict {
	for _, v := range []claim.Verdict{claim.Fail, claim.Found, claim.NotTested} {
		if slices.ContainsFunc(rows, func(r claim.Row) bool { return r.Verdict == v }) {
			return v
		}
	}
	return claim.Pass
}

// Troubled returns the runs that have no result of their claim: failed, unfinished or broken.
func (r *Report) Troubled() []Run {
	return slices.DeleteFunc(slices.Clone(r.Runs), func(r Run) bool { return r.Trouble == "" })
}
