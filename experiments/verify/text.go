package verify

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText prints one line a check, and a summary.
func (r *Result) WriteText(out io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range r.Checks {
		mark := map[Status]string{Holds: "ok", Fails: "FAIL", Open: "open"}[c.Status]
		found := c.Text
		if c.Status == Open {
			found = "not rechecked: " + found
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", mark, c.Name, found)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "%s: %s\n", r.Expression, r.Summary())
	_, err := io.WriteString(out, b.String())
	return err
}

// Summary counts the checks.
func (r *Result) Summary() string {
	return fmt.Sprintf("%d checks hold, %d fail, %d not rechecked", r.Count(Holds), r.Count(Fails), r.Count(Open))
}
