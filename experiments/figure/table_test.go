package figure_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/figure"
)

func calls() figure.Table {
	return figure.Table{
		Title: "Calls <to> the end", Caption: "Fewer are better.",
		Columns: []string{"problem", "gradient sampling", "bfgs"},
		Rows: [][]figure.Cell{
			{{Text: "cb2"}, {Text: "351"}, {Text: "47", Strong: true}},
			{{Text: "maxquad"}, {Text: "(3·10⁻²)"}, {Text: "5093"}},
		},
		Notes: []string{"In brackets: what was reached."},
	}
}

func TestTableIsDescribedAndByteIdentical(t *testing.T) {
	var first, second bytes.Buffer
	require.NoError(t, calls().WriteSVG(&first))
	require.NoError(t, calls().WriteSVG(&second))
	require.Equal(t, first.String(), second.String())
	require.Contains(t, first.String(), `<title id="title">Calls &lt;to&gt; the end</title>`)
	require.Contains(t, first.String(), `<desc id="desc">Fewer are better. cb2: gradient sampling 351, bfgs 47. `+
		`maxquad: gradient sampling (3·10⁻²), bfgs 5093. In brackets: what was reached.</desc>`)
	first.Reset()
	require.NoError(t, calls().WritePDF(&first))
	require.True(t, bytes.HasPrefix(first.Bytes(), []byte("%PDF-")))
	first.Reset()
	require.NoError(t, calls().WriteInline(&first, "a"))
	require.Contains(t, first.String(), `id="a-title"`)
	require.NotContains(t, first.String(), "to&gt; the end</text>", "the page has the title")
}

func TestTableAsData(t *testing.T) {
	text, err := json.Marshal(calls())
	require.NoError(t, err)
	var back figure.Table
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, calls(), back)
	var out bytes.Buffer
	require.NoError(t, back.WriteCSV(&out))
	lines, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"problem", "gradient sampling", "bfgs"}, {"cb2", "351", "47"}, {"maxquad", "(3·10⁻²)", "5093"}}, lines)
}

func TestTableRefusals(t *testing.T) {
	short := calls()
	short.Rows[1] = short.Rows[1][:2]
	for _, bad := range []figure.Table{{}, {Columns: []string{"a"}}, short} {
		var input *figure.InputError
		require.ErrorAs(t, bad.WriteSVG(io.Discard), &input)
		require.ErrorAs(t, bad.WriteCSV(io.Discard), &input)
	}
	var figureData figure.Table
	require.Error(t, json.Unmarshal([]byte(`{"title":"a figure","series":[]}`), &figureData))
}

var placed = regexp.MustCompile(`<text x="([0-9.]+)" y="([0-9.]+)" font-size="[0-9.]+"[^>]* textLength="([0-9.]+)"`)

// Whatever the texts, the document is well formed, nothing lies outside of it, and no two texts overlap.
func TestLawTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.Custom(func(t *rapid.T) figure.Cell {
			return figure.Cell{Text: rapid.String().Draw(t, "text"), Strong: rapid.Bool().Draw(t, "strong")}
		})
		columns := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "columns")
		table := figure.Table{
			Title: rapid.String().Draw(t, "title"), Columns: columns,
			Rows:  rapid.SliceOfN(rapid.SliceOfN(cell, len(columns), len(columns)), 1, 4).Draw(t, "rows"),
			Notes: rapid.SliceOfN(rapid.String(), 0, 2).Draw(t, "notes"),
		}
		var out bytes.Buffer
		require.NoError(t, table.WriteSVG(&out))
		text := out.String()
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else {
				require.NoError(t, err)
			}
		}
		size := regexp.MustCompile(`viewBox="0 0 ([0-9.]+) ([0-9.]+)"`).FindStringSubmatch(text)
		require.NotNil(t, size)
		width, height, end := number(size[1]), number(size[2]), map[string]float64{}
		for _, at := range placed.FindAllStringSubmatch(text, -1) { // from left to right in each row
			x, y, length := number(at[1]), number(at[2]), number(at[3])
			require.LessOrEqual(t, x+length, width)
			require.LessOrEqual(t, y, height)
			require.GreaterOrEqual(t, x, end[at[2]]-.1)
			end[at[2]] = x + length
		}
	})
}
