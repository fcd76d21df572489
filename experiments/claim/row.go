package claim

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// Verdict is the judgement on one row.
type Verdict string

// The verdicts. A Finding is a failed prediction whose registered alternative holds.
const (
	Pass      Verdict = "pass"
	Fail      Verdict = "fail"
	Found     Verdict = "finding"
	NotTested Verdict = "skipped"
)

// Row is one line of the ledger. Numbers that do not exist (a skipped measurement) are NaN.
type Row struct {
	Number    int            `json:"number"`
	Name      string         `json:"name"`
	Sentence  string         `json:"sentence"`
	Source    string         `json:"source"`
	Params    jsonnum.Object `json:"params"`
	Predicted jsonnum.Number `json:"predicted"`
	Measured  jsonnum.Number `json:"measured"`
	Lower     jsonnum.Number `json:"lower"`
	Upper     jsonnum.Number `json:"upper"`
	Verdict   Verdict        `json:"verdict"`
	Why       string         `json:"why"`
}

// Rows judges an outcome: the one place where verdicts are given. Its error is an *OutcomeError.
func Rows(c Claim, values Values, outcome Outcome) ([]Row, error) {
	if len(outcome.Checks) == 0 {
		return nil, &OutcomeError{c.Name, "", "its outcome has no check: return at least one"}
	}
	seen := map[string]bool{}
	var rows []Row
	for _, check := range outcome.Checks {
		if check.Label == "" && len(outcome.Checks) > 1 || seen[check.Label] {
			return nil, &OutcomeError{c.Name, check.Label, "several checks need labels, each its own"}
		}
		seen[check.Label] = true
		row, err := c.row(values, check)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// row fills in the claim's defaults and the verdict.
func (c Claim) row(values Values, check Check) (Row, error) {
	row := c.blank(values)
	if check.Label != "" {
		row.Name += "/" + check.Label
	}
	if check.Number != 0 {
		row.Number = check.Number
	}
	if !slices.Contains(c.Numbers, row.Number) {
		return Row{}, &OutcomeError{c.Name, check.Label, fmt.Sprintf("%d is not one of its numbers", row.Number)}
	}
	row.Sentence = orElse(check.Sentence, c.Sentence)
	row.Source = orElse(check.Source, c.Source)
	for name, value := range check.At {
		if _, clash := row.Params[name]; clash {
			return Row{}, &OutcomeError{c.Name, check.Label, fmt.Sprintf("coordinate %q is also a parameter", name)}
		}
		row.Params[name] = value
	}
	row.Verdict, row.Why = c.judge(check)
	if check.Predicted.holds != nil {
		row.Predicted = jsonnum.Number(check.Predicted.Value)
	}
	if m := check.Measured; m.made && check.Skip == "" {
		row.Measured, row.Lower, row.Upper = jsonnum.Number(m.Value), jsonnum.Number(m.Lower), jsonnum.Number(m.Upper)
	}
	return row, nil
}

// Unmeasured is the single row of a claim that gave no outcome: it failed with an error,
// or was interrupted. why is a full sentence.
func (c Claim) Unmeasured(values Values, verdict Verdict, why string) Row {
	row := c.blank(values)
	row.Verdict, row.Why = verdict, why
	return row
}

func (c Claim) blank(values Values) Row {
	nan := jsonnum.Number(math.NaN())
	params := jsonnum.Object(maps.Clone(values))
	if params == nil {
		params = jsonnum.Object{}
	}
	return Row{
		Number: c.Numbers[0], Name: c.Name, Sentence: c.Sentence, Source: c.Source, Params: params,
		Predicted: nan, Measured: nan, Lower: nan, Upper: nan,
	}
}

// judge decides one check.
func (c Claim) judge(check Check) (Verdict, string) {
	switch {
	case check.Skip != "":
		return NotTested, check.Skip
	case check.Predicted.holds == nil:
		return Fail, "The check makes no prediction."
	case !check.Measured.made:
		return Fail, "The check measured nothing."
	case check.Measured.flaw != "":
		return Fail, "The measurement is unusable: " + check.Measured.flaw + "."
	case check.Predicted.holds(check.Measured):
		return Pass, describe(check.Measured, "is", check.Predicted, brief)
	case check.Finding == "":
		return Fail, describe(check.Measured, "is not", check.Predicted, show)
	default:
		return c.judgeFinding(check)
	}
}

// judgeFinding decides a check whose prediction failed and which names a registered reason.
func (c Claim) judgeFinding(check Check) (Verdict, string) {
	i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.Key == check.Finding })
	missed := describe(check.Measured, "is not", check.Predicted, show)
	switch {
	case i < 0:
		return Fail, fmt.Sprintf("%s The reason %q is not registered with the claim.", missed, check.Finding)
	case check.Instead.holds == nil:
		return Fail, fmt.Sprintf("%s The check does not say what holds instead.", missed)
	case !check.Instead.holds(check.Measured):
		return Fail, fmt.Sprintf("%s Nor is it %s, as reason %q says.", missed, check.Instead.text(show), check.Finding)
	default:
		return Found, fmt.Sprintf("%s It is %s: %s", missed, check.Instead.text(show), c.Findings[i].Reason)
	}
}

func describe(m Measurement, verb string, p Prediction, show numbers) string {
	value := show(m.Value)
	switch empty := math.IsNaN(m.Lower) && math.IsNaN(m.Upper); {
	case empty && math.IsNaN(m.Value) && verb == "is not":
		return fmt.Sprintf("Not measured: NaN is not %s.", p.text(show))
	case m.Lower != m.Upper && !empty:
		value += fmt.Sprintf(" in [%s, %s]", show(m.Lower), show(m.Upper))
	}
	return fmt.Sprintf("The measured %s %s %s.", value, verb, p.text(show))
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
