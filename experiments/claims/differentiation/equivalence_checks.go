package differentiation

import "github.com/tamegrad/tamegrad/experiments/claim"

// checkKinds is how many questions are asked of each group.
const checkKinds = 4

// groupChecks counts in one group the spellings with the predicted sets and the
// framework answers that are the predicted ones.
func groupChecks(own []*studied) [checkKinds]claim.Check {
	name := own[0].group.name
	var sets, sameClarke, sameField, answers, agreeing, deviation float64
	for _, s := range own {
		if !s.branch {
			sets += 1
			sameClarke += count1(s.sameClarke)
			sameField += count1(s.sameField)
		}
		for _, a := range s.answers {
			answers += 1
			agreeing += count1(a.agrees())
		}
		deviation = max(deviation, s.deviation)
	}
	at := map[string]any{"function": name, "programs": len(own)}
	return [checkKinds]claim.Check{
		{
			Label: name + "-clarke", At: at, Predicted: claim.Exact(sets), Measured: claim.Measured(sameClarke),
			Sentence: "All spellings without comparisons have the same Clarke subdifferential, the one found on paper.",
		},
		{
			Label: name + "-field", At: at, Predicted: claim.Exact(sets), Measured: claim.Measured(sameField),
			Sentence: "The conservative field of each spelling is the sum of the sets of its kinks.",
		},
		{
			Label: name + "-returned", At: at, Predicted: claim.Exact(answers), Measured: claim.Measured(agreeing),
			Sentence: "What each framework returns for each spelling is the chain rule with the framework's conventions.",
		},
		{
			Label: name + "-values", At: at, Predicted: claim.AtMost(rounding), Measured: claim.Measured(deviation),
			Sentence: "All spellings are the same function at random rational points.",
		},
	}
}

func count1(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// frameworkChecks counts for each framework the spellings for which it returns
// no Clarke subgradient.
func frameworkChecks(all []*studied) []claim.Check {
	var checks []claim.Check
	for i, k := range frameworks() {
		var predicted, measured, answers float64
		for _, s := range all {
			a := s.answers[i]
			answers += count1(a.returned != nil)
			predicted += count1(!a.predictedInClarke)
			measured += count1(!a.inClarke)
		}
		checks = append(checks, claim.Check{
			Label: "outside-" + k.preset, At: map[string]any{"framework": k.preset, "answers": answers},
			Sentence:  "For so many spellings the framework returns a vector that is no Clarke subgradient of the function.",
			Predicted: claim.Exact(predicted), Measured: claim.Measured(measured),
		})
	}
	return checks
}

// headlines are single numbers of the lecture and of the known answers.
func headlines(all []*studied) []claim.Check {
	var checks []claim.Check
	exactly := func(label string, number int, predicted, measured float64) {
		checks = append(checks, claim.Check{Label: label, Number: number, Predicted: claim.Exact(predicted), Measured: claim.Measured(measured)})
	}
	for _, s := range all {
		switch s.text {
		case stableEntropy:
			field := s.report.Conservative.Vertices
			exactly("stable-entropy-field-from", 24, -0.5, field[0].Float[0])
			exactly("stable-entropy-field-to", 24, 1.5, field[len(field)-1].Float[0])
			exactly("stable-entropy-clarke", 24, 0.5, s.report.Clarke.MinNorm.Float[0])
			exactly("stable-entropy-pytorch", 24, 0, s.answers[0].returned[0])
			exactly("stable-entropy-jax", 24, -0.5, s.answers[1].returned[0])
		case lessEqual:
			exactly("myrelu-less-equal", 13, 0, s.answers[0].returned[0])
		case less:
			exactly("myrelu-less", 13, 1, s.answers[0].returned[0])
		}
	}
	return checks
}
