package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"

	"github.com/tamegrad/tamegrad/experiments/engine"
)

// File is one file about a single figure.
type File struct {
	Name string // CLAIM/KEY/FIGURE.ending, with slashes
	Data []byte
}

// Endings of the files about single figures.
const (
	PDF  = ".pdf"
	CSV  = ".csv"
	JSON = ".json"
)

// Files returns a file for each figure in each of the formats. Figures whose data the run folder
// does not have, or not as they were written, are named in missing.
func (r *Report) Files(endings ...string) (files []File, missing []string, err error) {
	for _, run := range r.Runs {
		for _, name := range run.Manifest.Figures() {
			place := path.Join(run.shownFolder(), name)
			f, problem := run.figure(name)
			if problem == nil && !filepath.IsLocal(filepath.FromSlash(place)) {
				problem = errors.New("its name leads elsewhere")
			}
			if problem != nil {
				var damage *engine.DamagedError
				if errors.As(problem, &damage) {
					problem = errors.New(damage.Short())
				}
				missing = append(missing, fmt.Sprintf("%s (%v)", place, problem))
				continue
			}
			for _, ending := range endings {
				var out bytes.Buffer
				if err := write(f, &out, ending); err != nil {
					return nil, nil, fmt.Errorf("%s: %w", place, err)
				}
				files = append(files, File{place + ending, out.Bytes()})
			}
		}
	}
	return files, missing, nil
}

func write(f drawing, w io.Writer, ending string) error {
	switch ending {
	case PDF:
		return f.WritePDF(w)
	case CSV:
		return f.WriteCSV(w)
	default:
		text, err := f.MarshalJSON()
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
}
