package differentiation

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// returns compares what every framework returns at a kink with the exact sets.
func returns() claim.Claim {
	return claim.Claim{
		Numbers:     []int{24, 5},
		Name:        "what-backprop-returns",
		Theorem:     claim.Example,
		Decides:     []claim.Decision{claim.ByEquality},
		Sentence:    "Backpropagation returns an element of the program's conservative field, which is a Clarke subgradient for some programs and conventions and not for others; a rule that gives every tied entry of a maximum the whole gradient returns neither.",
		Source:      "Bolte and Pauwels, Math. Program. 188 (2021), arXiv 1909.10300; Pauwels, CIMI lecture 2021; the rows T1 to T48 of testdata/known with their sources",
		Mathematics: returnsMathematics,
		Params: []claim.Param{
			claim.Int("rows", 48, "how many of the rows T1, T2, … are taken").Between(1, 48),
		},
		Inputs: knownInputs,
		Run:    runReturns,
	}
}

const returnsMathematics = "A program `P` is a composition of smooth operations and kinks. At a point `x`, let `λ_i` be the derivative taken at the active kink `i`, " +
	"an element of the kink's own Clarke set `Λ_i`: `[0, 1]` for relu, `[−1, 1]` for the absolute value, the simplex over the tied entries for a maximum. " +
	"Backpropagation multiplies and adds, so it returns a vector `g(x, λ)` that is affine in each `λ_i`, and the set of all of them is\n\n" +
	"\tD(x) = {g(x, λ) : λ_i ∈ Λ_i for all i}\n" +
	"\tconv D(x) = conv {g(x, λ) : λ_i an extreme point of Λ_i for all i}\n\n" +
	"`D` is conservative for `f` (Bolte and Pauwels 2021): `d/dt f(γ(t)) = ⟨v, γ′(t)⟩` for all `v ∈ D(γ(t))`, for almost all `t`, along absolutely continuous curves `γ`. So `D = {∇f}` almost everywhere, and `∂f(x) ⊂ conv D(x)`; " +
	"what backpropagation computes makes sense beyond smoothness. It need not be a Clarke subgradient, because the choices `λ_i` are made separately, whereas the limits of gradients that make `∂f(x)` need choices that occur together: " +
	"for `relu(x) − relu(−x)` at 0 the pairs (0, 0) and (1, 1) of slopes occur nowhere, `D = [0, 2]` and `∂f = {1}`. Equality `∂f = conv D` holds if the gradients of the active switches are linearly independent, since every combination of signs then has an open set of points.\n\n" +
	"For the rows of the table both sets are known on paper, with rational vertices. `∂f` is computed here from limiting gradients, each with a direction as its certificate, and `conv D` from the extreme choices; both are compared with the table in rationals. " +
	"The vector of each framework is then located: in `∂f`, in `D` only, or in neither. The predicted verdicts were made by an interpreter that shares no code with the toolkit. " +
	"Neither happens for weights outside of `Λ_i` only: (1, 1) at a tied maximum of two predicts slope 2 along (t, t), where the maximum has slope 1."

// Verdicts on a returned vector, as testdata/known/verdicts.txt spells them.
const (
	inClarke = "clarke"
	inField  = "conservative"
	inNone   = "neither"
)

func runReturns(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	rows, err := predictedRows(c.Int("rows"))
	if err != nil {
		return claim.Outcome{}, err
	}
	if err := c.Each(ctx, len(rows), func(ctx context.Context, i int) error {
		if err := rows[i].study(ctx); err != nil {
			return fmt.Errorf("row %s: %w", rows[i].known.ID, err)
		}
		return nil
	}); err != nil {
		return claim.Outcome{}, err
	}
	out := claim.Outcome{Checks: setChecks(rows)}
	table := jsonnum.Object{}
	for _, row := range rows {
		check, err := compareVerdicts(row.known.ID, row.verdicts, row.answers)
		if err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, check)
		table[row.known.ID] = resultOf(row.answers)
		if err := c.Trace(jsonnum.Object{"row": row.known.ID, "expression": row.known.Expression, "returned": resultOf(row.answers)}); err != nil {
			return out, err
		}
	}
	out.Result = table
	return out, drawDistances(c, rows)
}

// tableRow is a row of the known answers with what was found.
type tableRow struct {
	known    known.Function
	verdicts map[string]string // predicted, by preset
	answers  []answer
	// sameClarke and sameField say whether the exact sets are the known ones.
	sameClarke, sameField bool
}

// answer is what one framework returns and where it lies.
type answer struct {
	preset   string
	vector   []float64 // nil without a rule
	verdict  string
	distance float64 // to ∂f; NaN if there is no vector or it is not a number
}

// predictedRows returns the rows with predicted verdicts, up to a number.
func predictedRows(upTo int) ([]*tableRow, error) {
	functions, err := known.Functions()
	if err != nil {
		return nil, err
	}
	verdicts, err := known.Verdicts()
	if err != nil {
		return nil, err
	}
	var rows []*tableRow
	for _, f := range functions {
		if v, listed := verdicts[f.ID]; listed && rowNumber(f.ID) <= upTo {
			rows = append(rows, &tableRow{known: f, verdicts: v})
		}
	}
	return rows, nil
}

// rowNumber is 7 for T7 and for T7b.
func rowNumber(id string) int {
	n := 0
	if _, err := fmt.Sscanf(id, "T%d", &n); err != nil {
		return math.MaxInt
	}
	return n
}

// study finds the sets and what frameworks return.
func (r *tableRow) study(ctx context.Context) error {
	at, err := pointOf(r.known)
	if err != nil {
		return err
	}
	report, err := explain.Analyze(ctx, explain.Request{Expression: r.known.Expression, At: at})
	if err != nil {
		return err
	}
	if report.Refused != "" {
		return fmt.Errorf("it is refused: %s", report.Refused)
	}
	inner, err := verticesOf(r.known.Clarke)
	if err != nil {
		return err
	}
	outer, err := verticesOf(r.known.Conservative)
	if err != nil {
		return err
	}
	r.sameClarke = report.Clarke.Exact && sameVertices(report.Clarke.Vertices, inner)
	r.sameField = report.Conservative.Complete && sameVertices(report.Conservative.Vertices, outer)
	for _, s := range report.Selections {
		a := answer{preset: s.Preset, verdict: known.NoRule, distance: math.NaN()}
		if s.Rows != nil {
			a.vector, a.verdict = s.Rows[0].Float, s.Verdict
			if a.distance, err = distance(a.vector, inner); err != nil {
				return err
			}
		}
		r.answers = append(r.answers, a)
	}
	return nil
}

// distance is that of v from the hull of points.
func distance(v []float64, points []clarke.Vector) (float64, error) {
	if slices.ContainsFunc(v, math.IsNaN) {
		return math.NaN(), nil
	}
	shifted := make([]clarke.Vector, len(points))
	for i, p := range points {
		d := slices.Clone(p.Float)
		for k := range d {
			d[k] -= v[k]
		}
		shifted[i] = clarke.Floats(d)
	}
	nearest, err := clarke.MinNorm(shifted)
	return nearest.Distance, err
}

// setChecks counts the rows whose exact sets are those found on paper.
func setChecks(rows []*tableRow) []claim.Check {
	var clarkes, fields float64
	for _, r := range rows {
		clarkes += count1(r.sameClarke)
		fields += count1(r.sameField)
	}
	all := claim.Exact(float64(len(rows)))
	return []claim.Check{
		{
			Label: "fields", Number: 5, Predicted: all, Measured: claim.Measured(fields),
			Sentence: "The conservative field of the program is the one found on paper, in rationals, in every row.",
		},
		{
			Label: "subdifferentials", Number: 5, Predicted: all, Measured: claim.Measured(clarkes),
			Sentence: "The Clarke subdifferential of the function is the one found on paper, with a proof that it is complete, in every row.",
		},
	}
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
