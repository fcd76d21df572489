package differentiation

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// returns compares what every framework returns at a kink with the known sets.
func returns() claim.Claim {
	return claim.Claim{
		Numbers:  []int{24, 5},
		Name:     "what-backprop-returns",
		Sentence: "Backpropagation returns an element of the program's conservative field, which is a Clarke subgradient for some programs and conventions and not for others; a rule that gives every tied entry of a maximum the whole gradient returns neither.",
		Source:   "Bolte and Pauwels, Math. Program. 188 (2021), arXiv 1909.10300; Pauwels, CIMI lecture 2021; the rows T1 to T24 of testdata/known with their sources",
		Params: []claim.Param{
			claim.Int("rows", 24, "how many of the rows T1, T2, … are taken").AtFull(38).Between(1, 38),
		},
		Inputs: knownInputs,
		Run:    runReturns,
	}
}

// Verdicts on a returned vector, as testdata/known/verdicts.txt spells them.
const (
	inClarke = "clarke"
	inField  = "conservative"
	inNone   = "neither"
)

func runReturns(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	rows, err := known.Functions()
	if err != nil {
		return claim.Outcome{}, err
	}
	predicted, err := known.Verdicts()
	if err != nil {
		return claim.Outcome{}, err
	}
	var out claim.Outcome
	table := jsonnum.Object{}
	for _, row := range rows {
		want, listed := predicted[row.ID]
		if !listed || rowNumber(row.ID) > c.Int("rows") {
			continue
		}
		got, err := returned(ctx, row)
		if err != nil {
			return out, fmt.Errorf("row %s: %w", row.ID, err)
		}
		check, err := compareVerdicts(row.ID, want, got)
		if err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, check)
		table[row.ID] = resultOf(got)
		if err := c.Trace(jsonnum.Object{"row": row.ID, "expression": row.Expression, "returned": resultOf(got)}); err != nil {
			return out, err
		}
	}
	out.Result = table
	return out, nil
}

// rowNumber is 7 for T7 and for T7b.
func rowNumber(id string) int {
	n := 0
	if _, err := fmt.Sscanf(id, "T%d", &n); err != nil {
		return math.MaxInt
	}
	return n
}

// answer is what one framework returns and where it lies.
type answer struct {
	preset  string
	vector  []float64 // nil without a rule
	verdict string
}

func returned(ctx context.Context, row known.Function) ([]answer, error) {
	at, err := pointOf(row)
	if err != nil {
		return nil, err
	}
	report, err := explain.Analyze(ctx, explain.Request{Expression: row.Expression, At: at})
	if err != nil {
		return nil, err
	}
	inner, err := verticesOf(row.Clarke)
	if err != nil {
		return nil, err
	}
	outer, err := verticesOf(row.Conservative)
	if err != nil {
		return nil, err
	}
	var out []answer
	for _, s := range report.Selections {
		a := answer{preset: s.Preset, verdict: known.NoRule}
		if s.Rows != nil {
			a.vector = s.Rows[0].Float
			if a.verdict, err = locate(s.Rows[0], inner, outer); err != nil {
				return nil, err
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// locate names the smaller of the known sets in which v lies.
func locate(v clarke.Vector, inner, outer []clarke.Vector) (string, error) {
	if inside, err := inHull(inner, v); err != nil || inside {
		return inClarke, err
	}
	if inside, err := inHull(outer, v); err != nil || inside {
		return inField, err
	}
	return inNone, nil
}

// compareVerdicts makes a check of one row: on how many frameworks the toolkit
// and the prediction agree.
func compareVerdicts(id string, want map[string]string, got []answer) (claim.Check, error) {
	if len(want) != len(got) {
		return claim.Check{}, fmt.Errorf("row %s: verdicts on %d frameworks are known, there are %d presets", id, len(want), len(got))
	}
	agree := 0
	at := map[string]any{}
	for _, a := range got {
		at[a.preset] = a.verdict
		if want[a.preset] == a.verdict {
			agree++
		}
	}
	return claim.Check{
		Label: strings.ToLower(id), At: at,
		Sentence:  "The vectors that the frameworks return lie in the sets in which an interpreter that shares no code with the toolkit puts them.",
		Predicted: claim.Exact(float64(len(ad.Presets()))), Measured: claim.Measured(float64(agree)),
	}, nil
}

func resultOf(answers []answer) jsonnum.Object {
	o := jsonnum.Object{}
	for _, a := range answers {
		o[a.preset] = jsonnum.Object{"vector": a.vector, "lies_in": a.verdict}
	}
	return o
}
