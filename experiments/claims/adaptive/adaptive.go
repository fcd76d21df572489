// Package adaptive has the experiments on optimizers that scale each entry by its own past:
// what they do not depend on, how long their steps are, and where that misleads them.
package adaptive

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim {
	return []claim.Claim{diagonalScaling(), adagradSteps(), rmspropSteps(), adamSteps(), rotations(), universality(), separable(), tuning(), minimumNorms()}
}
