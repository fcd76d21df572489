// Package continuous has the experiments on limits in continuous time: what iterates do as
// step sizes go to 0.
package continuous

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim { return []claim.Claim{limits()} }
