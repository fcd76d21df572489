package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// Document is the report for programs. Rows are those of the ledger with the key of their run.
type Document struct {
	Schema int            `json:"schema"`
	Counts map[string]int `json:"counts"` // verdict → rows
	Rows   []Row          `json:"rows"`
	Runs   []RunInfo      `json:"runs"`
}

// Row is a row of the ledger and the key of its run.
type Row struct {
	claim.Row
	Key string `json:"key"`
}

// RunInfo says where the rows of a run come from.
type RunInfo struct {
	Claim   string        `json:"claim"`
	Key     string        `json:"key"`
	Status  engine.Status `json:"status"`  // "" if the manifest cannot be read
	Problem string        `json:"problem"` // "" if the folder is whole
	Profile claim.Profile `json:"profile"`
	Seed    uint64        `json:"seed"`
	Build   engine.Build  `json:"build"`
}

// Document returns the report for programs.
func (r *Report) Document() Document {
	d := Document{Schema: engine.Schema, Counts: map[string]int{}, Rows: []Row{}, Runs: []RunInfo{}}
	for _, v := range verdicts {
		d.Counts[string(v)] = count(r.Rows(), v)
	}
	for _, run := range r.Runs {
		for _, row := range run.Rows {
			d.Rows = append(d.Rows, Row{row, run.Key})
		}
		d.Runs = append(d.Runs, RunInfo{
			run.Name, run.Key, run.Manifest.Status, run.Problem, run.Config.Profile, run.Config.Seed, run.Manifest.Build,
		})
	}
	return d
}

// WriteJSON writes the Document.
func (r *Report) WriteJSON(w io.Writer) error {
	text, err := jsonnum.Document(r.Document())
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

// columns are the first line of the CSV.
var columns = []string{
	"number", "name", "verdict", "predicted", "measured", "lower", "upper", "why", "sentence", "source", "params", "key",
}

// WriteCSV writes the ledger, a line each row, with all digits; params is a JSON object.
func (r *Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns) // the error comes with Flush
	for _, run := range r.Runs {
		for _, row := range run.Rows {
			params, err := jsonnum.Line(row.Params)
			if err != nil {
				return err
			}
			_ = out.Write([]string{
				fmt.Sprint(row.Number), row.Name, string(row.Verdict),
				row.Predicted.String(), row.Measured.String(), row.Lower.String(), row.Upper.String(),
				row.Why, row.Sentence, row.Source, strings.TrimSpace(string(params)), run.Key,
			})
		}
	}
	out.Flush()
	return out.Error()
}
