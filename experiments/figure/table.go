package figure

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// Table is a drawing of texts in rows and columns, for what has names instead of coordinates. It is as wide
// as its texts, and at least as a Figure. The first column is flush left, as names are, and the others are
// flush right.
type Table struct {
	Title   string   `json:"title"`
	Caption string   `json:"caption"`         // sentences that say what is to be seen
	Columns []string `json:"columns"`         // heads, one word a line
	Rows    [][]Cell `json:"rows"`            // each with a cell for every column
	Notes   []string `json:"notes,omitempty"` // below
}

// Cell is one text of a table.
type Cell struct {
	Text   string `json:"text"`
	Strong bool   `json:"strong,omitempty"` // in bold
}

const (
	cellSize  = vg.Length(9.5)
	columnGap = vg.Length(11)
)

// WriteSVG draws the table as a document of its own, as [Figure.WriteSVG] does. Its error is an
// *InputError or w's own.
func (t Table) WriteSVG(w io.Writer) error {
	d, err := t.document(true)
	if err != nil {
		return err
	}
	return d.writeSVG(w)
}

// WriteInline draws the table as an element of an HTML page, as [Figure.WriteInline] does.
func (t Table) WriteInline(w io.Writer, id string) error {
	d, err := t.document(false)
	if err != nil {
		return err
	}
	return d.writeInline(w, id)
}

// WritePDF draws the table on one page of its size, as [Figure.WritePDF] does.
func (t Table) WritePDF(w io.Writer) error {
	d, err := t.document(true)
	if err != nil {
		return err
	}
	return d.writePDF(w)
}

// WriteCSV writes the texts, a line for each row. The first line has the heads.
func (t Table) WriteCSV(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	_ = out.Write(t.Columns) // the error comes with Flush
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, c := range row {
			line[i] = c.Text
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}

// MarshalJSON implements json.Marshaler: the table as data, from which it can be drawn again.
func (t Table) MarshalJSON() ([]byte, error) {
	type plain Table // without this method
	return jsonnum.Line(plain(t))
}

// UnmarshalJSON implements json.Unmarshaler. Its error is an *InputError for what is no table.
func (t *Table) UnmarshalJSON(text []byte) error {
	type plain Table
	if err := json.Unmarshal(text, (*plain)(t)); err != nil {
		return err
	}
	return t.check()
}

// Description says in words what the table shows, row by row.
func (t Table) Description() string {
	sentences := []string{}
	if t.Caption != "" {
		sentences = append(sentences, t.Caption)
	}
	for _, row := range t.Rows {
		var cells []string
		for i, c := range row[1:] {
			cells = append(cells, t.Columns[i+1]+" "+c.Text)
		}
		sentences = append(sentences, row[0].Text+": "+strings.Join(cells, ", ")+".")
	}
	return strings.Join(append(sentences, t.Notes...), " ")
}

func (t Table) check() error {
	if len(t.Columns) == 0 || len(t.Rows) == 0 {
		return &InputError{"table", "it has no columns or no rows: give at least one of each"}
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return &InputError{fmt.Sprintf("row %d", i), fmt.Sprintf("it has %d cells for %d columns: give one for each", len(row), len(t.Columns))}
		}
	}
	return nil
}

func (t Table) document(titled bool) (document, error) {
	if err := t.check(); err != nil {
		return document{}, err
	}
	name := t.Title
	if name == "" {
		name = "table of " + t.Columns[0]
	}
	return document{t.draw(titled), name, t.Description()}, nil
}

// draw lays the table out: title, heads, a rule, the rows with rules between them, and notes.
func (t Table) draw(titled bool) *canvas {
	right := t.edges()
	inner := max(right[len(right)-1], width-margin) - margin
	var title, notes []string
	if titled {
		title = wrap(t.Title, bold(titleSize), inner)
	}
	for _, note := range t.Notes {
		notes = append(notes, wrap(note, sans(tickSize), inner)...)
	}
	depth := 0
	for _, head := range t.Columns {
		depth = max(depth, len(strings.Fields(head)))
	}
	heads, rows := lines(depth, cellSize), lines(len(t.Rows), rowLeading*cellSize)
	c := &canvas{width: inner + 2*margin, height: lines(len(title), titleSize) + heads + rows + lines(len(notes), tickSize) + 4*margin}
	whole := draw.New(c)
	top := write(whole, title, bold(titleSize), margin, c.height-margin, text.XLeft) - margin
	for i, head := range t.Columns {
		words := strings.Fields(head)
		t.write(whole, words, sans(cellSize), i, right[i], top-heads+lines(len(words), cellSize))
	}
	top -= heads
	for _, row := range t.Rows {
		rule(whole, top-margin/2, inner)
		for i, cell := range row {
			t.write(whole, []string{cell.Text}, cell.font(), i, right[i], top-margin/2)
		}
		top -= lines(1, rowLeading*cellSize)
	}
	rule(whole, top-margin/2, inner)
	write(whole, notes, sans(tickSize), margin, top-margin, text.XLeft)
	return c
}

// rowLeading is the height of a row, relative to that of a line.
const rowLeading = vg.Length(1.12)

// edges returns the right end of each column.
func (t Table) edges() []vg.Length {
	out, x := make([]vg.Length, len(t.Columns)), margin
	for i, head := range t.Columns {
		size := vg.Length(0)
		for _, word := range strings.Fields(head) {
			size = max(size, measure(word, sans(cellSize)))
		}
		for _, row := range t.Rows {
			size = max(size, measure(row[i].Text, row[i].font()))
		}
		x += size
		out[i] = x
		x += columnGap
	}
	return out
}

// write writes lines of column i, whose right end is given.
func (t Table) write(c draw.Canvas, content []string, f font.Font, i int, right, top vg.Length) {
	if i == 0 {
		write(c, content, f, margin, top, text.XLeft)
		return
	}
	write(c, content, f, right, top, text.XRight)
}

func (c Cell) font() font.Font {
	if c.Strong {
		return bold(cellSize)
	}
	return sans(cellSize)
}

func rule(c draw.Canvas, y, length vg.Length) {
	c.StrokeLine2(draw.LineStyle{Color: paintOf(gridColor), Width: 0.6}, margin, y, margin+length, y)
}
