package main

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// printLedger prints the rows and, for people, where they are kept.
func (a *app) printLedger(ledger engine.Ledger, json bool) error {
	if json {
		return a.printJSON(ledger)
	}
	var rows [][]string
	for _, r := range ledger.Rows {
		rows = append(rows, a.cells(r))
	}
	header := []string{"NUMBER", "VERDICT", "NAME", "PREDICTED", "MEASURED", "LOWER", "UPPER", "WHY"}
	if err := a.table(header, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stderr, "%s; ledger: %s\n", summary(ledger.Rows), ledger.Path)
	return err
}

// cells are the columns of a row: six digits for people, all of them for programs.
func (a *app) cells(r claim.Row) []string {
	cells := []string{fmt.Sprint(r.Number), string(r.Verdict), r.Name}
	for _, x := range []jsonnum.Number{r.Predicted, r.Measured, r.Lower, r.Upper} {
		text := x.String()
		if a.onTerminal() {
			text = fmt.Sprintf("%.6g", float64(x))
		}
		cells = append(cells, text)
	}
	return append(cells, r.Why)
}

// summary counts the verdicts: "3 rows: 2 pass, 1 fail".
func summary(rows []claim.Row) string {
	var counts []string
	for _, verdict := range []claim.Verdict{claim.Pass, claim.Fail, claim.Found, claim.NotTested} {
		n := 0
		for _, r := range rows {
			if r.Verdict == verdict {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	if len(counts) == 0 {
		return "no rows"
	}
	return fmt.Sprintf("%d rows: %s", len(rows), strings.Join(counts, ", "))
}
