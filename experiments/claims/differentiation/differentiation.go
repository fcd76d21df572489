// Package differentiation has the experiments on what automatic differentiation computes and what
// it costs: values and gradients of programs, forward and backward mode, what a framework returns
// at a kink, and how the answer depends on the spelling of a function.
package differentiation

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{cost(), returns(), equivalence(), layersAndGraph(), exactness(), cheap(), hard()}
}
