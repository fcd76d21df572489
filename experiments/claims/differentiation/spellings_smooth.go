package differentiation

// huberGroup is a smooth function whose spellings have kinks that do no harm:
// at x = 1 every kink is multiplied by a factor that vanishes there.
func huberGroup() group {
	return group{name: "huber", at: "x=1", clarke: "1", spellings: []spelling{
		{text: "huber(x, 1)", returned: always(1)},
		{text: "x^2/2 - relu(x - 1)^2/2 - relu(-x - 1)^2/2", returned: one(func(k conventions) float64 { return given(k.relu, 1) })},
		{text: "let c = clamp(x, -1, 1); c*(x - c/2)", returned: one(func(k conventions) float64 { return given(k.upper, 1) })},
		{text: "abs(x) - 1/2 + relu(1 - abs(x))^2/2", returned: one(func(k conventions) float64 { return given(k.relu, 1) })},
		{text: "abs(x) <= 1 ? x^2/2 : abs(x) - 1/2", branch: true, returned: always(1)},
	}}
}

// softplusGroup is log(1 + eˣ), the loss of logistic regression, at 0.
func softplusGroup() group {
	return group{name: "softplus", at: "x=0", clarke: "1/2", spellings: []spelling{
		{text: "softplus(x)", returned: always(0.5)},
		{text: "log1p(exp(x))", returned: always(0.5)},
		{text: "logsumexp([0, x])", returned: always(0.5)},
		{text: "-log(sigmoid(-x))", returned: always(0.5)},
		{text: stableEntropy, field: "-1/2; 3/2", returned: one(func(k conventions) float64 { return (k.relu + k.relu - k.abs) / 2 })},
		{text: "max(x, 0) + log1p(exp(-abs(x)))", field: "-1/2; 3/2", returned: one(func(k conventions) float64 { return (k.max + k.max - k.abs) / 2 })},
		{text: "relu(-x) + x + log1p(exp(-abs(x)))", field: "-1/2; 3/2", returned: one(func(k conventions) float64 {
			return (2 - k.relu - k.relu - k.abs) / 2
		})},
		{text: "(x + abs(x))/2 + log1p(exp(-abs(x)))", field: "-1/2; 3/2", returned: one(func(k conventions) float64 {
			return (1 + k.abs - k.abs) / 2
		})},
		{text: "let a = abs(x); (x + a)/2 + log1p(exp(-a))", returned: one(func(k conventions) float64 { return given(k.abs, 0.5) })},
		{text: "let m = max(x, 0); m + log(exp(-m) + exp(x - m))", returned: one(func(k conventions) float64 { return given(k.max, 0.5) })},
		{text: "x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))", branch: true, returned: always(0.5)},
	}}
}

// stableEntropy is the cross-entropy of a logit as libraries write it, so that
// nothing overflows (row T15a of the known answers).
const stableEntropy = "relu(x) + log1p(exp(-abs(x)))"
