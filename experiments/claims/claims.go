// Package claims lists the experiments of tamegrad. Its folders are the chapters of the theory,
// with one file for each experiment.
package claims

import (
	"cmp"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claims/adaptive"
	"github.com/tamegrad/tamegrad/experiments/claims/continuous"
	"github.com/tamegrad/tamegrad/experiments/claims/critical"
	"github.com/tamegrad/tamegrad/experiments/claims/deep"
	"github.com/tamegrad/tamegrad/experiments/claims/differentiation"
	"github.com/tamegrad/tamegrad/experiments/claims/implicit"
	"github.com/tamegrad/tamegrad/experiments/claims/layer"
	"github.com/tamegrad/tamegrad/experiments/claims/minimisation"
	"github.com/tamegrad/tamegrad/experiments/claims/stochastic"
	"github.com/tamegrad/tamegrad/experiments/claims/subgradient"
	"github.com/tamegrad/tamegrad/experiments/claims/tame"
)

// All returns every claim, in the order in which they are listed and run: by their first number
// in the claim table. Nothing registers itself; a chapter names its claims.
func All() []claim.Claim {
	all := slices.Concat(
		differentiation.Claims(), stochastic.Claims(), subgradient.Claims(),
		tame.Claims(), critical.Claims(), layer.Claims(), minimisation.Claims(), adaptive.Claims(), continuous.Claims(), deep.Claims(), implicit.Claims(),
	)
	slices.SortStableFunc(all, func(a, b claim.Claim) int { return cmp.Compare(a.Numbers[0], b.Numbers[0]) })
	return all
}
