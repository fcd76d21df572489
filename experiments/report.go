package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/report"
)

// reportVerb writes one page about runs.
type reportVerb struct {
	Inputs []string `arg:"" optional:"" name:"input" help:"Folders of runs, run folders or ledgers; the folder runs by default."`
	Out    string   `default:"report.html" placeholder:"FILE" help:"The page (${default})."`
	CSV    bool     `name:"csv" help:"Also write the ledger as CSV and JSON beside the page, and the data of each figure."`
	PDF    bool     `name:"pdf" help:"Also write each figure as PDF, into a folder beside the page."`
	JSON   bool     `name:"json" help:"Print the ledger as one JSON object."`
}

// Run implements the verb.
func (v *reportVerb) Run(a *app) error {
	if info, err := os.Stat(v.Out); v.Out == "" || err == nil && info.IsDir() {
		return fmt.Errorf("--out %q: name a file, such as report.html", v.Out)
	}
	if len(v.Inputs) == 0 {
		v.Inputs = []string{"runs"}
	}
	registry, err := claim.NewRegistry(a.claims)
	if err != nil {
		return err
	}
	r, err := report.Collect(v.Inputs, registry.All())
	if err != nil {
		return err
	}
	size, err := v.write(a, r)
	if err != nil {
		return fmt.Errorf("--out %s cannot be written (%w): choose another file", v.Out, err)
	}
	if v.JSON {
		return r.WriteJSON(a.stdout)
	}
	_, err = fmt.Fprintf(a.stdout, "%s (%d kB): %s\n", v.Out, (size+999)/1000, summary(r.Rows()))
	return err
}

// write writes everything and returns the size of the page.
func (v *reportVerb) write(a *app, r *report.Report) (int, error) {
	size, err := save(v.Out, r.WriteHTML)
	if err != nil {
		return 0, err
	}
	base := strings.TrimSuffix(v.Out, filepath.Ext(v.Out))
	var endings []string
	if v.CSV {
		endings = append(endings, report.CSV, report.JSON)
		if _, err := save(base+report.CSV, r.WriteCSV); err != nil {
			return 0, err
		}
		if _, err := save(base+report.JSON, r.WriteJSON); err != nil {
			return 0, err
		}
	}
	if v.PDF {
		endings = append(endings, report.PDF)
	}
	if len(endings) == 0 {
		return size, nil
	}
	files, missing, err := r.Files(endings...)
	for _, f := range files {
		if err == nil {
			err = engine.WriteFile(filepath.Join(base+"-figures", filepath.FromSlash(f.Name)), f.Data)
		}
	}
	for _, name := range missing {
		fmt.Fprintf(a.stderr, "no data of figure %s\n", name)
	}
	return size, err
}

// save puts a file in place whole and returns its size.
func save(path string, write func(io.Writer) error) (int, error) {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		return 0, err
	}
	return out.Len(), engine.WriteFile(path, out.Bytes())
}
