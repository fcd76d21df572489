package claim

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/tamegrad/tamegrad/experiments/nearest"
)

// Registry is a checked list of claims.
type Registry struct{ claims []Claim }

// NewRegistry checks the records and returns them as a registry. A forgotten field, an unbounded
// number, a default outside its bounds or a name taken twice is an error, never a silent default.
// Its errors are *RegistryError.
func NewRegistry(claims []Claim) (*Registry, error) {
	seen := map[string]bool{}
	for _, c := range claims {
		if problem := c.problem(); problem != "" {
			return nil, &RegistryError{c.Name, problem}
		}
		if seen[c.Name] {
			return nil, &RegistryError{c.Name, "its name is taken twice"}
		}
		seen[c.Name] = true
	}
	return &Registry{claims: slices.Clone(claims)}, nil
}

// All returns the claims in the order of their registration.
func (r *Registry) All() []Claim { return slices.Clone(r.claims) }

// Select returns the claims called by names or numbers, in the order asked for and each once;
// all of them if nothing is asked for. Its errors are *UnknownClaimError.
func (r *Registry) Select(texts []string) ([]Claim, error) {
	if len(texts) == 0 {
		return r.All(), nil
	}
	var selected []Claim
	seen := map[string]bool{}
	for _, text := range texts {
		found := r.find(text)
		if len(found) == 0 {
			return nil, &UnknownClaimError{Text: text, Nearest: nearest.Word(text, r.names())}
		}
		for _, c := range found {
			if !seen[c.Name] {
				seen[c.Name] = true
				selected = append(selected, c)
			}
		}
	}
	return selected, nil
}

// find returns the claim with this name, or all claims with this number.
func (r *Registry) find(text string) []Claim {
	number, err := strconv.Atoi(text)
	var found []Claim
	for _, c := range r.claims {
		if c.Name == text || err == nil && slices.Contains(c.Numbers, number) {
			found = append(found, c)
		}
	}
	return found
}

func (r *Registry) names() []string {
	var names []string
	for _, c := range r.claims {
		names = append(names, c.Name)
	}
	return names
}

var (
	claimName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	paramName = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)
)

// problem returns what is wrong with the record, or "".
func (c Claim) problem() string {
	switch {
	case !claimName.MatchString(c.Name):
		return "its name must be lower-case words joined by hyphens"
	case len(c.Numbers) == 0 || slices.Min(c.Numbers) < 1:
		return "it needs numbers of the claim table, all positive"
	case c.Sentence == "" || c.Source == "":
		return "it needs a sentence and a source"
	case c.Run == nil:
		return "it needs a Run function"
	}
	seen := map[string]bool{}
	for _, p := range c.Params {
		if problem := p.problem(); problem != "" {
			return fmt.Sprintf("parameter %q %s", p.Name, problem)
		}
		if seen[p.Name] {
			return fmt.Sprintf("parameter %q is declared twice", p.Name)
		}
		seen[p.Name] = true
	}
	return c.findingProblem()
}

func (c Claim) findingProblem() string {
	seen := map[string]bool{}
	for _, f := range c.Findings {
		if f.Key == "" || f.Reason == "" || seen[f.Key] {
			return fmt.Sprintf("finding %q needs a key of its own and a reason", f.Key)
		}
		seen[f.Key] = true
	}
	return ""
}

func (p Param) problem() string {
	kind := p.Type()
	numeric := kind == "int" || kind == "float" || kind == "ints" || kind == "floats"
	switch {
	case !paramName.MatchString(p.Name):
		return "must be named by lower-case words joined by hyphens or underscores"
	case p.Doc == "":
		return "has no doc"
	case kind == "unknown":
		return fmt.Sprintf("has a default of type %T, which no parameter can have", p.Quick)
	case numeric != p.bounded:
		return "needs Between if it is a number, and only then"
	case (kind == "text") != (len(p.Choices) > 0):
		return "needs Among if it is a text, and only then"
	case fmt.Sprintf("%T", p.Quick) != fmt.Sprintf("%T", p.Full):
		return fmt.Sprintf("has defaults of two types, %T and %T", p.Quick, p.Full)
	case !p.admits(p.Quick) || !p.admits(p.Full):
		return "has a default that it does not admit: " + p.need()
	default:
		return ""
	}
}
