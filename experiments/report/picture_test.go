package report

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// A table is drawn in the page like a figure, and written as PDF, CSV and JSON.
func TestTablesAreFigures(t *testing.T) {
	const rows = 50
	claims := []claim.Claim{{
		Numbers: []int{1}, Name: "some", Sentence: "A sentence.", Source: "A source.",
		Run: func(_ context.Context, c *claim.Context) (claim.Outcome, error) {
			return claim.Skipped("Not here."), c.Figure("calls", figure.Table{
				Title: "Calls", Caption: "Fewer are better.", Columns: []string{"problem", "bfgs"},
				Rows: slices.Repeat([][]figure.Cell{{{Text: "maxquad"}, {Text: "843"}}}, rows),
			})
		},
	}}
	e := engine.Engine{Out: t.TempDir(), Workers: 1, Build: buildOfExamples}
	cells, err := engine.Plan(claims, claim.Quick, 1, nil)
	require.NoError(t, err)
	_, err = e.Run(context.Background(), cells)
	require.NoError(t, err)
	r, err := Collect([]string{e.Out}, claims)
	require.NoError(t, err)

	shown := parsed(t, html(t, r)).find("figure")
	require.Len(t, shown, 1)
	require.Empty(t, shown[0].find("img"))
	require.Equal(t, []string{"Calls Fewer are better."}, texts(shown[0].find("figcaption")))
	require.Equal(t, []string{"Fewer are better." + strings.Repeat(" maxquad: bfgs 843.", rows)}, texts(shown[0].find("desc")))

	require.Equal(t, "wide", shown[0].attr["class"])
	t.Run("browser", func(t *testing.T) {
		browser(t)
		v := audit(t, html(t, r), light)
		require.Empty(t, v.Problems, strings.Join(v.Problems, "\n"))
	})

	files, missing, err := r.Files(CSV, PDF, JSON)
	require.NoError(t, err)
	require.Empty(t, missing)
	require.Len(t, files, 3)
	require.Equal(t, "problem,bfgs\n"+strings.Repeat("maxquad,843\n", rows), string(files[0].Data))
	var back figure.Table
	require.NoError(t, json.Unmarshal(files[2].Data, &back))
	require.Equal(t, figure.Cell{Text: "843"}, back.Rows[rows-1][1])
}
