package claim_test

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// dropout is a whole claim, as a file of experiments/claims holds it.
func dropout() claim.Claim {
	return claim.Claim{
		Numbers:  []int{38},
		Name:     "dropout-mask",
		Sentence: "A coordinate is kept with the probability asked for.",
		Source:   "Srivastava et al., JMLR 15 (2014), section 4",
		Params: []claim.Param{
			claim.Int("trials", 20000, "masks drawn").AtFull(2000000).Between(100, 1e8),
			claim.Float("keep", 0.8, "probability of keeping a coordinate").Between(0, 1),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			kept := make([]bool, c.Int("trials"))
			err := c.Each(ctx, len(kept), func(_ context.Context, i int) error {
				kept[i] = c.Rand(claim.At("trial", i)).Float64() < c.Float("keep")
				return nil
			})
			if err != nil {
				return claim.Outcome{}, err
			}
			k := 0
			for _, keep := range kept {
				if keep {
					k++
				}
			}
			return claim.Outcome{
				Checks: []claim.Check{{Predicted: claim.Covered(c.Float("keep"), 0.03), Measured: claim.Proportion(k, len(kept), claim.Alpha)}},
				Result: jsonnum.Object{"kept": k},
			}, nil
		},
	}
}

func Example() {
	registry, err := claim.NewRegistry([]claim.Claim{dropout()})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range registry.All() {
		values, _ := c.Resolve(claim.Quick, []claim.Setting{{Name: "keep", Value: "0.75"}})
		outcome, _ := c.Run(context.Background(), &claim.Context{Claim: c.Name, Values: values, Seed: 1, Workers: 4})
		rows, _ := claim.Rows(c, values, outcome)
		fmt.Println(rows[0].Number, rows[0].Name, rows[0].Verdict, rows[0].Predicted)
	}
	// Output: 38 dropout-mask pass 0.75
}
