// Package layer has the experiments on the nonsmooth layers of networks: max-pooling, sorting, and
// the index selections that have no conservative field.
package layer

import "github.com/tamegrad/tamegrad/experiments/claim"

// Claims returns the claims of this chapter. To add one, write its file and name it here.
func Claims() []claim.Claim { return []claim.Claim{pooling(), neighbours(), sorting()} }
