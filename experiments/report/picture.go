package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// picture is a figure in the page: drawn here from its data, or the stored drawing as an image,
// or the reason why there is none.
type picture struct {
	Name    string
	Title   string
	Caption string
	Inline  template.HTML // follows the colours of the page
	Wide    bool          // a table: it needs the width of the page, and scrolls where that is less
	Source  template.URL  // of an image, on a light card
	Problem string
}

// picture shows figures/NAME of the run. Drawings without data come from a file
// that anybody may have written: inside an image they can run nothing and ask for nothing.
func (r Run) picture(name, id string) picture {
	p := picture{Name: name, Title: name}
	if f, err := r.figure(name); err == nil {
		var out bytes.Buffer
		if err := f.WriteInline(&out, id); err == nil {
			p.Title, p.Caption = f.title, f.caption
			_, p.Wide = f.shape.(figure.Table)
			if p.Title == "" {
				p.Title = name
			}
			p.Inline = template.HTML(out.String()) // escaped by package figure
			return p
		}
	}
	text, err := engine.ReadOutput(r.Folder, r.Manifest, "figures/"+name+".svg")
	var damage *engine.DamagedError
	if errors.As(err, &damage) {
		p.Problem = damage.Short()
		return p
	}
	if title := titleOf(text); title != "" {
		p.Title = title
	}
	p.Source = template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(text))
	return p
}

// drawing is a figure.Figure or a figure.Table, with the texts that the page has beside it.
type drawing struct {
	shape
	title, caption string
}

type shape interface {
	WriteInline(w io.Writer, id string) error
	WritePDF(w io.Writer) error
	WriteCSV(w io.Writer) error
	MarshalJSON() ([]byte, error)
}

// figure reads the data of a figure.
func (r Run) figure(name string) (drawing, error) {
	text, err := engine.ReadOutput(r.Folder, r.Manifest, "figures/"+name+".json")
	if err != nil {
		return drawing{}, err
	}
	var t figure.Table
	if json.Unmarshal(text, &t) == nil {
		return drawing{t, t.Title, t.Caption}, nil
	}
	var f figure.Figure
	err = json.Unmarshal(text, &f)
	return drawing{f, f.Title, f.Caption}, err
}

// titleOf returns the first title element of an SVG document.
func titleOf(svg []byte) string {
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "title" {
			var title string
			if d.DecodeElement(&title, &start) != nil {
				return ""
			}
			return strings.TrimSpace(title)
		}
	}
}
