// Package minimisation has the experiments on methods that minimise nonsmooth functions: what they
// reach on published problems and what they pay for it, and the complexity of Goldstein's
// methods, and the points at which methods stop that are no minima.
package minimisation

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{profiles(), complexity(), rosenbrock()}
}
