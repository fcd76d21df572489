package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Record is what a run folder holds. The manifest's status is the only truth about how far the
// run came; Problem says, in a sentence without its full stop, what is wrong with the folder itself.
type Record struct {
	Folder   string
	Manifest Manifest    // without a status if it cannot be understood
	Config   Config      // its Params hold json.Number for numbers
	Rows     []claim.Row // of a finished run
	Problem  string      // "" if manifest and result are whole
}

// ReadRecord reads a run folder. It never fails: what is broken is said in the record.
func ReadRecord(folder string) Record {
	r := Record{Folder: folder}
	m, err := ReadManifest(folder)
	r.Manifest.Claim, r.Manifest.Schema = m.Claim, m.Schema
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.Problem = manifestName + " is missing"
		return r
	case err != nil:
		r.Problem = fmt.Sprintf("%s cannot be read (%v)", manifestName, err)
		return r
	case m.Schema != Schema:
		r.Problem = fmt.Sprintf("%s has schema %d, and this program reads %d", manifestName, m.Schema, Schema)
		return r
	}
	d := json.NewDecoder(bytes.NewReader(m.Config))
	d.UseNumber()
	if err := d.Decode(&r.Config); err != nil {
		r.Problem = fmt.Sprintf("%s has no configuration that can be read (%v)", manifestName, err)
		return r
	}
	r.Manifest = m
	if m.Status == Done {
		var damage *DamagedError
		if r.Rows, err = readRows(folder, m); errors.As(err, &damage) {
			r.Problem = damage.Short()
		}
	}
	return r
}

// keyPattern is what names of run folders look like.
var keyPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

// FindRecords reads the run folders at or below folder, sorted by path: those with a manifest, and
// those that are named like a run and have none. It looks as deep as OUT/CLAIM/KEY. Its error
// is one of the file system.
func FindRecords(folder string) ([]Record, error) {
	var records []Record
	var visit func(path string, depth int) error
	visit = func(path string, depth int) error {
		_, err := os.Stat(filepath.Join(path, manifestName))
		if err == nil || keyPattern.MatchString(filepath.Base(path)) {
			records = append(records, ReadRecord(path))
			return nil
		}
		entries, err := os.ReadDir(path)
		if err != nil || depth == 0 {
			return err
		}
		for _, entry := range entries {
			if entry.IsDir() {
				if err := visit(filepath.Join(path, entry.Name()), depth-1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return records, visit(folder, 2)
}

// LedgerError tells that a file is not a ledger.
type LedgerError struct{ Path, Problem string }

// Error implements error.
func (e *LedgerError) Error() string {
	return fmt.Sprintf("%s is not a ledger (%s): give a file ledger-….json that \"run\" wrote", e.Path, e.Problem)
}

// ReadLedger reads a ledger that Run wrote. Its error is a *LedgerError or one of the file system.
func ReadLedger(path string) (Ledger, error) {
	var l Ledger
	text, err := os.ReadFile(path)
	if err != nil {
		return l, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	switch err := d.Decode(&l); {
	case err != nil:
		return l, &LedgerError{path, err.Error()}
	case l.Schema != Schema:
		return l, &LedgerError{path, fmt.Sprintf("schema %d, and this program reads %d", l.Schema, Schema)}
	case l.Rows == nil || l.Runs == nil:
		return l, &LedgerError{path, "it has no rows or no runs"}
	}
	l.Path = path
	return l, nil
}

// Folder returns where a run of the ledger is kept, next to the ledger; "" if it never started.
func (l Ledger) Folder(r Run) string {
	if r.Key == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(l.Path), r.Claim, r.Key)
}

// Figures returns the names of a finished run's figures, sorted, without folder and ending.
func (m Manifest) Figures() []string {
	var names []string
	for name := range m.Outputs {
		folder, file := filepath.Split(filepath.FromSlash(name))
		if folder == figuresName+string(filepath.Separator) && filepath.Ext(file) == ".svg" {
			names = append(names, file[:len(file)-len(".svg")])
		}
	}
	slices.Sort(names)
	return names
}
