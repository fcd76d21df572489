package differentiation

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// equivalence is the laboratory of spellings: one function, many programs.
func equivalence() claim.Claim {
	groups := []string{everyGroup}
	for _, g := range corpus() {
		groups = append(groups, g.name)
	}
	return claim.Claim{
		Numbers:     []int{24, 13},
		Name:        "program-equivalence",
		Theorem:     claim.Example,
		Decides:     []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence:    "Programs of one function have one Clarke subdifferential but several conservative fields, and what a framework returns at a kink depends on the spelling: every framework returns something that is no Clarke subgradient for some spelling of a function as plain as x, x + y or the logistic loss.",
		Source:      "Bolte and Pauwels, NeurIPS 2020, arXiv 2006.02080; Pauwels, CIMI lecture 2021 (myRelu); conventions of frameworks: the sources cited in the presets of package ad",
		Mathematics: equivalenceMathematics,
		Params: []claim.Param{
			claim.Text("spellings", everyGroup, "the function whose spellings are compared").Among(groups...),
			claim.Int("points", 32, "random rational points at which the spellings of a function are evaluated").AtFull(1024).Between(1, 1<<16),
		},
		Inputs: func(v claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, g := range selectGroups(v["spellings"].(string)) {
				for _, s := range g.spellings {
					in.Programs = append(in.Programs, s.text)
				}
			}
			return in, nil
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return compareSpellings(ctx, c, selectGroups(c.Text("spellings")))
		},
	}
}

const everyGroup = "all"

const equivalenceMathematics = "Clarke's `∂f(x)` is made of limits of gradients of `f` at nearby points, so it belongs to the function. " +
	"The conservative field `D_P(x)` of a program `P` is what backpropagation returns when each occurrence of a kink takes any element of its own " +
	"Clarke set, independently of all others; it belongs to the program, and `∂f(x) ⊂ conv D_P(x)` is all that holds in general (Bolte and Pauwels 2021). " +
	"A framework takes one element of each of these sets by its conventions, so its answer `g_P(x)` is in `D_P(x)` as long as its choices are in the sets of the kinks: " +
	"a framework that gives each of several tied entries of a maximum the whole weight leaves even that.\n\n" +
	"For each function of the corpus `∂f` is found on paper, and so is `conv D_P` of every spelling: a sum of independent kinks has the sum of their sets. " +
	"What a framework returns is predicted by the chain rule with its conventions as letters. With `r = relu′(0)`, `a = |·|′(0)`, and weights `m` and `n` of the first argument " +
	"of a tied maximum and minimum,\n\n" +
	"\trelu(x) − relu(−x) ≡ x: r + r ∈ [0, 2], whereas ∂f(0) = {1}\n" +
	"\tmax(x, y) + min(x, y) ≡ x + y: (m + n, 2 − m − n), whereas ∂f = {(1, 1)}\n" +
	"\trelu(x) + log1p(exp(−|x|)) = log(1 + e^x): r − a/2 ∈ [−1/2, 3/2], whereas ∂f(0) = {1/2}\n\n" +
	"The last one is how libraries write the cross-entropy of a logit, a smooth function. PyTorch and TensorFlow have `r = a = 0` and return 0, JAX has `r = 0`, `a = 1` and returns `−1/2`: " +
	"the wrong sign. The conventions `r = a = 1` give the derivative, and so does `a = 2r − 1` in general, the rule that `|x| = 2relu(x) − x` would impose. " +
	"Sharing the node in `m := max(x, 0); m + log(e^{−m} + e^{x−m})` makes all choices agree, since the derivative with respect to `m` is 0, and the field is `{1/2}`: occurrences matter, not names.\n\n" +
	"A choice by comparison has no set of its own: the derivative is that of the branch taken. So myRelu of the lecture has derivative 0 at 0 if it asks `x ≤ 0`, and 1 if it asks `x < 0`. " +
	"Both are elements of `∂relu(0) = [0, 1]`, of one function. That all spellings of a function agree as functions is checked at random rational points, in rationals where the program is rational."

// selectGroups returns one group by name, or all.
func selectGroups(name string) []group {
	groups := corpus()
	if name == everyGroup {
		return groups
	}
	return slices.DeleteFunc(groups, func(g group) bool { return g.name != name })
}

// studied is what was found out about one spelling.
type studied struct {
	group  *group
	clarke []clarke.Vector // of the group
	spelling
	report *explain.Report
	// sameClarke and sameField say whether ∂f and conv D are the predicted ones; a
	// spelling by comparison has no sets.
	sameClarke, sameField bool
	deviation             float64 // largest difference of values from the first spelling
	answers               []answered
}

// answered is what one framework returns and what it was predicted to.
type answered struct {
	preset                      string
	returned, predicted         []float64 // nil without a rule
	inClarke, predictedInClarke bool      // true without a rule
}

func compareSpellings(ctx context.Context, c *claim.Context, groups []group) (claim.Outcome, error) {
	all, err := studyAll(ctx, c, groups)
	if err != nil {
		return claim.Outcome{}, err
	}
	var out claim.Outcome
	var byKind [checkKinds][]claim.Check
	table := jsonnum.Object{}
	for rest := all; len(rest) > 0; {
		g := rest[0].group
		own := rest[:len(g.spellings)]
		rest = rest[len(own):]
		for i, check := range groupChecks(own) {
			byKind[i] = append(byKind[i], check)
		}
		records := make([]jsonnum.Object, len(own))
		for i, s := range own {
			records[i] = s.record()
			if err := c.Trace(records[i]); err != nil {
				return out, err
			}
		}
		table[g.name] = records
		if err := drawGroup(c, own); err != nil {
			return out, err
		}
	}
	out.Checks = slices.Concat(slices.Concat(byKind[:]...), frameworkChecks(all), headlines(all))
	out.Result = table
	return out, nil
}

func studyAll(ctx context.Context, c *claim.Context, groups []group) ([]*studied, error) {
	var all []*studied
	for i := range groups {
		for _, s := range groups[i].spellings {
			all = append(all, &studied{group: &groups[i], spelling: s})
		}
	}
	err := c.Each(ctx, len(all), func(ctx context.Context, i int) error {
		if err := all[i].study(ctx, c); err != nil {
			return fmt.Errorf("%s: %s: %w", all[i].group.name, all[i].text, err)
		}
		return nil
	})
	return all, err
}

func (s *studied) study(ctx context.Context, c *claim.Context) error {
	at, err := explain.ParsePoint(s.group.at)
	if err != nil {
		return err
	}
	if s.report, err = explain.Analyze(ctx, explain.Request{Expression: s.text, At: at}); err != nil {
		return err
	}
	if s.clarke, err = vertices(s.group.clarke); err != nil {
		return err
	}
	if !s.branch {
		if err := s.compareSets(); err != nil {
			return err
		}
	}
	if s.deviation, err = deviation(c, s.group.spellings[0].text, s.text, len(s.report.Inputs)); err != nil {
		return err
	}
	return s.compareAnswers()
}

// compareSets holds both sets against the predicted ones.
func (s *studied) compareSets() error {
	if s.report.Refused != "" {
		return fmt.Errorf("it is refused: %s", s.report.Refused)
	}
	field := s.clarke
	if s.field != "" {
		var err error
		if field, err = vertices(s.field); err != nil {
			return err
		}
	}
	s.sameClarke = s.report.Clarke.Exact && sameVertices(s.report.Clarke.Vertices, s.clarke)
	s.sameField = s.report.Conservative.Complete && sameVertices(s.report.Conservative.Vertices, field)
	return nil
}

// compareAnswers predicts and judges the vector of each framework.
func (s *studied) compareAnswers() error {
	for i, k := range frameworks() {
		selection := s.report.Selections[i]
		if selection.Preset != k.preset {
			return fmt.Errorf("the conventions of %s stand where the preset %s is", k.preset, selection.Preset)
		}
		a := answered{preset: k.preset, inClarke: true, predictedInClarke: true}
		var err error
		if v := s.returned(k); !slices.ContainsFunc(v, math.IsNaN) {
			a.predicted = v
			if a.predictedInClarke, err = inHull(s.clarke, clarke.Floats(v)); err != nil {
				return err
			}
		}
		if selection.Rows != nil {
			a.returned = selection.Rows[0].Float
			if a.inClarke, err = inHull(s.clarke, selection.Rows[0]); err != nil {
				return err
			}
		}
		s.answers = append(s.answers, a)
	}
	return nil
}

// agrees reports whether the framework returned what was predicted.
func (a answered) agrees() bool {
	return (a.returned == nil) == (a.predicted == nil) &&
		slices.EqualFunc(a.returned, a.predicted, func(x, y float64) bool { return math.Abs(x-y) <= rounding })
}

// rounding bounds the error of gradients whose entries are of size 1, after a
// few dozen operations in float64.
const rounding = 1e-13

// vertices reads points such as "0,1; 1,0".
func vertices(text string) ([]clarke.Vector, error) {
	var out []clarke.Vector
	for point := range strings.SplitSeq(text, ";") {
		v, err := explain.ParseVector(point)
		if err != nil {
			return nil, err
		}
		out = append(out, clarke.Rational(v))
	}
	return out, nil
}

// sameVertices compares lists of vertices in the same order: exactly if the
// found ones are rational, else up to rounding.
func sameVertices(found, predicted []clarke.Vector) bool {
	return slices.EqualFunc(found, predicted, func(v, w clarke.Vector) bool {
		if v.Exact != nil {
			return slices.EqualFunc(v.Exact, w.Exact, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
		}
		return slices.EqualFunc(v.Float, w.Float, func(a, b float64) bool { return math.Abs(a-b) <= rounding })
	})
}
