package claim_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// passing is the smallest complete claim.
func passing() claim.Claim {
	return claim.Claim{
		Numbers: []int{1}, Name: "passing", Sentence: "One is one.", Source: "Peano 1889",
		Run: func(context.Context, *claim.Context) (claim.Outcome, error) {
			return claim.Outcome{Checks: []claim.Check{{Predicted: claim.Exact(1), Measured: claim.Measured(1)}}}, nil
		},
	}
}

func TestIncompleteRecordsAreRefused(t *testing.T) {
	with := func(p ...claim.Param) func(*claim.Claim) { return func(c *claim.Claim) { c.Params = p } }
	ok := claim.Bool("b", true, "doc")
	for _, test := range []struct {
		name  string
		spoil func(*claim.Claim)
	}{
		{"name", func(c *claim.Claim) { c.Name = "Two Words" }},
		{"name that is a number", func(c *claim.Claim) { c.Name = "12" }},
		{"no number", func(c *claim.Claim) { c.Numbers = nil }},
		{"number", func(c *claim.Claim) { c.Numbers = []int{0} }},
		{"sentence", func(c *claim.Claim) { c.Sentence = "" }},
		{"source", func(c *claim.Claim) { c.Source = "" }},
		{"run", func(c *claim.Claim) { c.Run = nil }},
		{"finding without reason", func(c *claim.Claim) { c.Findings = []claim.Finding{{Key: "k"}} }},
		{"finding twice", func(c *claim.Claim) { c.Findings = []claim.Finding{{"k", "R."}, {"k", "R."}} }},
		{"parameter twice", with(ok, ok)},
		{"parameter name", with(claim.Bool("B", true, "doc"))},
		{"parameter doc", with(claim.Bool("b", true, ""))},
		{"unbounded", with(claim.Int("n", 1, "doc"))},
		{"bounded text", with(claim.Text("m", "a", "doc").Among("a").Between(0, 1))},
		{"free text", with(claim.Text("m", "a", "doc"))},
		{"choices of a number", with(claim.Int("n", 1, "doc").Between(0, 1).Among("a"))},
		{"two types", with(claim.Int("n", 1, "doc").Between(0, 1).AtFull(1.0))},
		{"quick default", with(claim.Int("n", 2, "doc").Between(0, 1))},
		{"full default", with(claim.Ints("n", []int{1}, "doc").Between(0, 1).AtFull([]int{}))},
		{"type", with(claim.Param{Name: "n", Doc: "doc", Quick: int8(1), Full: int8(1)})},
	} {
		c := passing()
		test.spoil(&c)
		_, err := claim.NewRegistry([]claim.Claim{c})
		var wrong *claim.RegistryError
		require.ErrorAs(t, err, &wrong, test.name)
	}
	_, err := claim.NewRegistry([]claim.Claim{passing(), passing()})
	require.EqualError(t, err, `the registration of claim "passing" is incomplete: its name is taken twice`)
}

func TestSelect(t *testing.T) {
	a, b, c := passing(), passing(), passing()
	a.Name, a.Numbers = "chain-rule", []int{3, 4}
	b.Name, b.Numbers = "min-norm", []int{4}
	c.Name, c.Numbers = "dropout", []int{38}
	registry, err := claim.NewRegistry([]claim.Claim{a, b, c})
	require.NoError(t, err)
	names := func(texts ...string) (names []string) {
		selected, err := registry.Select(texts)
		require.NoError(t, err)
		for _, c := range selected {
			names = append(names, c.Name)
		}
		return names
	}
	require.Equal(t, []string{"chain-rule", "min-norm", "dropout"}, names())
	require.Equal(t, []string{"dropout", "chain-rule", "min-norm"}, names("38", "4", "min-norm"))

	_, err = registry.Select([]string{"min-nrom"})
	require.EqualError(t, err, `there is no claim "min-nrom": did you mean "min-norm"?`)
	_, err = registry.Select([]string{"5"})
	require.EqualError(t, err, `there is no claim "5": "experiments list" shows them all`)
}
