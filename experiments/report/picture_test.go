package report

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// A table is drawn in the page like a figure, and written as PDF, CSV and JSON.
func TestTablesAreFigures(t *testing.T) {
	claims := []claim.Claim{{
		Numbers: []int{1}, Name: "some", Sentence: "A sentence.", Source: "A source.",
		Run: func(_ context.Context, c *claim.Context) (claim.Outcome, error) {
			return claim.Skipped("Not here."), c.Figure("calls", figure.Table{
				Title: "Calls", Caption: "Fewer are better.", Columns: []string{"problem", "bfgs"},
				Rows: [][]figure.Cell{{{Text: "maxquad"}, {Text: "843"}}},
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
	require.Equal(t, []string{"Fewer are better. maxquad: bfgs 843."}, texts(shown[0].find("desc")))

	files, missing, err := r.Files(CSV, PDF, JSON)
	require.NoError(t, err)
	require.Empty(t, missing)
	require.Len(t, files, 3)
	require.Equal(t, "problem,bfgs\nmaxquad,843\n", string(files[0].Data))
	require.JSONEq(t, `{"title":"Calls","caption":"Fewer are better.","columns":["problem","bfgs"],"rows":[[{"text":"maxquad"},{"text":"843"}]]}`, string(files[2].Data))
}
