package main

import (
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/engine"
)

// versionVerb prints what runs and where.
type versionVerb struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Run implements the verb.
func (v *versionVerb) Run(a *app) error {
	b := a.build
	if v.JSON {
		return a.printJSON(struct {
			Schema int `json:"schema"`
			engine.Build
		}{engine.Schema, b})
	}
	commit := b.Commit
	switch {
	case commit == "":
		commit = "unknown"
	case b.Modified:
		commit += " (modified)"
	}
	_, err := fmt.Fprintf(a.stdout, "%s %s\ncommit  %s\ngo      %s %s/%s\ncpu     %s\nsimd    %s\n",
		b.Module, b.Version, commit, b.Go, b.OS, b.Arch, b.CPU, b.SIMD)
	return err
}
