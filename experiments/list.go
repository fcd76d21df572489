package main

import (
	"fmt"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// listVerb shows the claims.
type listVerb struct {
	JSON bool `name:"json" help:"Print one JSON object, with sources, classes of theorems, what decides verdicts, and the parameters' bounds."`
}

// listed is a claim in list --json.
type listed struct {
	Numbers  []int            `json:"numbers"`
	Name     string           `json:"name"`
	Sentence string           `json:"sentence"`
	Source   string           `json:"source"`
	Theorem  claim.Theorem    `json:"theorem,omitempty"`
	Decides  []claim.Decision `json:"decides,omitempty"`
	Params   []claim.Param    `json:"params"`
}

// Run implements the verb.
func (v *listVerb) Run(a *app) error {
	registry, err := claim.NewRegistry(a.claims)
	if err != nil {
		return err
	}
	if v.JSON {
		return a.listJSON(registry.All())
	}
	var rows [][]string
	for _, c := range registry.All() {
		rows = append(rows, []string{joinInts(c.Numbers), c.Name, showParams(c.Params), c.Sentence})
	}
	return a.table([]string{"NUMBERS", "NAME", "PARAMETERS", "SENTENCE"}, rows)
}

func (a *app) listJSON(claims []claim.Claim) error {
	list := []listed{}
	for _, c := range claims {
		list = append(list, listed{c.Numbers, c.Name, c.Sentence, c.Source, c.Theorem, c.Decides, append([]claim.Param{}, c.Params...)})
	}
	return a.printJSON(struct {
		Schema int      `json:"schema"`
		Claims []listed `json:"claims"`
	}{engine.Schema, list})
}

// printJSON writes one indented JSON object to standard output.
func (a *app) printJSON(value any) error {
	text, err := jsonnum.Document(value)
	if err == nil {
		_, err = a.stdout.Write(text)
	}
	return err
}

func joinInts(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ","), "[]")
}

// showParams writes the quick defaults as --set takes them.
func showParams(params []claim.Param) string {
	var shown []string
	for _, p := range params {
		value := strings.ReplaceAll(strings.Trim(fmt.Sprint(p.Quick), "[]"), " ", ",")
		shown = append(shown, p.Name+"="+value)
	}
	return strings.Join(shown, " ")
}
