// Package claim says what an experiment is: a sentence somebody could dispute, its source,
// a predicted number, a way to measure it, and a verdict.
//
// A [Claim] is a record. Its Run function measures and returns an [Outcome], a list of
// [Check] values that pair a [Prediction] with a [Measurement]; it never decides anything.
// Verdicts are given in one place, by [Rows], which turns an outcome into the rows of the ledger.
//
// Predictions are formulas in code next to their citation, never copied measurements.
package claim

import "context"

// Claim is one experiment. The zero values of Params, Findings, Inputs and Mathematics are
// allowed; everything else is required (see [NewRegistry]).
type Claim struct {
	// Numbers are the rows of the claim table that this experiment covers, all positive.
	// The first one is the default of a Check that names none.
	Numbers []int
	// Name identifies the claim: lower-case words joined by hyphens, unique in the registry.
	Name string
	// Sentence states the claim in words, with its quantifiers.
	Sentence string
	// Source cites where it is stated: paper and theorem, or lecture and slide.
	Source string
	// Theorem is the class of the theorem, and Decides what decides the verdicts of its checks.
	Theorem Theorem
	Decides []Decision
	// Mathematics says what is predicted and why: definitions, theorem, derivation of the predicted
	// numbers. It is plain text: a blank line ends a paragraph, lines that all begin with a tab or
	// two spaces are displayed formulas, one a line, and text in `backquotes` is a formula. In formulas
	// x_k, x_{k+1}, x^2 and x_k^2 are sub- and superscripts, everything else is written in Unicode,
	// as ∂f(0) = [−1, 1]; a word of several letters, such as conv or sign, stays upright.
	// Reports set it; it is optional.
	Mathematics string
	// Params are the things that --set can change.
	Params []Param
	// Findings are the known ways in which the measured truth differs from the sentence.
	Findings []Finding
	// Inputs names what the result depends on apart from the parameters. It is called before
	// Run, since the run's key is computed from it. nil means: nothing.
	Inputs func(Values) (Inputs, error)
	// Run measures. It must stop soon after ctx ends, draw random numbers only from the
	// Context's streams, and give the same outcome for any number of workers.
	Run func(ctx context.Context, c *Context) (Outcome, error)
}

// Inputs are the data and programs that a result depends on.
type Inputs struct {
	// Data maps a data set's name to its checksum (see [Sum]). What is absent from this
	// machine (a peer, say) belongs here too, so that installing it makes a new run.
	Data map[string]string
	// Programs are the canonical texts of the programs studied.
	Programs []string
}

// Finding is a registered reason why a check may fail without the claim being broken.
type Finding struct {
	Key    string // the name by which a Check refers to it
	Reason string // a full sentence: what is true instead, and why
}

// Outcome is what a run measured.
type Outcome struct {
	// Checks become the rows of the ledger, in this order. At least one.
	Checks []Check
	// Result is stored in result.json next to the rows; nil is fine. Its numbers should be
	// jsonnum types, or the whole a jsonnum.Object, since plain NaN cannot be written.
	Result any
}

// Check pairs a prediction with a measurement: one row of the ledger.
type Check struct {
	// Label tells the checks of one claim apart ("relu", "p=16"); the row is called NAME/LABEL.
	// It may be empty only if the check is alone.
	Label string
	// Number, Sentence and Source default to the claim's own. Number must be one of the claim's.
	Number           int
	Sentence, Source string
	// At holds coordinates of this row that are not parameters, such as one size of several.
	At map[string]any

	Predicted Prediction
	Measured  Measurement

	// Finding names a registered reason and Instead what then holds: if Predicted fails and
	// Instead holds, the verdict is a finding. If both fail, the verdict is fail.
	Finding string
	Instead Prediction

	// Skip, if not empty, says why nothing was measured.
	Skip string
}

// Skipped is the outcome of a claim that cannot be measured here; why is a full sentence.
func Skipped(why string) Outcome { return Outcome{Checks: []Check{{Skip: why}}} }
