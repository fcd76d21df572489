package report_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/report"
)

func ExampleCollect() {
	claims := []claim.Claim{{
		Numbers: []int{1}, Name: "one-plus-one", Sentence: "One and one make two.", Source: "Principia Mathematica, *110.643",
		Run: func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Outcome{Checks: []claim.Check{{Predicted: claim.Exact(2), Measured: claim.Measured(1 + 1)}}}, nil
		},
	}}
	folder, _ := os.MkdirTemp("", "runs")
	defer os.RemoveAll(folder)
	cells, _ := engine.Plan(claims, claim.Quick, 1, nil)
	_, _ = engine.Engine{Out: folder}.Run(context.Background(), cells)

	r, err := report.Collect([]string{folder}, claims)
	var page strings.Builder
	fmt.Println(err, r.WriteHTML(&page), strings.Contains(page.String(), "One and one make two."))
	_, err = report.Collect([]string{"no-such-folder"}, claims)
	fmt.Println(err)
	// Output:
	// <nil> <nil> true
	// no-such-folder cannot be read: give a folder of runs, run folders or a ledger, or make some with "run"
}
