package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/tamegrad/tamegrad/experiments/engine"
)

// table prints an aligned table with a header on a terminal, and elsewhere one line a row with
// the cells separated by tabs.
func (a *app) table(header []string, rows [][]string) error {
	if !a.onTerminal() {
		for _, row := range rows {
			if _, err := fmt.Fprintln(a.stdout, strings.Join(row, "\t")); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		fmt.Fprintln(w, strings.Join(row, "\t")) // the error comes with Flush
	}
	return w.Flush()
}

func (a *app) onTerminal() bool { return isTerminal(a.stdout) }

// isTerminal tells whether w is a character device: a terminal, or /dev/null where it does not matter.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// clearLine moves to the start of a terminal's line and empties it.
const clearLine = "\r\x1b[K"

// progress shows the claim in flight on a terminal, and elsewhere a line for each that ended.
func (a *app) progress(e engine.Event) {
	at := fmt.Sprintf("[%d/%d] %s", e.Index+1, e.Total, e.Claim)
	ended := e.Run.Status != ""
	switch {
	case isTerminal(a.stderr) && ended:
		fmt.Fprint(a.stderr, clearLine)
	case isTerminal(a.stderr):
		fmt.Fprint(a.stderr, clearLine, at, " …")
	case ended:
		how := string(e.Run.Status)
		if e.Run.Reused {
			how += ", reused"
		}
		fmt.Fprintf(a.stderr, "%s: %s\n", at, how)
	}
}
