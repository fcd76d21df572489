package figure

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// styles are the names of the styles in JSON and CSV.
var styles = []string{"measured", "curve", "predicted"}

// MarshalText implements encoding.TextMarshaler.
func (s Style) MarshalText() ([]byte, error) {
	if s < Measured || s > Predicted {
		return nil, fmt.Errorf("figure: style %d does not exist", int(s))
	}
	return []byte(styles[s]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Style) UnmarshalText(text []byte) error {
	i := slices.Index(styles, string(text))
	if i < 0 {
		return fmt.Errorf("figure: %q is not a style: write measured, curve or predicted", text)
	}
	*s = Style(i)
	return nil
}

// seriesJSON is a series with numbers that JSON can hold.
type seriesJSON struct {
	Name  string       `json:"name"`
	Style Style        `json:"style"`
	X     jsonnum.List `json:"x"`
	Y     jsonnum.List `json:"y"`
	Lower jsonnum.List `json:"lower,omitempty"`
	Upper jsonnum.List `json:"upper,omitempty"`
	Color int          `json:"color,omitempty"`
}

// MarshalJSON implements json.Marshaler, with non-finite numbers as package jsonnum writes them.
func (s Series) MarshalJSON() ([]byte, error) {
	return jsonnum.Line(seriesJSON{s.Name, s.Style, s.X, s.Y, s.Lower, s.Upper, s.Color})
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Series) UnmarshalJSON(text []byte) error {
	var r seriesJSON
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	*s = Series{r.Name, r.Style, r.X, r.Y, r.Lower, r.Upper, r.Color}
	return nil
}

// MarshalJSON implements json.Marshaler: the figure as data, from which it can be drawn again.
func (f Figure) MarshalJSON() ([]byte, error) {
	type plain Figure // without this method
	return jsonnum.Line(plain(f))
}

// WriteCSV writes the points, a line each: series, style, x, y, lower and upper, the last two
// empty without a band. The first line names the columns, with the axes' labels and units.
func (f Figure) WriteCSV(w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	_ = out.Write([]string{"series", "style", f.X.title(0), f.Y.title(0), "lower", "upper"}) // the error comes with Flush
	for _, s := range f.Series {
		for i := range s.X {
			line := []string{s.Name, styles[s.Style], number(s.X[i]), number(s.Y[i]), "", ""}
			if s.Lower != nil {
				line[4], line[5] = number(s.Lower[i]), number(s.Upper[i])
			}
			_ = out.Write(line)
		}
	}
	out.Flush()
	return out.Error()
}

func number(x float64) string { return jsonnum.Number(x).String() }
