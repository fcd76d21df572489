package optest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

// The ops that laws say nothing about, and for laws about kinks those that they
// do say something about: none is passed over in silence. An op that is added
// has to be put where it belongs.
const (
	slotted  = "abs amax amin clamp elu groupsort hinge leakyrelu max maxpool median min norm1 norm2 norminf pinball quantile relu softthreshold sort topk topksum"
	unlisted = "permute unpermute gatherrows scatterrows" // an operand lists positions
)

var (
	only = map[string]string{
		"pieces":     without(slotted, "elu norm2"), // which are not piecewise affine
		"slots":      slotted,
		"nearby":     slotted,
		"selections": slotted,
		"ties":       "amax amin groupsort maxpool median norminf quantile sort topk topksum",
		"leak":       without(slotted, "elu norm2") + " where snap step rank permutation",
		"jump": "compare direction div farthest floor knn log log1p permutation pow power rank sign snap sqrt step " +
			"tiebreak tied tieddirection tiedpermutation tiedrank where " + unlisted,
	}
	not = map[string]string{
		"adjoint": "", "linear": "", "difference": "", "batch": "", "modes": "",
		"continuity": "permutation tiedpermutation " + unlisted, // whose samples tie or have no meaning beside them
		"curve":      "permutation tiedpermutation " + unlisted,
		"lanes":      unlisted,
		"homogeneity": "affine cos direction elu erf exp expm1 floor hinge huber log log1p logsumexp power rank sigmoid sin softmax softplus " +
			"softthreshold step tanh permutation tiedpermutation " + unlisted,
		"exact": "cos direction elu erf exp expm1 log log1p logsumexp norm2 power sigmoid sin softmax softplus sqrt tanh tieddirection",
	}
)

func without(list, dropped string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(list), func(name string) bool {
		return slices.Contains(strings.Fields(dropped), name)
	}), " ")
}

func TestWhichLawsSkipWhichOps(t *testing.T) {
	for _, l := range laws {
		var skipped, checked []string
		for _, op := range expr.Ops() {
			switch {
			case op.MinArgs == 0:
			case l.skips(op) != "":
				skipped = append(skipped, op.Name)
			default:
				checked = append(checked, op.Name)
			}
		}
		want, got := only[l.name], checked
		if list, ok := not[l.name]; ok {
			want, got = list, skipped
		}
		require.ElementsMatch(t, strings.Fields(want), got, l.name)
	}
	require.Len(t, laws, len(only)+len(not))
}

// Laws that pass over what they cannot judge still judge enough: of random
// piecewise affine programs, many have active kinks that matter, a stratum with
// directions of its own, and few enough choices to list.
func TestLawsSeeKinks(t *testing.T) {
	programs := Programs(Config{Class: expr.PiecewiseAffine})
	active, inside, listed, sure := 0, 0, 0, 0
	const total = 300
	for seed := range total {
		p := programs.Example(seed)
		g := newGerm(t, p.Func)
		x := p.Rats()
		if _, ok := g.signature(x); ok {
			sure++
		}
		if len(g.movingKinks(x)) == 0 {
			continue
		}
		active++
		if len(nullSpace(g.switchRows(x), sizeOf(p.Func.Wrt()))) > 0 {
			inside++
		}
		if g.combinations(g.kinks(x), mostChoices) != nil {
			listed++
		}
	}
	t.Logf("of %d programs %d have active kinks, %d of them a stratum of dimension 1 or more, %d at most %d choices; %d have sure signs", total, active, inside, listed, mostChoices, sure)
	require.Greater(t, active, total/5)
	require.Greater(t, inside, total/20)
	require.Greater(t, listed, total/10)
	require.Greater(t, sure, total/4)
}
