package explain

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

// FigureError says why a report cannot be drawn.
type FigureError struct{ Why string }

func (e *FigureError) Error() string { return e.Why }

// WriteFigure draws the report and puts the file in place whole, as PDF if its name ends in .pdf,
// else as SVG; see Figure.
func (r *Report) WriteFigure(path string) error {
	var drawn []byte
	var err error
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".pdf":
		drawn, err = r.draw(figure.Plane.WritePDF)
	case ".svg", "":
		drawn, err = r.Figure()
	default:
		err = &FigureError{fmt.Sprintf("%q is no ending of a figure; write .svg or .pdf", ending)}
	}
	if err != nil {
		return err
	}
	return PutInPlace(path, drawn)
}

// PutInPlace writes a file under another name first and renames it, so that nobody sees a part of it.
func PutInPlace(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.tmp")
	if err != nil {
		return fmt.Errorf("%w; give a file in a folder that can be written", err)
	}
	defer os.Remove(file.Name()) // gone already if all is well
	_, err = file.Write(content)
	for _, step := range []func() error{
		func() error { return file.Chmod(0o644) }, file.Sync, file.Close,
		func() error { return os.Rename(file.Name(), path) },
	} {
		if err == nil {
			err = step()
		}
	}
	return err
}

// Figure draws the report as SVG: D itself, its hull, ∂f with its limiting gradients, the least
// elements of both, and what each framework returns. The expression must be a scalar one of two
// coordinates, or of one, where the sets are intervals; else the error is a *FigureError. The
// same report gives the same bytes.
func (r *Report) Figure() ([]byte, error) { return r.draw(figure.Plane.WriteSVG) }

func (r *Report) draw(form func(figure.Plane, io.Writer) error) ([]byte, error) {
	plane, err := r.plane()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = form(plane, &out)
	return out.Bytes(), err
}
