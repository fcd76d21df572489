// Package subgradient has the experiments on subdifferential calculus: subgradients, limiting
// gradients, Fermat's rule, the chain rule along curves, and the rules that fail.
package subgradient

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{
		convexSubdifferential(), limitingGradients(), kinkCells(), fermat(), subgradientStep(), chainRule(), subgradientFlow(),
		sumRule(), samplingExpectation(),
	}
}
